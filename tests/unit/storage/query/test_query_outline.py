"""Outlines of queries."""

from headgate.storage.query import query_text
from headgate.storage.query.query_outline import Outline, Outliner

COLUMNS = {"t": frozenset({"a", "b"})}


def _outline(text):
    tree = query_text.read(text)
    return Outliner(tree, COLUMNS).outline(tree)


def test_where_a_column_comes_from():
    """The result's names, and what they are in a source."""
    made = _outline("SELECT x.a AS k, x.b || 'x' AS b FROM t AS x")
    assert [(source.alias, source.target, source.kept) for source in made.sources] == [("x", "t", True)]
    assert made.open
    assert made.column_names() == ["k", "b"]
    assert [made.origin(name, COLUMNS) for name in ("k", "b", "a")] == [(0, "a"), None, None]


def test_a_star():
    """Has the columns of its source, and no other."""
    made = _outline("SELECT x.*, x.a AS k FROM t AS x")
    assert made.column_names() == []
    assert [made.origin(name, COLUMNS) for name in ("b", "k", "z")] == [(0, "b"), None, None]
    assert not _outline("SELECT x.*, y.* FROM t AS x, t AS y").open


def test_what_hands_nothing_on():
    """Limits, groups, windows; and what is no query."""
    assert [_outline(f"SELECT a FROM t {rest}").open for rest in ("", "ORDER BY a", "LIMIT 1", "GROUP BY a", "QUALIFY a > 1")] == [
        True, True, False, False, False,
    ]  # fmt: skip
    assert _outline("VALUES (1)") == Outline()


def test_many_sources_are_read_whole():
    """Beyond what a person writes, conditions are not looked at."""
    names = [f"t{number}" for number in range(20)]
    made = _outline(f"SELECT 1 FROM {', '.join(f't AS {name}' for name in names)} WHERE t0.a = 1")
    assert [source.bound for source in made.sources] == [None] * 20
