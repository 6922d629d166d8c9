"""Expressions that other engines, and this one once, answered otherwise than Databricks without an error: each has its right value, name or error."""

import pytest

from tests.fakes.expressions import evaluated, named


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("CAST(3.99 AS INT)", 3),
        ("CAST('3.7' AS INT)", "[CAST_INVALID_INPUT]"),
        (r"'mcp_x' LIKE 'mcp\_%'", True),
        ("CAST(TIMESTAMP'2026-01-05 10:00:00' AS STRING)", "2026-01-05 10:00:00"),
        ("date_format(TIMESTAMP'2026-01-05 10:00:00.089', 'yyyy-MM-dd HH:mm:ss.SSS')", "2026-01-05 10:00:00.089"),
        ("transform(array(10, 20), (x, i) -> i)[0]", 0),
        (r"regexp_replace('100-200', r'(\d+)', 'n$1')", "n100-n200"),
        ("extract(DAYOFWEEK FROM DATE'2026-11-29')", 1),
        ("datediff(MONTH, DATE'2026-01-31', DATE'2026-02-28')", 0),
        ("substring('Spark SQL', 0, 3)", "Spa"),
        ("1 / 0", "[DIVIDE_BY_ZERO]"),
        ("(SELECT col1 FROM VALUES (1, 2) AS t)", 1),
        ("to_json(struct(CAST('NaN' AS DOUBLE) AS x))", '{"x":"NaN"}'),
    ],
)
def test_each_value_is_databricks(expression, value):
    """One value each, or the error's class."""
    assert evaluated(expression) == value


def test_a_count_has_its_name():
    """That of Databricks, not DuckDB's."""
    assert named("count(*)") == "count(1)"
