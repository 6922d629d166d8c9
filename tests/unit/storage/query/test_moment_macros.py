"""The macros of skewness and kurtosis."""

import duckdb
import pytest

from headgate.storage.query import macros, moment_macros


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("databricks_skewness([1, 2, 10])", 0.674555484545766),
        ("databricks_skewness([3.0, 3.0])", None),
        ("databricks_kurtosis([3.0, 4.0])", -2.0),
        ("databricks_skewness(CAST(NULL AS DOUBLE[]))", None),
    ],
)
def test_each_is_its_plain_meaning(call, expected):
    """One value each."""
    connection = duckdb.connect()
    for statement in macros.statements(call):
        connection.execute(statement)
    assert connection.sql(f"SELECT {call}").fetchall() == [(expected,)]


def test_each_has_a_name_of_its_own():
    """Or one would hide the other."""
    assert len({head for head, _ in moment_macros.ROWS}) == len(moment_macros.ROWS)
