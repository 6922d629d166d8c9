"""DuckDB's errors by Databricks' classes."""

import duckdb
import pytest

from headgate.storage.query import macros
from headgate.storage.query.duckdb_errors import classified


def _said(sql):
    connection = duckdb.connect()
    for statement in macros.statements(sql):
        connection.execute(statement)
    with pytest.raises(duckdb.Error) as raised:
        connection.execute(sql).fetchall()
    return classified(str(raised.value))


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SELECT databricks_divided(1, 0)", "DIVIDE_BY_ZERO"),
        ("SELECT map([1, 1], [2, 3])", "DUPLICATED_MAP_KEY"),
        ("SELECT map([NULL], [2])", "NULL_MAP_KEY"),
        ("SELECT databricks_slice([1], 0, 1)", "INVALID_PARAMETER_VALUE.START"),
        ("SELECT databricks_mod(1, 0)", "REMAINDER_BY_ZERO"),
        ("SELECT CAST('x' AS DOUBLE)", "CAST_INVALID_INPUT"),
        ("SELECT CAST('x' AS DATE)", "CAST_INVALID_INPUT"),
        ("SELECT CAST('2026-13-01' AS DATE)", "CAST_INVALID_INPUT"),
        ("SELECT CAST('x' AS TIMESTAMPTZ)", "CAST_INVALID_INPUT"),
        ("SELECT CAST(databricks_digits('1.5') AS INTEGER)", "CAST_INVALID_INPUT"),
        ("SELECT CAST(300 AS TINYINT)", "CAST_OVERFLOW"),
        ("SELECT CAST(1e10::DOUBLE AS INTEGER)", "CAST_OVERFLOW"),
        ("SELECT CAST(123.45 AS DECIMAL(4,2))", "NUMERIC_VALUE_OUT_OF_RANGE"),
        ("SELECT 2147483647 + 1", "ARITHMETIC_OVERFLOW"),
        ("SELECT 127::TINYINT + 1::TINYINT", "BINARY_ARITHMETIC_OVERFLOW"),
        ("SELECT CAST(sum(a) AS BIGINT) FROM (VALUES (9223372036854775807), (1)) t(a)", "ARITHMETIC_OVERFLOW"),
        ("SELECT databricks_item([1], 1)", "INVALID_ARRAY_INDEX"),
        ("SELECT a, b FROM (SELECT 1 AS a, 2 AS b) GROUP BY a", "MISSING_AGGREGATION"),
        ("SELECT sum(sum(a)) FROM (SELECT 1 AS a)", "NESTED_AGGREGATE_FUNCTION"),
        ("SELECT a FROM (SELECT 1 AS a) QUALIFY a > 1", "QUALIFY_REQUIRES_WINDOW_FUNCTION"),
        ("SELECT a FROM (SELECT 1 AS a) WHERE row_number() OVER () = 1", "WINDOW_FUNCTION_NOT_ALLOWED_IN_CLAUSE"),
        ("SELECT 1 LIMIT -1", "INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE"),
        ("SELECT regexp_replace('abc', '[', 'x')", "INVALID_PARAMETER_VALUE.PATTERN"),
        ("SELECT CAST('12345' AS DECIMAL(4,2))", "NUMERIC_VALUE_OUT_OF_RANGE"),
        ("SELECT CAST('1x' AS DECIMAL(4,2))", "CAST_INVALID_INPUT"),
        ("SELECT make_date(2026, 2, 29)", "DATETIME_FIELD_OUT_OF_BOUNDS"),
    ],
)
def test_an_error_over_values_has_its_class(sql, code):
    """The message begins with the class too, as Databricks writes it, and has no line of our text."""
    found = _said(sql)
    assert found is not None
    assert found[0] == code
    assert found[1].startswith(f"[{code}] ")
    assert "LINE 1" not in found[1]


def test_another_error_has_no_class():
    """It keeps the engine's words."""
    assert classified("Binder Error: No function matches the given name and argument types") is None
