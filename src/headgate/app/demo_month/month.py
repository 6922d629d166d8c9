"""The demo in a serving process: starts the process that fills the store, and then lets an exchange end every few seconds.

Exchanges of the demo go to the journal like those of clients. Nothing waits for them; what the journal does not take is left out.
"""

import asyncio
import contextlib
import logging
import math
import os
import sys
from collections.abc import Callable, Iterable
from typing import Protocol

import msgspec

from headgate.app.demo_month import seeded
from headgate.app.demo_month.calendar import Cast
from headgate.app.demo_month.messages import Filled, FillOptions
from headgate.app.demo_month.reporting import Reporting
from headgate.app.demo_month.spending import SpentOfBudget
from headgate.app.demo_month.stream import Stream
from headgate.app.demo_month.timeline import day_of
from headgate.core.clock import Clock
from headgate.core.errors import Unavailable
from headgate.core.record import Outcome
from headgate.exchange.declared_budgets import Budgets
from headgate.exchange.reservation_store import MemoryReservations
from headgate.storage.child_end import end_child
from headgate.storage.journal.segments import Kind
from headgate.storage.table_tasks.environment import table_environment

_AGAIN_S = 30.0
_PAUSE_S = (2.0, 6.0)
_log = logging.getLogger("headgate.demo")


class DemoJournal(Protocol):
    """Where records are written."""

    def outcome(self, outcome: Outcome) -> None:
        """Write an exchange that ended."""

    def append(self, kind: int, body: bytes) -> None:
        """Write another record. Raises `Unavailable`."""


class DemoParts(msgspec.Struct, frozen=True, kw_only=True):
    """What the demo is given: the command of the process that fills, the budgets in force, who counts them, and the journal.
    `recorded` hears of each exchange that is made up.
    """

    command: tuple[str, ...]
    budgets: Callable[[], Budgets | None]
    reservations: MemoryReservations
    journal: DemoJournal
    clock: Clock
    recorded: Callable[[Outcome], None] = lambda _outcome: None


class DemoMonth:
    """What is made up while a process serves. `follow` is called again and again."""

    def __init__(self, parts: DemoParts) -> None:
        self._parts = parts
        self._due_s = 0.0
        self._uncounted: tuple[SpentOfBudget, ...] = ()
        self._stream: Stream | None = None
        self._reporting = Reporting({}, 0)
        self._rng = seeded.generator(f"pauses:{parts.clock.wall_ns()}")

    @property
    def filled(self) -> bool:
        """Whether the month is written, so that no old row comes any more."""
        return self._stream is not None

    async def follow(self) -> None:
        """The next thing that is due: the month first, then what it has spent of budgets, then one exchange after the other."""
        now_s = self._parts.clock.monotonic_s()
        if now_s < self._due_s:
            return
        if self._stream is None:
            self._due_s = now_s + _AGAIN_S
            await self._begin()
            return
        if self._uncounted and self._parts.budgets() is not None:
            spent, self._uncounted = self._uncounted, ()
            self._spend(((one.name, one.value, one.who), one.at_ns, one.nano_usd) for one in spent)
        self._due_s = now_s + self._rng.uniform(*_PAUSE_S)
        self._go_on(self._stream)

    async def _begin(self) -> None:
        filled = await self._fill()
        if filled.refused:
            _log.warning("%s", filled.refused)
            self._due_s = math.inf
        if filled.identities:
            now_ns = self._parts.clock.wall_ns()
            self._stream = Stream(Cast(filled.identities, day_of(now_ns)), f"live:{now_ns}")
            self._reporting = Reporting(filled.tables, now_ns)
            self._uncounted = filled.spent
            self._due_s = 0.0

    async def _fill(self) -> Filled:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *self._parts.command, stdout=pipe, stdin=asyncio.subprocess.DEVNULL, env=table_environment(os.environ)
        )
        try:
            out, _ = await process.communicate()
        finally:
            await end_child(process)
        if process.returncode:
            _log.error("the store of the demo could not be filled: exit code %s; its messages are above", process.returncode)
            return Filled()
        return msgspec.json.decode(out, type=Filled)

    def _go_on(self, stream: Stream) -> None:
        """An exchange ends now, and what its agent exports of it follows later."""
        now_ns = self._parts.clock.wall_ns()
        session, step, last = stream.next(now_ns)
        with contextlib.suppress(Unavailable):
            self._parts.journal.outcome(step.outcome)
            self._parts.recorded(step.outcome)
            self._spend_one(step.outcome)
            self._reporting.add(session, step, last=last)
            for body in self._reporting.due(now_ns):
                self._parts.journal.append(Kind.BATCH, body)

    def _spend_one(self, outcome: Outcome) -> None:
        budgets, intent = self._parts.budgets(), outcome.intent
        if budgets is not None and intent.budgets and outcome.usage is not None:
            nano_usd = budgets.prices.cost(outcome).nano_usd
            self._spend(((mark.name, mark.value, intent.requester), intent.started_at_ns, nano_usd) for mark in intent.budgets)

    def _spend(self, spent: Iterable[tuple[tuple[str, str, str], int, int]]) -> None:
        budgets = self._parts.budgets()
        if budgets is not None:
            shares = ((budgets.table.counted(*count), at_ns, nano_usd) for count, at_ns, nano_usd in spent)
            self._parts.reservations.count_spent((share, at_ns, nano_usd) for share, at_ns, nano_usd in shares if share is not None)


def fill_command(options: FillOptions) -> tuple[str, ...]:
    """The command of the process that fills the store."""
    return sys.executable, "-m", "headgate.app.demo_month.process", msgspec.json.encode(options).decode()
