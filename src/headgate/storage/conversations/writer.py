"""Writes to the file on a thread of its own, several jobs in one transaction, so that nothing on the event loop waits for a disk.

A job is lost where the disk refuses it, or where the process is killed in the milliseconds before it is written.
"""

import contextlib
import logging
import queue
import sqlite3
import threading
from collections.abc import Callable
from typing import Final

from headgate.core.clock import Clock

Job = Callable[[sqlite3.Connection], None]

_JOBS_MAX: Final = 1_000
_AT_ONCE: Final = 256
_TIDY_S: Final = 60.0
_log = logging.getLogger("headgate.conversations")


class ConversationWriter:
    """The thread and its queue. It owns the connection. `tidy` is done now and then."""

    def __init__(self, connection: sqlite3.Connection, tidy: Job, clock: Clock) -> None:
        self._connection = connection
        self._tidy = tidy
        self._clock = clock
        self._jobs: queue.SimpleQueue[tuple[Job, Callable[[], None]] | None] = queue.SimpleQueue()
        self._troubled = False
        self._thread = threading.Thread(target=self._run, name="conversations", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def add(self, job: Job, done: Callable[[], None]) -> bool:
        """Do a job soon; `done` is called on the thread when it is written, or lost. False where too many wait."""
        if self._jobs.qsize() >= _JOBS_MAX:
            self._trouble("too much waits to be written")
            return False
        self._jobs.put((job, done))
        return True

    def close(self) -> None:
        """Write what waits, and end."""
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        tidy_at_s, goes_on = 0.0, True
        while goes_on:
            jobs: list[tuple[Job, Callable[[], None]]] = []
            if self._clock.monotonic_s() >= tidy_at_s:
                tidy_at_s = self._clock.monotonic_s() + _TIDY_S
                jobs.append((self._tidy, _nothing))
            else:
                goes_on = self._gather(jobs)
            self._write([job for job, _ in jobs])
            for _, done in jobs:
                done()
        with contextlib.suppress(sqlite3.Error):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._connection.close()

    def _gather(self, jobs: list[tuple[Job, Callable[[], None]]]) -> bool:
        """Wait for work, for a while. False when there will be no more."""
        with contextlib.suppress(queue.Empty):
            found = self._jobs.get(timeout=_TIDY_S)
            while found is not None:
                jobs.append(found)
                if len(jobs) >= _AT_ONCE:
                    return True
                found = self._jobs.get_nowait()
            return False
        return True

    def _write(self, jobs: list[Job]) -> None:
        """All in one transaction; where one of them fails, each in its own."""
        connection = self._connection
        if not jobs:
            return
        try:
            connection.execute("BEGIN IMMEDIATE")
            for job in jobs:
                job(connection)
            connection.execute("COMMIT")
            self._troubled = False
        except Exception as error:  # ruff: ignore[blind-except] - the thread must go on
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            if len(jobs) > 1:
                for job in jobs:
                    self._write([job])
            else:
                self._trouble(f"{type(error).__name__}: {error}")

    def _trouble(self, why: str) -> None:
        if not self._troubled:
            self._troubled = True
            _log.warning("responses could not be kept for their clients: %s", why)


def _nothing() -> None:
    """There is nothing to do after it."""
