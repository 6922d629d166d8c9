"""When the ledger is settled: soon after a start, and again every few minutes while rows come. Starts the process that does it; loads no table library."""

import asyncio
import logging
import os
from collections.abc import Callable
from typing import Final

from headgate.core.clock import Clock
from headgate.storage.child_end import end_child
from headgate.storage.journal.flusher_status import read_status
from headgate.storage.journal.journals import journals_dir
from headgate.storage.table_tasks.environment import table_environment

FIRST_S: Final = 120.0  # a gateway that has just started has other work
_EVERY_S, _IDLE_S = 600.0, 6 * 3600.0
_TIMEOUT_S = 3600.0
_log = logging.getLogger("headgate.ledger")


class LedgerSettling:
    """Owns the process while it runs; it ends with the event loop, or else with the serving process. `may_begin` says whether old
    rows may still come, which would be missing in a day that is settled. `first_s` is how long after its start a gateway settles first.
    """

    def __init__(self, command: tuple[str, ...], data_dir: str, may_begin: Callable[[], bool], clock: Clock, first_s: float = FIRST_S) -> None:
        self._command = command
        self._data_dir = data_dir
        self._may_begin = may_begin
        self._clock = clock
        self._due_s = clock.monotonic_s() + first_s
        self._idle_due_s = 0.0
        self._rows = -1
        self._running: asyncio.Task[None] | None = None

    async def follow(self) -> None:
        """Settle, if it is time. Called again and again; the process runs on meanwhile."""
        now_s = self._clock.monotonic_s()
        if self._running is not None and not self._running.done():
            return
        if now_s < self._due_s or not self._may_begin():
            return
        self._due_s = now_s + _EVERY_S
        status = await asyncio.to_thread(read_status, journals_dir(self._data_dir))
        rows = status.rows if status is not None else 0
        if rows == self._rows and now_s < self._idle_due_s:
            return
        self._rows, self._idle_due_s = rows, now_s + _IDLE_S
        self._running = asyncio.ensure_future(self._settle())

    async def _settle(self) -> None:
        process = await asyncio.create_subprocess_exec(*self._command, stdin=asyncio.subprocess.DEVNULL, env=table_environment(os.environ))
        try:
            await asyncio.wait_for(process.wait(), _TIMEOUT_S)
        except TimeoutError:
            _log.error("settling the ledger took longer than %g s and was ended; it goes on with the day that it had begun", _TIMEOUT_S)
        finally:
            await end_child(process)
