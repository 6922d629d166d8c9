"""Errors as Claude Code really shows them."""

import json

import pytest

from headgate.core.errors import (
    BadRequest,
    BudgetExhausted,
    FeatureDisabled,
    Forbidden,
    GatewayError,
    LimitExceeded,
    NotFound,
    TooLarge,
    Unauthenticated,
    Unavailable,
    UnknownModel,
    UnsupportedMedia,
    Untranslatable,
    UpstreamFailed,
)
from headgate.dialects.anthropic.errors import answer, stream_error


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (BadRequest("Why."), 400, "invalid_request_error"),
        (Untranslatable("Why."), 400, "invalid_request_error"),
        (UnsupportedMedia("Why."), 415, "invalid_request_error"),
        (TooLarge("Why."), 413, "request_too_large"),
        (Unauthenticated("Why."), 401, "authentication_error"),
        (Forbidden("Why."), 403, "permission_error"),
        (NotFound("Why."), 404, "not_found_error"),
        (UnknownModel("Why."), 400, "invalid_request_error"),
        (FeatureDisabled("Why."), 404, "not_found_error"),
        (LimitExceeded("Why."), 429, "rate_limit_error"),
        (BudgetExhausted("Why."), 429, "billing_error"),
        (UpstreamFailed("Why."), 502, "api_error"),
        (UpstreamFailed("Why.", status=504), 504, "timeout_error"),
        (UpstreamFailed("Why.", status=529), 529, "overloaded_error"),
        (Unavailable("Why."), 503, "overloaded_error"),
        (GatewayError("Why."), 500, "api_error"),
    ],
)
def test_each_kind_has_its_status_and_type(error, status, kind):
    """The envelope of Anthropic, with the message where every reader finds it."""
    found, headers, body = answer(error, "req_1")
    told = json.loads(body)

    assert found == status
    assert told["type"] == "error"
    assert (told["error"]["type"], told["error"]["message"], told["request_id"], told["message"]) == (kind, "Why.", "req_1", "Why.")
    assert told["error_code"].isupper()
    assert (b"content-type", b"application/json") in headers


@pytest.mark.parametrize(
    ("error", "wait"),
    [
        (LimitExceeded("x", retry_after_s=2.1), b"3"),
        (LimitExceeded("x", retry_after_s=0.0), b"1"),
        (LimitExceeded("x"), b"1"),
        (LimitExceeded("x", retry_after_s=900.0), b"60"),
        (BudgetExhausted("x", retry_after_s=5.0), b"61"),
        (BudgetExhausted("x"), b"61"),
        (BudgetExhausted("x", retry_after_s=86_400.0), b"86400"),
        (Unavailable("x", retry_after_s=5.0), b"5"),
        (Unavailable("x"), None),
        (Forbidden("x"), None),
    ],
)
def test_a_wait_is_one_that_claude_code_keeps(error, wait):
    """Up to 60 s it waits; from 61 s on it stops and shows the message, which is right for a budget."""
    assert dict(answer(error, "r")[1]).get(b"retry-after") == wait


@pytest.mark.parametrize("error", [Unauthenticated("x"), Forbidden("x"), BudgetExhausted("x"), BadRequest("x")])
def test_what_will_fail_again_says_so(error):
    """Claude Code would try a 401 eleven times over three minutes."""
    assert dict(answer(error, "r")[1])[b"x-should-retry"] == b"false"


@pytest.mark.parametrize("error", [LimitExceeded("x"), UpstreamFailed("x"), Unavailable("x"), GatewayError("x")])
def test_what_may_pass_is_left_to_the_client(error):
    """No word about retries where its own rule is right."""
    assert b"x-should-retry" not in dict(answer(error, "r")[1])


def test_a_stream_ends_with_an_event():
    """Named, in one frame, and closed by an empty line, whatever the message holds."""
    frame = stream_error(UpstreamFailed("Broken\n\noff “here”.", code="cut"), "req_1")

    head, data, rest = frame.partition(b"\ndata: ")[0], frame.partition(b"\ndata: ")[2], frame[-2:]
    assert (head, rest) == (b"event: error", b"\n\n")
    assert frame.count(b"\n") == 3
    assert json.loads(data)["error"] == {"type": "api_error", "message": "Broken\n\noff “here”.", "code": "cut"}
