"""Goes on from what other processes had reserved and used: loads a dump, and brings it up to date with the records that were written behind it.

Pure: it is handed the records in their order. What a process that has died left under way counts as its row says that it was interrupted.
"""

import copy
from collections.abc import Callable, Iterable, Mapping

import msgspec

from headgate.core.record import Intent, Outcome, Reserved, Settled
from headgate.policy.budgets import BudgetTable, Share
from headgate.policy.reservations import Reservations
from headgate.policy.reservations_dump import ReservationsDump

Spent = Iterable[tuple[str, int]]  # names of budgets, with nano-US-dollars


class Replay:
    """One replay. `reservations` are complete once `interrupt` was called at the end. `cost` says what an interrupted exchange counts in its budgets.

    `budgets` may be replaced when others are declared.
    """

    def __init__(self, dumped: ReservationsDump, budgets: BudgetTable | None, cost: Callable[[Intent], Spent]) -> None:
        self.reservations = Reservations()
        self.budgets = budgets
        self._cost = cost
        self._open = dict(dumped.open)
        self.reservations.advance(dumped.at_s)
        self.reservations.counters.load(dumped.limits, [each.reserved for each in self._open.values() if each.reserved is not None])
        if budgets is not None:
            self.reservations.budgets.load(dumped.budgets, budgets.by_name)
        for intent in self._open.values():
            self._hold_money(intent, 1)

    def of_writer(self, request_ids: Iterable[str]) -> "Replay":
        """The replay of the records of one writer of several, which has these exchanges under way. All of them count in the same reservations."""
        taken = {request_id: self._open.pop(request_id) for request_id in request_ids if request_id in self._open}
        everything, self._open = self._open, taken
        part = copy.copy(self)
        self._open = everything
        return part

    @property
    def open(self) -> Mapping[str, Intent]:
        """The exchanges that are under way, by their request ids."""
        return self._open

    def intent(self, intent: Intent) -> None:
        """An exchange began after the dump."""
        reserved = intent.reserved
        if reserved is not None:
            now_s = self.reservations.advance(reserved.at_s)
            if now_s > reserved.at_s:  # it is counted from now on, so that is where its settlement has to find it
                reserved = msgspec.structs.replace(reserved, at_s=now_s)
                intent = msgspec.structs.replace(intent, reserved=reserved)
            self.reservations.counters.hold_again(reserved)
            self._open[intent.request_id] = intent
            self._hold_money(intent, 1)

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
        self.reservations.counters.settle_again(reserved, settled, now_s)
        self._hold_money(intent, -1)
        for share, amount in self._shares(intent, settled.spent):
            self.reservations.budgets.replay(share, reserved.at_ns, amount)

    def _hold_money(self, intent: Intent, sign: int) -> None:
        """Reserve what an exchange may cost, or give it back."""
        reserved = intent.reserved or Reserved(at_s=0.0)
        for share, amount in self._shares(intent, reserved.money):
            self.reservations.budgets.hold_again(share, reserved.at_ns, sign * amount)

    def _shares(self, intent: Intent, amounts: Spent) -> Iterable[tuple[Share, int]]:
        """The counts of those budgets that there still are, each with its amount."""
        values = {mark.name: mark.value for mark in intent.budgets}
        for name, amount in amounts:
            share = None if self.budgets is None else self.budgets.counted(name, values.get(name, ""), intent.requester)
            if share is not None:
                yield share, amount
