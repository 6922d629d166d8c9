"""Rounding of decimals, which is exact."""

import duckdb
import pytest

from headgate.storage.query import macros


@pytest.mark.parametrize(
    ("macro", "expected"),
    [("up", [3, -3, 1, -1, 0]), ("even", [2, -2, 1, -1, 0]), ("ceil", [3, -2, 1, 0, 1]), ("floor", [2, -3, 0, -1, 0])],
)
def test_units_are_rounded_on_both_sides_of_zero(macro, expected):
    """25 and -25 tenths are halves, 9 and -9 are nearly one, 1 is hardly anything."""
    sql = f"SELECT databricks_units_{macro}(n::HUGEINT, 10::HUGEINT) FROM (VALUES (25), (-25), (9), (-9), (1)) t(n)"
    connection = duckdb.connect()
    for statement in macros.statements(sql):
        connection.execute(statement)
    assert [row[0] for row in connection.execute(sql).fetchall()] == expected
