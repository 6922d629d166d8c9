"""The joined ledger over tables on disk, through the whole way of a query: snapshot, compiler, sandboxed worker."""

from itertools import starmap

import pyarrow as pa
import pytest
from deltalake import DeltaTable, Schema, write_deltalake

from headgate.admin.statement_ports import Query, TableSource, ViewSource
from headgate.catalog import otel_tables, types
from headgate.catalog.ledger.sources import OtelTable
from headgate.catalog.ledger.views import ledger_views
from headgate.catalog.names import Defaults, Name
from headgate.catalog.otel_tables import OtelKind
from headgate.catalog.system import TABLES
from headgate.catalog.usage_table import USAGE
from headgate.core.errors import BadRequest
from headgate.storage.query.gateway import NoTails, QueryGateway
from headgate.storage.query.open_tables import OpenTables
from headgate.storage.query.worker_pool import WorkerPool, WorkerPoolSettings
from headgate.storage.rows.usage_rows import UsageRows
from tests.fakes.agent_telemetry import Telemetry
from tests.fakes.ledger_views import OBSERVED, exchange
from tests.fakes.object_store import fetching
from tests.fakes.parsers import HereParsers
from tests.fakes.principals import user
from tests.fakes.records import rates_of
from tests.fakes.relations import compile_text

ADMIN = user("ada")


class Warehouse:
    """Tables in a folder and views over them, for everybody."""

    def __init__(self, root=""):
        self._root = root
        self._schemas = {}
        self.kinds = {}
        self.views = {}

    def write(self, name, schema, rows):
        """A Delta table with these rows."""
        table = DeltaTable.create(f"{self._root}/{name}", schema=Schema.from_json(types.to_delta_json(schema)))
        write_deltalake(table, rows, mode="append")
        self._schemas[name] = schema

    def resolve(self, name):
        """A view or a table."""
        if name in self.views:
            return ViewSource(name, self.views[name])
        return TableSource(name, f"{self._root}/{name}", self._schemas.get(name) or self._assumed(name))

    def resolve_inside(self, view, name):
        """The same inside of a view."""
        del view
        return self.resolve(name)

    def _assumed(self, name):
        """The columns of a table that is not written: of telemetry where its kind is known, else of a system's table."""
        if name in self.kinds:
            return otel_tables.schema(self.kinds[name].signal, self.kinds[name].version)
        return next(table.schema for table in TABLES if table.name == name)


@pytest.fixture
async def pool(tmp_path):
    """A pool that reads below the test's folder."""
    made = WorkerPool(WorkerPoolSettings(readable=(str(tmp_path),), workers=1, memory_mb=512, threads=1))
    yield made
    await made.close()


async def test_from_disk_to_rows(tmp_path, pool):
    """Logs in v1, metrics in v2, usage beside them: each view gives its columns, with the types it states."""
    said = Telemetry()
    said.codex("user_prompt", 0)
    for number in range(6):
        said.claude_request(number, request_id=f"r-{number}", sequence=number)
        said.codex_request(number)
        said.metric("claude_code.lines_of_code.count", 2.0, number, start_s=number, type="added")
    warehouse = Warehouse(str(tmp_path))
    passed = [exchange(f"r-{number}", number) for number in range(6)] + [
        exchange(f"c-{number}", number, (890, 10, 0, 40), "codex") for number in range(6)
    ]
    warehouse.write(USAGE.name, USAGE.schema, UsageRows(rates_of).table(passed))
    tables = {}
    for version, signal in (("v1", "logs"), ("v2", "metrics")):
        kind = OtelKind(signal, version)
        tables[OBSERVED.child(f"{signal}-{version}")] = kind
        warehouse.write(OBSERVED.child(f"{signal}-{version}"), otel_tables.schema(signal, version), said.tables(version)[signal, kind])
    views = ledger_views(USAGE.name, list(starmap(OtelTable, tables.items())))
    warehouse.views = {view.name: view.text for view in views}
    gateway = QueryGateway(HereParsers(), pool, NoTails(), fetching(tmp_path), OpenTables(str(tmp_path)))
    found = {}
    for view in views:
        result = await gateway.run(Query(text=f"SELECT * FROM {view.name.sql}", principal=ADMIN), warehouse)
        assert [(column.name, column.type) for column in result.columns] == [(field.name, field.type) for field in view.schema.fields]
        found[view.name.leaf] = pa.ipc.open_stream(result.arrow).read_all().to_pylist()

    assert {row["reported_share"] for row in found["coverage"]} == {1.0}
    assert sorted((row["agent"], row["requests"], row["lines_added"]) for row in found["sessions"]) == [("claude-code", 6, 12), ("codex", 6, 0)]


def test_sixty_tables():
    """As many tables as a query may read are compiled; beyond that the refusal says so."""
    warehouse = Warehouse()

    def compiled(count):
        kinds = list(starmap(OtelKind, (("logs", "v1"), ("logs", "v2"), ("metrics", "v1"), ("metrics", "v2"))))
        tables = [OtelTable(Name(("main", "default", f"t{number}")), kinds[number % 4]) for number in range(count)]
        warehouse.kinds = {table.name: table.kind for table in tables}
        warehouse.views = {view.name: view.text for view in ledger_views(USAGE.name, tables)}
        return compile_text("SELECT * FROM sessions", ADMIN, warehouse, defaults=Defaults("system", "ai_gateway"))

    assert len(compiled(60).reads) == 61
    with pytest.raises(BadRequest, match="at most 64 tables"):
        compiled(80)
