"""Goes on from what earlier processes had reserved and used: loads a dump, and brings it up to date with the records that were written behind it.

Pure: it is handed the records in their order. What an earlier process left under way counts as its row says that it was interrupted.
"""

from collections.abc import Callable, Iterable

from headgate.core.record import Intent, Outcome, Settled
from headgate.policy.budgets import BudgetTable
from headgate.policy.reservations import Reservations, ReservationsDump

Spent = Iterable[tuple[str, int]]  # names of budgets, with nano-US-dollars


class Replay:
    """One replay. `reservations` are complete once `interrupt` was called at the end. `cost` says what an interrupted exchange counts in its budgets."""

    def __init__(self, dumped: ReservationsDump, budgets: BudgetTable | None, cost: Callable[[Intent], Spent]) -> None:
        self.reservations = Reservations()
        self._budgets = budgets
        self._cost = cost
        self._open = dict(dumped.open)
        self.reservations.advance(dumped.at_s)
        self.reservations.counters.load(dumped.limits, [each.reserved for each in self._open.values() if each.reserved is not None])
        if budgets is not None:
            self.reservations.budgets.load(dumped.budgets, budgets.by_name)

    def intent(self, intent: Intent) -> None:
        """An exchange began after the dump."""
        if intent.reserved is not None:
            self.reservations.advance(intent.reserved.at_s)
            self.reservations.counters.hold_again(intent.reserved)
            self._open[intent.request_id] = intent

    def outcome(self, outcome: Outcome) -> None:
        """An exchange ended after the dump."""
        intent = self._open.pop(outcome.intent.request_id, None)
        if intent is not None:
            self._end(intent, outcome.settled)

    def interrupt(self) -> None:
        """No process will end what is under way: each exchange used its estimated input, and no output that is known."""
        open_ones, self._open = self._open, {}
        for intent in open_ones.values():
            self._end(intent, None)

    def _end(self, intent: Intent, settled: Settled | None) -> None:
        reserved = intent.reserved
        if reserved is None:
            return
        if settled is None:
            settled = Settled(at_s=reserved.at_s, input_tokens=reserved.input_tokens, spent=tuple(self._cost(intent)))
        now_s = self.reservations.advance(settled.at_s)
        self.reservations.counters.settle(reserved, settled, now_s)
        values = {mark.name: mark.value for mark in intent.budgets}
        for name, amount in settled.spent:
            share = None if self._budgets is None else self._budgets.counted(name, values.get(name, ""), intent.requester)
            if share is not None:
                self.reservations.budgets.replay(share, reserved.at_ns, amount)
