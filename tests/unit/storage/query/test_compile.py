"""Databricks SQL to DuckDB SQL, names resolved."""

import re

import pytest

from headgate.admin.statement_ports import Parameter
from headgate.catalog import types
from headgate.core.errors import BadRequest, Forbidden, GatewayError, NotFound
from headgate.storage.query import query_text
from headgate.storage.query.compiled import AsOf
from tests.fakes.principals import user
from tests.fakes.relations import FakeRelations, compile_text

ANA = user("ana")


def _sql(text, **views):
    return compile_text(text, ANA, FakeRelations(views=views)).sql


def _bare(sql):
    """Without the quotes around every identifier, and without the random part of our own names."""
    return re.sub(r"headgate_[0-9a-f]{16}_", "headgate_", sql.replace('"', ""))


def test_names_become_views():
    """Two names of one table are one view; qualified columns follow."""
    compiled = compile_text(
        "SELECT main.default.t.a, u.b, default.t.c FROM main.default.t JOIN u ON t.a = u.a WHERE t.a IN (SELECT a FROM default.t)",
        ANA,
        FakeRelations(),
    )

    assert _bare(compiled.sql) == (
        "SELECT t1.a AS a, t2.b AS b, t1.c AS c FROM headgate_t0 AS t1 JOIN headgate_t1 AS t2 ON (t1.a = t2.a) "
        "WHERE (t1.a IN (SELECT t3.a AS c0 FROM headgate_t0 AS t3))"
    )
    assert [(_bare(read.view), str(read.source.name)) for read in compiled.reads] == [
        ("headgate_t0", "main.default.t"),
        ("headgate_t1", "main.default.u"),
    ]


def test_fields_of_structs_are_not_taken_for_schemas():
    """Three and four parts may be a column and its fields."""
    compiled = compile_text("SELECT t.resource.attributes['a'], resource.attributes.x.y FROM t", ANA, FakeRelations())

    assert [(column.name, types.text(column.type)) for column in compiled.columns] == [
        ("resource.attributes.a", "map<string,string>"),
        ("y", "int"),
    ]


@pytest.mark.parametrize(
    ("text", "as_of"),
    [
        ("SELECT * FROM t VERSION AS OF 3", AsOf(3)),
        ("SELECT * FROM t@v7", AsOf(7)),
        ("SELECT * FROM t TIMESTAMP AS OF '2026-01-31T00:00:00Z'", AsOf(timestamp="2026-01-31T00:00:00Z")),
        ("SELECT * FROM t", AsOf()),
    ],
)
def test_time_travel(text, as_of):
    """All three spellings."""
    assert compile_text(text, ANA, FakeRelations()).reads[0].as_of == as_of


def test_two_versions_of_one_table_are_two_reads():
    """A table can be compared with its past."""
    assert len(compile_text("SELECT * FROM t a JOIN t VERSION AS OF 1 b ON a.x = b.x", ANA, FakeRelations()).reads) == 2


def test_views_of_ours_are_read_with_our_rights():
    """The reader of a view needs nothing on the tables inside, and `current_user()` in it is the reader."""
    relations = FakeRelations(views={"mine": "SELECT * FROM main.default.secret WHERE requester = current_user()"})

    compiled = compile_text("SELECT count(*) FROM mine m", ANA, relations)

    assert _bare(compiled.sql) == "SELECT count(*) AS count(1) FROM (SELECT 1 AS c FROM headgate_t0 AS t1 WHERE (t1.requester = 'ana')) AS t1"
    assert relations.asked == ["main.default.mine"]


def test_views_in_views_end_somewhere():
    """A view that reads itself is refused, as is a version of a view."""
    with pytest.raises(BadRequest, match="nested too deeply"):
        _sql("SELECT * FROM loop", loop="SELECT * FROM loop")
    with pytest.raises(BadRequest, match="has no versions"):
        _sql("SELECT * FROM v VERSION AS OF 1", v="SELECT 1")


def test_only_what_is_read_is_written():
    """Of a view, a subquery and a common table expression those columns that something uses."""
    text = "WITH w AS (SELECT upper(s) AS up, lower(s) AS low, a FROM v) SELECT low FROM (SELECT * FROM w) WHERE a > 1"

    sql = _sql(text, v="SELECT s, a, b + 1 AS more, trim(s) AS trimmed FROM main.default.t")

    assert "lower(" in sql
    assert not any(part in sql for part in ("upper(", "trim(", "+ 1"))


def test_a_view_is_read_wherever_it_is(monkeypatch):
    """Twice in one query, joined, beside a common table expression; its text is parsed once for all queries."""
    text = "SELECT a, /* why */ now() AS n FROM main.default.t WHERE a IN (SELECT a FROM main.default.u)"
    parsed = []
    real = query_text.parse
    monkeypatch.setattr(query_text, "parse", lambda text, *how: parsed.append(text) or real(text, *how))
    inner = "FROM headgate_t0 AS t1 WHERE (t1.a IN (SELECT t2.a AS c0 FROM headgate_t1 AS t2))"
    query = "WITH c AS (SELECT 1 AS a) SELECT * FROM v x JOIN c ON x.a = c.a LEFT JOIN v AS y ON x.a = y.a WHERE x.a IN (SELECT a FROM v)"

    for _ in range(2):
        assert _bare(_sql(query, v=text)).count(inner) == 3
    assert parsed == [query, text, query]


def test_the_number_of_tables_is_bounded_and_told():
    """One table that is read often is one; the refusal says the limit and what counts."""
    many = ", ".join(f"t VERSION AS OF {number} AS t{number}" for number in range(65))

    assert len(compile_text("SELECT 1 FROM " + ", ".join(f"t AS t{number}" for number in range(65)), ANA, FakeRelations()).reads) == 1
    with pytest.raises(BadRequest, match=r"A query reads at most 64 tables, and this one reads more; views count with every table that they read\."):
        _sql(f"SELECT 1 FROM {many}")


def test_a_common_table_expression_hides_a_table_only_by_its_bare_name():
    """`WITH t AS …` is used for `t` and not for `default.t`."""
    relations = FakeRelations()

    compiled = compile_text("WITH t AS (SELECT 1 AS a) SELECT * FROM t JOIN default.t x ON t.a = x.a", ANA, relations)

    assert len(compiled.reads) == 1
    assert relations.asked == ["main.default.t"]


@pytest.mark.parametrize("text", ["WITH t AS (SELECT 1) SELECT * FROM t VERSION AS OF 1", "WITH t AS (SELECT 1) SELECT * FROM t@v1"])
def test_a_common_table_expression_has_no_versions(text):
    """Time travel is refused and not dropped silently."""
    with pytest.raises(BadRequest, match="has no versions"):
        _sql(text)


def test_a_common_table_expression_changes_nothing_inside_a_view_of_ours():
    """A view reads what its text says, although the statement around it defines every name that the view uses."""
    query = "WITH t AS (SELECT 0 AS a), v AS (SELECT * FROM v) SELECT * FROM v, t"

    assert _bare(_sql(query, v="SELECT a FROM t")) == (
        "WITH headgate_c0 AS (SELECT 0 AS c0), headgate_c1 AS (SELECT t1.c0 AS c0 FROM (SELECT t1.a AS c0 FROM headgate_t0 AS t1) AS t1) "
        "SELECT t2.c0 AS a, t3.c0 AS a FROM headgate_c1 AS t2 CROSS JOIN headgate_c0 AS t3"
    )


def test_our_own_names_are_new_for_each_query():
    """Nobody can guess the name of a view or a tail."""
    first, second = (compile_text("SELECT * FROM t", ANA, FakeRelations()).reads[0].view for _ in range(2))

    assert first != second


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM headgate_t0",
        "SELECT * FROM Headgate_T0",
        "WITH headgate_t0 AS (SELECT 1) SELECT * FROM headgate_t0",
        "SELECT * FROM t AS headgate_t0",
        "SELECT * FROM (SELECT 1) AS headgate_t0",
        "SELECT * FROM t LATERAL VIEW explode(a) headgate_t0 AS x",
    ],
)
def test_names_that_begin_like_ours_are_refused(text):
    """As a table, a common table expression or an alias."""
    with pytest.raises(BadRequest, match="names that begin with headgate_ are reserved"):
        _sql(text)


def test_a_table_that_begins_like_ours_is_read_by_its_longer_name():
    """It is the user's own name for a table, and replaced like any other."""
    compiled = compile_text("SELECT headgate_costs.a FROM default.headgate_costs", ANA, FakeRelations(tables=("headgate_costs",)))

    assert _bare(compiled.sql) == "SELECT t1.a AS a FROM headgate_t0 AS t1"


def test_refusals_of_the_catalog_come_through():
    """A missing table, a missing privilege, a name of too many parts."""
    for text, error in (("SELECT * FROM nosuch", NotFound), ("SELECT * FROM secret", Forbidden), ("SELECT * FROM a.b.c.d", GatewayError)):
        with pytest.raises(error):
            _sql(text)


def test_parameters_are_typed_literals():
    """Markers anywhere in the text, whatever the case of their name; null too."""
    parameters = (Parameter("Day", "2026-01-31", "DATE"), Parameter("n", "5", "BIGINT"), Parameter("x", None))

    compiled = compile_text("SELECT :x FROM t WHERE day = :day LIMIT 5 OFFSET 1 + :n", ANA, FakeRelations(), parameters)

    assert "CAST(databricks_time_text('2026-01-31') AS DATE)" in compiled.sql
    assert "CAST('5' AS BIGINT)" in compiled.sql
    assert compiled.sql.startswith("SELECT CAST(NULL AS VARCHAR)")
    with pytest.raises(BadRequest, match=":nosuch has no value"):
        _sql("SELECT :nosuch")
    with pytest.raises(BadRequest, match="at most 256"):
        compile_text("SELECT 1", ANA, FakeRelations(), tuple(Parameter(f"p{n}", "") for n in range(257)))


def test_a_placeholder_of_the_documentation_is_named():
    """`<catalog>` left in a query."""
    with pytest.raises(BadRequest, match="Replace the placeholder <catalog>"):
        _sql("SELECT * FROM <catalog>.default.t")


def test_words_that_only_duckdb_reserves_are_names():
    """Every identifier is quoted."""
    assert '"at"' in _sql("SELECT at FROM t")


def test_the_number_of_tables_is_bounded():
    """Each table is opened; a query cannot ask for hundreds."""
    tables = tuple(f"x{n}" for n in range(70))
    with pytest.raises(BadRequest, match="at most 64"):
        compile_text("SELECT 1 FROM " + ", ".join(tables), ANA, FakeRelations(tables=tables))
