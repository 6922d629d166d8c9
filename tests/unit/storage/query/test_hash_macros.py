"""The macros of hash functions."""

import duckdb
import pytest

from headgate.storage.query import hash_macros, macros


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("databricks_mur([databricks_mur_int(1)])", -559580957),
        ("databricks_mur([databricks_mur_bytes(hex('Hello World')), NULL])", 352365215),
        ("databricks_mur([databricks_mur_long(NULL)])", 42),
        ("databricks_xxh([databricks_xxh_bytes(hex(repeat('x', 33)))])", -2751654916054470392),
        ("databricks_xxh([databricks_xxh_bytes(''), databricks_xxh_int(NULL)])", -7444071767201028348),
        ("databricks_crc(hex('abc'))", 891568578),
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
    assert len({head for head, _ in hash_macros.ROWS}) == len(hash_macros.ROWS)
