"""The query gateway whole: compile for the catalog, open the snapshots, let a sandboxed worker answer. Implements the `Queries` port.

delta-rs opens tables in this process, on a thread, and hands over file names; the worker never sees the table's log.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol

import pyarrow as pa
from deltalake import DeltaTable

from headgate.admin.table_ports import Query, QueryResult, Relations
from headgate.catalog.names import Name
from headgate.storage.arrow_types import columns_of
from headgate.storage.query import source
from headgate.storage.query.compile import Read, Snapshot, compile_query
from headgate.storage.query.frames import Job, View
from headgate.storage.query.pool import QueryPool, failure
from headgate.storage.query.snapshot import DataFile, open_snapshot


class Tails(Protocol):
    """Rows that are acknowledged and in no snapshot yet."""

    def rows_after(self, name: Name, committed: Callable[[str], int | None]) -> bytes | None:
        """Rows of the table beyond what is committed, as an Arrow IPC stream; `committed` gives a journal's last version in the snapshot."""


class NoTails:
    """For tables that no journal feeds."""

    def rows_after(self, name: Name, committed: Callable[[str], int | None]) -> bytes | None:
        """Never any."""
        del name, committed
        return None


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
        opened, handle = open_snapshot(read.source.location, read.snapshot)
        tail = self._tails.rows_after(read.source.name, handle_versions(handle)) if read.snapshot == Snapshot() else None
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


def handle_versions(table: DeltaTable) -> Callable[[str], int | None]:
    """The last version that an application committed, as of this snapshot."""
    return table.transaction_version
