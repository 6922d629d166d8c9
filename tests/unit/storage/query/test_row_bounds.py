"""What bounds the rows of each table that a statement reads."""

import pytest

from headgate.storage.query.bounds import ColumnComparison, Either, Every, Nullness
from tests.fakes.principals import user
from tests.fakes.relations import compile_text
from tests.fakes.typed_relations import TypedRelations

ANA = user("ana")
VIEWS = {
    "v": "SELECT a AS x, b, d FROM t WHERE a IS NOT NULL",
    "starred": "SELECT *, b AS k FROM t",
    "latest": "SELECT * FROM t ORDER BY a DESC LIMIT 5",
    "summed": "SELECT b, max(a) AS a FROM t WHERE d > '2026-01-01' GROUP BY b",
}


def _words(bound):
    """A bound in few words."""
    match bound:
        case None:
            return "any"
        case ColumnComparison(column, operator, value):
            return f"{column}{operator}{value.text or value.kind}"
        case Nullness(column, null):
            return f"{column} {'null' if null else 'not null'}"
        case Every(parts):
            return " & ".join(sorted(f"({_words(part)})" if isinstance(part, Either) else _words(part) for part in parts))
        case Either(parts):
            return " | ".join(sorted(map(_words, parts))) or "never"


def bounds(text):
    """The bounds of a statement's tables, by the tables' names."""
    compiled = compile_text(text, ANA, TypedRelations(views=VIEWS))
    return {read.source.name.leaf: _words(read.bound) for read in compiled.reads}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT a FROM t", {"t": "any"}),
        ("SELECT a FROM t WHERE A > 1 AND 2 >= t.a AND main.default.t.b = 'x'", {"t": "a<=2 & a>1 & b=x"}),
        ("SELECT a FROM t WHERE a BETWEEN 1 AND 3 AND b IN ('x', 'y')", {"t": "(b=x | b=y) & a<=3 & a>=1"}),
        ("SELECT a FROM t WHERE a = 1 OR (b = 'x' AND a = 2)", {"t": "a=1 | a=2 & b=x"}),
        ("SELECT a FROM t WHERE a = 1 OR upper(b) = 'X'", {"t": "any"}),
        ("SELECT a FROM t WHERE a IS NULL AND NOT (b IS NULL)", {"t": "a null & b not null"}),
        ("SELECT a FROM t WHERE false", {"t": "never"}),
        ("SELECT a FROM t WHERE ts > now() - INTERVAL 1 DAY AND true", {"t": "ts>now"}),
        ("SELECT a FROM t WHERE NOT (a = 1) AND a <> 2 AND b LIKE 'x%' AND a = f AND a + 1 = 1", {"t": "any"}),
        ("SELECT -a AS a FROM t WHERE a > 1 GROUP BY ALL HAVING a > 5 ORDER BY a LIMIT 3", {"t": "a>1"}),
        ("SELECT d.a FROM t AS d WHERE d.a = 1", {"t": "any"}),  # may be a field of the column d
        ("SELECT a FROM t AS x (a, c, d, e, f) WHERE a = 1", {"t": "any"}),
    ],
)
def test_one_table(text, expected):
    """Conditions of its columns with constants."""
    assert bounds(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT x FROM (SELECT a AS x, b FROM t) WHERE x = 1 AND b = 'y'", {"t": "a=1 & b=y"}),
        ("SELECT x FROM (SELECT a + 1 AS x, b FROM t) WHERE x = 1", {"t": "any"}),
        ("SELECT a FROM (SELECT * FROM t WHERE b = 'y') AS s WHERE s.a = 1", {"t": "a=1 & b=y"}),
        ("SELECT a FROM (SELECT * FROM t LIMIT 3) WHERE a = 1", {"t": "any"}),
        ("SELECT a FROM (SELECT DISTINCT a FROM t) WHERE a = 1", {"t": "any"}),
        ("SELECT a FROM (SELECT a, row_number() OVER (ORDER BY a) AS r FROM t WHERE b = 'y') WHERE a = 1", {"t": "b=y"}),
        ("SELECT a FROM (SELECT * EXCEPT (b) FROM t) WHERE a = 1", {"t": "any"}),
        ("SELECT k FROM (SELECT a AS k, b FROM t UNION ALL SELECT 5, b FROM u) WHERE k = 1 AND b = 'y'", {"t": "a=1 & b=y", "u": "b=y"}),
        ("SELECT a FROM (SELECT a FROM t UNION ALL SELECT a FROM u LIMIT 2) WHERE a = 1", {"t": "any", "u": "any"}),
        ("SELECT a FROM (SELECT a FROM t EXCEPT SELECT a FROM u) WHERE a = 1", {"t": "any", "u": "any"}),
        ("WITH w AS (SELECT * FROM t WHERE a > 1) SELECT a FROM w WHERE b = 'y'", {"t": "a>1 & b=y"}),
        ("WITH w AS (SELECT * FROM t) SELECT x.a FROM w AS x JOIN w AS y ON x.a = y.a WHERE x.b = 'x' AND y.b = 'y'", {"t": "b=x | b=y"}),
        ("WITH w AS (SELECT * FROM t) SELECT x.a FROM w AS x, w AS y WHERE x.b = 'x'", {"t": "any"}),
        ("WITH w (x) AS (SELECT a FROM t WHERE b = 'y') SELECT x FROM w WHERE x = 1", {"t": "b=y"}),
        ("WITH RECURSIVE r AS (SELECT a FROM t WHERE a = 1 UNION ALL SELECT u.a FROM u JOIN r ON r.a = u.a WHERE u.a < 9) SELECT a FROM r WHERE a = 2",
         {"t": "a=1", "u": "a<9"}),
        ("SELECT a FROM t WHERE a IN (SELECT u.a FROM u WHERE b = 'y' AND t.b = 'x')", {"t": "any", "u": "b=y"}),
        ("SELECT a FROM t WHERE a = 1 UNION ALL SELECT a FROM t WHERE a = 3", {"t": "a=1 | a=3"}),
    ],
)  # fmt: skip
def test_subqueries(text, expected):
    """Only through what filters and renames; a table that is read twice may have the rows of either."""
    assert bounds(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("t JOIN u ON t.a = u.a AND u.b = 'x' WHERE t.b = 'y'", {"t": "b=y", "u": "b=x"}),
        ("t, u WHERE t.b = 'y' AND u.b = 'x'", {"t": "b=y", "u": "b=x"}),
        ("t LEFT JOIN u ON u.b = 'x' AND t.b = 'z' WHERE t.b = 'y' AND u.a = 1", {"t": "b=y", "u": "b=x"}),
        ("t RIGHT JOIN u ON u.b = 'x' AND t.b = 'z' WHERE t.b = 'y' AND u.a = 1", {"t": "any", "u": "any"}),
        ("t FULL JOIN u ON u.b = 'x' AND t.b = 'z' WHERE t.b = 'y' AND u.a = 1", {"t": "any", "u": "any"}),
        ("t LEFT ANTI JOIN u ON u.b = 'x' WHERE t.b = 'y'", {"t": "b=y", "u": "b=x"}),
        ("t LATERAL VIEW explode(array(1)) e AS k WHERE t.b = 'y' AND a = 1", {"t": "b=y"}),
    ],
)
def test_joins(text, expected):
    """Not on the side that may be filled with nulls, and not where a name could be of either."""
    assert bounds(f"SELECT 1 FROM {text}") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT x FROM v WHERE x > 5 AND b = 'y'", {"t": "a not null & a>5 & b=y"}),
        ("SELECT a FROM starred WHERE a > 5 AND k = 'y'", {"t": "a>5"}),
        ("SELECT a FROM latest WHERE a > 5", {"t": "any"}),
        ("SELECT a FROM summed WHERE a > 5 AND b = 'y'", {"t": "d>2026-01-01"}),
        ("SELECT x FROM v WHERE x > 5 UNION ALL SELECT a FROM t WHERE a = 1", {"t": "a not null & a>5 | a=1"}),
    ],
)
def test_views(text, expected):
    """Conditions over a view, and its own."""
    assert bounds(text) == expected
