"""Errors as clients of OpenAI's formats act on them."""

import json

import pytest

from headgate.core import errors
from headgate.dialects.openai_errors import answer, answer_in_responses, code, text

CASES = [
    (errors.BadRequest("no model"), 400, "invalid_request_error", "bad_request"),
    (errors.BadRequest("twice", code="duplicate_key"), 400, "invalid_request_error", "duplicate_key"),
    (errors.TooLarge("too large"), 413, "invalid_request_error", "too_large"),
    (errors.UnsupportedMedia("not JSON"), 415, "invalid_request_error", "bad_request"),
    (errors.Unauthenticated("unknown token"), 401, "authentication_error", "invalid_api_key"),
    (errors.Forbidden("not yours", code="not_granted"), 403, "permission_error", "model_not_found"),
    (errors.NotFound("no route"), 404, "invalid_request_error", "not_found"),
    (errors.UnknownModel("no such model"), 404, "invalid_request_error", "model_not_found"),
    (errors.FeatureDisabled("off"), 404, "invalid_request_error", "model_not_found"),
    (errors.LimitExceeded("spent", retry_after_s=7.2), 429, "rate_limit_error", "rate_limit_exceeded"),
    (errors.LimitSpent("spent", retry_after_s=9_999), 429, "insufficient_quota", "insufficient_quota"),
    (errors.OverLimit("too much", code="over_limit"), 400, "invalid_request_error", "over_limit"),
    (errors.BudgetExhausted("spent", retry_after_s=9_999), 429, "insufficient_quota", "insufficient_quota"),
    (errors.UpstreamFailed("cut", status=504, code="timeout"), 504, "server_error", "timeout"),
    (errors.Untranslatable("cannot be said"), 400, "invalid_request_error", "bad_request"),
    (errors.Unavailable("draining", retry_after_s=2), 503, "server_error", "unavailable"),
    (errors.GatewayError("a bug"), 500, "server_error", "internal"),
]


@pytest.mark.parametrize(("error", "status", "kind", "word"), CASES)
def test_every_error_has_the_envelope_and_a_message_on_top(error, status, kind, word):
    """`error` as OpenAI shapes it, with `error_code` and `message` beside it."""
    sent, headers, body = answer(error, "req_1")
    told = json.loads(body)
    assert sent == status
    assert (b"content-type", b"application/json") in headers
    assert told["error"]["type"] == kind
    assert told["error"]["code"] == word == code(error)
    assert told["error"]["param"] is None
    assert told["error"]["message"].startswith(error.message)
    assert told["message"] == told["error"]["message"]
    assert told["error_code"]


@pytest.mark.parametrize(("seconds", "sent"), [(None, b"1"), (0, b"1"), (0.2, b"1"), (7.2, b"8"), (60, b"60"), (3_600, b"60")])
def test_a_limit_always_says_when_to_come_back(seconds, sent):
    """Whole seconds, at least 1 and at most 60: Codex gives up at once without them, and waits for hours with more."""
    error = errors.LimitExceeded("600 requests a minute are spent.", retry_after_s=seconds)
    headers = dict(answer(error, "req_1")[1])
    assert headers[b"retry-after"] == sent
    assert b"x-should-retry" not in headers
    assert text(error) == f"600 requests a minute are spent. Please try again in {sent.decode()}s."


def test_a_limit_that_already_says_so_is_left_alone():
    """The words come once."""
    error = errors.LimitExceeded("Spent; try again in 12s.", retry_after_s=12)
    assert text(error) == "Spent; try again in 12s."


def test_a_spent_budget_is_not_waited_for():
    """No Retry-After: the agent stops and says why."""
    headers = dict(answer(errors.BudgetExhausted("The budget resets on Monday.", retry_after_s=50_000), "req_1")[1])
    assert b"retry-after" not in headers
    assert headers[b"x-should-retry"] == b"false"


@pytest.mark.parametrize("error", [errors.Unauthenticated("x"), errors.Forbidden("x"), errors.UnknownModel("x"), errors.BadRequest("x")])
def test_a_refusal_is_not_to_be_repeated(error):
    """An SDK that asks again gets the same answer; it is told so."""
    assert dict(answer(error, "req_1")[1])[b"x-should-retry"] == b"false"


def test_a_failure_may_be_repeated():
    """502 and 503 say nothing against asking again, and 503 says when."""
    assert b"x-should-retry" not in dict(answer(errors.UpstreamFailed("x"), "req_1")[1])
    assert dict(answer(errors.Unavailable("x", retry_after_s=2), "req_1")[1])[b"retry-after"] == b"2"


@pytest.mark.parametrize("stops", [errors.LimitSpent("later", retry_after_s=700), errors.BudgetExhausted("later", retry_after_s=700)])
def test_codex_shows_the_text_of_a_limit_only_where_it_should_not_wait(stops):
    """A 429 with a wait is one for Codex too; a longer one, and a spent budget, are a 403 with the code that it shows the message of."""
    waits = errors.LimitExceeded("soon", retry_after_s=7)
    assert answer_in_responses(waits, "req_1") == answer(waits, "req_1")
    status, headers, body = answer_in_responses(stops, "req_1")

    assert status == 403
    assert (b"x-should-retry", b"false") in headers
    assert json.loads(body)["error"] == {"message": "later", "type": "insufficient_quota", "code": "model_not_found", "param": None}
