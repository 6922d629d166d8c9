"""Declared limits for tests, and a store of reservations that answers in a later step, too late, or never."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from headgate.core.clock import Clock
from headgate.core.limit import Limit
from headgate.core.principal import Principal
from headgate.core.record import Intent, Settled
from headgate.exchange.reservation_store import Decided, MemoryReservations
from headgate.policy.budget_states import BudgetCrossing, BudgetState
from headgate.policy.budgets import BudgetTable
from headgate.policy.limits import Count
from headgate.policy.reservation import Reservation, Used
from headgate.policy.wants import Wants


def limit(
    key: str = "endpoint", per: str = "minute", *, endpoint: str = "*", holder: str = "", tag: str = "", hard: bool = False, **bounds: int
) -> Limit:
    """A limit, as the configuration compiles it. `tag` is `key` or `key=value`."""
    tag_key, _, tag_value = tag.partition("=")
    return Limit(
        id=f"{endpoint} {key} {holder} {tag} {per}",
        endpoint=endpoint,
        key=key,
        holder=holder,
        tag_key=tag_key,
        tag_value=tag_value,
        per=per,
        bounds=tuple(bounds.items()),
        hard=hard,
    )


class LateReservations:
    """Decides only in `answer`. A decision that was taken out of `asked` is lost."""

    def __init__(self, clock: Clock) -> None:
        self.decider = MemoryReservations(clock)
        self.asked: list[tuple[Wants, Decided]] = []
        self.settled: list[Used] = []

    def reserve(self, wants: Wants, decided: Decided) -> None:
        """Keep the question."""
        self.asked.append((wants, decided))

    def begin(self, intent: Intent) -> None:
        """It goes on."""
        self.decider.begin(intent)

    def settle(self, reservation: Reservation, used: Used) -> Settled:
        """Count, and keep what was counted."""
        self.settled.append(used)
        return self.decider.settle(reservation, used)

    def crossings(self) -> Sequence[BudgetCrossing]:
        """Those of the decisions so far."""
        return self.decider.crossings()

    def budget_states(self, table: BudgetTable, principal: Principal | None = None) -> Sequence[BudgetState]:
        """Those of the decisions so far."""
        return self.decider.budget_states(table, principal)

    def limits_used(self, counts: Iterable[Count]) -> Sequence[tuple[Count, Sequence[int]]]:
        """Those of the decisions so far."""
        return self.decider.limits_used(counts)

    def used_of_limits(self, limit_keys: Collection[bytes]) -> Mapping[bytes, Sequence[int]]:
        """Those of the decisions so far."""
        return self.decider.used_of_limits(limit_keys)

    def tick(self) -> None:
        """Nothing is due."""

    def answer(self) -> None:
        """Decide all that was asked."""
        asked, self.asked = self.asked, []
        for wants, decided in asked:
            self.decider.reserve(wants, decided)
