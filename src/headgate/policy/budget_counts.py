"""Counts the money that requests spend of their budgets: reserved before a request is sent, replaced by its cost when it has ended.

Pure: the wall time is an argument, and one that goes backwards counts as the latest, so a clock that is set back gives no money back. It never blocks;
its memory is bounded. A period only moves forward, and begins with nothing spent.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from headgate.core.budget import BLOCK, DOWNGRADE, Budget
from headgate.core.principal import Principal
from headgate.policy.budget_count import BudgetCount, HeldMoney
from headgate.policy.budget_states import BudgetCrossing, BudgetLack, BudgetState, CountRecord, state_of
from headgate.policy.budgets import NEVER, BudgetTable, Share
from headgate.policy.wants import WantedMoney

VALUES_MAX = 100_000  # counts of one budget; further values share one, since a client can invent sessions
_SHARED = "\0"
_SWEPT_MAX = 2_000
_CROSSINGS_MAX = 1_000


class BudgetCounts:
    """All counts of a worker, by the name of their budget, so that a budget keeps its count when its amount changes.

    `now_ns` is the latest time, in whose periods requests are reserved.
    """

    def __init__(self, values_max: int = VALUES_MAX) -> None:
        self._values_max = values_max
        self._counts: dict[str, dict[str, BudgetCount]] = {}
        self.now_ns = 0
        self._sweep: Iterator[tuple[str, str]] = iter(())
        self._crossings: list[BudgetCrossing] = []

    def __len__(self) -> int:
        return sum(len(counts) for counts in self._counts.values())

    def reserve(self, wanted: WantedMoney) -> list[HeldMoney] | BudgetLack:
        """Reserve what a request may cost, in all counts or in none.

        A downgrade is preferred to a block: the other endpoint may be cheaper, or have no budget.
        """
        if wanted.at_ns > self.now_ns:  # ruff: ignore[if-stmt-min-max] -- a call of max() costs three times as much
            self.now_ns = wanted.at_ns
        now_ns = self.now_ns
        found: list[HeldMoney] = []
        denial: BudgetLack | None = None
        for place, share in enumerate(wanted.shares):
            allowance, amount = share.allowance, wanted.amounts[place]
            counts = self._counts.get(allowance.name)
            count = None if counts is None else counts.get(share.value)
            if count is None or now_ns >= count.ends_ns or count.budget is not allowance.budget:
                count = self._found(share, now_ns)
            used = count.spent + count.reserved
            blocked = used + amount > allowance.block_at
            if (blocked or used >= allowance.downgrade_at) and wanted.may_downgrade and allowance.downgrade_at < NEVER:
                self.release(found)
                return self._lack(share, count, DOWNGRADE, amount)
            if blocked and (denial is None or count.ends_ns > denial.state.resets_ns):
                denial = self._lack(share, count, BLOCK, amount)
            count.reserved += amount
            found.append(HeldMoney(count, amount, share, used))
        if denial is None:
            return found
        self.release(found)
        return denial

    def release(self, held: Iterable[HeldMoney]) -> None:
        """Give back what was reserved for a request that is not sent."""
        for each in held:
            count = each.kept
            if count.begins_ns == each.begins_ns:
                count.reserved -= each.nano_usd

    def settle(self, held: Sequence[HeldMoney], amounts: Sequence[int]) -> tuple[tuple[str, int], ...]:
        """Replace what was reserved by what it cost. Called once. What a period reserved that is over is gone with it. Returns the costs by budget."""
        costs: list[tuple[str, int]] = []
        for place, each in enumerate(held):
            count, amount = each.kept, amounts[place]
            costs.append((each.share.allowance.name, amount))
            if count.begins_ns == each.begins_ns:
                count.reserved -= each.nano_usd
                spent = count.spent = count.spent + amount
                if spent >= each.share.allowance.first_at:
                    self._note_crossings(each.share, count, spent)
        return tuple(costs)

    def states(self, table: BudgetTable, at_ns: int, principal: Principal | None = None) -> list[BudgetState]:
        """How much of each count is used, those with the most used first: of all counts, or of those that a principal's requests can be in."""
        now_ns = max(at_ns, self.now_ns)
        shares = table.shares_of_all() if principal is None else table.shares_of(principal)
        for name in table.names_of_own() if principal is None else table.names_of_sessions():
            for value, count in self._counts.get(name, {}).items():
                share = table.counted(name, value, count.who)
                if share is not None and (principal is None or value.startswith(f"{principal.id}\n")):
                    shares.append(share)
        found = [state_of(share, self._peek(share, now_ns)) for share in shares]
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
                count = self._counts.setdefault(record.name, {}).setdefault(record.value, BudgetCount(record.who))
                count.begins_ns, count.spent, count.passed = record.begins_ns, record.spent, record.passed
                count.advance(budget, record.begins_ns)

    def sweep(self, now_ns: int) -> None:
        """Look at some counts, and forget those whose period is over."""
        now_ns = self.now_ns = max(now_ns, self.now_ns)
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

    def _found(self, share: Share, now_ns: int) -> BudgetCount:
        budget, value = share.allowance.budget, share.value
        counts = self._counts.get(budget.name)
        if counts is None:
            counts = self._counts[budget.name] = {}
        count = counts.get(value)
        if count is None:
            count = (
                counts.setdefault(value, BudgetCount(share.who)) if len(counts) < self._values_max else counts.setdefault(_SHARED, BudgetCount(""))
            )
        if count.budget is not budget or now_ns >= count.ends_ns:
            count.advance(budget, now_ns)
        return count

    def _peek(self, share: Share, now_ns: int) -> BudgetCount:
        """The count as it is at that time. A look changes nothing: a clock that is ahead for a while ends no period by it."""
        budget = share.allowance.budget
        kept = self._counts.get(budget.name, {}).get(share.value)
        if kept is not None and kept.budget is budget and now_ns < kept.ends_ns:
            return kept
        count = BudgetCount(share.who) if kept is None else kept.copied()
        count.advance(budget, now_ns)
        return count

    def _lack(self, share: Share, count: BudgetCount, kind: str, amount: int) -> BudgetLack:
        at, action = next(mark for mark in share.allowance.marks if mark[1].kind == kind)
        self._note_crossings(share, count, at)
        return BudgetLack(state_of(share, count), action, amount)

    def _note_crossings(self, share: Share, count: BudgetCount, reached: int) -> None:
        for at, action in share.allowance.marks:
            if reached < at:
                return
            if action.percent > count.passed and len(self._crossings) < _CROSSINGS_MAX:
                count.passed = action.percent
                self._crossings.append(BudgetCrossing(state_of(share, count), action))


def warning(held: Iterable[HeldMoney]) -> BudgetState | None:
    """The count with the most used of those that warn, without what these reservations added."""
    most: BudgetState | None = None
    for each in held:
        if each.used_before >= each.share.allowance.warn_at:
            state = state_of(each.share, each.kept, each.used_before)
            if most is None or state.percent > most.percent:
                most = state
    return most
