"""The journal's writer: the serving process writes each record here before it answers for it. Nothing else on that way touches a disk.

The frames of one step of the event loop are one `write` at its end, before any byte leaves that depends on them, so a killed process loses none. A thread
syncs behind it: every 100 ms for records, which a power cut cannot take from then on; at once, and in groups, for what is acknowledged as durable.
Only the flusher takes anything out of the journal.
"""

import asyncio
import functools
import logging
import os
from collections.abc import Callable
from typing import Final

from headgate.core.clock import Clock, SystemClock
from headgate.core.errors import Unavailable
from headgate.core.record import REFUSED, Intent, Outcome
from headgate.storage.journal import journal_dir
from headgate.storage.journal.appender import Reserve, begin_log, marker
from headgate.storage.journal.limits import JournalLimits
from headgate.storage.journal.open_end import OpenEnd
from headgate.storage.journal.pending import PendingFrame, Waiter, refused
from headgate.storage.journal.record_codec import make_codec
from headgate.storage.journal.segments import Kind
from headgate.storage.journal.sync_thread import SyncThread
from headgate.storage.journal.trouble import Backlog
from headgate.telemetry.ports import Told

_LOG = logging.getLogger(__name__)
_INTENT: Final = int(Kind.INTENT)  # a look-up of an enumeration's member by name is slow
_OUTCOME: Final = int(Kind.OUTCOME)


class JournalBusy(Exception):
    """Another living process writes to this journal."""


class JournalWriter:
    """Implements `exchange.ports.Journal`. Made with `open`, ended with `close`; one for each journal directory, which a lock sees to."""

    def __init__(self, end: OpenEnd, backlog: Backlog, thread: SyncThread, lock_fd: int) -> None:
        self._end = end
        self._lock = end.lock
        self._pending = end.pending
        self._disk = end.trouble
        self._backlog = backlog
        self._syncing = thread
        self._lock_fd = lock_fd
        self._codec = make_codec()

    @classmethod
    def open(cls, directory: str, limits: JournalLimits | None = None, clock: Clock | None = None) -> "JournalWriter":
        """Take the writer's lock and begin. Whatever exchange an earlier writer left open counts as interrupted from here on.

        Raises `JournalBusy` if another process holds the journal, and `OSError` if it cannot be written.
        """
        limits = limits or JournalLimits()
        journal_dir.ensure_dir(directory)
        lock_fd = journal_dir.lock_writer(directory, limits.lock_wait_s)
        if lock_fd is None:
            raise JournalBusy(f"another Headgate uses {directory}; stop it first, or give this one a --data directory of its own")
        try:
            log = begin_log(directory, marker("writer", clock or SystemClock()))
        except OSError:
            os.close(lock_fd)
            raise
        end = OpenEnd(log, Reserve(directory, limits.reserve_bytes), limits.segment_bytes)
        backlog = Backlog(limits.backlog_bytes_max)
        thread = SyncThread(directory, limits, end, backlog)
        thread.start()
        return cls(end, backlog, thread, lock_fd)

    def gather(self, soon: Callable[[Callable[[], None]], object]) -> None:
        """From now on, write the event loop's frames at the end of each of its steps; `soon` is the loop's `call_soon`.

        Before `gather` is called, each frame is written immediately. Afterwards a caller that sends bytes must call `flush` first.
        """
        self._pending.schedule = functools.partial(soon, self.flush)

    def flush(self) -> None:
        """Write the step's frames, and report the exchanges whose intent could not be written. Called from the event loop."""
        with self._lock:  # even where the step has no frames: the thread may be writing them
            self._end.write_pending()
            lost = self._pending.take_lost()
        for told in lost:
            told(refused(str(self._disk.text)))

    def intent(self, intent: Intent, lost: Callable[[Unavailable], None] | None = None) -> None:
        """Write what is about to be sent. Raises `Unavailable` if that is not possible, or calls `lost` with it at the end of the step."""
        self._admit()
        body = self._codec.open(intent)
        with self._lock:
            if self._pending.schedule is None:
                self._end.put([(_INTENT, body)])
            else:
                self._pending.add(PendingFrame(_INTENT, body, lost))

    def outcome(self, outcome: Outcome) -> None:
        """Write how it ended. Never fails: what the disk refuses is held in memory until it can be written, and new intents are refused meanwhile.

        The exchanges that are open bound what is held. A refused request was never one of them, so its record is dropped and counted while there is trouble.
        """
        if outcome.ended == REFUSED and self.trouble is not None:
            self._disk.refusals_dropped += 1
            self._codec.forget(outcome.intent)
            return
        body = self._codec.close(outcome)
        with self._lock:
            if self._end.closed:
                _LOG.error("an exchange ended after the journal was closed; it will count as interrupted")
            elif self._end.unwritten:
                self._end.unwritten.append(body)
            elif self._pending.schedule is not None:
                self._pending.add(PendingFrame(_OUTCOME, body))
            else:
                try:
                    self._end.put([(_OUTCOME, body)])
                except Unavailable:
                    self._end.put_outcomes([body])

    def append_durable(self, kind: int, body: bytes, told: Told) -> None:
        """Write something that is acknowledged only when it is on the disk: `told` is called then, later, in the event loop that runs now.

        Raises `Unavailable` where it cannot even be written.
        """
        self._admit()
        waiter = Waiter(asyncio.get_running_loop(), told)
        with self._lock:
            if self._pending.schedule is not None:
                self._pending.add(PendingFrame(kind, body, waiter=waiter))
                return
            self._end.put([(kind, body)])
            self._end.waiters.append(waiter)
            self._end.wake.notify()

    def append(self, kind: int, body: bytes) -> None:
        """Write a record without waiting for it, from any thread. Raises `Unavailable`."""
        self._admit()
        with self._lock:
            self._end.write_pending()  # numbers rise in the order in which frames came
            self._end.put([(kind, body)])

    def position(self) -> int | None:
        """The number of the latest record, after those of this step are written. `None` while the disk does not take all of them."""
        self.flush()
        with self._lock:
            return None if self._disk.text is not None or self._end.unwritten else self._end.log.last_seq

    def close(self) -> None:
        """Write, finish and sync all, and let go of the lock."""
        self._syncing.close()
        os.close(self._lock_fd)

    @property
    def trouble(self) -> str | None:
        """Why records cannot be taken now, in words for people; `None` if they can."""
        return self._disk.text or self._backlog.reason

    @property
    def backlog_bytes(self) -> int:
        """Bytes that the flusher has not written to the tables yet, counted about once a second."""
        return self._backlog.waiting_bytes + self._end.log.size

    def _admit(self) -> None:
        if self._disk.text is not None or self._backlog.waiting_bytes > self._backlog.bytes_max:
            raise refused(str(self.trouble))
