"""Where exchanges reserve: the port, and the store in this process, which decides at once."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Protocol

from headgate.core.clock import Clock
from headgate.core.principal import Principal
from headgate.core.record import Intent, Settled
from headgate.policy.budget_states import BudgetCrossing, BudgetState
from headgate.policy.budgets import BudgetTable, Share
from headgate.policy.limits import Count
from headgate.policy.reservation import Denial, Reservation, Used
from headgate.policy.reservations import Reservations
from headgate.policy.reservations_dump import ReservationsDump
from headgate.policy.wants import Wants
from headgate.policy.window import Totals

Decided = Callable[[Reservation | Denial], None]


class ReservationStore(Protocol):
    """Holds what all exchanges have reserved and used. Whatever is reserved is settled, also where the decision comes too late."""

    def reserve(self, wants: Wants, decided: Decided) -> None:
        """Reserve all that is wanted or nothing, and call `decided` with the reservation or the denial: before this returns, or later. Never raises."""

    def begin(self, intent: Intent) -> None:
        """An exchange that has a reservation is about to be sent; a start after a crash goes on from its record. Never raises."""

    def settle(self, reservation: Reservation, used: Used) -> Settled:
        """Replace what was reserved by what was used. Called once for each reservation. Never raises. Returns what the record says of it."""

    def crossings(self) -> Sequence[BudgetCrossing]:
        """The percents of budgets that were reached since the last call."""

    def budget_states(self, table: BudgetTable, principal: Principal | None = None) -> Sequence[BudgetState]:
        """How much of each budget is used, as far as is known here: of all counts, or of those that a principal's requests can be in."""

    def limits_used(self, counts: Iterable[Count]) -> Sequence[tuple[Count, Sequence[int]]]:
        """How much of each count of a limit is used, in the order of MEASURES. For people, not for decisions."""

    def used_of_limits(self, limit_keys: Collection[bytes]) -> Mapping[bytes, Sequence[int]]:
        """How much of the counts of some limits is used, by the keys of the counts, as far as a bounded look finds them. For people, not for decisions."""

    def tick(self) -> None:
        """Called about twice a second, off the path of any exchange."""


class MemoryReservations:
    """What is reserved and used in this process; by default it begins empty. It decides at once.

    Its time is the monotonic clock's, put forward by `ahead_s`, so that it goes on from that of an earlier process.
    """

    def __init__(self, clock: Clock, begun: Reservations | None = None, ahead_s: float = 0.0) -> None:
        self._clock = clock
        self._reservations = begun or Reservations()
        self._ahead_s = ahead_s

    def reserve(self, wants: Wants, decided: Decided) -> None:
        """Decide."""
        decided(self._reservations.reserve(wants, self._clock.monotonic_s() + self._ahead_s))

    def begin(self, intent: Intent) -> None:
        """Remember it until it is settled."""
        self._reservations.begin(intent)

    def settle(self, reservation: Reservation, used: Used) -> Settled:
        """Count what was used."""
        return self._reservations.settle(reservation, used, self._clock.monotonic_s() + self._ahead_s)

    def crossings(self) -> Sequence[BudgetCrossing]:
        """The percents of budgets that were reached since the last call."""
        return self._reservations.budgets.crossings()

    def budget_states(self, table: BudgetTable, principal: Principal | None = None) -> list[BudgetState]:
        """How much of each budget is used."""
        return self._reservations.budgets.states(table, self._clock.wall_ns(), principal)

    def count_spent(self, spent: Iterable[tuple[Share, int, int]]) -> None:
        """Count what was spent of budgets elsewhere than in an exchange of this process: of which count, when, and how many nano-US-dollars."""
        for share, at_ns, nano_usd in spent:
            self._reservations.budgets.replay(share, at_ns, nano_usd)

    def limits_used(self, counts: Iterable[Count]) -> list[tuple[Count, Totals]]:
        """How much of each count of a limit is used, in the order of MEASURES."""
        return self._reservations.limits_used(counts, self._now_s())

    def used_of_limits(self, limit_keys: Collection[bytes]) -> Mapping[bytes, Sequence[int]]:
        """How much of the counts of some limits is used, by the keys of the counts."""
        return self._reservations.used_of_limits(limit_keys, self._now_s())

    def tick(self) -> None:
        """Forget counts that are empty."""
        self._reservations.sweep(self._now_s(), self._clock.wall_ns())

    def dump(self) -> ReservationsDump:
        """All that is known now, to be written before anything else is counted."""
        return self._reservations.dump(self._now_s())

    def _now_s(self) -> float:
        return self._clock.monotonic_s() + self._ahead_s
