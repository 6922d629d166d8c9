"""The allow-list of syntax."""

import pytest
import sqlglot
from sqlglot import exp

from headgate.core.errors import BadRequest
from headgate.storage.query import allowed_syntax, macros, rewrite


@pytest.mark.parametrize(
    "text",
    ["SELECT a, count(*) FROM t WHERE b LIKE 'x' GROUP BY 1 HAVING count(*) > 1 ORDER BY 2 LIMIT 3", "SELECT * FROM range(3)", "VALUES (1, 'a')"],
)
def test_plain_reading_passes(text):
    """What reads and only reads."""
    allowed_syntax.check(sqlglot.parse_one(text, read="databricks"))


@pytest.mark.parametrize(
    "text",
    [
        "SELECT hamster(a) FROM t",
        "SELECT * FROM t FOR UPDATE",
        "SELECT /*+ BROADCAST(t) */ * FROM t",
        "SELECT * FROM t MATCH_RECOGNIZE (PATTERN (a) DEFINE a AS true)",
    ],
)
def test_the_rest_is_refused_by_name(text):
    """An unknown function, a lock, a hint."""
    with pytest.raises(BadRequest, match="not taken"):
        allowed_syntax.check(sqlglot.parse_one(text, read="databricks"))


def test_nodes_that_read_files_or_change_things_are_not_listed():
    """Whatever sqlglot calls them."""
    for kind in (exp.ReadCSV, exp.ReadParquet, exp.Command, exp.Insert, exp.Create, exp.Copy, exp.Attach, exp.Into, exp.Secret, exp.Predict):
        assert kind not in allowed_syntax._ALLOWED


def test_size_is_bounded():
    """A tree of more nodes than any query has is refused."""
    tree = exp.select("1")
    tree.set("expressions", [exp.Literal.number(number) for number in range(30_000)])
    with pytest.raises(BadRequest, match="too large"):
        allowed_syntax.check(tree)


def test_named_functions_stand_in_the_group_that_makes_them_work():
    """A rewrite or a macro that goes takes its name out of the list."""
    rewritten, macro_names, _ = (frozenset(names.split()) for names in allowed_syntax._NAMED_FUNCTIONS.values())
    assert rewritten <= frozenset(rewrite._PLAIN)
    assert macro_names == {head.partition("(")[0] for head, _ in macros._ROWS} - rewritten
