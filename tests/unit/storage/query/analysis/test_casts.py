"""Casts, and the text that makes the same value or the same error."""

import duckdb
import pytest

from headgate.catalog import types
from headgate.core.errors import BadRequest
from headgate.storage.query import macros
from headgate.storage.query.analysis import casts, kinds


def _value(text):
    connection = duckdb.connect()
    for statement in macros.statements(text):
        connection.execute(statement)
    return connection.execute(f"SELECT {text} FROM (VALUES ('12'), (' 7 '), ('1.5'), ('1e3'), ('0x1F'), (NULL)) t(s)").fetchall()


def test_a_text_with_a_point_is_no_whole_number():
    """DuckDB would read `1.5`, `1e3` and `0x1F`; Databricks does not."""
    assert _value(casts.tried("s", kinds.STRING, kinds.INT)) == [(12,), (7,), (None,), (None,), (None,), (None,)]
    with pytest.raises(duckdb.Error, match="CAST_INVALID_INPUT"):
        _value(casts.cast("s", kinds.STRING, kinds.BIGINT))


def test_a_decimal_without_whole_digits_is_a_text_with_a_zero():
    """DuckDB writes `.5`."""
    assert _value(casts.cast("(-0.5)::DECIMAL(1,1)", types.Decimal(1, 1), kinds.STRING))[0] == ("-0.5",)


@pytest.mark.parametrize(
    ("given", "to", "code"),
    [
        ("INT", "DATE", "DATATYPE_MISMATCH"),
        ("DATE", "INT", "DATATYPE_MISMATCH"),
        ("BOOLEAN", "TIMESTAMP", "DATATYPE_MISMATCH"),
        ("STRUCT<a: INT>", "BIGINT", "DATATYPE_MISMATCH"),
        ("TIMESTAMP", "BINARY", "DATATYPE_MISMATCH"),
        ("DECIMAL(38,0)", "TIMESTAMP", "UNSUPPORTED_FEATURE"),
    ],
)
def test_a_cast_that_databricks_has_not_is_an_error_of_types(given, to, code):
    """One that it has and DuckDB makes otherwise is refused as a feature."""
    with pytest.raises(BadRequest) as refused:
        casts.cast("x", types.parse_text(given), types.parse_text(to))
    assert refused.value.code == code
