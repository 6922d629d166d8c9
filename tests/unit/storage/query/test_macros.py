"""Functions that DuckDB lacks."""

import duckdb
import pytest

from headgate.storage.query import macros


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("pmod(-7, 3)", 2),
        ("epoch_us(timestamp_micros(1700000000123456))", 1700000000123456),
        ("epoch_ms(timestamp_millis(1500))", 1500),
        ("unix_timestamp(timestamp_seconds(61))", 61),
        ("nvl(NULL, 1)", 1),
        ("space(2) || 'x'", "  x"),
        ("bround(2.5)", 2.0),
        ("hypot(3, 4)", 5.0),
    ],
)
def test_a_macro_means_what_databricks_means(call, expected):
    """By example."""
    connection = duckdb.connect()
    for statement in macros.statements(call):
        connection.execute(statement)

    assert connection.execute(f"SELECT {call}").fetchall() == [(expected,)]


def test_only_what_a_query_names_is_made():
    """In whatever case; every other query goes without."""
    assert macros.statements("SELECT PMOD(a, 2), 'nothing else' FROM t") == ("CREATE MACRO pmod(a, b) AS ((a % b) + b) % b",)
    assert not macros.statements("SELECT a FROM t")
