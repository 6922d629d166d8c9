"""The macros of JSON."""

import duckdb
import pytest

from headgate.storage.query import json_macros, macros


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("databricks_json('{')", None),
        ("databricks_json_text('1.50'::JSON)", "1.5"),
        ("databricks_json_text('null'::JSON)", None),
        ("databricks_json_decimal('\" 1\"'::JSON)", None),
        ("databricks_json_float('\"+INF\"'::JSON)", "INF"),
        ("databricks_json_fields('{\"a\":1}'::JSON, ['$.a', '$.b'])", ["1", None]),
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
    assert len({head for head, _ in json_macros.ROWS}) == len(json_macros.ROWS)
