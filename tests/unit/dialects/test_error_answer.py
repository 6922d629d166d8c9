"""Databricks' words, how long to wait, and the headers of an error answer."""

import pytest

from headgate.core.budget import BudgetNotice
from headgate.core.errors import BadRequest, BudgetExhausted, Forbidden, GatewayError, LimitExceeded, LimitSpent, OverLimit, Unauthenticated
from headgate.core.limit_state import LimitState
from headgate.dialects.error_answer import error_code, headers, wait_s


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (BadRequest("x"), "INVALID_PARAMETER_VALUE"),
        (Unauthenticated("x"), "UNAUTHENTICATED"),
        (Forbidden("x"), "PERMISSION_DENIED"),
        (LimitExceeded("x"), "REQUEST_LIMIT_EXCEEDED"),
        (LimitSpent("x"), "REQUEST_LIMIT_EXCEEDED"),
        (BudgetExhausted("x"), "RESOURCE_EXHAUSTED"),
        (GatewayError("x"), "INTERNAL_ERROR"),
    ],
)
def test_each_kind_has_its_word(error, word):
    """The word for the kind, and one for whatever else."""
    assert error_code(error) == word


@pytest.mark.parametrize(
    ("error", "seconds", "seconds_that_end"),
    [
        (LimitExceeded("x"), 1, 1),
        (LimitExceeded("x", retry_after_s=7.2), 8, 8),
        (LimitExceeded("x", retry_after_s=3600), 60, 60),
        (LimitSpent("x", retry_after_s=62), 0, 62),
        (LimitSpent("x", retry_after_s=5000.5), 0, 5001),
        (BudgetExhausted("x"), 0, 61),
        (BudgetExhausted("x", retry_after_s=5000.5), 0, 5001),
        (BadRequest("x"), 0, 0),
    ],
)
def test_how_long_to_wait(error, seconds, seconds_that_end):
    """A minute at most, and for a spent budget so long that an agent that reads it gives up."""
    assert (wait_s(error), wait_s(error, 61)) == (seconds, seconds_that_end)


def test_headers():
    """A wait and the advice not to repeat are said where they hold."""
    assert headers(BadRequest("x"), 0) == [(b"content-type", b"application/json"), (b"x-should-retry", b"false")]
    assert headers(LimitExceeded("x"), 3, b"text/x") == [(b"content-type", b"text/x"), (b"retry-after", b"3")]


def test_an_error_of_a_limit_says_how_much_is_left():
    """In headers of our own; the time only where there is one."""
    state = LimitState("group", "tokens", 100, 7, 12)
    told = dict(headers(LimitExceeded("x", retry_after_s=12, limit=state), 12))
    never = dict(headers(OverLimit("x", limit=LimitState("group", "tokens", 100, 7)), 0))

    assert told[b"x-headgate-limit-key"] == b"group"
    assert (told[b"x-headgate-limit-measure"], told[b"x-headgate-limit-max"], told[b"x-headgate-limit-remaining"]) == (b"tokens", b"100", b"7")
    assert told[b"x-headgate-limit-reset"] == b"12"
    assert b"x-headgate-limit-reset" not in never
    assert never[b"x-should-retry"] == b"false"


def test_a_spent_budget_says_what_is_left_in_headers():
    """What no header can have becomes a question mark."""
    notice = BudgetNotice("équipe, day", 101, "0.00", "2026-12-01T00:00:00+01:00")

    assert dict(headers(BudgetExhausted("Spent.", retry_after_s=100, budget=notice), 100)) == {
        b"content-type": b"application/json",
        b"retry-after": b"100",
        b"x-should-retry": b"false",
        b"x-headgate-budget-name": b"?quipe, day",
        b"x-headgate-budget-percent": b"101",
        b"x-headgate-budget-left-usd": b"0.00",
        b"x-headgate-budget-resets": b"2026-12-01T00:00:00+01:00",
    }
