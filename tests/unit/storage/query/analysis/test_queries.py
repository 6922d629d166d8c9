"""Statements: names, types and columns, and what is refused."""

import pytest

from headgate.catalog import types
from headgate.core.errors import BadRequest
from tests.fakes.principals import user
from tests.fakes.relations import FakeRelations, compile_text


def columns(text):
    """The names and types of a statement's columns."""
    return [(column.name, types.text(column.type)) for column in compile_text(text, user("ana"), FakeRelations()).columns]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("SELECT count(*), sum(a), a + 1, upper(s) FROM t GROUP BY a, s", ["count(1)", "sum(a)", "(a + 1)", "upper(s)"]),
        ("SELECT t.*, u.a AS other FROM (SELECT a, b FROM t) t JOIN u ON t.a = u.a", ["a", "b", "other"]),
        ("SELECT * EXCEPT (b) FROM (SELECT a, b, c FROM t)", ["a", "c"]),
        ("SELECT * FROM (SELECT a, b FROM t) JOIN (SELECT a, c FROM u) USING (a)", ["a", "b", "c"]),
        ("SELECT * FROM VALUES (1, 'x') AS v (n, m)", ["n", "m"]),
        ("VALUES (1, 2)", ["col1", "col2"]),
        ("SELECT * FROM (SELECT a, g FROM t) PIVOT (sum(a) FOR g IN ('x' AS one, 'y'))", ["one", "y"]),
        ("SELECT A, t.S, resource.attributes.x.Y, upper(s) FROM t", ["A", "S", "Y", "upper(s)"]),
        ("SELECT named_struct('F', 1).f, NULL::ARRAY<INT>, NULL::INT", ["named_struct(F, 1).f", "NULL", "CAST(NULL AS INT)"]),
        ("SELECT sum(a) OVER (PARTITION BY s) FROM t", ["sum(a) OVER (PARTITION BY s ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)"]),
        (
            "SELECT lag(a) OVER w FROM t WINDOW w AS (ORDER BY s DESC)",
            ["lag(a, 1, NULL) OVER (ORDER BY s DESC NULLS LAST ROWS BETWEEN -1 FOLLOWING AND -1 FOLLOWING)"],
        ),
        ("SELECT 1 AS x, x + 1", ["x", "(lateralAliasReference(x) + 1)"]),
        (
            "SELECT isnull(a), log(a), array_agg(a), percentile_approx(a, 0.5) FROM t GROUP BY a",
            ["(a IS NULL)", "LOG(E(), a)", "collect_list(a)", "percentile_approx(a, 0.5, 10000)"],
        ),
        ("SELECT pos, col FROM t LATERAL VIEW posexplode(arr)", ["pos", "col"]),
        ("WITH c (x) AS (SELECT a FROM t) SELECT * FROM c", ["x"]),
        ("WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT * FROM r", ["n"]),
    ],
)
def test_names_of_columns(text, found):
    """As Databricks names them."""
    assert [name for name, _ in columns(text)] == found


@pytest.mark.parametrize(
    ("expression", "kind"),
    [
        ("a / b", "double"),
        ("price * 2", "decimal(12,2)"),
        ("price / 3", "decimal(14,6)"),
        ("sum(n)", "bigint"),
        ("sum(price)", "decimal(20,2)"),
        ("avg(price)", "decimal(14,6)"),
        ("day + 1", "date"),
        ("day + INTERVAL 1 HOUR", "timestamp"),
        ("CASE WHEN ok THEN a ELSE n END", "bigint"),
        ("array(a, n)", "array<bigint>"),
        ("m['x']", "int"),
        ("resource.attributes.x.y", "int"),
        ("transform(arr, x -> x / 2)", "array<double>"),
        ("(SELECT max(s) FROM u)", "string"),
        ("struct(a, s AS name)", "struct<a:int,name:string>"),
    ],
)
def test_types_of_expressions(expression, kind):
    """As Databricks types them."""
    grouped = " GROUP BY ALL" if expression.startswith(("sum", "avg")) else ""
    assert columns(f"SELECT {expression} AS x FROM t{grouped}") == [("x", kind)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("SELECT nosuch FROM t", "UNRESOLVED_COLUMN"),
        ("SELECT a FROM t JOIN u ON t.a = u.a", "AMBIGUOUS_REFERENCE"),
        ("SELECT ok + 1 FROM t", "DATATYPE_MISMATCH"),
        ("SELECT upper(s, s) FROM t", "WRONG_NUM_ARGS"),
        ("SELECT nosuch(a) FROM t", "UNSUPPORTED_FEATURE"),
        ("SELECT a FROM t WHERE sum(a) > 1", "INVALID_WHERE_CONDITION"),
        ("SELECT a FROM t UNION SELECT a, b FROM t", "NUM_COLUMNS_MISMATCH"),
        ("SELECT a FROM t GROUP BY 3", "GROUP_BY_POS_OUT_OF_RANGE"),
        ("SELECT * FROM t TABLESAMPLE (5 ROWS)", "UNSUPPORTED_FEATURE"),
        ("SELECT row_number() FROM t", "WINDOW_FUNCTION_WITHOUT_OVER_CLAUSE"),
        ("SELECT a FROM t SORT BY a", "UNSUPPORTED_FEATURE"),
        ("SELECT rand() FROM t", "UNSUPPORTED_FEATURE"),
    ],
)
def test_what_is_refused(text, code):
    """With Databricks' error class, where it has one."""
    with pytest.raises(BadRequest) as refusal:
        columns(text)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("written", "value"),
    [("'o''neil'", "o'neil"), ("''" + "''", "'"), ("'a' 'b'", "ab"), ('"a""b"', 'a"b'), ("''", ""), ("'a''" + "''b'", "a''b")],
)
def test_quotes_within_texts(written, value):
    """Doubled, they are one."""
    sql = compile_text(f"SELECT {written} AS x", user("ana"), FakeRelations()).sql
    assert sql == "SELECT '" + value.replace("'", "''") + '\' AS "x"'


def test_a_part_that_nothing_looks_at_is_refused():
    """A negation, an escape, a modifier: none is dropped without a word."""
    for text in ("SELECT s NOT LIKE 'x%' FROM t", "SELECT s NOT LIKE 'x/%' ESCAPE '/' FROM t"):
        assert "NOT" in compile_text(text, user("ana"), FakeRelations()).sql
