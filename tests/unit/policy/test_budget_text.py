"""How budgets are put to people."""

import pytest

from headgate.policy.budget_counts import BudgetCounts
from headgate.policy.budget_states import BudgetLack
from headgate.policy.budget_text import notice, refusal, unpriced_refusal, usd_text
from headgate.policy.wants import WantedMoney
from tests.fakes.budgets import at_ns, budget, nano, shares
from tests.fakes.principals import user

NOW = at_ns("2026-11-30T20:00")


def lack_of(declared, spent, amount, reserved=0.0):
    """Why a request of ada's has no room."""
    counts = BudgetCounts()
    found = shares(declared, who=user("ada"), session_id="s1")

    def reserve(usd):
        return counts.reserve(WantedMoney(found, [nano(usd)] * len(found), NOW))

    counts.settle(reserve(0), [nano(spent)])
    reserve(reserved)
    lack = reserve(amount)
    assert isinstance(lack, BudgetLack)
    return lack


def test_the_text_says_what_is_spent_when_it_resets_and_what_to_do():
    """In the budget's own time zone; the wait is exact."""
    error = refusal(lack_of(budget("contractors, month", usd=50, zone="Europe/Berlin", per_user=True), 49.98, 0.12), NOW)

    assert error.message == (
        "Budget 'contractors, month' of ada has no room for this request: $49.98 of $50.00 is spent this month, and this request may cost $0.12. "
        "It resets on Tuesday 1 December 2026 at 00:00 (Europe/Berlin). Wait until then, use a cheaper model, or ask your Headgate administrator for more."
    )
    assert (error.status, error.code, error.retry_after_s) == (429, "budget_exhausted", 3 * 3_600)
    assert error.budget == notice(lack_of(budget("contractors, month", usd=50, zone="Europe/Berlin", per_user=True), 49.98, 0.12).state)


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        (budget("all", "day", usd=1), ["Budget 'all', which its users share, has no room", "spent today", "Tuesday 1 December 2026 at 00:00 (UTC)"]),
        (budget("all", "week", usd=1, of_session=True), ["Budget 'all' of this session has no room", "spent this week", "Monday 7 December 2026"]),
    ],
)
def test_whose_budget_it_is(declared, words):
    """A shared one, or one of the session."""
    message = refusal(lack_of(declared, 1, 0.0042), NOW).message

    assert all(word in message for word in words), message


def test_what_is_reserved_and_why_nothing_cheaper_served_is_said():
    """Both may be the reason."""
    message = refusal(lack_of(budget(usd=1), 0.5, 0.3, 0.25), NOW, "It could not be sent to endpoint haiku instead. ").message

    assert "$0.50 of $1.00 is spent this month, $0.25 is reserved for requests under way, and this request may cost $0.30. It could not be" in message


def test_a_notice_for_headers():
    """Whole percents, dollars with two decimals, a moment with its offset."""
    found = notice(lack_of(budget("b", usd=10, zone="Europe/Berlin"), 9.1234, 1).state)

    assert (found.name, found.percent, found.left_usd, found.resets) == ("b", 91, "0.88", "2026-12-01T00:00:00+01:00")
    assert notice(lack_of(budget(usd=0), 0, 1).state).left_usd == "0.00"


@pytest.mark.parametrize(
    ("usd", "text"),
    [(0, "$0.00"), (50, "$50.00"), (1250.5, "$1,250.50"), (0.1, "$0.10"), (0.0042, "$0.0042"), (0.00001, "less than $0.0001")],
)
def test_amounts(usd, text):
    """Small ones with the digits that they need."""
    assert usd_text(nano(usd)) == text


def test_a_model_without_a_price():
    """Which, whose, and where its price is stated."""
    error = unpriced_refusal("all", "qwen", "lab")

    assert (error.status, error.code) == (403, "budget_unpriced")
    assert "Model qwen of provider lab has no price, and budget 'all' refuses" in error.message
