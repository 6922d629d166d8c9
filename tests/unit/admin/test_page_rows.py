"""Rows of a query as plain values, and the limits under which a page reads them."""

import asyncio
import datetime as dt
from decimal import Decimal

import msgspec
import pyarrow as pa
import pytest

from headgate.admin.page_queries import PAGE_BYTES_MAX, PAGE_ROWS_MAX, PageColumn, PageQuery, PageRows
from headgate.admin.page_rows import PageRowReader, page_rows
from headgate.admin.statement_ports import Parameter, QueryResult
from headgate.core.errors import Forbidden
from headgate.storage.delta.arrow_types import columns_of
from tests.fakes.ports import FakeClock
from tests.fakes.principals import user

ANA = user("ana")
MOMENT = dt.datetime(2026, 1, 31, 9, 30, 0, 5000, tzinfo=dt.UTC)


def result(table: pa.Table, *, truncated: bool = False) -> QueryResult:
    """What an engine answers."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return QueryResult(columns_of(table.schema), sink.getvalue().to_pybytes(), table.num_rows, truncated)


def column(values: list[object], kind: pa.DataType, decimals: str = "float") -> list[object]:
    """One column as a page gets it, after the way between the processes."""
    made = page_rows(result(pa.table({"a": pa.array(values, kind)})), decimals)
    return msgspec.msgpack.decode(msgspec.msgpack.encode(made), type=PageRows).values[0]


@pytest.mark.parametrize(
    ("values", "kind", "plain"),
    [
        ([1, None], pa.int64(), [1, None]),
        ([True, None], pa.bool_(), [True, None]),
        (["<b>", None], pa.string(), ["<b>", None]),
        ([0.5, None, float("nan"), float("inf")], pa.float64(), [0.5, None, None, None]),
        ([MOMENT], pa.timestamp("us", "UTC"), ["2026-01-31T09:30:00.005Z"]),
        ([dt.date(2026, 1, 31)], pa.date32(), ["2026-01-31"]),
        ([b"\x00\xff"], pa.binary(), ["AP8="]),
        ([[1, None]], pa.list_(pa.int64()), [[1, None]]),
        ([[("k", MOMENT)]], pa.map_(pa.string(), pa.timestamp("us", "UTC")), [{"k": "2026-01-31T09:30:00.005Z"}]),
        ([{"a": Decimal("1.50"), "b": [dt.date(2026, 1, 1)]}], pa.struct({"a": pa.decimal128(9, 2), "b": pa.list_(pa.date32())}),
         [{"a": 1.5, "b": ["2026-01-01"]}]),
    ],
)  # fmt: skip
def test_plain_values(values, kind, plain):
    """Every type becomes text, a number, a boolean, a list or a map."""
    assert column(values, kind) == plain


def test_decimals():
    """A DECIMAL is a number to draw, or its exact digits to add up."""
    values = [Decimal("12345678901234567.890000000"), None, Decimal("0.000000001")]
    kind = pa.decimal128(38, 9)
    assert column(values, kind) == [12345678901234567.89, None, 1e-9]
    assert column(values, kind, "text") == ["12345678901234567.890000000", None, "0.000000001"]


def test_columns_and_truncation():
    """Types are written as SQL writes them; names may repeat."""
    table = pa.Table.from_arrays([pa.array([1]), pa.array([Decimal("1.5")], pa.decimal128(18, 6))], names=["n", "n"])
    made = page_rows(result(table, truncated=True), "float")
    assert made.columns == (PageColumn("n", "BIGINT"), PageColumn("n", "DECIMAL(18,6)"))
    assert made.truncated


class Engine:
    """Answers one row, or an error."""

    def __init__(self) -> None:
        self.asked = []
        self.error = None

    async def run(self, query, relations):
        """Note what was asked."""
        self.asked.append((query, relations))
        if self.error is not None:
            raise self.error
        return msgspec.structs.replace(result(pa.table({"a": [1]})), waited_s=0.25)


async def relations_of(principal):
    """The catalog as one principal sees it."""
    return "relations of", principal.name


def reader(engine: Engine, failed: list[object]) -> PageRowReader:
    """A reader whose statements may take 20 s."""
    return PageRowReader(engine, relations_of, FakeClock(), 20.0, failed.append)


async def test_a_query_runs_with_the_rights_of_who_looks():
    """Principal, parameters and limits reach the engine; the limits are bounded."""
    engine = Engine()
    query = PageQuery(text="SELECT :a", parameters=(Parameter("a", "1", "BIGINT"),), row_limit=10**9, timeout_s=99.0)
    made = await reader(engine, []).rows(query, ANA)
    asked, relations = engine.asked[0]
    assert (asked.text, asked.principal, asked.parameters, relations) == ("SELECT :a", ANA, query.parameters, ("relations of", "ana"))
    assert (asked.row_limit, asked.byte_limit, asked.timeout_s) == (PAGE_ROWS_MAX, PAGE_BYTES_MAX, 20.0)
    assert (list(made.rows()), made.truncated, made.waited_ms) == ([(1,)], False, 250.0)


async def test_it_is_idle_while_no_query_is_asked():
    """Also after one that was refused."""
    engine, seen = Engine(), []
    asking = reader(engine, [])
    ask = engine.run

    async def watched(query, relations):
        seen.append(asking.idle.is_set())
        return await ask(query, relations)

    engine.run = watched
    await asyncio.gather(*(asking.rows(PageQuery(text="SELECT 1"), ANA) for _ in range(2)))
    seen.append(asking.idle.is_set())
    engine.error = Forbidden("No.", code="INSUFFICIENT_PERMISSIONS")
    with pytest.raises(Forbidden):
        await asking.rows(PageQuery(text="SELECT 1"), ANA)
    assert [*seen, asking.idle.is_set()] == [False, False, True, False, True]


async def test_a_refusal_is_heard():
    """The audit hears of a refused query of a page as of any statement."""
    engine, failed = Engine(), []
    engine.error = Forbidden("No.", code="INSUFFICIENT_PERMISSIONS")
    with pytest.raises(Forbidden):
        await reader(engine, failed).rows(PageQuery(text="SELECT 1"), ANA)
    assert failed == [engine.error]
