"""What limits, budgets and grants say at this moment, as pages show it. It reads what the gateway decides by, and changes nothing."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec

from headgate.core.access_token import AccessToken
from headgate.core.endpoint_grant import EndpointGrant
from headgate.core.limit import MEASURES, Limit
from headgate.core.principal import Principal
from headgate.exchange.reservation_store import ReservationStore
from headgate.exchange.snapshot import Snapshot
from headgate.policy.budget_states import BudgetState
from headgate.policy.limit_refusal import whose_text
from headgate.policy.limits import LIMIT_KEY_BYTES, Count, count_key
from headgate.web.api.policy import ExplainRequest


class MeterLine(msgspec.Struct, frozen=True):
    """How much of one measure of a limit is used, by what is counted together."""

    limit: Limit
    whose: str
    measure: str
    maximum: int
    used: int

    @property
    def share(self) -> float:
        """The part that is used."""
        return self.used / self.maximum

    @property
    def left(self) -> int:
        """What is left."""
        return max(0, self.maximum - self.used)


class Applying(msgspec.Struct, frozen=True):
    """What applies to one principal: all its groups and roles, the grants that name it, its limits with what is used of them, its budgets."""

    principal: Principal
    grants: Sequence[EndpointGrant]
    limits: Sequence[MeterLine]
    budgets: Sequence[BudgetState]


class Governance(msgspec.Struct, frozen=True):
    """`token_as` is a token of the principal of a name with its groups and roles, or one as it would have; `explain` answers what would happen.

    `members_of` are the names of all principals in a group.
    """

    snapshot: Callable[[], Snapshot]
    reservations: ReservationStore
    token_as: Callable[[str], AccessToken]
    explain: Callable[[ExplainRequest], dict[str, Any]]
    members_of: Callable[[str], Collection[str]] = lambda _group: ()

    def applying(self, name: str) -> Applying:
        """What applies to the user or service principal of this name."""
        return self.applying_to(self.token_as(name).principal)

    def applying_to(self, principal: Principal) -> Applying:
        """What applies to a principal, whose groups and roles are in it."""
        snapshot = self.snapshot()
        counts = snapshot.limits.counts_of(principal) if snapshot.limits is not None else []
        return Applying(
            principal,
            snapshot.permissions.of(principal) if snapshot.permissions is not None else (),
            self.meters(counts),
            self.budgets(principal),
        )

    def meters(self, counts: Sequence[Count]) -> list[MeterLine]:
        """How much of each measure of these counts is used."""
        return [
            MeterLine(count.limit, whose_text(count.limit, ""), MEASURES[place], maximum, used[place])
            for count, used in self.reservations.limits_used(counts)
            for place, maximum in count.bounds
        ]

    def budgets(self, principal: Principal | None = None) -> Sequence[BudgetState]:
        """How much of each budget is used, those with the most used first: of all counts, or of those that a principal's requests can be in."""
        budgets = self.snapshot().budgets
        return self.reservations.budget_states(budgets.table, principal) if budgets is not None else ()

    def value_meters(self, shared: Mapping[str, Count]) -> dict[str, list[tuple[bytes, Sequence[int]]]]:
        """For each limit that has a count for each value, by its id: the keys of the fullest counts with what is used, in the order of MEASURES."""
        each = {count.key: limit_id for limit_id, count in shared.items() if has_values(count.limit)}
        found: dict[str, list[tuple[bytes, Sequence[int]]]] = {limit_id: [] for limit_id in each.values()}
        for key, used in self.reservations.used_of_limits(each).items():
            found[each[key[:LIMIT_KEY_BYTES]]].append((key, used))
        for limit_id, counts in found.items():
            counts.sort(key=partial(_fullness, shared[limit_id]), reverse=True)
        return found

    def named_values(self, shared: Count, keys: Collection[bytes]) -> dict[bytes, str]:
        """Whose counts these are, as far as a principal or token that there is has them. It goes through all tokens: call it on a thread."""
        found: dict[bytes, str] = {}
        by_token = shared.limit.key == "token"
        for token in self.snapshot().tokens:
            key = count_key(shared, token.id if by_token else token.principal.id)
            if key in keys:
                found[key] = f"{token.name} of {token.principal.name}" if by_token else token.principal.name
                if len(found) == len(keys):
                    break
        return found


def has_values(limit: Limit) -> bool:
    """Whether each value of something has a count of its own."""
    return limit.key in {"user_default", "token"} or (limit.key in {"agent", "request_tag"} and not (limit.holder or limit.tag_value))


def _fullness(shared: Count, counted: tuple[bytes, Sequence[int]]) -> float:
    return max(counted[1][place] / maximum for place, maximum in shared.bounds)
