"""The query gateway: compiles a query for the catalog, opens its tables, and lets a sandboxed worker answer. Implements the `Queries` port.

delta-rs opens tables in this process, on a thread. The worker gets the file names and never sees the table's log. Files in object storage are copied
here first, and the worker reads the copies. Files in which no row can be used are left out before they are fetched or opened.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Callable
from typing import Protocol

import msgspec
import pyarrow as pa

from headgate.admin.statement_ports import CatalogRows, FileCounts, Query, QueryResult, Relations, TableSource
from headgate.catalog.audit_table import AUDIT
from headgate.catalog.types import Field, Structure
from headgate.catalog.usage_table import USAGE
from headgate.core.clock import SystemClock
from headgate.core.errors import BadRequest, GatewayError, NotFound
from headgate.storage.delta import object_store
from headgate.storage.delta.arrow_types import arrow_schema
from headgate.storage.query import file_counts, file_skipping, view_sql
from headgate.storage.query.actual_schemas import ActualSchemas
from headgate.storage.query.compile_memory import Compiler
from headgate.storage.query.compiled import AsOf, Compiled, TableRead
from headgate.storage.query.copies import Lease
from headgate.storage.query.fetching import Fetching
from headgate.storage.query.file_counts import FilesRead
from headgate.storage.query.live_rows import OURS, QUERY_S, InsideLive, LiveRows, live_query
from headgate.storage.query.open_tables import Committed, OpenTables
from headgate.storage.query.table_files import DataFile, TableVersion
from headgate.storage.query.table_parts import TableParts
from headgate.storage.query.worker_messages import Job, View
from headgate.storage.query.worker_pool import QueryFailed, WorkerPool, failure

Tail = Callable[[Committed, TableVersion], bytes | None]
"""Rows beyond what is committed in the table as it was opened, as an Arrow IPC stream."""


class Tails(Protocol):
    """Rows that are acknowledged and in no snapshot yet."""

    def begin(self, source: TableSource) -> Tail:
        """Note how far the journal is in the table. Called before the table is opened, so that no row is in neither."""


class NoTails:
    """For tables that no journal feeds."""

    def begin(self, source: TableSource) -> Tail:
        """Never any rows."""
        del source
        return lambda _committed, _opened: None


class _Made(msgspec.Struct, frozen=True):
    """The views of one table in one state, the paths that a worker may open for them, and what they read."""

    views: list[View]
    paths: list[str]
    read: FilesRead


class QueryGateway:
    """Answers queries. All that it is given outlives it."""

    def __init__(
        self, compiler: Compiler, pool: WorkerPool, tails: Tails, fetching: Fetching, tables: OpenTables, live: LiveRows | None = None
    ) -> None:
        self._compiler = compiler
        self._pool = pool
        self._tails = tails
        self._fetching = fetching
        self._tables = tables
        self._live = live or LiveRows()
        self._schemas = ActualSchemas()

    async def run(self, query: Query, relations: Relations) -> QueryResult:
        """The rows of a query. Its time limit counts from here: compiling it and reaching object storage are within it."""
        loop = asyncio.get_running_loop()
        begun_s = loop.time()
        try:
            async with asyncio.timeout(query.timeout_s):
                job, columns, lease, files = await self._prepare(query, relations)
        except TimeoutError as error:
            raise QueryFailed(
                f"The query ran longer than {query.timeout_s:g} s and was stopped while it was compiled, its tables were opened and their files fetched.",
                code="QUERY_TIMEOUT",
            ) from error
        with lease or contextlib.nullcontext():
            answer = await self._pool.run(job, max(0.0, query.timeout_s - (loop.time() - begun_s)), query.principal.name)
        if answer.failure:
            raise failure(answer)
        return QueryResult(columns, answer.arrow, answer.row_count, answer.truncated, files, answer.waited_s)

    async def compile(self, query: Query, relations: Relations) -> None:
        """Compile a query that will be run."""
        await self._compiler.compile(query, self._schemas.over(relations, {}))

    async def compute_live(self, source: TableSource, relations: Relations) -> None:
        """Compute the rows of a relation of the ledger ahead of the queries that read them."""
        await self._live_view(TableRead("", source, AsOf()), relations)

    async def _prepare(self, query: Query, relations: Relations) -> tuple[Job, tuple[Field, ...], Lease | None, FileCounts]:
        compiled, made = await self._opened(query, relations)
        job = Job(
            owner=query.principal.name,
            sql=compiled.sql,
            views=tuple(view for each in made for view in each.views),
            paths=tuple(dict.fromkeys(path for each in made for path in each.paths)),
            row_limit=query.row_limit,
            byte_limit=query.byte_limit,
        )
        remote = list({file.path: file.remote for each in made for file in each.read.files if file.remote is not None}.values())
        titles = {read.source.location: str(read.source.name) for read in compiled.reads}
        counts = file_counts.counted((each.read for each in made), relations)
        return job, compiled.columns, await self._fetching.bring(remote, titles) if remote else None, counts

    async def _opened(self, query: Query, relations: Relations) -> tuple[Compiled, list[_Made]]:
        """The compiled query and what it reads; compiled once more where a table has other columns than the catalog says."""
        others: dict[str, Structure] = {}
        while True:
            actual = self._schemas.over(relations, others)
            try:
                compiled = await self._compiler.compile(query, actual)
            except BadRequest:  # it may name a column that the catalog does not know
                found = await self._looked_up(actual.seen)
                if not found or found.keys() <= others.keys():
                    raise
                others |= found
                continue
            made = await self._all_made(compiled, relations)
            found = self._schemas.others((each.read.reads[0], each.read.opened) for each in made)
            if not found or found.keys() & others.keys():
                return compiled, made
            others |= found

    async def _looked_up(self, seen: list[TableSource]) -> dict[str, Structure]:
        """The columns of those tables that have others than the catalog says."""

        def opened() -> list[tuple[TableRead, TableVersion]]:
            found = []
            for source in seen:
                read = TableRead("", source, AsOf())
                with contextlib.suppress(GatewayError):
                    found.append((read, self._open(read)[0]))
            return found

        return self._schemas.others(await self._fetching.threads.run(opened)) if seen else {}

    async def _all_made(self, compiled: Compiled, relations: Relations) -> list[_Made]:
        groups: dict[tuple[str, AsOf], list[TableRead]] = defaultdict(list)
        others = []
        for read in compiled.reads:
            if _kind(read) == "live":
                others.append(self._live_view(read, relations))
            elif _kind(read) == "catalog":
                others.append(asyncio.to_thread(_catalog_view, read, relations))
            else:
                groups[read.source.location, read.as_of].append(read)
        return list(await asyncio.gather(*map(self._made, groups.values()), *others))

    async def _live_view(self, read: TableRead, relations: Relations) -> _Made:
        """The view of rows that a query of Headgate's own gives."""
        job, _, lease, _ = await self._prepare(live_query(read.source), InsideLive(read.source, relations))
        rows = await self._live.rows(read.source.name, job, lease, lambda job: self._pool.run(job, QUERY_S, OURS.name))
        opened = TableVersion(-1, read.source.schema, ())
        return _Made([_view(read, opened, rows)], [], FilesRead((read,), opened, ()))

    async def _made(self, reads: list[TableRead]) -> _Made:
        """The views of one table in one state."""
        if object_store.is_remote(reads[0].source.location):
            return await self._fetching.threads.run(lambda: self._views(reads))
        return await asyncio.to_thread(self._views, reads)

    def _views(self, reads: list[TableRead]) -> _Made:
        rows_after = self._tails.begin(reads[0].source.whole)
        opened, committed = self._open(reads[0])
        parts, tail = TableParts(opened, self._tables.sums), b""
        if reads[0].as_of == AsOf() and any(_has_tail(read) for read in reads):
            tail = rows_after(committed, opened) or b""
        views, paths = [], []
        files: list[DataFile] = []
        for read in reads:
            part = parts.of(read.source)
            paths += [file.path for file in part.files]
            part = _within_bound(read, part, tail)
            files += part.files
            views.append(_view(read, part, tail if _has_tail(read) else b""))
        return _Made(views, paths, FilesRead(tuple(reads), opened, tuple(files)))

    def _open(self, read: TableRead) -> tuple[TableVersion, Committed]:
        try:
            return self._tables.open(read.source.location, read.as_of, str(read.source.name))
        except NotFound:
            if not read.source.made_on_write or read.as_of != AsOf():
                raise
            return TableVersion(-1, read.source.schema, ()), lambda _application: None


def _kind(read: TableRead) -> str:
    return "" if read.source.part is None else read.source.part.kind


def _catalog_view(read: TableRead, relations: Relations) -> _Made:
    """The view of rows that the catalog has."""
    if read.as_of != AsOf():
        raise BadRequest(f"[UNSUPPORTED_FEATURE] {read.source.name} has no versions.", code="UNSUPPORTED_FEATURE")
    rows = relations.rows(read.source.name) if isinstance(relations, CatalogRows) else ()
    schema = arrow_schema(read.source.schema)
    columns = [pa.array([row[place] for row in rows], field.type) for place, field in enumerate(schema)]
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        writer.write_table(pa.Table.from_arrays(columns, schema=schema))
    opened = TableVersion(-1, read.source.schema, ())
    return _Made([_view(read, opened, sink.getvalue().to_pybytes())], [], FilesRead((read,), opened, ()))


def _within_bound(read: TableRead, part: TableVersion, tail: bytes) -> TableVersion:
    """Without the files in which no row can be used. The tail's rows of a table with a key are compared with all of the files' rows."""
    if _key(read) and tail:
        return part
    return file_skipping.left(part, read.bound, SystemClock().wall_ns() // 1000)


def _key(read: TableRead) -> str:
    # An audit event is journalled again by a process that is killed before it is removed from the control state.
    return "event_id" if read.source.whole.name == AUDIT.name else ""


def _has_tail(read: TableRead) -> bool:
    return read.source.part is None or read.source.part.kind == "rest"


def _view(read: TableRead, opened: TableVersion, tail: bytes) -> View:
    tail_name = f"{read.view}_tail" if tail else ""
    key = _key(read)
    finite = read.source.whole.name == USAGE.name  # its floats are prices, which are bounded in the configuration
    return View(
        name=read.view,
        title=str(read.source.name),
        text=view_sql.view_text(opened, tail_name, key=key, finite=finite),
        wide=view_sql.view_text(opened, tail_name, wide=True, key=key, finite=finite),
        tail_name=tail_name,
        tail=tail,
        scan=view_sql.scan(opened),
    )
