"""Places that principals take in turn: how many run at once, how many wait, and who is next. Knows nothing of what runs in a place.

Of several places one principal holds all but one at most, so another principal never waits for statements of a single one to end. Where what runs in a
place is quickest alone, few of one principal's begin at once: the next one begins when one of these has ended, or has run for a while.
"""

import asyncio
import contextlib
from bisect import insort
from collections import Counter, OrderedDict
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from operator import itemgetter

from headgate.core.errors import Unavailable

ALONE_S = 0.5


@dataclass(eq=False, slots=True)
class _Held:
    """A place that a principal holds. While it is new, `ages` is when it is not new any more."""

    principal: str
    ages: asyncio.TimerHandle | None = None


_Waiting = tuple[float, asyncio.Future[_Held]]


class Turns:
    """Assigns places, round robin between principals; for each in order of `due`, then of arrival. Used on one event loop.

    `new_max` is how many of one principal's may have run for less than `ALONE_S`; without it any number.
    """

    def __init__(self, places: int, waiting_max: int, waiting_each_max: int, new_max: int = 0) -> None:
        self._free = places
        self._each_max = max(1, places - 1)
        self._waiting_max = waiting_max
        self._waiting_each_max = waiting_each_max
        self._running: Counter[str] = Counter()
        self._new_max = new_max
        self._new: Counter[str] = Counter()
        self._queues: OrderedDict[str, list[_Waiting]] = OrderedDict()

    @contextlib.asynccontextmanager
    async def turn(self, principal: str, due: float = 0.0) -> AsyncGenerator[None]:
        """A place, once it is this principal's turn. Raises `Unavailable` at once if too many wait already."""
        held = await self._take(principal, due)
        try:
            yield
        finally:
            self._give(held)

    async def _take(self, principal: str, due: float) -> _Held:
        if self._may_run(principal):
            return self._begin(principal)
        queue = self._queues.get(principal, ())
        if len(queue) >= self._waiting_each_max or sum(map(len, self._queues.values())) >= self._waiting_max:
            whose = "of yours " if len(queue) >= self._waiting_each_max else ""
            raise Unavailable(f"Too many queries {whose}are waiting; try again shortly.", code="QUERY_QUEUE_FULL", retry_after_s=1.0)
        turn: asyncio.Future[_Held] = asyncio.get_running_loop().create_future()
        insort(self._queues.setdefault(principal, []), (due, turn), key=itemgetter(0))
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # the place came in the same step
                self._give(turn.result())
            else:
                self._drop(principal, turn)
            raise

    def _may_run(self, principal: str) -> bool:
        fits = not self._new_max or self._new[principal] < self._new_max
        return fits and self._free > 0 and self._running[principal] < self._each_max

    def _begin(self, principal: str) -> _Held:
        self._free -= 1
        self._running[principal] += 1
        held = _Held(principal)
        if self._new_max:
            self._new[principal] += 1
            held.ages = asyncio.get_running_loop().call_later(ALONE_S, self._age, held)
        return held

    def _age(self, held: _Held) -> None:
        """It has run for a while: the next of its principal may run beside it."""
        self._no_longer_new(held)
        self._admit()

    def _no_longer_new(self, held: _Held) -> None:
        if held.ages is not None:
            held.ages.cancel()
            held.ages = None
            self._new[held.principal] -= 1
            if not self._new[held.principal]:
                del self._new[held.principal]

    def _give(self, held: _Held) -> None:
        self._free += 1
        self._no_longer_new(held)
        self._running[held.principal] -= 1
        if not self._running[held.principal]:
            del self._running[held.principal]
        self._admit()

    def _admit(self) -> None:
        while (following := next(filter(self._may_run, self._queues), None)) is not None:
            _, turn = self._queues[following].pop(0)
            self._drop(following)
            if turn.cancelled():
                continue  # its caller left in this same step
            if following in self._queues:
                self._queues.move_to_end(following)
            turn.set_result(self._begin(following))

    def _drop(self, principal: str, turn: "asyncio.Future[_Held] | None" = None) -> None:
        """Forget one that no longer waits, and a queue that is empty."""
        queue = self._queues.get(principal)
        if queue is None:
            return
        if turn is not None:
            queue[:] = [waiting for waiting in queue if waiting[1] is not turn]
        if not queue:
            del self._queues[principal]
