"""What requests reserve before they are sent, and use in the end: in all counts together, or in none.

Pure: the time is an argument, and one that goes backwards counts as the latest. It never blocks. What it knows can be dumped; `replay` goes on from there.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence

from headgate.core.record import Intent, Reserved, Settled
from headgate.policy.budget_count import HeldMoney
from headgate.policy.budget_counts import BudgetCounts
from headgate.policy.budget_states import BudgetLack
from headgate.policy.counters import Counters, settle
from headgate.policy.limit_denial import LimitDenial
from headgate.policy.limits import Count
from headgate.policy.reservation import Denial, Reservation, Used
from headgate.policy.reservations_dump import ReservationsDump
from headgate.policy.wants import Wants
from headgate.policy.window import Totals


class Reservations:
    """All that the requests of a worker have reserved and used."""

    def __init__(self) -> None:
        self.counters = Counters()
        self.budgets = BudgetCounts()
        self._now_s = -math.inf
        self._open: dict[str, Intent] = {}

    def reserve(self, wants: Wants, now_s: float) -> Reservation | Denial:
        """Reserve in all counts, or in none. A budget that has no room is named before a limit: waiting does not help it."""
        money: Sequence[HeldMoney] = ()
        if wants.money is not None:
            found = self.budgets.reserve(wants.money)
            if type(found) is BudgetLack:
                return found
            money = found
        if now_s > self._now_s:
            self._now_s = now_s
        else:
            now_s = self._now_s
        holding = self.counters.hold(wants, now_s)
        if type(holding) is LimitDenial:
            self.budgets.release(money)
            return holding
        room, keys, nearest = holding
        if not money:
            return Reservation(wants.request_id, Reserved(at_s=now_s, input_tokens=wants.input_tokens, counts=tuple(keys)), nearest, room, ())
        amounts: list[tuple[str, int]] = []
        for each in money:
            amounts.append((each.share.allowance.name, each.nano_usd))  # ruff: ignore[manual-list-comprehension] -- slower for one or two
        reserved = Reserved(at_s=now_s, at_ns=self.budgets.now_ns, input_tokens=wants.input_tokens, counts=tuple(keys), money=tuple(amounts))
        return Reservation(wants.request_id, reserved, nearest, room, money)

    def begin(self, intent: Intent) -> None:
        """An exchange that has a reservation is about to be sent."""
        self._open[intent.request_id] = intent

    def settle(self, reservation: Reservation, used: Used, now_s: float) -> Settled:
        """Replace what was reserved by what was used. Called once."""
        self._open.pop(reservation.request_id, None)
        if now_s > self._now_s:
            self._now_s = now_s
        else:
            now_s = self._now_s
        spent: tuple[tuple[str, int], ...] = ()
        if used.costs:
            spent = self.budgets.settle(reservation.money, used.costs)
        elif reservation.money:
            self.budgets.release(reservation.money)
        settled = Settled(at_s=now_s, requests=used.requests, input_tokens=used.input_tokens, output_tokens=used.output_tokens, spent=spent)
        if reservation.room:
            settle(reservation.room, reservation.reserved, settled, now_s)
        return settled

    def limits_used(self, counts: Iterable[Count], now_s: float) -> list[tuple[Count, Totals]]:
        """How much of each count of a limit is used, in the order of MEASURES."""
        return self.counters.used(counts, self.advance(now_s))

    def used_of_limits(self, limit_keys: Collection[bytes], now_s: float) -> dict[bytes, Totals]:
        """How much of the counts of some limits is used, by the keys of the counts. It looks at a bounded number of counts."""
        return self.counters.used_of_limits(limit_keys, self.advance(now_s))

    def sweep(self, now_s: float, wall_ns: int = 0) -> None:
        """Forget some counts that are empty."""
        self.counters.sweep(self.advance(now_s))
        self.budgets.sweep(wall_ns)

    @property
    def open(self) -> Mapping[str, Intent]:
        """The exchanges of this process that are under way, by their request ids."""
        return self._open

    def dump(self, now_s: float) -> ReservationsDump:
        """All that is known now. It shares its parts with the counts, so it is to be written before anything else is counted."""
        return ReservationsDump(self.advance(now_s), self._open, self.counters.dump(), self.budgets.dump())

    def advance(self, now_s: float) -> float:
        """The latest time, from which all is counted."""
        if now_s > self._now_s:  # ruff: ignore[if-stmt-min-max] -- a call of max() costs three times as much
            self._now_s = now_s
        return self._now_s
