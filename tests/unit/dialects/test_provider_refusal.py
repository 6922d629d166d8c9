"""A provider's error answer as an error of Headgate's kinds."""

import pytest

from headgate.core.errors import BadRequest, BudgetExhausted, Forbidden, LimitExceeded, LimitSpent, TooLarge, UnknownModel, UpstreamFailed
from headgate.core.event import Failed
from headgate.dialects.provider_refusal import refusal_of_provider


@pytest.mark.parametrize(
    ("status", "code", "kind", "said", "told_as"),
    [
        (400, "invalid_request_error", BadRequest, 400, "invalid_request_error"),
        (422, "", BadRequest, 422, ""),
        (402, "", BudgetExhausted, 429, "insufficient_quota"),
        (429, "insufficient_quota", BudgetExhausted, 429, "insufficient_quota"),
        (403, "permission_error", Forbidden, 403, "permission_error"),
        (404, "not_found_error", UnknownModel, 404, "model_not_found"),
        (413, "request_too_large", TooLarge, 413, "request_too_large"),
        (429, "rate_limit_error", LimitExceeded, 429, "rate_limit_error"),
        (500, "", UpstreamFailed, 500, "provider_error"),
        (529, "overloaded_error", UpstreamFailed, 503, "overloaded_error"),
        (200, "overloaded_error", UpstreamFailed, 503, "overloaded_error"),
        (200, "RESOURCE_EXHAUSTED", LimitExceeded, 429, "RESOURCE_EXHAUSTED"),
        (200, "429", LimitExceeded, 429, "429"),
        (200, "503", UpstreamFailed, 503, "503"),
        (200, "1234", UpstreamFailed, 502, "1234"),
        (200, "something", UpstreamFailed, 502, "something"),
    ],
)
def test_the_kind_of_an_error(status, code, kind, said, told_as):
    """By the status; inside a stream by the code. The provider's own message is kept."""
    error = refusal_of_provider(status, {}, Failed(code, "Why."))
    assert (type(error), error.status, error.code, error.message) == (kind, said, told_as, "Why.")


def test_an_answer_without_words():
    """Says its status."""
    assert refusal_of_provider(503, {}, None).message == "The provider answered 503."


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (400, "context_length_exceeded", "This model's maximum context length is 8 tokens."),
        (400, "invalid_request_error", "prompt is too long: 9 tokens > 8 maximum"),
        (400, "INVALID_ARGUMENT", "The input token count (9) exceeds the maximum number of tokens allowed (8)."),
        (200, "context_length_exceeded", "Your input exceeds the context window of this model."),
    ],
)
def test_a_prompt_that_is_too_long(status, code, message):
    """Has the code that Codex acts on and the words that Claude Code acts on, whoever said it."""
    error = refusal_of_provider(status, {}, Failed(code, message))
    assert (type(error), error.code) == (BadRequest, "context_length_exceeded")
    assert error.message.lower().startswith("prompt is too long: ")
    assert message in error.message


@pytest.mark.parametrize(
    ("names", "message", "wait_s"),
    [
        ({b"retry-after": b"7"}, "", 7.0),
        ({b"retry-after-ms": b"1500", b"retry-after": b"2"}, "", 1.5),
        ({b"retry-after": b"Wed, 21 Oct 2026 07:28:00 GMT"}, "Please try again in 300ms.", 0.3),
        ({}, "Rate limit reached. Please try again in 1.5s.", 1.5),
        ({}, "Please retry in 2 minutes.", 120.0),
        ({}, "Slow down.", None),
    ],
)
def test_how_long_to_wait(names, message, wait_s):
    """By a header, else by the message; longer than an agent waits is a limit that is spent."""
    error = refusal_of_provider(429, names, Failed("rate_limit_error", message))
    assert error.retry_after_s == wait_s
    assert isinstance(error, LimitSpent) is (wait_s is not None and wait_s > 60)


@pytest.mark.parametrize("value", [b"inf", b"nan", b"1e999", b"-1e999", b"x", b""])
def test_a_wait_that_is_no_number_is_none(value):
    """A provider writes anything there."""
    assert refusal_of_provider(429, {b"retry-after": value, b"retry-after-ms": value}, None).retry_after_s is None


def test_a_message_without_end_is_cut():
    """Also one with digits without end."""
    refused = refusal_of_provider(429, {}, Failed("", "try again in " + "9" * 10_000_000))

    assert (refused.retry_after_s, len(refused.message)) == (None, 8000)
