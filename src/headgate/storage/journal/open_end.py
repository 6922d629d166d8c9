"""The open end of the journal, which the event loop and the journal's thread share: what is written, and who waits until it is synced.

Every method is called with `lock` held. It is held for microseconds; nothing is synced meanwhile.
"""

import contextlib
import threading
import time
from collections import deque
from collections.abc import Sequence

from headgate.core.errors import Unavailable
from headgate.storage.journal.appender import Appender, Reserve
from headgate.storage.journal.pending import PendingFrames, Waiter, refused, tell
from headgate.storage.journal.segments import Kind
from headgate.storage.journal.trouble import DiskTrouble


class OpenEnd:
    """Writes frames. Never syncs, never waits."""

    def __init__(self, log: Appender, reserve: Reserve, segment_bytes: int) -> None:
        self.lock = threading.Lock()
        self.wake = threading.Condition(self.lock)  # notified when the thread may have something to do
        self.log = log
        self.reserve = reserve
        self.trouble = DiskTrouble()
        self.pending = PendingFrames()
        self.waiters: list[Waiter] = []
        self.unwritten: deque[bytes] = deque()  # outcomes of open exchanges that the disk refused; no new exchange begins while there are any
        self.unsynced_since_s = 0.0  # 0 while all is synced
        self.closed = False
        self._segment_bytes = segment_bytes

    def put(self, frames: Sequence[tuple[int, bytes]]) -> None:
        """Write frames, all or none of them. Raises `Unavailable`."""
        try:
            self.log.append_all(frames)
        except OSError as error:
            self.note(error)
            raise refused(str(self.trouble.text)) from error
        if not self.unsynced_since_s:
            self.unsynced_since_s = time.monotonic()
            self.wake.notify()
        if self.log.size >= self._segment_bytes:
            self.roll()

    def put_outcomes(self, outcomes: Sequence[bytes]) -> None:
        """Write outcomes that the disk refused, with the space of the reserve, or hold them in memory."""
        if outcomes and self.reserve.release():
            with contextlib.suppress(Unavailable):
                self.put([(Kind.OUTCOME, body) for body in outcomes])
                return
        self.unwritten.extend(outcomes)

    def put_unwritten(self) -> None:
        """Write the outcomes that are held in memory. Raises `OSError`."""
        while self.unwritten:
            self.log.append(Kind.OUTCOME, self.unwritten[0])
            self.unwritten.popleft()

    def write_pending(self) -> None:
        """Write the step's frames. Outcomes that the disk refuses are held in memory; the failure of all others is reported."""
        frames = self.pending.take()
        if not frames:
            return
        waiters = [frame.waiter for frame in frames if frame.waiter is not None]
        try:
            self.put([(frame.kind, frame.body) for frame in frames])
        except Unavailable:
            self.put_outcomes([frame.body for frame in frames if frame.kind == Kind.OUTCOME])
            self.pending.lost += [frame.lost for frame in frames if frame.lost is not None]
            tell(waiters, str(self.trouble.text))
            return
        if self.trouble.is_final:
            tell(waiters, str(self.trouble.text))
        elif waiters:  # one sync for all that came in this step
            self.waiters += waiters
            self.wake.notify()

    def roll(self) -> None:
        """Finish the segment and begin another, if the disk allows."""
        try:
            self.log.roll()
        except OSError as error:
            self.note(error)

    def note(self, error: OSError) -> None:
        """The disk failed: remember it, and have the thread try again."""
        self.trouble.note(error)
        self.wake.notify()

    def note_unsynced(self, error: OSError, waiters: Sequence[Waiter]) -> None:
        """A sync failed. No later one may cover what was written meanwhile, so the failure is reported to its waiters too."""
        self.note(error)
        tell([*waiters, *self.take_waiters()], str(self.trouble.text))

    def take_waiters(self) -> list[Waiter]:
        """Everybody who waits for a sync."""
        waiters, self.waiters = self.waiters, []
        return waiters
