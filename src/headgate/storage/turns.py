"""Places that principals take in turn: how many run at once, how many wait, and who is next. Knows nothing of what runs in a place.

Of several places one principal holds all but one at most, so another principal never waits for statements of a single one to end.
"""

import asyncio
import contextlib
from bisect import insort
from collections import Counter, OrderedDict
from collections.abc import AsyncGenerator
from operator import itemgetter

from headgate.core.errors import Unavailable

_Waiting = tuple[float, asyncio.Future[None]]


class Turns:
    """Assigns places, round robin between principals; for each in order of `due`, then of arrival. Used on one event loop."""

    def __init__(self, places: int, waiting_max: int, waiting_each_max: int) -> None:
        self._free = places
        self._each_max = max(1, places - 1)
        self._waiting_max = waiting_max
        self._waiting_each_max = waiting_each_max
        self._running: Counter[str] = Counter()
        self._queues: OrderedDict[str, list[_Waiting]] = OrderedDict()

    @contextlib.asynccontextmanager
    async def turn(self, principal: str, due: float = 0.0) -> AsyncGenerator[None]:
        """A place, once it is this principal's turn. Raises `Unavailable` at once if too many wait already."""
        await self._take(principal, due)
        try:
            yield
        finally:
            self._give(principal)

    async def _take(self, principal: str, due: float) -> None:
        if self._may_run(principal):
            self._begin(principal)
            return
        queue = self._queues.get(principal, ())
        if len(queue) >= self._waiting_each_max or sum(map(len, self._queues.values())) >= self._waiting_max:
            whose = "of yours " if len(queue) >= self._waiting_each_max else ""
            raise Unavailable(f"Too many queries {whose}are waiting; try again shortly.", code="QUERY_QUEUE_FULL", retry_after_s=1.0)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        insort(self._queues.setdefault(principal, []), (due, turn), key=itemgetter(0))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # the place came in the same step
                self._give(principal)
            else:
                self._drop(principal, turn)
            raise

    def _may_run(self, principal: str) -> bool:
        return self._free > 0 and self._running[principal] < self._each_max

    def _begin(self, principal: str) -> None:
        self._free -= 1
        self._running[principal] += 1

    def _give(self, principal: str) -> None:
        self._free += 1
        self._running[principal] -= 1
        if not self._running[principal]:
            del self._running[principal]
        while (following := next(filter(self._may_run, self._queues), None)) is not None:
            _, turn = self._queues[following].pop(0)
            self._drop(following)
            if turn.cancelled():
                continue  # its caller left in this same step
            if following in self._queues:
                self._queues.move_to_end(following)
            self._begin(following)
            turn.set_result(None)

    def _drop(self, principal: str, turn: "asyncio.Future[None] | None" = None) -> None:
        """Forget one that no longer waits, and a queue that is empty."""
        queue = self._queues.get(principal)
        if queue is None:
            return
        if turn is not None:
            queue[:] = [waiting for waiting in queue if waiting[1] is not turn]
        if not queue:
            del self._queues[principal]
