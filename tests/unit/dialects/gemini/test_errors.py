"""Errors as Gemini CLI really takes them."""

import json

import pytest

from headgate.core.errors import (
    BadRequest,
    BudgetExhausted,
    FeatureDisabled,
    Forbidden,
    GatewayError,
    LimitExceeded,
    LimitSpent,
    NotFound,
    TooLarge,
    Unauthenticated,
    Unavailable,
    UnknownModel,
    UpstreamFailed,
)
from headgate.dialects.gemini.errors import answer, stream_error


@pytest.mark.parametrize(
    ("error", "status", "word"),
    [
        (BadRequest("Why."), 400, "INVALID_ARGUMENT"),
        (TooLarge("Why."), 413, "INVALID_ARGUMENT"),
        (TooLarge("Why.", status=431), 431, "INVALID_ARGUMENT"),
        (Unauthenticated("Why."), 401, "UNAUTHENTICATED"),
        (Forbidden("Why."), 403, "PERMISSION_DENIED"),
        (NotFound("Why."), 404, "NOT_FOUND"),
        (UnknownModel("Why."), 404, "NOT_FOUND"),
        (FeatureDisabled("Why."), 404, "NOT_FOUND"),
        (LimitExceeded("Why."), 429, "RESOURCE_EXHAUSTED"),
        (BudgetExhausted("Why."), 429, "RESOURCE_EXHAUSTED"),
        (UpstreamFailed("Why."), 502, "INTERNAL"),
        (UpstreamFailed("Why.", status=504), 504, "DEADLINE_EXCEEDED"),
        (Unavailable("Why."), 503, "UNAVAILABLE"),
        (GatewayError("Why."), 500, "INTERNAL"),
    ],
)
def test_each_kind_has_its_status(error, status, word):
    """Google's envelope, with the message where every reader finds it and the request's id among the details."""
    found, headers, body = answer(error, "req_1")
    told = json.loads(body)

    assert found == told["error"]["code"] == status
    assert (told["error"]["status"], told["error"]["message"], told["message"]) == (word, "Why.", "Why.")
    assert told["error"]["details"][0]["metadata"] == {"request_id": "req_1"}
    assert told["error_code"].isupper()
    assert dict(headers)[b"content-type"].startswith(b"application/json")


def delay(error):
    """The delay that Gemini CLI reads."""
    details = json.loads(answer(error, "r")[2])["error"]["details"]
    return next((detail["retryDelay"] for detail in details if detail["@type"] == "type.googleapis.com/google.rpc.RetryInfo"), None)


@pytest.mark.parametrize(
    ("error", "wait"),
    [
        (LimitExceeded("x", retry_after_s=2.1), "3s"),
        (LimitExceeded("x"), "1s"),
        (LimitExceeded("x", retry_after_s=900.0), "60s"),
        (LimitSpent("x", retry_after_s=900.0), "900s"),
        (BudgetExhausted("x"), "301s"),
        (BudgetExhausted("x", retry_after_s=86_400.0), "86400s"),
        (Unavailable("x", retry_after_s=5.0), "5s"),
        (Forbidden("x"), None),
    ],
)
def test_a_wait_stands_in_the_body(error, wait):
    """A limit is waited for; above 300 s Gemini CLI stops and shows the message, which is right for a budget. The header says the same."""
    assert delay(error) == wait
    header = dict(answer(error, "r")[1]).get(b"retry-after")
    assert header == (wait and wait.removesuffix("s").encode())


def test_what_will_fail_again_says_so():
    """For the SDKs; a limit says nothing of the kind."""
    assert dict(answer(Unauthenticated("x"), "r")[1])[b"x-should-retry"] == b"false"
    assert b"x-should-retry" not in dict(answer(LimitExceeded("x"), "r")[1])


def test_a_stream_ends_with_an_error_chunk():
    """An unnamed chunk: no comment and no `event:` line, both of which Gemini CLI cannot read."""
    frame = stream_error(UpstreamFailed("Broken\n\noff."), "req_1")

    assert frame.startswith(b"data: {")
    assert frame.endswith(b"}\r\n\r\n")
    assert frame.count(b"\n") == 2
    assert json.loads(frame.removeprefix(b"data: "))["error"]["message"] == "Broken\n\noff."


def test_a_limit_of_some_minutes_ends_the_turn_too():
    """The wait in the body is long enough to stop Gemini CLI; the header, which others read, is exact."""
    error = LimitSpent("x", retry_after_s=90.0)

    assert delay(error) == "301s"
    assert dict(answer(error, "r")[1])[b"retry-after"] == b"90"
