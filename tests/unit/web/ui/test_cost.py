"""What budgets cost by day."""

import datetime as dt
from zoneinfo import ZoneInfo

from headgate.core.budget import NANO_PER_USD, Budget
from headgate.policy.budget_forecast import BudgetForecast
from headgate.policy.budget_states import BudgetState
from headgate.web.ui.cost import BudgetLine, days_of


def test_hours_become_days_of_the_time_zone():
    """For each principal, and for all together; a budget that is gone is left out."""
    rows = [
        ("team", "ada", "2026-11-09T22:00:00.000Z", 1.5),
        ("team", "ben", "2026-11-09T23:00:00.000Z", 2.0),
        ("team", "ada", "2026-11-10T10:00:00.000Z", 0.5),
        ("gone", "ada", "2026-11-10T10:00:00.000Z", 9.0),
    ]
    days = days_of(rows, {"team": ZoneInfo("Europe/Berlin")})
    ninth, tenth = dt.date(2026, 11, 9), dt.date(2026, 11, 10)
    assert days == {
        ("team", "ada"): {ninth: 1_500_000_000, tenth: 500_000_000},
        ("team", "ben"): {tenth: 2_000_000_000},
        ("team", ""): {ninth: 1_500_000_000, tenth: 2_500_000_000},
    }


def test_a_line():
    """Whose money, what is left, never less than nothing."""
    budget = Budget(name="b", nano_usd=10 * NANO_PER_USD, per="month", holder_kind="group", holder="web")
    state = BudgetState(budget, "", "", budget.nano_usd, 11 * NANO_PER_USD, 12 * NANO_PER_USD, 0)
    line = BudgetLine(state, BudgetForecast(at_end=20 * NANO_PER_USD), "tomorrow")
    assert (line.whose, line.usd, line.spent, line.reserved, line.left, line.at_end) == ("web, together", 10, 11, 1, 0, 20)
