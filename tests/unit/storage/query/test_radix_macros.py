"""The macros of other bases."""

import duckdb
import pytest

from headgate.storage.query import macros, radix_macros


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("databricks_conv_value('7B', 16::UHUGEINT)", 123),
        ("databricks_conv_digits(5::UHUGEINT, 2, [4::UHUGEINT, 2::UHUGEINT, 1::UHUGEINT])", "101"),
        ("databricks_conv_signed({'n': true, 'v': 1::UHUGEINT}, 10)", {"n": False, "v": 18446744073709551615}),
        ("databricks_conv_read('', {'sign': '', 'digits': ''}, 10::UHUGEINT)", None),
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
    assert len({head for head, _ in radix_macros.ROWS}) == len(radix_macros.ROWS)
