"""Money that is reserved and spent: one decision at a time. Histories are in tests/property/test_budgets.py."""

import pytest

from headgate.core.principal import Principal
from headgate.policy.budget_counts import BudgetCounts, warning
from headgate.policy.budget_states import BudgetLack
from headgate.policy.budgets import BudgetTable
from headgate.policy.wants import WantedMoney
from tests.fakes.budgets import at_ns, budget, nano, shares
from tests.fakes.principals import user

NOON = at_ns("2026-11-18T12:00")
MIDNIGHT = at_ns("2026-11-19T00:00")


def reserve(counts, *amounts, of, who=None, at=NOON, may_downgrade=True):
    """Reserve amounts in dollars."""
    return counts.reserve(WantedMoney(shares(*of, who=who), [nano(amount) for amount in amounts], at, may_downgrade=may_downgrade))


def spend(counts, *amounts, of, who=None, at=NOON):
    """Reserve and settle to the same."""
    held = reserve(counts, *amounts, of=of, who=who, at=at)
    assert isinstance(held, list)
    counts.settle(held, [nano(amount) for amount in amounts])


def test_what_fits_is_reserved_and_what_does_not_is_blocked():
    """To the last nano-dollar; what is reserved counts as used."""
    day = budget(per="day", usd=1)
    counts = BudgetCounts()
    reserve(counts, 0.6, of=[day])
    reserve(counts, 0.4, of=[day])
    lack = counts.reserve(WantedMoney(shares(day), [1], NOON))

    assert isinstance(lack, BudgetLack)
    assert (lack.action.kind, lack.amount, lack.state.spent, lack.state.used, lack.state.percent) == ("block", 1, 0, nano(1), 100.0)
    assert lack.state.resets_ns == MIDNIGHT


def test_all_budgets_need_room():
    """What has no room in one is reserved in none; of two that block, the one that resets last is named."""
    day, month = budget("day", "day", usd=1), budget("month", usd=10)
    counts = BudgetCounts()
    spend(counts, 1, 1, of=[day, month])

    assert reserve(counts, 1, 1, of=[day, month]).state.budget is day
    spend(counts, 9, of=[month])
    assert reserve(counts, 1, 1, of=[day, month]).state.budget is month
    assert [state.used for state in counts.states(BudgetTable([day, month]), NOON)] == [nano(1), nano(10)]


def test_a_settlement_replaces_what_was_reserved():
    """By more or by less; what is not sent goes back."""
    day = budget(per="day", usd=10)
    counts = BudgetCounts()
    first, second, third = (reserve(counts, 1, of=[day]) for _ in range(3))
    counts.settle(first, [nano(2.5)])
    counts.settle(second, [0])
    counts.release(third)

    (state,) = counts.states(BudgetTable([day]), NOON)
    assert (state.spent, state.used) == (nano(2.5), nano(2.5))


def test_a_period_begins_with_nothing_spent_and_forgets_what_the_last_one_reserved():
    """A request that began before midnight counts on the day that it began."""
    day = budget(per="day", usd=1)
    counts = BudgetCounts()
    open_at_midnight = reserve(counts, 0.9, of=[day])
    assert isinstance(reserve(counts, 0.9, of=[day]), BudgetLack)

    spend(counts, 0.9, of=[day], at=MIDNIGHT)
    counts.settle(open_at_midnight, [nano(0.9)])
    (state,) = counts.states(BudgetTable([day]), MIDNIGHT)
    assert (state.spent, state.used) == (nano(0.9), nano(0.9))


def test_a_clock_that_is_set_back_gives_nothing_back():
    """A period only moves forward; the count waits in it for the clock."""
    day = budget(per="day", usd=1)
    counts = BudgetCounts()
    spend(counts, 1, of=[day], at=MIDNIGHT)

    assert isinstance(reserve(counts, 0.1, of=[day], at=NOON), BudgetLack)
    counts.sweep(NOON)
    assert isinstance(reserve(counts, 0.1, of=[day], at=NOON), BudgetLack)


def test_a_look_ends_no_period():
    """A clock that is ahead for a while is set right: what was spent, and what is under way, count on."""
    day = budget(per="day", usd=10)
    counts = BudgetCounts()
    held = reserve(counts, 2, of=[day])
    assert [state.used for state in counts.states(BudgetTable([day]), MIDNIGHT)] == [0]

    assert [state.used for state in counts.states(BudgetTable([day]), NOON)] == [nano(2)]
    counts.settle(held, [nano(3)])
    assert [state.spent for state in counts.states(BudgetTable([day]), NOON)] == [nano(3)]


def test_a_downgrade_comes_before_the_block():
    """As soon as its percent is used, and where the request itself has no room; not for one that was sent elsewhere already."""
    month = budget(usd=10, actions="90 downgrade haiku, 100 block")
    counts = BudgetCounts()
    assert reserve(counts, 11, of=[month]).action.to == "haiku"
    spend(counts, 8.9, of=[month])
    assert isinstance(reserve(counts, 0.05, of=[month]), list)
    spend(counts, 0.1, of=[month])
    assert reserve(counts, 0.05, of=[month]).action.kind == "downgrade"
    assert isinstance(reserve(counts, 0.05, of=[month], may_downgrade=False), list)
    assert reserve(counts, 2, of=[month], may_downgrade=False).action.kind == "block"


def test_a_budget_without_a_block_only_reports():
    """Its requests go on."""
    month = budget(usd=1, actions="50 warn")
    counts = BudgetCounts()
    spend(counts, 5, of=[month])

    assert isinstance(reserve(counts, 5, of=[month]), list)


def test_a_budget_of_nothing_blocks_what_costs_and_is_used_up():
    """What is free has room."""
    month = budget(usd=0)
    counts = BudgetCounts()

    assert reserve(counts, 0.1, of=[month]).state.percent == pytest.approx(100)
    assert isinstance(reserve(counts, 0, of=[month]), list)


def test_a_warning_is_for_the_count_with_the_most_used():
    """Without what the request itself reserves."""
    day, month = budget("day", "day", usd=1, actions="50 warn"), budget("month", usd=10, actions="1 warn")
    counts = BudgetCounts()
    assert warning(reserve(counts, 0.9, 0.9, of=[day, month])) is None
    state = warning(reserve(counts, 0.1, 0.1, of=[day, month]))

    assert (state.budget, state.used) == (day, nano(0.9))


def test_a_percent_is_reported_once_in_a_period():
    """By what is spent, or by what was refused or sent elsewhere; in the next period again."""
    day = budget(per="day", usd=1, actions="50 warn, 80 warn, 100 block")
    counts = BudgetCounts()
    spend(counts, 0.4, of=[day])
    assert counts.crossings() == []
    spend(counts, 0.15, of=[day])
    spend(counts, 0.05, of=[day])
    assert [crossing.action.percent for crossing in counts.crossings()] == [50]
    for _ in range(3):
        reserve(counts, 0.9, of=[day])
    assert [(crossing.action.percent, crossing.state.spent) for crossing in counts.crossings()] == [(80, nano(0.6)), (100, nano(0.6))]
    spend(counts, 0.9, of=[day], at=MIDNIGHT)
    assert [crossing.action.percent for crossing in counts.crossings()] == [50, 80]


def test_counts_are_found_by_name():
    """A raised amount, or another period, goes on with what is spent."""
    counts = BudgetCounts()
    spend(counts, 1, of=[budget(per="day", usd=1)])

    assert isinstance(reserve(counts, 0.5, of=[budget(per="day", usd=1)]), BudgetLack)
    assert isinstance(reserve(counts, 0.5, of=[budget(per="day", usd=2)]), list)
    assert isinstance(reserve(counts, 1, of=[budget(per="month", usd=1)]), BudgetLack)


def test_what_is_left_for_a_principal_and_for_all():
    """Those with the most used first; of sessions those of the principal."""
    budgets = [budget("shared", usd=10), budget("each", per_user=True, usd=5), budget("session", of_session=True, usd=2)]
    table, counts = BudgetTable(budgets), BudgetCounts()
    for who, session in ((user("ada"), "s1"), (user("ben"), "s2")):
        found = shares(*budgets, who=who, session_id=session)
        counts.settle(counts.reserve(WantedMoney(found, [0] * len(found), NOON)), [nano(1)] * 3)

    def shown(principal: Principal | None = None):
        return [(state.budget.name, state.who, state.spent, state.percent) for state in counts.states(table, NOON, principal)]

    assert shown(user("ada")) == [("session", "ada", nano(1), 50.0), ("each", "ada", nano(1), 20.0), ("shared", "", nano(2), 20.0)]
    assert [row[:2] for row in shown()] == [("session", "ada"), ("session", "ben"), ("each", "ada"), ("each", "ben"), ("shared", "")]
    assert shown(user("new")) == [("shared", "", nano(2), 20.0), ("each", "new", 0, 0.0)]
    assert len(counts) == 5  # asking makes no count


def test_counts_outlive_a_restart():
    """What was written down and what was replayed after it; what is reserved does not count, and no percent is reported twice."""
    day = budget(per="day", usd=1, per_user=True, actions="50 warn, 100 block")
    before, after = BudgetCounts(), BudgetCounts()
    spend(before, 0.6, of=[day])
    reserve(before, 0.3, of=[day])
    after.load(before.dump(), {"all": day})
    after.load(before.dump(), {})
    (share,) = shares(day)
    after.replay(share, NOON, nano(0.2))
    after.replay(share, NOON - 86_400 * 10**9, nano(0.7))  # its period is over

    (state,) = after.states(BudgetTable([day]), NOON)
    assert (state.spent, state.used, state.who) == (nano(0.8), nano(0.8), "ada")
    spend(after, 0.1, of=[day])
    assert after.crossings() == []
    assert isinstance(reserve(after, 0.2, of=[day]), BudgetLack)
    after.load(before.dump(), {"all": day})
    spend(after, 0.9, of=[day], at=MIDNIGHT)


def test_further_values_share_a_count():
    """A client can invent sessions; memory stays bounded, and none of them has a budget of its own."""
    session = budget(of_session=True, usd=1)
    counts = BudgetCounts(values_max=3)
    for number in range(3):
        counts.reserve(WantedMoney(shares(session, session_id=str(number)), [nano(1)], NOON))
    for number, fits in ((3, True), (4, False)):
        decision = counts.reserve(WantedMoney(shares(session, session_id=str(number)), [nano(1)], NOON))
        assert isinstance(decision, list) == fits
    assert len(counts) == 4


def test_a_sweep_forgets_counts_whose_period_is_over():
    """Others stay."""
    day, month = budget("day", "day", usd=1), budget("month", "week", usd=1)
    counts = BudgetCounts()
    spend(counts, 0.5, 0.5, of=[day, month])
    for _ in range(2):
        counts.sweep(NOON)
    assert len(counts) == 2
    for _ in range(2):
        counts.sweep(MIDNIGHT)
    assert len(counts) == 1
    assert [pytest.approx(state.spent) for state in counts.states(BudgetTable([day, month]), MIDNIGHT)] == [nano(0.5), 0]
