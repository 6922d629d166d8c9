"""The thread behind the journal's writer: syncs what was written, finishes segments, counts the backlog, and brings the journal back after a full or failing
disk.
"""

import contextlib
import logging
import os
import threading
import time

from headgate.storage.journal import journal_dir, segments
from headgate.storage.journal.appender import ROOM_BYTES_MIN
from headgate.storage.journal.limits import JournalLimits
from headgate.storage.journal.open_end import OpenEnd
from headgate.storage.journal.pending import Waiter, tell
from headgate.storage.journal.segments import Kind
from headgate.storage.journal.trouble import Backlog

_SCAN_S = 1.0  # how often the backlog is counted while there is any
_LOG = logging.getLogger(__name__)


class SyncThread:
    """Begins with `start` and ends with `close`. Lets go of the lock before it syncs."""

    def __init__(self, directory: str, limits: JournalLimits, end: OpenEnd, backlog: Backlog) -> None:
        self._directory = directory
        self._limits = limits
        self._end = end
        self._backlog = backlog
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)

    def start(self) -> None:
        """Begin, with the reserve taken and the backlog counted."""
        self._end.reserve.ensure()
        self._end.unsynced_since_s = time.monotonic()
        self._count_backlog()
        self._thread.start()

    def close(self) -> None:
        """Write, finish and sync all, and end."""
        with self._end.lock:
            self._closing = True
            self._end.wake.notify()
        self._thread.join()

    def _run(self) -> None:
        try:
            while self._wait():
                self._tick()
            self._finish()
        except Exception:  # ruff: ignore[blind-except] - after any error, no caller may continue as if records were synced
            _LOG.exception("the journal's thread has failed")
            with self._end.lock:
                self._end.trouble.is_final = True
                self._end.trouble.text = "the journal's thread has failed; restart Headgate"
                waiters = self._end.take_waiters()
            tell(waiters, self._end.trouble.text)

    def _wait(self) -> bool:
        """Sleep until something is due. False when the journal is being closed."""
        with self._end.lock:
            while not self._closing:
                if (due_s := self._due_s()) is not None and due_s <= 0:
                    return True
                self._end.wake.wait(due_s)
            return False

    def _due_s(self) -> float | None:
        end = self._end
        if end.waiters or end.log.retired or end.log.names_changed:
            return 0.0
        due = []
        if end.unsynced_since_s:
            due.append(end.unsynced_since_s + self._limits.sync_interval_s)
        if end.log.size:
            due.append(end.log.begun_s + self._limits.roll_s)
        if end.trouble.text is not None:
            due.append(end.trouble.retry_at_s)
        if self._backlog.waiting_bytes:  # the flusher takes it away without a word
            due.append(self._backlog.counted_s + _SCAN_S)
        return min(due) - time.monotonic() if due else None

    def _tick(self) -> None:
        end, now = self._end, time.monotonic()
        with end.lock:
            rolled = end.log.size > 0 and now >= end.log.begun_s + self._limits.roll_s
            if rolled:
                end.roll()
        self._sync()
        if rolled or (self._backlog.waiting_bytes and now >= self._backlog.counted_s + _SCAN_S):
            self._count_backlog()
        if end.trouble.text is not None and now >= end.trouble.retry_at_s:
            self._recover()

    def _sync(self) -> None:
        """Make every frame durable that has been written so far, and report that to everybody who waits for it."""
        end = self._end
        with end.lock:
            end.write_pending()
            finished, end.log.retired = end.log.retired, []
            unsynced = [*finished, end.log.fd] if end.log.size else finished
            names_changed, end.log.names_changed = end.log.names_changed, False
            waiters = end.take_waiters()
            end.unsynced_since_s = 0.0
        failure = None
        for fd in unsynced:
            failure = self._sync_one(fd) or failure
        try:
            if names_changed:
                journal_dir.sync_dir(self._directory)
        except OSError as error:
            failure = error
        for fd in finished:
            os.close(fd)
        if failure is None:
            tell(waiters, None)
            return
        with end.lock:
            end.log.names_changed |= names_changed
            end.note_unsynced(failure, waiters)

    def _sync_one(self, fd: int) -> OSError | None:
        try:
            os.fdatasync(fd)
        except OSError as error:
            with self._end.lock:
                was_open = fd == self._end.log.fd or fd in self._end.log.retired
                self._end.log.forget(fd)
            if was_open:
                os.close(fd)
            return error
        return None

    def _recover(self) -> None:
        """See whether the disk takes writes again: first the outcomes that it refused, then a frame that says nothing."""
        end, nobody = self._end, list[Waiter]()
        end.trouble.double_wait()
        with end.lock:
            try:
                end.put_unwritten()
                end.log.append(Kind.PROBE, b"")
            except OSError as error:
                end.note(error)
                return
            fd = end.log.fd
        failure = self._sync_one(fd)
        roomy = end.reserve.ensure()
        with end.lock:
            if failure is not None:
                end.note_unsynced(failure, nobody)
            elif end.unwritten or not roomy:  # what little space there is belongs to the exchanges that are under way
                end.trouble.wait()
                if not roomy:
                    end.trouble.text = f"the journal's disk has less than {ROOM_BYTES_MIN >> 20} MiB left"
            else:
                end.trouble.clear()

    def _count_backlog(self) -> None:
        with contextlib.suppress(OSError):
            waiting = segments.unreleased_bytes(self._directory)
            with self._end.lock:
                self._backlog.note(max(0, waiting - self._end.log.size))

    def _finish(self) -> None:
        end = self._end
        with end.lock:
            end.trouble.text = "Headgate is stopping"
            end.write_pending()
            try:
                end.put_unwritten()
            except OSError:
                _LOG.exception("%d records could not be written; their exchanges will count as interrupted", len(end.unwritten))
            end.log.retire()
            end.closed = True
        self._sync()
