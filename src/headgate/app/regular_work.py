"""What time brings in a serving process: what is looked after twice a second, and the state that is followed beside it.

Nothing here can end the rest: every step is guarded, and each state is followed by a task of its own, so that one that waits holds up no other.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from headgate.app.guarded_steps import GuardedSteps
from headgate.core.clock import Clock

_TICK_S = 0.5
_TICK_LATE_S = 5.0  # without a whole round for so long, the process is not ready
_FOLLOW_LATE_S = 10.0
_ROUND = "the regular work"


class WorkSteps(NamedTuple):
    """What is repeated, by the name that the log and `/readyz` give it. `steps` take no time; what is `followed` may wait, for a disk or a database."""

    steps: Mapping[str, Callable[[], None]]
    followed: Mapping[str, Callable[[], Awaitable[None]]]


class RegularWork:
    """Owns the tasks that repeat the work until `stop`."""

    def __init__(self, work: WorkSteps, clock: Clock) -> None:
        self._work = work
        self._guards = GuardedSteps(clock)
        self._tasks: list[asyncio.Future[None]] = []

    def start(self) -> None:
        """Begin, in the running event loop."""
        for name in (_ROUND, *self._work.followed):
            self._guards.begin(name)
        self._tasks = [asyncio.ensure_future(self._tick()), *(asyncio.ensure_future(self._follow(name)) for name in self._work.followed)]

    async def stop(self) -> None:
        """End the tasks."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def round(self) -> None:
        """Every step once."""
        for name, step in self._work.steps.items():
            with self._guards.step(name):
                step()
        with self._guards.step(_ROUND):
            pass

    async def follow(self, name: str) -> None:
        """Look once at one state."""
        with self._guards.step(name):
            await self._work.followed[name]()

    @property
    def late(self) -> str:
        """Why the process is not ready: no whole round has been done lately. Empty where one has."""
        if self._guards.done_s_ago(_ROUND) < _TICK_LATE_S:
            return ""
        return "The regular work of the serving process has stopped."

    def failing(self) -> list[str]:
        """What fails now, or has not come to an end for long; with the reason."""
        waiting = [name for name in self._work.followed if self._guards.done_s_ago(name) >= _FOLLOW_LATE_S]
        failing = self._guards.failing()
        return [
            *failing,
            *(
                f"{name}: has not come to an end for more than {_FOLLOW_LATE_S:g} s"
                for name in waiting
                if not any(each.startswith(f"{name}: ") for each in failing)
            ),
        ]

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_TICK_S)
            self.round()

    async def _follow(self, name: str) -> None:
        while True:
            await asyncio.sleep(_TICK_S)
            await self.follow(name)
