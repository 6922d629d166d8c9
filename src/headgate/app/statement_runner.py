"""Puts the running of statements together: the catalog's commands, the query gateway with its workers, the journal's tail.

Loads every table library there is, so it is imported by the command line and by the statement process, and never by the serving one.
"""

import asyncio
import contextlib
import logging
import os
from collections.abc import Awaitable, Callable
from functools import partial

from headgate.admin.inserts import Inserts
from headgate.admin.page_rows import PageRowReader
from headgate.admin.query_commands import QueryCommands
from headgate.admin.query_shapes import QueryShapes
from headgate.admin.relations import CatalogRelations
from headgate.admin.statement_ports import Query, QueryResult, Relations, TableSource
from headgate.admin.statements import StatementLimits, Statements
from headgate.admin.views import ViewAdmin
from headgate.admin.what_if_reading import WhatIfReader
from headgate.app.catalog import CatalogCases, catalog_cases
from headgate.app.compile_ahead import CompileAhead
from headgate.app.ledger_ahead import follow_ledger
from headgate.catalog.audit_chain import AuditVerdict, Head
from headgate.catalog.catalog import Catalog
from headgate.catalog.usage_table import USAGE
from headgate.config.paths import DataDirectory
from headgate.config.schema import Settings, Sql
from headgate.core.acting import acting
from headgate.core.audit_event import CATALOG, AuditEvent
from headgate.core.clock import Clock
from headgate.core.errors import Forbidden, GatewayError, Unavailable
from headgate.core.principal import Principal
from headgate.exchange.denials import Denials, Denied
from headgate.storage.journal.insert_journal import InsertJournal
from headgate.storage.query.audit_check import check_audit
from headgate.storage.query.compile_memory import CompileMemory
from headgate.storage.query.compiled import AsOf
from headgate.storage.query.copies import Copies, files_dir
from headgate.storage.query.fetching import Fetching, Threads
from headgate.storage.query.gateway import QueryGateway
from headgate.storage.query.live_rows import LiveRows
from headgate.storage.query.open_tables import OpenTables
from headgate.storage.query.parser_pool import ParserPool
from headgate.storage.query.protections import Protections
from headgate.storage.query.tails import JournalTails
from headgate.storage.query.worker_pool import WorkerPool, WorkerPoolSettings
from headgate.storage.rows.insert_store import InsertStore
from headgate.storage.rows.rates import lazy_rates
from headgate.storage.settling.standing import read_settled
from headgate.storage.state.audit_outbox import AuditOutbox
from headgate.storage.state.catalog import CatalogStore
from headgate.storage.state.database import Database
from headgate.storage.state.opening import database_url
from headgate.storage.state.owner_rights import OwnerRights
from headgate.storage.state.stated_groups import StatedGroups

_PRICES_AFTER_S = 2.0
_log = logging.getLogger("headgate.sql")


class StatementRunner:
    """Statements over one data directory. `close` ends its workers and lets go of the store. `parsers` may have been started before."""

    def __init__(self, data: DataDirectory, settings: Settings, clock: Clock, parsers: ParserPool | None = None) -> None:
        self._data_dir = str(data.root)
        self._closing = contextlib.AsyncExitStack()  # what is let go of at the end, the last first
        self._database = Database(database_url(data))
        self._closing.callback(self._database.close)
        groups = StatedGroups(str(data.root))
        store = CatalogStore(self._database, str(data.warehouse), clock.wall_ns(), groups.names)
        self.cases: CatalogCases = catalog_cases(store, data, settings.storage.warehouse, clock)
        relations = SessionRelations(self._data_dir, self.cases.catalog.snapshot, OwnerRights(self._database, groups)).of
        self._parsers = parsers or ParserPool(Protections(required=settings.sql.require_sandbox))
        self._queries = _Queries(self.cases.catalog.snapshot, self._parsers, self.protections, data, settings.sql, clock)
        limits = StatementLimits(timeout_s=settings.sql.timeout_s)
        inserting = InsertJournal(self._data_dir, clock)
        commands = _commands(self.cases, QueryShapes(self._queries, relations), InsertStore(inserting, clock))
        self.statements = Statements(self._parsers, self._queries, commands.run, relations, clock, limits)
        self.statements.on_failed = self._denied
        self.page_rows = PageRowReader(self._queries, relations, clock, settings.sql.timeout_s, self._denied)
        self.what_if = WhatIfReader(self.page_rows, clock)
        self._denials = Denials(partial(_keep, AuditOutbox(self._database)), clock)
        self.ahead = CompileAhead(self._queries.compile, relations, self.page_rows.idle)
        self._preparing: asyncio.Future[None] | None = None
        self._closing.callback(self._denials.flush)
        for close in (inserting.close, self._parsers.close, self._queries.close):
            self._closing.push_async_callback(close)

    @property
    def protections(self) -> Protections:
        """The protections of the sandbox, as far as they are known."""
        return self._parsers.protections

    async def warm(self) -> None:
        """Start a parser and workers ahead of the first statement: all get ready at the same time, and a page asks several queries at once. What else the
        first queries need is loaded on a thread meanwhile.
        """
        await self._parsers.warm()
        await self._queries.warm()
        self._preparing = asyncio.ensure_future(self._prepare())

    async def _prepare(self) -> None:
        await self.cases.tables.settle()
        await self._queries.prepare()
        self.ahead.begin()
        await follow_ledger(self._data_dir, self.cases.catalog.snapshot, self._queries.compute_live, self.ahead.compile)

    async def verify_audit(self, expected: Head | None, principal: Principal) -> AuditVerdict:
        """Whether the audit table is as it was written, for an administrator. It reads every row, on a thread."""
        if not principal.is_administrator:
            raise Forbidden("Only an administrator verifies the audit table.", code="PERMISSION_DENIED")
        return await asyncio.to_thread(check_audit, self._data_dir, expected)

    async def query(self, query: Query, relations: Relations) -> QueryResult:
        """The rows of a query of Headgate's own."""
        return await self._queries.run(query, relations)

    async def close(self) -> None:
        """Stop what runs, and let go of everything."""
        await self.statements.close()
        if self._preparing is not None:
            self._preparing.cancel()
            await asyncio.wait({self._preparing})
        await self.ahead.close()
        await self._closing.aclose()

    def _denied(self, error: GatewayError) -> None:
        actor = acting()
        denied = Denied(
            service=CATALOG,
            action="executeStatement",
            who=actor.who,
            address=actor.address,
            user_agent=actor.user_agent,
            request_id=actor.request_id,
        )
        self._denials.tell(error, denied)


def _commands(cases: CatalogCases, shapes: QueryShapes, store: InsertStore) -> QueryCommands:
    """The statements that are not queries."""
    return QueryCommands(cases.commands, ViewAdmin(cases.catalog, shapes), Inserts(cases.catalog, cases.tables, shapes, store))


def _keep(outbox: AuditOutbox, event: AuditEvent) -> None:
    try:
        outbox.add(event)
    except Unavailable as error:
        _log.error("an audit event could not be kept: a statement of %s was refused: %s", event.who, error.message)


class SessionRelations:
    """The catalog as each principal sees it, as it is when a statement begins."""

    def __init__(self, data_dir: str, snapshot: Callable[[], Awaitable[Catalog]], owners: OwnerRights) -> None:
        self._data_dir = data_dir
        self._snapshot = snapshot
        self._owners = owners

    async def of(self, principal: Principal) -> CatalogRelations:
        """What names mean to a principal."""
        settled = await asyncio.to_thread(read_settled, self._data_dir)
        owners = await asyncio.to_thread(self._owners.read)
        return CatalogRelations(await self._snapshot(), principal, settled, owners.principal)


class _Queries:
    """The query gateway over a pool whose workers may read where tables and copies lie, and nowhere else. A table with a place of its own asks for a new pool."""

    def __init__(
        self,
        snapshot: Callable[[], Awaitable[Catalog]],
        parsers: ParserPool,
        protections: Protections,
        data: DataDirectory,
        settings: Sql,
        clock: Clock,
    ) -> None:
        self._snapshot = snapshot
        self._compiler = CompileMemory(parsers)
        self._protections = protections
        self._ours = (str(data.warehouse), str(data.sums))
        for place in self._ours:
            os.makedirs(place, mode=0o700, exist_ok=True)  # a worker is let into what is there when it starts
        self._fetching = Fetching(Copies(str(data.copies), settings.cache_mb << 20, clock), Threads())
        self._tables = OpenTables(self._fetching.root, str(data.sums))
        self._live = LiveRows()
        self._settings = settings
        self._tails = JournalTails(str(data.root), lazy_rates(str(data.root)), clock)
        self._pool: WorkerPool | None = None
        self._readable: tuple[str, ...] = ()
        self._outside: tuple[int, tuple[str, ...]] = (-1, ())  # a version of the catalog, and the places that it names elsewhere

    async def run(self, query: Query, relations: Relations) -> QueryResult:
        """The rows of a query."""
        return await (await self._gateway()).run(query, relations)

    async def compile(self, query: Query, relations: Relations) -> None:
        """Compile a query that will be run."""
        await (await self._gateway()).compile(query, relations)

    async def compute_live(self, source: TableSource, relations: Relations) -> None:
        """Compute what of the ledger is not settled ahead of the queries that read it."""
        await (await self._gateway()).compute_live(source, relations)

    async def warm(self) -> None:
        """Start workers: one for each core that queries of one principal may use."""
        await (await self._current()).warm(min(self._settings.workers, os.cpu_count() or 1))

    async def prepare(self) -> None:
        """Load what takes longer than a query: the log of the usage table, then the price list, once the first queries of a page are likely answered."""
        await asyncio.to_thread(self._open_usage)
        await asyncio.sleep(_PRICES_AFTER_S)
        await asyncio.to_thread(self._tails.prepare)

    def _open_usage(self) -> None:
        with contextlib.suppress(GatewayError):  # the first query says what is wrong; a table without a row is not there
            self._tables.open(os.path.join(self._ours[0], *USAGE.name.parts), AsOf(), str(USAGE.name))

    async def close(self) -> None:
        """End the workers."""
        if self._pool is not None:
            await self._pool.close()

    async def _gateway(self) -> QueryGateway:
        return QueryGateway(self._compiler, await self._current(), self._tails, self._fetching, self._tables, self._live)

    async def _current(self) -> WorkerPool:
        readable = await self._places()
        if self._pool is None or readable != self._readable:
            old, self._readable = self._pool, readable
            settings = self._settings
            bounds = WorkerPoolSettings(readable=readable, workers=settings.workers, memory_mb=settings.memory_mb, cores=os.cpu_count() or 1)
            self._pool = WorkerPool(bounds, self._protections)
            if old is not None:
                await old.close()
        return self._pool

    async def _places(self) -> tuple[str, ...]:
        """The warehouse, the sums, the copies, and the places of this machine that lie outside."""
        snapshot = await self._snapshot()
        if snapshot.content_version != self._outside[0]:
            places = {entry.location for entry in snapshot.tables() if os.path.isabs(entry.location)}
            outside = tuple(sorted(place for place in places if not place.startswith(f"{self._ours[0]}/")))
            self._outside = snapshot.content_version, outside
        return (*self._ours, files_dir(self._fetching.root), *self._outside[1])
