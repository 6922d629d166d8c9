"""The macros of texts."""

import duckdb
import pytest

from headgate.storage.query import macros, text_macros


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("databricks_upper('aß')", "ASS"),
        ("databricks_reverse('e\u0301x')", "x\u0301e"),
        ("databricks_locate('b', 'abcb', 3)", 4),
        ("databricks_levenshtein('日本語', 'Hallo')", 5),
        ("databricks_substring_index('www.a.b', '.', 5)", "www.a.b"),
        ("databricks_split_rest(['a', 'b', 'c'], ',', 2)", ["a", "b,c"]),
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
    assert len({head for head, _ in text_macros.ROWS}) == len(text_macros.ROWS)
