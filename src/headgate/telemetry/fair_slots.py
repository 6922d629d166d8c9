"""FairSlots to work at, of which one caller never has more than a share. It knows nothing of the work."""

import asyncio
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import TypeVar

_T = TypeVar("_T")


class FairSlots:
    """`total` places, at most `share` of them for one caller. The first caller is served first, except callers whose share is in use. One event loop."""

    def __init__(self, total: int, share: int) -> None:
        self._free = total
        self._share = share
        self._at_work: Counter[str] = Counter()
        self._waiting: dict[asyncio.Future[None], str] = {}  # in the order in which they came

    def waiting_of(self, caller: str) -> int:
        """How many of a caller's works wait for a place."""
        return sum(1 for waiting in self._waiting.values() if waiting == caller)

    async def run(self, caller: str, work: Callable[[], _T], begin: Callable[[], Callable[[], None]]) -> _T:
        """Do the work in a thread. `begin` is called when its turn has come, may refuse by raising, and returns what is called when the work is done.

        The place is in use until the thread is done, even if its caller has gone.
        """
        await self.enter(caller)
        try:
            end = begin()
        except BaseException:
            self.leave(caller)
            raise
        done = asyncio.get_running_loop().run_in_executor(None, work)
        done.add_done_callback(partial(self._ended, caller, end))
        return await asyncio.shield(done)

    async def enter(self, caller: str) -> None:
        """Wait for a place. It must be given back with `leave`."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[turn] = caller
        self._call_next()
        try:
            await turn
        except asyncio.CancelledError:
            if self._waiting.pop(turn, None) is None:  # the turn had come in this very moment
                self.leave(caller)
            raise

    def _ended(self, caller: str, end: Callable[[], None], ended: "asyncio.Future[_T]") -> None:
        end()
        if not ended.cancelled():
            ended.exception()  # its caller has gone
        self.leave(caller)

    def leave(self, caller: str) -> None:
        """Give a place back."""
        self._free += 1
        self._at_work[caller] -= 1
        if not self._at_work[caller]:
            del self._at_work[caller]
        self._call_next()

    def _call_next(self) -> None:
        for turn, caller in tuple(self._waiting.items()):
            if not self._free:
                return
            if self._at_work[caller] < self._share:
                del self._waiting[turn]
                self._free -= 1
                self._at_work[caller] += 1
                turn.set_result(None)
