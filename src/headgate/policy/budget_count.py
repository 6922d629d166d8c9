"""The count of a budget in its current period, and what is held of it. Pure: the moment is an argument."""

from typing import final

from headgate.core.budget import Budget
from headgate.policy.budget_period import period_at
from headgate.policy.budgets import Share


@final
class BudgetCount:
    """One count in its period. `passed` is the highest percent that was reported."""

    __slots__ = ("begins_ns", "budget", "ends_ns", "passed", "reserved", "spent", "who")

    def __init__(self, who: str) -> None:
        self.who = who
        self.budget: Budget | None = None
        self.begins_ns = self.ends_ns = 0
        self.spent = self.reserved = 0
        self.passed = 0.0

    def copied(self) -> "BudgetCount":
        """Another one with the same content."""
        copy = BudgetCount(self.who)
        copy.budget, copy.begins_ns, copy.ends_ns = self.budget, self.begins_ns, self.ends_ns
        copy.spent, copy.reserved, copy.passed = self.spent, self.reserved, self.passed
        return copy

    def advance(self, budget: Budget, now_ns: int) -> None:
        """Move on to the period that this moment is in, unless the count is in a later one."""
        self.budget = budget
        period = period_at(budget.per, budget.zone, now_ns)
        if period.begins_ns > self.begins_ns:
            self.begins_ns = period.begins_ns
            self.spent = self.reserved = 0
            self.passed = 0.0
        self.ends_ns = max(period.ends_ns, self.begins_ns)


@final
class HeldMoney:
    """What is reserved of one count for a request, in the period that began then. `used_before` is what others used of it."""

    __slots__ = ("begins_ns", "kept", "nano_usd", "share", "used_before")

    def __init__(self, kept: BudgetCount, nano_usd: int, share: Share, used_before: int) -> None:
        self.kept = kept
        self.begins_ns = kept.begins_ns
        self.nano_usd = nano_usd
        self.share = share
        self.used_before = used_before
