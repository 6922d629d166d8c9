"""The journal of a process that runs statements: rows of INSERT go into it, and the flusher writes them to their tables like all others.

Each process has a journal of its own, the first of a few that no living process writes to. It is opened with the first INSERT.
"""

import asyncio

import msgspec

from headgate.core.batch import Batch
from headgate.core.clock import Clock
from headgate.core.errors import Unavailable
from headgate.storage.journal import flusher_status, journals
from headgate.storage.journal.journals import INSERT_WRITERS
from headgate.storage.journal.limits import JournalLimits
from headgate.storage.journal.segments import Kind
from headgate.storage.journal.writer import JournalBusy, JournalWriter

# A query reads what waits in these journals, so less may wait than in those of exchanges (`tail`). They need no room for the ends of exchanges.
_LIMITS = JournalLimits(backlog_bytes_max=32 << 20, reserve_bytes=0, lock_wait_s=0.0)


class InsertJournal:
    """Used on one event loop. `close` lets go of the journal."""

    def __init__(self, data_dir: str, clock: Clock) -> None:
        self._data_dir = data_dir
        self._clock = clock
        self._journal: JournalWriter | None = None
        self._opening = asyncio.Lock()
        self._encoder = msgspec.msgpack.Encoder()

    async def keep(self, batch: Batch) -> None:
        """Keep a batch. When this returns it is on the disk. Raises `Unavailable`."""
        self._refuse_stalled(batch)
        if self._journal is not None and self._journal.backlog_bytes > _LIMITS.backlog_bytes_max:
            raise _later("More rows wait to be written into tables than may wait at once.")
        async with self._opening:
            if self._journal is None:
                self._journal = await asyncio.to_thread(self._open)
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._journal.append_durable(Kind.BATCH, self._encoder.encode(batch), lambda trouble: _resolve(kept, trouble))
        await asyncio.shield(kept)

    async def close(self) -> None:
        """Sync what was written, and let go of the journal."""
        if self._journal is not None:
            await asyncio.to_thread(self._journal.close)

    def _open(self) -> JournalWriter:
        for writer in INSERT_WRITERS:
            try:
                return JournalWriter.open(journals.writer_dir(self._data_dir, writer), _LIMITS, self._clock)
            except JournalBusy:
                continue
            except OSError as error:
                raise _later(f"The journal cannot be opened: {error.strerror or error}.") from error
        raise _later(f"{len(INSERT_WRITERS)} processes insert rows already.")

    def _refuse_stalled(self, batch: Batch) -> None:
        status = flusher_status.read_status(journals.journals_dir(self._data_dir))
        reason = next((one.reason for one in (status.waiting if status is not None else ()) if one.table == batch.table), "")
        if reason:
            raise _later(f"{batch.name} does not take rows now: {reason}.")


def _resolve(kept: "asyncio.Future[None]", trouble: Unavailable | None) -> None:
    if kept.done():
        return
    if trouble is None:
        kept.set_result(None)
    else:
        kept.set_exception(trouble)


def _later(message: str) -> Unavailable:
    return Unavailable(f"{message} Run the statement again.", code="TEMPORARILY_UNAVAILABLE", retry_after_s=5.0)
