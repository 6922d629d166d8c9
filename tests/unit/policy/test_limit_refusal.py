"""What a denial says to people, and to agents: wait, stop, or never."""

import math

import pytest

from headgate.core.errors import LimitExceeded, LimitSpent, OverLimit
from headgate.policy.limit_denial import LimitDenial
from headgate.policy.limit_refusal import refusal
from tests.fakes.limits import limit

CASES = [
    (limit(requests=60), "", "the limit of 60 requests per minute for all users together on all endpoints together"),
    (limit("user_default", endpoint="opus", requests=60), "usr_1", "for each user on endpoint opus"),
    (limit("user", "hour", holder="ada", requests=60), "", "60 requests per hour for user ada on"),
    (limit("group", endpoint="gpt-*", holder="staff", requests=60), "", "for group staff (shared by its members) on the endpoints gpt-* together"),
    (limit("service_principal", holder="bot", requests=60), "", "for service principal bot"),
    (limit("request_tag", tag="team", requests=60), "red", "for requests with the tag team = red"),
    (limit("request_tag", tag="team=blue", requests=60), "", "for requests with the tag team = blue"),
    (limit("token", requests=60), "tok_1", "for each token"),
    (limit("agent", requests=60), "codex", "for agent codex"),
    (limit("agent", requests=60), "", "for each agent"),
]


@pytest.mark.parametrize(("declared", "value", "said"), CASES)
def test_the_text_names_the_limit_its_scope_its_end_and_what_to_do(declared, value, said):
    """For every key, with a code of its own."""
    error = refusal(LimitDenial(declared, value, "requests", 60, 60, 1, 11.2))

    assert type(error) is LimitExceeded
    assert said.casefold() in error.message.casefold()
    assert "It fits in 12 seconds." in error.message
    assert "ask your Headgate administrator" in error.message
    assert (error.code, error.retry_after_s) == (f"limit_{declared.key}", 12)
    assert error.limit is not None
    assert (error.limit.maximum, error.limit.remaining, error.limit.reset_s) == (60, 0, 12)


@pytest.mark.parametrize(
    ("wait_s", "kind", "said"),
    [
        (0.1, LimitExceeded, "in 1 second."),
        (60.0, LimitExceeded, "in 60 seconds."),
        (60.1, LimitExceeded, "in 61 seconds."),
        (61.1, LimitSpent, "in 62 seconds."),
        (119.5, LimitSpent, "in 2 minutes."),
        (3_700.0, LimitSpent, "in 62 minutes."),
        (7_200.0, LimitSpent, "in 2 h."),
        (86_000.0, LimitSpent, "in 23 h 54 min."),
    ],
)
def test_an_agent_waits_for_a_minute_at_most(wait_s, kind, said):
    """And for the last part of a minute; what lasts longer should stop it."""
    error = refusal(LimitDenial(limit(requests=60), "", "requests", 60, 60, 1, wait_s))

    assert type(error) is kind
    assert said in error.message
    assert error.repeatable is (kind is LimitExceeded)


def test_requests_at_a_time_have_no_time():
    """The agent tries again soon."""
    error = refusal(LimitDenial(limit(concurrent=4), "", "concurrent", 4, 4, 1, 1.0))

    assert "limit of 4 requests at a time for" in error.message
    assert "4 are under way" in error.message
    assert error.retry_after_s == 1


def test_one_is_said_as_one():
    """A limit of one request, the shortest that people write."""
    at_a_time = refusal(LimitDenial(limit(concurrent=1), "", "concurrent", 1, 1, 1, 1.0))
    an_hour = refusal(LimitDenial(limit(per="hour", requests=1), "", "requests", 1, 1, 1, 3_642.0))

    assert "limit of 1 request at a time for all users together" in at_a_time.message
    assert "1 is under way. Wait until it ends, or ask" in at_a_time.message
    assert "limit of 1 request per hour for all users together" in an_hour.message
    assert "1 is counted, and this request needs 1." in an_hour.message


def test_what_can_never_fit_says_so():
    """It is no matter of time: the same request fails again."""
    error = refusal(LimitDenial(limit("user_default", tokens=1_000), "u", "tokens", 1_000, 0, 35_000, math.inf))

    assert type(error) is OverLimit
    assert (error.status, error.code, error.retry_after_s, error.repeatable) == (400, "over_limit", None, False)
    assert "may need 35,000 tokens" in error.message
    assert "never let through" in error.message
