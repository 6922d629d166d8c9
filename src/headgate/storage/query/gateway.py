"""The query gateway whole: compile for the catalog, open the snapshots, let a sandboxed worker answer. Implements the `Queries` port.

delta-rs opens tables in this process, on a thread, and hands over file names; the worker never sees the table's log.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol

import pyarrow as pa

from headgate.admin.table_ports import Query, QueryResult, Relations, TableSource
from headgate.core.errors import NotFound
from headgate.storage.arrow_types import columns_of
from headgate.storage.query import source
from headgate.storage.query.compile import Read, Snapshot, compile_query
from headgate.storage.query.frames import Job, View
from headgate.storage.query.pool import QueryPool, failure
from headgate.storage.query.snapshot import DataFile, Opened, open_snapshot

Committed = Callable[[str], int | None]
"""A journal's last version in a snapshot."""
Tail = Callable[[Committed], bytes | None]
"""Rows beyond what is committed, as an Arrow IPC stream."""


class Tails(Protocol):
    """Rows that are acknowledged and in no snapshot yet."""

    def begin(self, source: TableSource) -> Tail:
        """Note how far the journal has been carried. Called before the snapshot is opened, so that no row falls between the two."""


class NoTails:
    """For tables that no journal feeds."""

    def begin(self, source: TableSource) -> Tail:
        """Never any rows."""
        del source
        return lambda _committed: None


class QueryGateway:
    """Answers queries."""

    def __init__(self, pool: QueryPool, tails: Tails) -> None:
        self._pool = pool
        self._tails = tails

    async def run(self, query: Query, relations: Relations) -> QueryResult:
        """The rows of a query."""
        job = await asyncio.to_thread(self._prepare, query, relations)
        answer = await self._pool.run(job, query.timeout_s)
        if answer.failure:
            raise failure(answer)
        schema = pa.ipc.open_stream(answer.arrow).schema
        return QueryResult(columns_of(schema), answer.arrow, answer.row_count, answer.truncated)

    def _prepare(self, query: Query, relations: Relations) -> Job:
        compiled = compile_query(query.text, query.session, relations, query.parameters)
        made = [self._view(read) for read in compiled.reads]
        return Job(
            sql=compiled.sql,
            views=tuple(view for view, _ in made),
            paths=tuple(dict.fromkeys(file.path for _, files in made for file in files)),
            row_limit=query.row_limit,
            byte_limit=query.byte_limit,
        )

    def _view(self, read: Read) -> tuple[View, tuple[DataFile, ...]]:
        rows_after = self._tails.begin(read.source)
        opened, committed = _open(read)
        tail = rows_after(committed) if read.snapshot == Snapshot() else None
        tail_name = f"{read.view}_tail" if tail else ""
        view = View(
            name=read.view,
            title=str(read.source.name),
            text=source.view_text(opened, tail_name),
            wide=source.view_text(opened, tail_name, wide=True),
            tail_name=tail_name,
            tail=tail or b"",
        )
        return view, opened.files


def _open(read: Read) -> tuple[Opened, Committed]:
    """The snapshot, and the last version that an application committed in it."""
    try:
        opened, table = open_snapshot(read.source.location, read.snapshot)
    except NotFound:
        if not read.source.made_on_write or read.snapshot != Snapshot():
            raise
        return Opened(-1, read.source.schema, ()), lambda _application: None
    return opened, table.transaction_version
