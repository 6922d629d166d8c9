"""How much of a budget's count is used, as others see it."""

import pytest

from headgate.policy.budget_count import BudgetCount
from headgate.policy.budget_states import state_of
from tests.fakes.budgets import at_ns, budget, nano, shares


def test_what_is_used_is_spent_or_reserved():
    """Unless another amount is named; a budget of nothing is used up."""
    (share,) = shares(budget(per="day", usd=2))
    count = BudgetCount("ada")
    count.advance(share.allowance.budget, at_ns("2026-11-18T12:00"))
    count.spent, count.reserved = nano(0.5), nano(1)
    state, before = state_of(share, count), state_of(share, count, nano(0.5))

    assert (state.spent, state.used, state.nano_usd, state.who) == (nano(0.5), nano(1.5), nano(2), "ada")
    assert (state.percent, before.percent) == (pytest.approx(75), pytest.approx(25))
    assert state.resets_ns == at_ns("2026-11-19T00:00")
    assert state_of(shares(budget(usd=0))[0], count).percent == 100
