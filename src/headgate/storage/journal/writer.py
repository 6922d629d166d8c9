"""The journal's writer: the serving process keeps each record here before it answers for it, and nothing else of it touches a disk on that way.

What one step of the event loop keeps is one `write` at its end, before anything that it tells of leaves, so a killed process loses none. A thread syncs
behind it: every 100 ms for records (safe from power loss from then on), at once and in groups for what is acknowledged as durable. It also finishes
segments, watches the backlog, and brings the journal back after a full or failing disk. What is in the journal leaves it by the flusher alone.
"""

import asyncio
import contextlib
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable

import msgspec

from headgate.core.clock import Clock, SystemClock
from headgate.core.errors import Unavailable
from headgate.core.record import REFUSED, Intent, Outcome
from headgate.storage.journal import journal_dir, segments
from headgate.storage.journal.appender import ROOM_BYTES_MIN, Appender, Reserve, begin_log, marker
from headgate.storage.journal.pending import Gathered, Waiter, refused, tell
from headgate.storage.journal.record_codec import make_codec
from headgate.storage.journal.segments import Kind
from headgate.telemetry.ports import Told

_RETRY_S = (0.2, 5.0)  # first and longest wait before a failing disk is tried again
_SCAN_S = 1.0  # how often the backlog is counted while it is too large
_LOG = logging.getLogger(__name__)


class JournalLimits(msgspec.Struct, frozen=True, kw_only=True):
    """When segments are finished and synced, and how much may wait for the flusher."""

    roll_s: float = 1.0
    segment_bytes: int = 64 << 20
    sync_interval_s: float = 0.1
    backlog_bytes_max: int = 4 << 30
    reserve_bytes: int = 64 << 20
    lock_wait_s: float = 5.0


class JournalBusy(Exception):
    """Another living process writes to this journal."""


class JournalWriter:
    """Implements `exchange.ports.ExchangeJournal`. Made with `open`, ended with `close`; one for each journal directory, which a lock sees to."""

    def __init__(self, directory: str, limits: JournalLimits, log: Appender, lock_fd: int) -> None:
        self._directory = directory
        self._limits = limits
        self._codec = make_codec()
        self._reserve = Reserve(directory, limits.reserve_bytes)
        self._lock_fd = lock_fd
        # All below is guarded by the lock, which is held for microseconds; the thread lets go of it before it syncs.
        self._lock = threading.Lock()
        self._wake = threading.Condition(self._lock)
        self._log = log
        self._dirty_s = 0.0  # since when there are unsynced frames, 0 for none
        self._waiters: list[Waiter] = []
        self._gathered: list[Gathered] = []
        self._lost: list[Callable[[Unavailable], None]] = []  # whose intents the disk refused, for the event loop to tell
        self._unwritten: deque[bytes] = deque()  # outcomes of open exchanges that the disk refused; no new exchange begins while there are any
        self._refusals_dropped = 0  # since the trouble began
        self._dead = False  # the thread has failed: nothing is synced any more
        self._trouble: str | None = None
        self._retry_s = _RETRY_S[0]
        self._retry_at_s = 0.0
        self._waiting_bytes = 0  # finished segments that are not yet carried, when last counted
        self._counted_s = 0.0
        self._closing = self._closed = False
        self._soon: Callable[[Callable[[], None]], object] | None = None
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)

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
        writer = cls(directory, limits, log, lock_fd)
        writer._reserve.ensure()
        writer._dirty_s = time.monotonic()
        writer._count_backlog()
        writer._thread.start()
        return writer

    def gather(self, soon: Callable[[Callable[[], None]], object]) -> None:
        """From now on, write the event loop's frames at the end of each of its steps; `soon` is the loop's `call_soon`.

        Before `gather` is called, each frame is written immediately. Afterwards a caller that sends bytes must call `flush` first.
        """
        self._soon = soon

    def flush(self) -> None:
        """Write the gathered frames, and report the exchanges whose intent could not be written. Called from the event loop."""
        with self._lock:  # even with nothing gathered: the thread may be writing what was
            self._write_gathered()
            lost, self._lost = self._lost, []
        for told in lost:
            told(refused(str(self._trouble)))

    def intent(self, intent: Intent, lost: Callable[[Unavailable], None] | None = None) -> None:
        """Keep what is about to be sent. Raises `Unavailable` if it cannot be kept, or calls `lost` with it at the end of the step."""
        self._admit()
        body = self._codec.encode(intent)
        with self._lock:
            if self._soon is None:
                self._put_all([(Kind.INTENT, body)])
            else:
                self._gather(self._soon, Gathered(Kind.INTENT, body, lost))

    def outcome(self, outcome: Outcome) -> None:
        """Keep how it ended. Never fails: what the disk refuses is held in memory until it can be written, and new intents are refused meanwhile.

        The exchanges that are open bound what is held. A refused request was never one of them, so its record is dropped and counted while there is trouble.
        """
        if outcome.ended == REFUSED and self.trouble is not None:
            self._refusals_dropped += 1
            return
        body = self._codec.encode(outcome)
        with self._lock:
            if self._closed:
                _LOG.error("an exchange ended after the journal was closed; it will count as interrupted")
                return
            if self._unwritten:
                self._unwritten.append(body)
            elif self._soon is None:
                try:
                    self._put_all([(Kind.OUTCOME, body)])
                except Unavailable:
                    self._put_last([body])
            else:
                self._gather(self._soon, Gathered(Kind.OUTCOME, body))

    def append_durable(self, kind: int, body: bytes, told: Told) -> None:
        """Keep something that is acknowledged only when it is on the disk: `told` is called then, later, in the event loop that runs now.

        Raises `Unavailable` where it cannot even be written.
        """
        self._admit()
        waiter = Waiter(asyncio.get_running_loop(), told)
        with self._lock:
            if self._soon is not None:
                self._gather(self._soon, Gathered(kind, body, waiter=waiter))
                return
            self._put_all([(kind, body)])
            self._waiters.append(waiter)
            self._wake.notify()

    def append(self, kind: int, body: bytes) -> None:
        """Keep something that nobody waits for, from any thread. Raises `Unavailable`."""
        self._admit()
        with self._lock:
            self._write_gathered()  # numbers rise in the order in which things were kept
            self._put_all([(kind, body)])

    def close(self) -> None:
        """Write, finish and sync all, and let go of the lock."""
        with self._lock:
            self._closing = True
            self._wake.notify()
        self._thread.join()
        os.close(self._lock_fd)

    @property
    def trouble(self) -> str | None:
        """Why records cannot be taken now, in words for people; `None` if they can."""
        return self._trouble or self._too_far_behind()

    @property
    def backlog_bytes(self) -> int:
        """Bytes that the flusher has not carried yet, counted about once a second."""
        return self._waiting_bytes + self._log.size

    def _admit(self) -> None:
        if self._trouble is not None or self._waiting_bytes > self._limits.backlog_bytes_max:
            raise refused(str(self.trouble))

    def _too_far_behind(self) -> str | None:
        waiting, limit = self._waiting_bytes, self._limits.backlog_bytes_max
        if waiting <= limit:
            return None
        return f"{waiting >> 20} MiB of records wait to be written into the tables, and {limit >> 20} MiB is the limit; is the flusher running?"

    def _gather(self, soon: Callable[[Callable[[], None]], object], frame: Gathered) -> None:
        if not self._gathered:
            soon(self.flush)
        self._gathered.append(frame)

    def _write_gathered(self) -> None:
        """Write what was gathered, with the lock held. What the disk refuses is held in memory if it is an outcome; of all else somebody is told."""
        gathered, self._gathered = self._gathered, []
        if not gathered:
            return
        try:
            self._put_all([(frame.kind, frame.body) for frame in gathered])
        except Unavailable:
            self._put_last([frame.body for frame in gathered if frame.kind == Kind.OUTCOME])
            self._lost += [frame.lost for frame in gathered if frame.lost is not None]
            tell([frame.waiter for frame in gathered if frame.waiter is not None], str(self._trouble))
            return
        waiters = [frame.waiter for frame in gathered if frame.waiter is not None]
        if self._dead:
            tell(waiters, str(self._trouble))
        elif waiters:  # one sync for all that came in this step
            self._waiters += waiters
            self._wake.notify()

    def _put_all(self, frames: list[tuple[int, bytes]]) -> None:
        """Frames, with the lock held."""
        try:
            self._log.append_all(frames)
        except OSError as error:
            self._note(error)
            raise refused(str(self._trouble)) from error
        if not self._dirty_s:
            self._dirty_s = time.monotonic()
            self._wake.notify()
        if self._log.size >= self._limits.segment_bytes:
            self._roll()

    def _put_last(self, outcomes: list[bytes]) -> None:
        """Try once more with the reserve's space, or hold the outcomes in memory."""
        if outcomes and self._reserve.release():
            with contextlib.suppress(Unavailable):
                self._put_all([(Kind.OUTCOME, body) for body in outcomes])
                return
        self._unwritten.extend(outcomes)

    def _roll(self) -> None:
        try:
            self._log.roll()
        except OSError as error:
            self._note(error)

    def _note(self, error: OSError) -> None:
        """Remember the trouble; intents are refused until the thread has written and synced something again."""
        if self._trouble is None:
            _LOG.error("the journal cannot be written: %s", error)
            self._retry_s = _RETRY_S[0]
        self._trouble = f"the journal cannot be written: {error.strerror or error}"  # without a path: clients read this
        self._retry_at_s = time.monotonic() + self._retry_s
        self._wake.notify()

    # From here on: the thread.

    def _run(self) -> None:
        try:
            while self._wait():
                self._tick()
            self._finish()
        except Exception:  # ruff: ignore[blind-except] - whatever it is, nobody may go on as if records were synced
            _LOG.exception("the journal's thread has failed")
            with self._lock:
                self._dead = True
                self._trouble = "the journal's thread has failed; restart Headgate"
                waiters, self._waiters = self._waiters, []
            tell(waiters, self._trouble)

    def _wait(self) -> bool:
        """Sleep until something is due. False when the journal is being closed."""
        with self._lock:
            while not self._closing:
                if (due_s := self._due_s()) is not None and due_s <= 0:
                    return True
                self._wake.wait(due_s)
            return False

    def _due_s(self) -> float | None:
        if self._waiters or self._log.retired or self._log.names_changed:
            return 0.0
        due = []
        if self._dirty_s:
            due.append(self._dirty_s + self._limits.sync_interval_s)
        if self._log.size:
            due.append(self._log.begun_s + self._limits.roll_s)
        if self._trouble is not None:
            due.append(self._retry_at_s)
        if self._too_far_behind():
            due.append(self._counted_s + _SCAN_S)
        return min(due) - time.monotonic() if due else None

    def _tick(self) -> None:
        now = time.monotonic()
        with self._lock:
            rolled = self._log.size > 0 and now >= self._log.begun_s + self._limits.roll_s
            if rolled:
                self._roll()
        self._sync()
        if rolled or self._too_far_behind():
            self._count_backlog()
        if self._trouble is not None and now >= self._retry_at_s:
            self._recover()

    def _sync(self) -> None:
        """Make every frame durable that has been written so far, and tell who waits for it."""
        with self._lock:
            self._write_gathered()
            finished, self._log.retired = self._log.retired, []
            unsynced = [*finished, self._log.fd] if self._log.size else finished
            names_changed, self._log.names_changed = self._log.names_changed, False
            waiters, self._waiters = self._waiters, []
            self._dirty_s = 0.0
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
        with self._lock:
            self._log.names_changed |= names_changed
            self._note_unsynced(failure, waiters)

    def _note_unsynced(self, error: OSError, waiters: list[Waiter]) -> None:
        """A sync failed, with the lock held: no later one may cover what was written meanwhile, so its waiters hear of it too."""
        self._note(error)
        late, self._waiters = self._waiters, []
        tell([*waiters, *late], str(self._trouble))

    def _sync_one(self, fd: int) -> OSError | None:
        try:
            os.fdatasync(fd)
        except OSError as error:
            with self._lock:
                was_open = fd == self._log.fd or fd in self._log.retired
                self._log.forget(fd)
            if was_open:
                os.close(fd)
            return error
        return None

    def _recover(self) -> None:
        """See whether the disk takes writes again: first the outcomes that it refused, then a frame that says nothing."""
        self._retry_s = min(self._retry_s * 2, _RETRY_S[1])
        with self._lock:
            try:
                self._write_held()
                self._log.append(Kind.PROBE, b"")
            except OSError as error:
                self._note(error)
                return
            fd = self._log.fd
        failure = self._sync_one(fd)
        roomy = self._reserve.ensure()
        with self._lock:
            if failure is not None:
                self._note_unsynced(failure, [])
            elif self._unwritten or not roomy:  # what little space there is belongs to the exchanges that are under way
                self._retry_at_s = time.monotonic() + self._retry_s
                if not roomy:
                    self._trouble = f"the journal's disk has less than {ROOM_BYTES_MIN >> 20} MiB left"
            else:
                self._trouble = None
                dropped, self._refusals_dropped = self._refusals_dropped, 0
                _LOG.warning("the journal can be written again; %d refused requests of the meantime have no record", dropped)

    def _count_backlog(self) -> None:
        with contextlib.suppress(OSError):
            waiting = segments.unreleased_bytes(self._directory)
            with self._lock:
                self._waiting_bytes = max(0, waiting - self._log.size)
                self._counted_s = time.monotonic()

    def _finish(self) -> None:
        with self._lock:
            self._trouble = "Headgate is stopping"
            self._write_gathered()
            try:
                self._write_held()
            except OSError:
                _LOG.exception("%d records could not be written; their exchanges will count as interrupted", len(self._unwritten))
            self._log.retire()
            self._closed = True
        self._sync()

    def _write_held(self) -> None:
        while self._unwritten:
            self._log.append(Kind.OUTCOME, self._unwritten[0])
            self._unwritten.popleft()
