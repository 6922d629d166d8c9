"""Ended exchanges that wait to be logged: for the thread, or for a table that is not there yet. Bounded; what does not fit is dropped and counted."""

import logging
import threading
from collections import Counter, deque
from typing import NamedTuple

import msgspec

from headgate.core.clock import Clock
from headgate.exchange.content import ExchangeContent
from headgate.exchange.payload import Plan

_AT_ONCE = 64
_REASONS_MAX = 50
_AGAIN_S = 5.0  # so often a table is looked for that is not there
_LOG = logging.getLogger(__name__)


class ContentLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds: of what open answers are held in, of what waits for the thread, and of the backlog above which nothing more is kept.

    Of what may wait for the thread a quarter may wait for tables.
    """

    held_bytes: int = 256 << 20
    waiting_bytes: int = 128 << 20
    waiting: int = 2000
    backlog_bytes: int = 1 << 30


class QueuedContent(NamedTuple):
    """An exchange to be logged by a plan, or only traced; `traced` once its trace is written."""

    content: ExchangeContent
    plan: Plan | None
    size: int
    traced: bool = False


class ContentQueue:
    """Shared by the event loop and the thread, under the lock of `wake`."""

    def __init__(self, limits: ContentLimits, clock: Clock) -> None:
        self.wake = threading.Condition()
        self._limits = limits
        self._clock = clock
        self._jobs: deque[QueuedContent] = deque()
        self._bytes = 0
        self._tableless: deque[tuple[QueuedContent, str]] = deque()  # with the table that is missing, in words
        self._tableless_bytes = 0
        self._look_again_at_s = 0.0
        self._dropped: Counter[str] = Counter()
        self._closing = False
        self._ending = False

    def put(self, job: QueuedContent) -> bool:
        """Add a job; False if there is no room."""
        with self.wake:
            if self._closing or len(self._jobs) >= self._limits.waiting or self._bytes + job.size > self._limits.waiting_bytes:
                self._dropped["more waited than may wait"] += 1
                return False
            self._jobs.append(job)
            self._bytes += job.size
            self.wake.notify()
            return True

    def close(self) -> None:
        """Take no more jobs; `next` returns what is left, then nothing."""
        with self.wake:
            self._closing = True
            self.wake.notify()

    def next(self) -> list[QueuedContent]:
        """Wait for the next jobs: new ones, or now and then those that wait for a table. None at the end."""
        with self.wake:
            while not (self._jobs or self._closing or self._is_due()):
                self.wake.wait(_AGAIN_S if self._tableless else None)
            is_last = self._closing and not self._jobs  # once more before the end
            if self._tableless and (is_last or self._is_due()):
                self._ending = is_last
                return self._take_tableless()
            jobs = [self._jobs.popleft() for _ in range(min(len(self._jobs), _AT_ONCE))]
            self._bytes -= sum(job.size for job in jobs)
            return jobs

    def wait_for_table(self, job: QueuedContent, reason: str) -> None:
        """Have a job wait for its table, if there is room for one more."""
        with self.wake:
            limits = self._limits
            if not self._ending and len(self._tableless) < limits.waiting // 4 and self._tableless_bytes + job.size <= limits.waiting_bytes // 4:
                if not self._tableless:
                    self._look_again_at_s = self._clock.monotonic_s() + _AGAIN_S
                self._tableless.append((job, reason))
                self._tableless_bytes += job.size
                return
        self.drop(reason, 1)

    def drop(self, reason: str, count: int) -> None:
        """Count exchanges that are not logged. The log says each reason once."""
        with self.wake:
            told = reason in self._dropped
            reason = reason if told or len(self._dropped) < _REASONS_MAX else "other reasons"
            self._dropped[reason] += count
        if not told:
            _LOG.warning("exchanges are not logged or traced: %s", reason)

    def troubles(self) -> list[str]:
        """What was not kept or waits for a table, and why, in words."""
        with self.wake:
            dropped = [f"{count} exchanges were not logged or traced: {reason}" for reason, count in self._dropped.items()]
            waiting = Counter(reason for _, reason in self._tableless)
            return dropped + [f"{count} exchanges wait to be logged or traced: {reason}" for reason, count in waiting.items()]

    def _is_due(self) -> bool:
        return bool(self._tableless) and self._clock.monotonic_s() >= self._look_again_at_s

    def _take_tableless(self) -> list[QueuedContent]:
        jobs = [job for job, _ in self._tableless]
        self._tableless.clear()
        self._tableless_bytes = 0
        self._look_again_at_s = self._clock.monotonic_s() + _AGAIN_S
        return jobs
