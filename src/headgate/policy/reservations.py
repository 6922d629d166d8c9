"""What requests reserve before they are sent, and use in the end: in all counts together, or in none.

Pure: the time is an argument, and one that goes backwards counts as the latest. It never blocks.
"""

import math
from collections.abc import Sequence

import msgspec

from headgate.core.limit import LimitState
from headgate.policy.budget_counts import BudgetCounts, BudgetLack, HeldMoney, Spending
from headgate.policy.counters import Amounts, Counters, Held, LimitDenial, Used, settle
from headgate.policy.limits import RequestCounts

Denial = LimitDenial | BudgetLack  # why a request is not let through


class Wants(msgspec.Struct, frozen=True):
    """What a request needs room for. `output_bound` is the most that it can be answered with, for hard limits.

    `spendings` is what it needs of budgets, at the wall time `at_ns`. One that was sent to another endpoint by a budget is not sent on again.
    """

    counts: RequestCounts
    input_tokens: int = 0
    output_tokens: int = 0
    output_bound: int = 0
    spendings: Sequence[Spending] = ()
    at_ns: int = 0
    may_downgrade: bool = True


class Reservation(msgspec.Struct):
    """What is reserved for one request until it is settled, of limits and of budgets. `nearest` is the limit with the least left."""

    input_tokens: int
    held: Held
    nearest: LimitState | None
    money: Sequence[HeldMoney] = ()


class Reservations:
    """All that the requests of a worker have reserved and used."""

    def __init__(self) -> None:
        self.counters = Counters()
        self.budgets = BudgetCounts()
        self._now_s = -math.inf

    def reserve(self, wants: Wants, now_s: float) -> Reservation | Denial:
        """Reserve in all counts, or in none. A budget that has no room is named before a limit: waiting does not help it."""
        money: Sequence[HeldMoney] = ()
        if wants.spendings:
            found = self.budgets.reserve(wants.spendings, wants.at_ns, may_downgrade=wants.may_downgrade)
            if isinstance(found, BudgetLack):
                return found
            money = found
        now_s = self._advance(now_s)
        amounts = Amounts(wants.input_tokens, wants.output_tokens, wants.output_bound)
        room = self.counters.find_room(wants.counts, amounts, now_s)
        if isinstance(room, LimitDenial):
            self.budgets.release(money)
            return room
        held, nearest = self.counters.hold(room, amounts, now_s)
        return Reservation(wants.input_tokens, held, nearest, money)

    def settle(self, reservation: Reservation, used: Used, now_s: float) -> None:
        """Replace what was reserved by what was used. Called once."""
        held, reservation.held = reservation.held, []
        settle(held, reservation.input_tokens, used, self._advance(now_s))
        if reservation.money:
            money, reservation.money = reservation.money, ()
            if used.costs:
                self.budgets.settle(money, used.costs)
            else:
                self.budgets.release(money)

    def sweep(self, now_s: float, wall_ns: int = 0) -> None:
        """Forget some counts that are empty."""
        self.counters.sweep(self._advance(now_s))
        self.budgets.sweep(wall_ns)

    def _advance(self, now_s: float) -> float:
        self._now_s = max(now_s, self._now_s)
        return self._now_s
