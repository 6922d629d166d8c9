"""What is known of the counts of budgets: how much is used, why a request has no room, what is held for one. Decides nothing."""

from typing import final

import msgspec

from headgate.core.budget import Budget, BudgetAction
from headgate.policy.budget_count import BudgetCount
from headgate.policy.budgets import Share


class BudgetState(msgspec.Struct, frozen=True):
    """How much of a count is used. `used` is `spent` and what is reserved for requests under way. In nano-US-dollars and nanoseconds."""

    budget: Budget
    value: str
    who: str
    nano_usd: int
    spent: int
    used: int
    resets_ns: int

    @property
    def percent(self) -> float:
        """How much is used, in percent; a budget of nothing is used up."""
        return self.used * 100 / self.nano_usd if self.nano_usd else 100.0


@final
class BudgetLack(msgspec.Struct, frozen=True):
    """Why a request does not go on as it is: a budget blocks it, or sends it to another endpoint. `amount` is what it may cost."""

    state: BudgetState
    action: BudgetAction
    amount: int


class BudgetCrossing(msgspec.Struct, frozen=True):
    """A percent of a budget that was reached for the first time in a period."""

    state: BudgetState
    action: BudgetAction


class CountRecord(msgspec.Struct, frozen=True, array_like=True):
    """One count as it is written down. What is reserved is not: the exchanges under way say it."""

    name: str
    value: str
    who: str
    begins_ns: int
    spent: int
    passed: float = 0.0


def state_of(share: Share, count: BudgetCount, used: int | None = None) -> BudgetState:
    """The state of a count, as it is or with another amount that is used."""
    allowance = share.allowance
    used = count.spent + count.reserved if used is None else used
    return BudgetState(allowance.budget, share.value, count.who, allowance.nano_usd, count.spent, used, count.ends_ns)
