"""Answers of Headgate's own queries that many queries of a page read: the rows of the ledger that are not settled. Each is computed once for as long as the
same job would be asked, that is until a row or a file comes.

A query reads such rows as it reads a table's tail.
"""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec

from headgate.admin.statement_ports import Query, Relation, Relations, TableSource, ViewSource
from headgate.catalog.names import Name
from headgate.core.principal import Principal
from headgate.storage.query.copies import Lease
from headgate.storage.query.worker_messages import Job, JobAnswer
from headgate.storage.query.worker_pool import QueryFailed, failure

_ROWS_MAX, _BYTES_MAX, QUERY_S = 1_000_000, 256 << 20, 60.0
OURS = Principal(id="headgate", name="headgate")


class _Kept(msgspec.Struct, frozen=True):
    job: Job
    answer: asyncio.Future[JobAnswer]


class LiveRows:
    """The newest answer for each relation. Used on one event loop."""

    def __init__(self) -> None:
        self._kept: dict[Name, _Kept] = {}

    async def rows(self, name: Name, job: Job, lease: Lease | None, run: Callable[[Job], Awaitable[JobAnswer]]) -> bytes:
        """The rows of a relation as an Arrow IPC stream, by `run` where the job is another one than the last. It goes on when the caller leaves: others wait
        for it too. The lease is closed when it is not needed any more.
        """
        kept = self._kept.get(name)
        if kept is None or kept.job != job:
            kept = self._kept[name] = _Kept(job, asyncio.ensure_future(_leased(job, lease, run)))
            kept.answer.add_done_callback(lambda answer: self._done(name, answer))
        elif lease is not None:
            lease.close()
        answer = await asyncio.shield(kept.answer)
        if answer.failure:
            raise failure(answer)
        if answer.truncated:
            raise QueryFailed(
                "The newest rows of the ledger are too many to be computed. They are fewer once the ledger is settled.", code="QUERY_OUT_OF_MEMORY"
            )
        return answer.arrow

    def _done(self, name: Name, answer: asyncio.Future[JobAnswer]) -> None:
        """An answer that went wrong is not given again."""
        failed = answer.cancelled() or answer.exception() is not None or bool(answer.result().failure)
        kept = self._kept.get(name)
        if failed and kept is not None and kept.answer is answer:
            del self._kept[name]


class InsideLive:
    """Implements `Relations` for the query of one relation: its name means the relation's text, and that is read with Headgate's rights."""

    def __init__(self, source: TableSource, relations: Relations) -> None:
        self._view = ViewSource(source.name, source.part.text if source.part is not None else "")
        self._relations = relations

    def resolve(self, name: Name) -> Relation:
        """The relation itself; the query names no other."""
        del name
        return self._view

    def resolve_inside(self, view: ViewSource, name: Name) -> Relation:
        """What a name in the text means."""
        return self._relations.resolve_inside(view, name)


def live_query(source: TableSource) -> Query:
    """The query of a relation."""
    text = f"SELECT * FROM {source.name.sql}"  # ruff: ignore[hardcoded-sql-expression] - the name is of this package
    return Query(text=text, principal=OURS, row_limit=_ROWS_MAX, byte_limit=_BYTES_MAX, timeout_s=QUERY_S)


async def _leased(job: Job, lease: Lease | None, run: Callable[[Job], Awaitable[JobAnswer]]) -> JobAnswer:
    try:
        return await run(job)
    finally:
        if lease is not None:
            lease.close()
