"""Which error answers are about Headgate's own key, which about what it added, and failures in every shape of OpenAI's formats."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.core.event import Failed
from headgate.dialects.provider_errors import failed, refuses_key, refuses_usage


def _google(code: int, reason: str) -> bytes:
    return b'{"error":{"code":%d,"message":"No.","status":"X","details":[{"@type":"x"},{"reason":"%b","domain":"googleapis.com"}]}}' % (
        code,
        reason.encode(),
    )


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, b""),
        (401, b"<html>"),
        (401, b'{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}'),
        (403, b'{"error":{"message":"Incorrect API key provided","type":"invalid_request_error","code":"invalid_api_key"}}'),
        (403, b'{"error_code":"403","message":"Invalid access token."}'),
        (403, b'{"error":"Invalid API key"}'),
        (403, b'{"error":{"code":403,"message":"Your API key was reported as leaked. Please use another API key.","status":"PERMISSION_DENIED"}}'),
        (403, _google(403, "API_KEY_SERVICE_BLOCKED")),
        (400, _google(400, "API_KEY_INVALID")),
    ],
)
def test_the_key_is_refused(status: int, body: bytes) -> None:
    """As each provider says it, and as gateways before them do."""
    assert refuses_key(status, body)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b'{"error":{"type":"authentication_error"}}'),
        (404, b'{"error":{"type":"authentication_error"}}'),
        (400, b'{"error":{"message":"Invalid API key in tools[0].headers","type":"invalid_request_error"}}'),
        (403, b'{"type":"error","error":{"type":"permission_error","message":"Your API key does not have permission to use the model."}}'),
        (403, b'{"error":{"message":"Project does not have access to model gpt-x","code":"model_not_found"}}'),
        (403, b'{"error_code":"PERMISSION_DENIED","message":"User may not query endpoint x."}'),
        (403, _google(403, "SERVICE_DISABLED")),
        (403, b""),
        (400, _google(400, "INVALID")),
    ],
)
def test_something_else_is_refused(status: int, body: bytes) -> None:
    """A model, a region, a request: that is the client's to know."""
    assert not refuses_key(status, body)


def test_the_ask_for_usage_is_refused() -> None:
    """With a status for bad requests, by either name of it."""
    for status in (400, 422):
        assert refuses_usage(status, b'{"detail":[{"loc":["body","stream_options"],"msg":"extra fields not permitted"}]}')
        assert refuses_usage(status, b"unknown field include_usage")
        assert not refuses_usage(status, b"unknown field usage")
    assert not refuses_usage(500, b"stream_options")


@given(
    st.sampled_from([400, 401, 403]),
    st.binary(max_size=40) | st.sampled_from([b'{"error":[]}', b'{"error":{"details":{}}}', b'{"error":{"details":[[]]}}']),
)
def test_any_body_can_be_asked(status: int, body: bytes) -> None:
    """Nothing is raised."""
    assert refuses_key(status, body) == (status == 401)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (({"code": "c", "type": "t", "message": "m"},), Failed("c", "m")),
        (({"code": None, "type": "t", "message": "m"},), Failed("t", "m")),
        (({"code": 429, "message": None},), Failed("429", "")),
        (({},), Failed("", "")),
        (("it broke",), Failed("", "it broke")),
        ((None, "PERMISSION_DENIED", "no"), Failed("PERMISSION_DENIED", "no")),
        ((None,), None),
        (("",), None),
        ((7,), None),
        (([],), None),
    ],
)
def test_failures_in_every_shape(arguments, expected):
    """OpenAI's object, a bare text, Databricks' pair; anything else is no failure."""
    assert failed(*arguments) == expected
