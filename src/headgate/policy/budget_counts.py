"""Counts the money that requests spend of their budgets: reserved before a request is sent, replaced by its cost when it has ended.

Pure: the wall time is an argument, and one that goes backwards counts as the latest, so a clock that is set back gives no money back. It never blocks;
its memory is bounded. A period only moves forward, and begins with nothing spent.
"""

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from headgate.core.budget import BLOCK, DOWNGRADE, Budget, BudgetAction
from headgate.core.principal import Principal
from headgate.policy.budget_period import period_at
from headgate.policy.budgets import NEVER, BudgetTable, Share

VALUES_MAX = 100_000  # counts of one budget; further values share one, since a client can invent sessions
_SHARED = "\0"
_SWEPT_MAX = 2_000
_CROSSINGS_MAX = 1_000


Spending = tuple[Share, int]
"""How much of a count a request needs, in nano-US-dollars."""


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


class BudgetLack(msgspec.Struct, frozen=True):
    """Why a request does not go on as it is: a budget blocks it, or sends it to another endpoint. `amount` is what it may cost."""

    state: BudgetState
    action: BudgetAction
    amount: int


class BudgetCrossing(msgspec.Struct, frozen=True):
    """A percent of a budget that was reached for the first time in a period."""

    state: BudgetState
    action: BudgetAction


class HeldMoney(msgspec.Struct, frozen=True):
    """What is reserved of one count for a request, in the period that began then. `used_before` is what others used of it."""

    kept: "_Count"
    begins_ns: int
    nano_usd: int
    share: Share
    used_before: int


class _Count:
    """One count in its period. `passed` is the highest percent that was reported."""

    __slots__ = ("begins_ns", "budget", "ends_ns", "passed", "reserved", "spent", "who")

    def __init__(self, who: str) -> None:
        self.who = who
        self.budget: Budget | None = None
        self.begins_ns = self.ends_ns = 0
        self.spent = self.reserved = 0
        self.passed = 0.0

    def advance(self, budget: Budget, now_ns: int) -> None:
        """Move on to the period that this moment is in, unless the count is in a later one."""
        self.budget = budget
        period = period_at(budget.per, budget.zone, now_ns)
        if period.begins_ns > self.begins_ns:
            self.begins_ns = period.begins_ns
            self.spent = self.reserved = 0
            self.passed = 0.0
        self.ends_ns = max(period.ends_ns, self.begins_ns)


class CountRecord(msgspec.Struct, frozen=True, array_like=True):
    """One count as it is written down. What is reserved is not: the exchanges under way say it."""

    name: str
    value: str
    who: str
    begins_ns: int
    spent: int
    passed: float = 0.0


class BudgetCounts:
    """All counts of a worker, by the name of their budget, so that a budget keeps its count when its amount changes."""

    def __init__(self) -> None:
        self._counts: dict[str, dict[str, _Count]] = {}
        self._now_ns = 0
        self._sweep: Iterator[tuple[str, str]] = iter(())
        self._crossings: list[BudgetCrossing] = []

    @property
    def now_ns(self) -> int:
        """The latest time, in whose periods requests are reserved."""
        return self._now_ns

    def __len__(self) -> int:
        return sum(len(counts) for counts in self._counts.values())

    def reserve(self, spendings: Sequence[Spending], at_ns: int, *, may_downgrade: bool) -> "list[HeldMoney] | BudgetLack":
        """Reserve what a request may cost in all counts, or in none.

        A downgrade is preferred to a block: the other endpoint may be cheaper, or have no budget.
        """
        if at_ns > self._now_ns:  # ruff: ignore[if-stmt-min-max] -- a call of max() costs three times as much
            self._now_ns = at_ns
        now_ns = self._now_ns
        found: list[HeldMoney] = []
        denial: BudgetLack | None = None
        for share, amount in spendings:
            allowance = share.allowance
            count = self._found(share, now_ns)
            used = count.spent + count.reserved
            blocked = used + amount > allowance.block_at
            if (blocked or used >= allowance.downgrade_at) and may_downgrade and allowance.downgrade_at < NEVER:
                return self._lack(share, count, DOWNGRADE, amount)
            if blocked and (denial is None or count.ends_ns > denial.state.resets_ns):
                denial = self._lack(share, count, BLOCK, amount)
            found.append(HeldMoney(count, count.begins_ns, amount, share, used))
        if denial is not None:
            return denial
        for held in found:
            held.kept.reserved += held.nano_usd
        return found

    def release(self, held: Iterable[HeldMoney]) -> None:
        """Give back what was reserved for a request that is not sent."""
        for each in held:
            count = each.kept
            if count.begins_ns == each.begins_ns:
                count.reserved -= each.nano_usd

    def settle(self, held: Iterable[HeldMoney], amounts: Iterable[int]) -> tuple[tuple[str, int], ...]:
        """Replace what was reserved by what it cost. Called once. What a period reserved that is over is gone with it. Returns the costs by budget."""
        spent: tuple[tuple[str, int], ...] = ()
        for each, amount in zip(held, amounts, strict=True):
            count, share = each.kept, each.share
            spent += ((share.allowance.budget.name, amount),)
            if count.begins_ns == each.begins_ns:
                count.reserved -= each.nano_usd
                count.spent += amount
                self._note_crossings(share, count, count.spent)
        return spent

    def states(self, table: BudgetTable, at_ns: int, principal: Principal | None = None) -> list[BudgetState]:
        """How much of each count is used, those with the most used first: of all counts, or of those that a principal's requests can be in."""
        now_ns = max(at_ns, self._now_ns)
        shares = table.shares_of_all() if principal is None else table.shares_of(principal)
        for name in table.names_of_own() if principal is None else table.names_of_sessions():
            for value, count in self._counts.get(name, {}).items():
                share = table.counted(name, value, count.who)
                if share is not None and (principal is None or value.startswith(f"{principal.id}\n")):
                    shares.append(share)
        found = [_state(share, self._peek(share, now_ns)) for share in shares]
        return sorted(found, key=lambda state: (-state.percent, state.budget.name, state.who))

    def crossings(self) -> list[BudgetCrossing]:
        """The percents that were reached since the last call."""
        found, self._crossings = self._crossings, []
        return found

    def replay(self, share: Share, began_ns: int, amount: int) -> None:
        """Count what a request cost that began then; nothing if its period is over."""
        count = self._found(share, began_ns)
        if began_ns >= count.begins_ns:
            count.spent += amount

    def hold_again(self, share: Share, began_ns: int, amount: int) -> None:
        """Reserve for a request that began elsewhere; a negative amount gives it back. Nothing if its period is over."""
        count = self._found(share, began_ns)
        if began_ns >= count.begins_ns:
            count.reserved += amount

    def dump(self) -> list[CountRecord]:
        """All counts, to be written down."""
        return [
            CountRecord(name, value, count.who, count.begins_ns, count.spent, count.passed)
            for name, counts in self._counts.items()
            for value, count in counts.items()
            if count.spent
        ]

    def load(self, records: Iterable[CountRecord], budgets: Mapping[str, Budget]) -> None:
        """Go on from counts that were written down, of those budgets that there still are."""
        for record in records:
            budget = budgets.get(record.name)
            if budget is not None:
                count = self._counts.setdefault(record.name, {}).setdefault(record.value, _Count(record.who))
                count.begins_ns, count.spent, count.passed = record.begins_ns, record.spent, record.passed
                count.advance(budget, record.begins_ns)

    def sweep(self, now_ns: int) -> None:
        """Look at some counts, and forget those whose period is over."""
        now_ns = self._now_ns = max(now_ns, self._now_ns)
        for _ in range(_SWEPT_MAX):
            found = next(self._sweep, None)
            if found is None:
                self._sweep = iter([(name, value) for name, counts in self._counts.items() for value in counts])
                return
            name, value = found
            counts = self._counts.get(name, {})
            count = counts.get(value)
            if count is not None and count.ends_ns <= now_ns:
                del counts[value]
                if not counts:
                    del self._counts[name]

    def _found(self, share: Share, now_ns: int) -> _Count:
        budget, value = share.allowance.budget, share.value
        counts = self._counts.get(budget.name)
        if counts is None:
            counts = self._counts[budget.name] = {}
        count = counts.get(value)
        if count is None:
            count = counts.setdefault(value, _Count(share.who)) if len(counts) < VALUES_MAX else counts.setdefault(_SHARED, _Count(""))
        if count.budget is not budget or now_ns >= count.ends_ns:
            count.advance(budget, now_ns)
        return count

    def _peek(self, share: Share, now_ns: int) -> _Count:
        """The count as it is at that time. A look changes nothing: a clock that is ahead for a while ends no period by it."""
        budget = share.allowance.budget
        kept = self._counts.get(budget.name, {}).get(share.value)
        if kept is not None and kept.budget is budget and now_ns < kept.ends_ns:
            return kept
        count = _Count(share.who) if kept is None else copy.copy(kept)
        count.advance(budget, now_ns)
        return count

    def _lack(self, share: Share, count: _Count, kind: str, amount: int) -> BudgetLack:
        at, action = next(mark for mark in share.allowance.marks if mark[1].kind == kind)
        self._note_crossings(share, count, at)
        return BudgetLack(_state(share, count), action, amount)

    def _note_crossings(self, share: Share, count: _Count, reached: int) -> None:
        for at, action in share.allowance.marks:
            if reached < at:
                return
            if action.percent > count.passed and len(self._crossings) < _CROSSINGS_MAX:
                count.passed = action.percent
                self._crossings.append(BudgetCrossing(_state(share, count), action))


def warning(held: Iterable[HeldMoney]) -> BudgetState | None:
    """The count with the most used of those that warn, without what these reservations added."""
    most: BudgetState | None = None
    for each in held:
        if each.used_before >= each.share.allowance.warn_at:
            state = _state(each.share, each.kept, each.used_before)
            if most is None or state.percent > most.percent:
                most = state
    return most


def _state(share: Share, count: _Count, used: int | None = None) -> BudgetState:
    allowance = share.allowance
    used = count.spent + count.reserved if used is None else used
    return BudgetState(allowance.budget, share.value, count.who, allowance.nano_usd, count.spent, used, count.ends_ns)
