"""The query gateway, from text to rows."""

import asyncio
import datetime as dt

import pyarrow as pa
import pytest
from deltalake import DeltaTable, Field, Schema, write_deltalake
from deltalake.schema import PrimitiveType

from headgate.admin.statement_ports import FileCounts, Parameter, Query, TableSource
from headgate.catalog import otel_tables, types
from headgate.catalog.audit_table import AUDIT
from headgate.catalog.otel_tables import OtelKind
from headgate.core.errors import BadRequest, NotFound
from headgate.storage.delta import table_work
from headgate.storage.otlp.otel_rows import Payload, decode
from headgate.storage.query.gateway import NoTails, QueryGateway
from headgate.storage.query.open_tables import OpenTables
from headgate.storage.query.tails import JournalTails
from headgate.storage.query.worker_messages import JobAnswer
from headgate.storage.query.worker_pool import WorkerPool, WorkerPoolSettings
from tests.fakes.audit_place import AuditPlace, event
from tests.fakes.object_store import fetching
from tests.fakes.parsers import HereParsers
from tests.fakes.principals import user
from tests.fakes.records import rates_of
from tests.fakes.relations import FakeRelations
from tests.fakes.typed_relations import TypedRelations

ANA = user("ana")


class FakeTails:
    """A tail of one row for every table; remembers what it was asked."""

    def __init__(self):
        self.seen = []

    def begin(self, source):
        """One row for whatever is committed."""
        return lambda committed, _opened: self._rows(source.name, committed)

    def _rows(self, name, committed):
        self.seen.append((str(name), committed("journal-1")))
        sink = pa.BufferOutputStream()
        table = pa.table({"a": [99], "m": ["tail"]})
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        return sink.getvalue().to_pybytes()


@pytest.fixture
async def pool(tmp_path):
    """A pool that reads below the test's folder."""
    made = WorkerPool(WorkerPoolSettings(readable=(str(tmp_path),), workers=1, memory_mb=256, threads=1))
    yield made
    await made.close()


@pytest.fixture
def ask(pool, tmp_path):
    """Ask, and get rows."""

    async def asked(text, *, tails=None, parameters=(), views=None):
        relations = FakeRelations(str(tmp_path), views=views)
        result = await QueryGateway(HereParsers(), pool, tails or NoTails(), fetching(tmp_path), OpenTables(str(tmp_path))).run(
            Query(text=text, principal=ANA, parameters=parameters), relations
        )
        return pa.ipc.open_stream(result.arrow).read_all().to_pylist()

    return asked


async def test_partitions_versions_and_the_tail(ask, tmp_path):
    """The newest state has the journal's tail, an older version has not."""
    for number in range(2):
        write_deltalake(str(tmp_path / "t"), pa.table({"a": [number], "m": [["x/y", None][number]]}), partition_by=["m"], mode="append")
    tails = FakeTails()

    assert await ask("SELECT a, m FROM t ORDER BY a", tails=tails) == [{"a": 0, "m": "x/y"}, {"a": 1, "m": None}, {"a": 99, "m": "tail"}]
    assert await ask("SELECT count(*) AS n FROM t VERSION AS OF 0", tails=tails) == [{"n": 1}]
    assert await ask("SELECT sum(a) AS s FROM t WHERE m = :m", parameters=(Parameter("m", "x/y"),)) == [{"s": 0}]
    assert set(tails.seen) == {("main.default.t", None)}


async def test_files_that_cannot_hold_a_row(pool, tmp_path):
    """Are neither opened nor counted as read: without all others the answer is the same. Those of a table behind a view of ours are not counted."""
    for number in range(5):
        write_deltalake(str(tmp_path / "t"), pa.table({"a": [number, number], "b": ["x", None]}), mode="append")
        write_deltalake(str(tmp_path / "secret"), pa.table({"a": [number, number]}), mode="append")
    for table in ("t", "secret"):
        for file in pa.table(DeltaTable(str(tmp_path / table)).get_add_actions(flatten=True)).to_pylist():
            if file["min.a"] != 3:
                (tmp_path / table / file["path"]).unlink()
    relations = TypedRelations(str(tmp_path), views={"mine": "SELECT a AS k FROM secret WHERE a > 2"})
    gateway = QueryGateway(HereParsers(), pool, NoTails(), fetching(tmp_path), OpenTables(str(tmp_path)))

    result = await gateway.run(Query(text="SELECT sum(a) AS s FROM t WHERE a = 3", principal=ANA), relations)
    assert pa.ipc.open_stream(result.arrow).read_all().to_pylist() == [{"s": 6}]
    assert (result.files.files_read, result.files.files_skipped, result.files.rows_read) == (1, 4, 2)
    assert result.files.bytes_skipped > result.files.bytes_read > 0
    result = await gateway.run(Query(text="SELECT sum(k) AS s FROM mine WHERE k < 4", principal=ANA), relations)
    assert pa.ipc.open_stream(result.arrow).read_all().to_pylist() == [{"s": 6}]
    assert result.files == FileCounts()


async def test_a_column_that_was_added(ask, tmp_path):
    """Old rows have null in it, before and after new ones arrive."""
    write_deltalake(str(tmp_path / "t"), pa.table({"a": [1]}))
    DeltaTable(str(tmp_path / "t")).alter.add_columns([Field("b", PrimitiveType("string"))])
    assert await ask("SELECT * FROM t") == [{"a": 1, "b": None}]

    write_deltalake(str(tmp_path / "t"), pa.table({"a": [2], "b": ["x"]}), mode="append")
    assert await ask("SELECT b, count(*) AS n FROM t GROUP BY b ORDER BY b") == [{"b": None, "n": 1}, {"b": "x", "n": 1}]


@pytest.mark.parametrize("version", ["v1", "v2"])
async def test_the_telemetry_tables_in_both_versions(ask, tmp_path, version):
    """Maps and VARIANT answer to the same question in their own words."""
    from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
    from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

    request = ExportMetricsServiceRequest()
    metric = request.resource_metrics.add().scope_metrics.add().metrics.add(name="claude_code.token.usage")
    for number in range(3):
        point = metric.sum.data_points.add(time_unix_nano=1763980000_000_000_000, as_double=number)
        point.attributes.append(KeyValue(key="model", value=AnyValue(string_value=f"m{number % 2}")))
    schema = Schema.from_json(types.to_delta_json(otel_tables.schema("metrics", version)))
    table = DeltaTable.create(str(tmp_path / "t"), schema=schema)
    write_deltalake(table, decode(OtelKind("metrics", version), [Payload(request.SerializeToString(), 1)]), mode="append")

    model = "sum.attributes['model']" if version == "v1" else "sum.attributes:model::string"
    time = "sum.time_unix_nano" if version == "v1" else "time_unix_nano"
    got = await ask(
        f"SELECT {model} AS model, sum(sum.value) AS tokens, max(timestamp_micros({time} div 1000)) AS at FROM t WHERE name = 'claude_code.token.usage' GROUP BY ALL ORDER BY 1"
    )

    at = dt.datetime(2025, 11, 24, 10, 26, 40, tzinfo=dt.UTC)
    assert got == [{"model": "m0", "tokens": 2.0, "at": at}, {"model": "m1", "tokens": 1.0, "at": at}]


async def test_a_view_of_ours(ask, tmp_path):
    """Each principal reads its own rows through it."""
    write_deltalake(str(tmp_path / "secret"), pa.table({"requester": ["ana", "bob"], "cost": [1, 2]}))

    assert await ask("SELECT * FROM my_usage", views={"my_usage": "SELECT * FROM secret WHERE requester = current_user()"}) == [
        {"requester": "ana", "cost": 1}
    ]


async def test_a_view_of_ours_tells_nothing_of_other_peoples_rows(ask, tmp_path):
    """Not even through the error of a conversion: it is never tried on a row that the view leaves out."""
    write_deltalake(str(tmp_path / "secret"), pa.table({"requester": ["ana", "bob"] * 5000, "note": ["5", "bob's own"] * 5000}))
    views = {"mine": "SELECT * FROM secret WHERE requester = current_user()"}

    assert await ask("SELECT count(*) AS n FROM mine WHERE CAST(note AS INT) = 5", views=views) == [{"n": 5000}]


async def test_a_query_takes_its_principals_turn(tmp_path):
    """Workers are shared out between those who ask."""
    asked = []

    class Pool:
        """Answers nothing; remembers for whom."""

        async def run(self, job, timeout_s, principal):
            """A failure."""
            del job, timeout_s
            asked.append(principal)
            return JobAnswer(failure="statement", message="no")

    with pytest.raises(BadRequest, match="no"):
        await QueryGateway(HereParsers(), Pool(), NoTails(), fetching(tmp_path), OpenTables(str(tmp_path))).run(
            Query(text="SELECT 1", principal=ANA), FakeRelations()
        )

    assert asked == ["ana"]


async def test_wrong_statements_come_back_in_words(ask, tmp_path):
    """With the table's name and without ours."""
    write_deltalake(str(tmp_path / "t"), pa.table({"a": [1]}))
    with pytest.raises(BadRequest, match="nosuch"):
        await ask("SELECT nosuch FROM t")


async def test_a_table_that_is_made_with_its_first_row(pool, tmp_path):
    """Before that it reads as empty, its tail is read, and it has no versions; a table whose files are lost is an error."""

    class Relations:
        """One table, without files."""

        def __init__(self, *, made_on_write: bool):
            self._made = made_on_write

        def resolve(self, name):
            """The table."""
            columns = types.Structure(types.parse_columns("a: bigint, m: string"))
            return TableSource(name, str(tmp_path / "none"), columns, made_on_write=self._made)

    async def count(text, tails, *, made_on_write):
        found = await QueryGateway(HereParsers(), pool, tails, fetching(tmp_path), OpenTables(str(tmp_path))).run(
            Query(text=text, principal=ANA), Relations(made_on_write=made_on_write)
        )
        return pa.ipc.open_stream(found.arrow).read_all().to_pylist()

    assert await count("SELECT * FROM t", NoTails(), made_on_write=True) == []
    tails = FakeTails()
    assert await count("SELECT * FROM t", tails, made_on_write=True) == [{"a": 99, "m": "tail"}]
    assert set(tails.seen) == {("main.default.t", None)}
    for text, made in (("SELECT * FROM t VERSION AS OF 0", True), ("SELECT * FROM t", False)):
        with pytest.raises(NotFound):
            await count(text, NoTails(), made_on_write=made)


async def test_an_audit_event_that_was_journalled_again_is_read_once(pool, tmp_path):
    """A process that is killed between the journal and the control state writes it once more; the table may have it by then."""
    place = AuditPlace(tmp_path)
    place.write("a")
    place.note(event("a"), event("b"))
    place.note(event("b"))

    class Relations:
        """The audit table."""

        def resolve(self, name):
            """The table."""
            return TableSource(AUDIT.name, place.path, AUDIT.schema, made_on_write=True)

    gateway = QueryGateway(HereParsers(), pool, JournalTails(place.data_dir, rates_of, place.clock), fetching(tmp_path), OpenTables(str(tmp_path)))
    found = await gateway.run(Query(text="SELECT event_id FROM system.access.audit ORDER BY 1", principal=ANA), Relations())
    assert pa.ipc.open_stream(found.arrow).read_all().to_pylist() == [{"event_id": "a"}, {"event_id": "b"}]


async def test_queries_go_on_while_files_are_merged_and_deleted(ask, tmp_path):
    """Rows are written, merged and vacuumed under queries: none of them fails, and each sees every row that was there when it began."""
    location = str(tmp_path / "t")
    written = 0

    def care():
        table_work.optimize(location, ())
        table_work.vacuum(location, 1.0, dry_run=False)

    def write():
        nonlocal written
        for _ in range(4):
            write_deltalake(location, pa.table({"a": [written]}), mode="append")
            written += 1

    write()
    for _ in range(3):
        before = written
        under_way = [asyncio.create_task(asyncio.to_thread(work)) for work in (care, write)]
        counts = []
        while not counts or not all(work.done() for work in under_way):
            counts.append((await ask("SELECT count(*) AS n, count(DISTINCT a) AS d FROM t"))[0])
        await asyncio.gather(*under_way)
        assert all(before <= count["n"] == count["d"] <= written for count in counts), counts
        assert [count["n"] for count in counts] == sorted(count["n"] for count in counts)
    care()
    assert await ask("SELECT count(*) AS n, sum(a) AS s FROM t") == [{"n": 16, "s": 120}]
