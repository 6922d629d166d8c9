"""Work in a child process whose caller leaves. It may end by itself for a moment, as most does: starting another process takes longer."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

FINISH_S = 0.5
Answer = TypeVar("Answer")


class Finishing:
    """Lets the work of one caller at most go on after it left. Used on one event loop."""

    def __init__(self) -> None:
        self._going_on: set[asyncio.Future[None]] = set()
        self._closed = False

    async def answer(self, asking: asyncio.Future[Answer], limit: asyncio.Timeout, put_back: Callable[[], Awaitable[None]]) -> Answer:
        """What comes of `asking`. `put_back` is called when that has ended, or may go on no longer: at once where the time of `limit` is up."""
        may_go_on = False
        try:
            return await asyncio.shield(asking)
        except asyncio.CancelledError:
            may_go_on = not (limit.expired() or self._going_on or self._closed)
            raise
        finally:
            if may_go_on:
                going_on = asyncio.ensure_future(_finish(asking, put_back))
                self._going_on.add(going_on)
                going_on.add_done_callback(self._going_on.discard)
            else:
                await put_back()

    async def close(self) -> None:
        """Let nothing go on."""
        self._closed = True
        for going_on in list(self._going_on):
            going_on.cancel()
            await asyncio.wait({going_on})


async def _finish(asking: asyncio.Future[Answer], put_back: Callable[[], Awaitable[None]]) -> None:
    try:
        await asyncio.wait({asking}, timeout=FINISH_S)
    finally:
        await put_back()


def answered(asking: asyncio.Future[Answer]) -> Answer | None:
    """The answer, where there is one."""
    return asking.result() if asking.done() and not asking.cancelled() and asking.exception() is None else None
