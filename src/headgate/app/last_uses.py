"""When tokens were used last: noted in memory by each request, written to the store about once a minute and at the end. Nothing is decided by it."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping

from headgate.core.clock import Clock
from headgate.core.errors import Unavailable

_WRITE_S = 60.0


class LastUses:
    """Owns the times that are not written yet. `write` stores wall-clock milliseconds by token id; it waits for the database."""

    def __init__(self, write: Callable[[Mapping[str, int]], None], clock: Clock) -> None:
        self.seen: dict[str, float] = {}  # seconds of the wall clock, by token id; authentication sets them
        self._write = write
        self._clock = clock
        self._written_at_s = clock.monotonic_s()

    async def follow(self) -> None:
        """Write what is new, if that was not done within the last minute. Raises Unavailable if it cannot be written: it is tried again."""
        now_s = self._clock.monotonic_s()
        if self.seen and now_s - self._written_at_s >= _WRITE_S:
            self._written_at_s = now_s
            await asyncio.to_thread(self._write_seen)

    def close(self) -> None:
        """Write what is left. What cannot be written is dropped: it is no more than a minute of uses."""
        if self.seen:
            with contextlib.suppress(Unavailable):
                self._write_seen()

    def _write_seen(self) -> None:
        seen = self.seen.copy()
        self._write({token_id: int(at_s * 1000) for token_id, at_s in seen.items()})
        for token_id, at_s in seen.items():
            if self.seen.get(token_id) == at_s:  # not used since
                del self.seen[token_id]
