"""The count of a budget in its period."""

from headgate.policy.budget_count import BudgetCount
from tests.fakes.budgets import at_ns, budget


def test_a_period_begins_with_nothing_spent_and_never_goes_back():
    """Neither when the clock does, nor when the budget's period becomes a longer one that began earlier."""
    day, month = budget(per="day", usd=1), budget(per="month", usd=1)
    count = BudgetCount("ada")
    count.advance(day, at_ns("2026-11-18T12:00"))
    count.spent, count.reserved, count.passed = 5, 7, 80.0
    count.advance(day, at_ns("2026-11-18T23:59"))
    assert (count.spent, count.reserved, count.passed) == (5, 7, 80.0)
    count.advance(day, at_ns("2026-11-19T00:00"))
    assert (count.spent, count.reserved, count.passed) == (0, 0, 0.0)
    assert (count.begins_ns, count.ends_ns) == (at_ns("2026-11-19T00:00"), at_ns("2026-11-20T00:00"))

    count.spent = 3
    count.advance(day, at_ns("2026-11-18T12:00"))
    count.advance(month, at_ns("2026-11-19T12:00"))
    assert (count.spent, count.begins_ns, count.ends_ns) == (3, at_ns("2026-11-19T00:00"), at_ns("2026-12-01T00:00"))


def test_a_copy_has_the_same_content_and_counts_apart():
    """Looking ahead in a copy changes nothing of the count."""
    day = budget(per="day", usd=1)
    count = BudgetCount("ada")
    count.advance(day, at_ns("2026-11-18T12:00"))
    count.spent, count.reserved, count.passed = 5, 7, 80.0
    copy = count.copied()
    assert (copy.who, copy.budget, copy.begins_ns, copy.ends_ns) == ("ada", day, count.begins_ns, count.ends_ns)
    assert (copy.spent, copy.reserved, copy.passed) == (5, 7, 80.0)

    copy.advance(day, at_ns("2026-11-19T00:00"))
    assert (count.spent, count.reserved, count.passed, count.ends_ns) == (5, 7, 80.0, at_ns("2026-11-19T00:00"))
