"""No statement reads a row that its principal may not read, nor a relation of the engine, however it names its common table expressions."""

import operator

import pyarrow as pa
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from headgate.admin.statement_ports import TableSource, ViewSource
from headgate.catalog import types
from headgate.catalog.names import Defaults
from headgate.catalog.types import Structure
from headgate.core.errors import Forbidden, GatewayError, NotFound
from headgate.storage.query.engine import Engine
from headgate.storage.query.worker_messages import Job, View
from tests.fakes.examples import examples
from tests.fakes.principals import user
from tests.fakes.relations import compile_text

COLUMNS = Structure(types.parse_columns("requester: string, note: string"))
ROWS = pa.table({"requester": ["ana", "bob"], "note": ["ana's", "bob's"]})
OWN = {"ana", "ana's", "one", "two", None}

# Relations that exist in some place and are not ana's: the catalog's, the engine's, and what our own views were once called.
FOREIGN = ("usage", "headgate_t0", "headgate_t0_tail", "headgate_c0", "sqlite_master", "duckdb_views", "duckdb_tables", "pragma_database_list")


class _Relations:
    """`my_usage` is everybody's, the table under it nobody's."""

    def resolve(self, name):
        """What the principal may read."""
        if name.leaf == "usage":
            raise Forbidden("no SELECT", code="INSUFFICIENT_PERMISSIONS")
        return self._found(name)

    def resolve_inside(self, view, name):
        """What the view reads."""
        del view
        return self._found(name)

    def _found(self, name):
        if name.parts == ("system", "ai_gateway", "my_usage"):
            return ViewSource(name, "WITH x AS (SELECT * FROM system.ai_gateway.usage) SELECT * FROM x WHERE requester = current_user()")
        if name.parts == ("system", "ai_gateway", "usage"):
            return TableSource(name, "/nowhere", COLUMNS)
        raise NotFound(str(name), code="TABLE_OR_VIEW_NOT_FOUND")


def _answer(engine, text):
    """The answer's values, or `None` for a refusal; the usage of two principals lies in the journal's tail."""
    try:
        compiled = compile_text(text, user("ana"), _Relations(), defaults=Defaults("system", "ai_gateway"))
    except GatewayError:
        return None
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, ROWS.schema) as writer:
        writer.write_table(ROWS)
    tail = sink.getvalue().to_pybytes()
    views = tuple(View(read.view, "usage", f'SELECT * FROM "{read.view}_tail"', "", f"{read.view}_tail", tail) for read in compiled.reads)
    answer = engine.answer(Job(sql=compiled.sql, views=views, paths=(), row_limit=1000, byte_limit=1 << 20))
    if answer.failure:
        return None
    table = pa.ipc.open_stream(answer.arrow).read_all()
    return {value for column in table.columns for value in column.to_pylist()}


@pytest.fixture(scope="module")
def engine():
    """An engine in this process."""
    return Engine(256, 1)


_READS_MINE = "(SELECT count(*) FROM my_usage) >= 0"
SHAPES = {
    "exists": "SELECT * FROM {x} WHERE EXISTS (WITH {x} AS (SELECT 1 AS a) SELECT a FROM {x}) AND " + _READS_MINE,
    "scalar subquery": "SELECT * FROM {x} WHERE (WITH {x} AS (SELECT 1 AS a) SELECT a FROM {x}) = 1 AND " + _READS_MINE,
    "derived table": "SELECT b.* FROM (WITH {x} AS (SELECT 1 AS a) SELECT a FROM {x}) AS d, {x} AS b WHERE " + _READS_MINE,
    "arm of a union": "SELECT requester, note FROM {x} UNION ALL (WITH {x} AS (SELECT 'one' AS requester, 'two' AS note) SELECT * FROM {x} WHERE "
    + _READS_MINE
    + ")",
    "its own definition": "WITH {x} AS (SELECT * FROM {x}) SELECT * FROM {x}, (SELECT count(*) AS n FROM my_usage) AS q",
    "an earlier CTE": "WITH y AS (SELECT * FROM {x}), {x} AS (SELECT 1 AS a) SELECT * FROM y WHERE " + _READS_MINE,
    "a recursion without a union": "WITH RECURSIVE {x} AS (SELECT * FROM {x}) SELECT * FROM {x} WHERE " + _READS_MINE,
    "the first arm of a recursion": "WITH RECURSIVE {x} AS (SELECT * FROM {x} UNION ALL SELECT * FROM {x}) SELECT * FROM {x} WHERE " + _READS_MINE,
}


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_a_cte_opens_no_relation_outside_its_scope(engine, shape, name):
    """Each shape in which a name was once looked up by the engine instead of the catalog is refused."""
    assert _answer(engine, shape.format(x=name)) is None


@pytest.mark.parametrize("shape", [shape for name, shape in SHAPES.items() if "recursion" not in name])
def test_the_same_shapes_are_answered_for_what_one_may_read(engine, shape):
    """The refusals are for what is read, and not for the way it is written."""
    found = _answer(engine, shape.format(x="my_usage"))

    assert found is not None
    assert found <= OWN | {1}
    assert "ana's" in found


def _queries(depth):
    """Statements with `{x}` for one name that is not the principal's; the rest is, so that many are answered."""
    leaf = st.sampled_from(["SELECT 'one' AS requester, 'two' AS note", "SELECT * FROM my_usage", "SELECT * FROM y", "SELECT * FROM {x}"])
    if depth == 0:
        return leaf
    inner = _queries(depth - 1)
    name = st.sampled_from(["my_usage", "y", "{x}"])
    with_ctes = st.builds(
        lambda recursive, ctes, query: f"WITH {recursive}{', '.join(f'{name} AS ({text})' for name, text in ctes)} {query}",
        st.sampled_from(["", "", "RECURSIVE "]),
        st.lists(st.tuples(name, inner), min_size=1, max_size=3, unique_by=operator.itemgetter(0)),
        st.one_of(leaf, inner.map("SELECT * FROM ({}) AS d".format)),
    )
    return st.one_of(
        leaf,
        with_ctes,
        with_ctes,
        # Not ALL: a recursion over a handful of values then comes to an end.
        st.builds("({}) UNION ({})".format, inner, inner),
        st.builds("SELECT * FROM {} AS b WHERE EXISTS ({})".format, name, inner),
        st.builds("SELECT * FROM {} AS b WHERE b.requester IN (SELECT requester FROM ({}) AS d)".format, name, inner),
        st.builds("SELECT b.* FROM {} AS b CROSS JOIN LATERAL ({}) AS d".format, name, inner),
        st.builds("SELECT d.* FROM my_usage AS b LEFT JOIN ({}) AS d ON true".format, inner),
    )


@examples(150)
@given(text=_queries(3), name=st.sampled_from(FOREIGN))
def test_no_statement_reads_what_is_not_ones_own(engine, text, name):
    """Nested definitions, subqueries, unions and lateral joins over the rows of two principals: the answer holds the asker's rows, or there is none."""
    found = _answer(engine, text.replace("{x}", name))

    event("refused" if found is None else "answered")
    assert found is None or found <= OWN
