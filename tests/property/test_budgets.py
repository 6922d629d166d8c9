"""Budgets against a plain model that keeps every request: whatever happens in whatever order, a period overspends by no more than estimates were wrong."""

import datetime as dt

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from headgate.policy.budget_counts import BudgetCounts
from headgate.policy.budget_period import period_at
from headgate.policy.budget_states import BudgetLack
from headgate.policy.budgets import BudgetTable, Spender
from headgate.policy.wants import WantedMoney
from tests.fakes.budgets import at_ns, budget
from tests.fakes.examples import count
from tests.fakes.principals import user

USERS = (user("ada", "staff"), user("ben", "staff"), user("cyd"))
FILTERS = st.sampled_from([{}, {"per_user": True}, {"holder_kind": "group", "holder": "staff"}, {"holder_kind": "user", "holder": "ada"}])
ZONES = ("UTC", "Europe/Berlin", "America/Havana")
NANO = 10**9
HOURS = st.sampled_from([0, 1, 23, 24, 25, 24 * 7, 24 * 31, -1, -25, -24 * 40])


class Event:
    """A request in one count: what it holds or has cost, in the period that it began in."""

    def __init__(self, count, begins_ns, reserved):
        self.count = count
        self.begins_ns = begins_ns
        self.amount = reserved
        self.excess = 0  # how much more it cost than was reserved


class Budgets(RuleBasedStateMachine):
    """Reserves, settles, gives back, restarts and jumps in time, in any order."""

    @initialize(
        declared=st.lists(
            st.tuples(FILTERS, st.sampled_from(["day", "week", "month"]), st.sampled_from(ZONES), st.integers(1, 60)), min_size=1, max_size=4
        )
    )
    def begin(self, declared):
        """With any budgets that block."""
        budgets = [budget(f"b{n}", per, usd=usd, zone=zone, **filters) for n, (filters, per, zone, usd) in enumerate(declared)]
        self.table, self.counts = BudgetTable(budgets), BudgetCounts()
        self.clock_ns, self.latest_ns = at_ns("2026-10-24T12:00"), 0
        self.events = []
        self.open = []

    @rule(who=st.sampled_from(USERS), amount=st.integers(0, 25))
    def reserve(self, who, amount):
        """Admitted exactly as far as all counts have room; what is denied leaves no trace."""
        shares = self.table.shares(Spender(who, "opus"))
        self.latest_ns = max(self.latest_ns, self.clock_ns)
        decision = self.counts.reserve(WantedMoney(shares, [amount * NANO] * len(shares), self.clock_ns))
        fits = [self._used(share) + amount <= share.allowance.nano_usd // NANO for share in shares]
        assert isinstance(decision, list) == all(fits)
        if isinstance(decision, BudgetLack):
            assert decision.state.used == self._used_of(decision.state.budget, decision.state.value) * NANO
            return
        events = [Event((share.allowance.budget.name, share.value), self._begins(share.allowance.budget), amount) for share in shares]
        self.events += events
        self.open.append((decision, events))

    @precondition(lambda self: self.open)
    @rule(data=st.data(), cost=st.integers(0, 40))
    def settle(self, data, cost):
        """To more or to less."""
        held, events = self.open.pop(data.draw(st.integers(0, len(self.open) - 1)))
        self.counts.settle(held, [cost * NANO] * len(held))
        for event in events:
            event.excess = max(0, cost - event.amount)
            event.amount = cost

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def give_back(self, data):
        """Of one that was not sent."""
        held, events = self.open.pop(data.draw(st.integers(0, len(self.open) - 1)))
        self.counts.release(held)
        for event in events:
            event.amount = 0

    @rule(hours=HOURS)
    def wait(self, hours):
        """Time passes, or the clock jumps."""
        self.clock_ns += hours * 3_600 * NANO

    @rule()
    def sweep(self):
        """Counts whose period is over go."""
        self.latest_ns = max(self.latest_ns, self.clock_ns)
        self.counts.sweep(self.clock_ns)

    @rule()
    def restart(self):
        """What was spent is loaded again; requests under way are gone."""
        self.clock_ns = self.latest_ns = max(self.latest_ns, self.clock_ns)
        for _, events in self.open:
            for event in events:
                event.amount = 0
        self.open = []
        records, self.counts = self.counts.dump(), BudgetCounts()
        self.counts.load(records, self.table.by_name)
        self.counts.sweep(self.clock_ns)

    @invariant()
    def no_period_overspends(self):
        """By more than its estimates were too low."""
        for state in self.counts.states(self.table, self.clock_ns) if hasattr(self, "counts") else ():
            events = self._events_of(state.budget, state.value)
            assert state.used == sum(event.amount for event in events) * NANO
            assert state.used <= state.nano_usd + sum(event.excess for event in events) * NANO

    def _begins(self, declared):
        return period_at(declared.per, declared.zone, self.latest_ns).begins_ns

    def _events_of(self, declared, value):
        begins_ns = period_at(declared.per, declared.zone, max(self.latest_ns, self.clock_ns)).begins_ns
        return [event for event in self.events if event.count == (declared.name, value) and event.begins_ns == begins_ns]

    def _used(self, share):
        return self._used_of(share.allowance.budget, share.value)

    def _used_of(self, declared, value):
        return sum(event.amount for event in self._events_of(declared, value))


def test_no_history_overspends_by_more_than_its_estimates_were_too_low():
    """Whatever is reserved, settled and given back, at whatever times, over restarts; and each decision is that of the model."""
    run_state_machine_as_test(Budgets, settings=settings(max_examples=count(300), stateful_step_count=40, deadline=None))


def test_in_any_order_of_estimates_that_are_right_nothing_is_overspent():
    """The hard mode's promise: what is reserved is at least what it costs."""
    counts, day = BudgetCounts(), budget("day", "day", usd=10)
    (share,) = BudgetTable([day]).shares(Spender(USERS[0], "opus"))
    now_ns = int(dt.datetime(2026, 11, 18, tzinfo=dt.UTC).timestamp()) * NANO
    held = [counts.reserve(WantedMoney([share], [3 * NANO], now_ns)) for _ in range(5)]
    for each in held:
        if isinstance(each, list):
            counts.settle(each, [3 * NANO])
    (state,) = counts.states(BudgetTable([day]), now_ns)
    assert state.spent == 9 * NANO
