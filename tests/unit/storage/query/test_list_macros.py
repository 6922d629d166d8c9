"""The macros of arrays and maps."""

import duckdb
import pytest

from headgate.storage.query import list_macros, macros


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("databricks_array_insert([1, 2], 1, 0)", [0, 1, 2]),
        ("databricks_array_insert([1, 2], -2, 0)", [1, 0, 2]),
        ("databricks_array_except([1, NULL, 2], [2])", [1, None]),
        ("databricks_arrays_overlap([1, NULL], [2])", None),
        ("databricks_joined_keys(map([1], [2]), map([1, 3], [0, 0]))", [1, 3]),
        ("databricks_str_to_map(['a:b:c', 'd'], ':')", {"a": "b:c", "d": None}),
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
    assert len({head for head, _ in list_macros.ROWS}) == len(list_macros.ROWS)
