"""Errors of AWS and Google Cloud in Anthropic's words."""

import json

import pytest

from headgate.dialects.provider_errors import refuses_key
from headgate.upstream.platforms.anthropic_errors import ErrorShape

GOOGLE = b'{"error":{"code":403,"message":"Permission denied on resource project acme.","status":"PERMISSION_DENIED"}}'


def shaped(status, body, kind=b""):
    shape = ErrorShape(status, [(b"x-amzn-errortype", kind)] if kind else [])
    out = shape.data(body[:7]) + shape.data(body[7:]) + shape.end()
    return json.loads(out)["error"], refuses_key(status, out)


@pytest.mark.parametrize(
    ("status", "kind", "body", "expected", "key"),
    [
        (400, b"ValidationException:http://internal.amazon.com/", b'{"message":"Malformed input request"}',
         ("invalid_request_error", "Malformed input request"), False),
        (429, b"ThrottlingException", b'{"message":"Too many tokens"}', ("rate_limit_error", "Too many tokens"), False),
        (403, b"ExpiredTokenException", b'{"message":"The security token included in the request is expired"}',
         ("authentication_error", "The security token included in the request is expired"), True),
        (403, b"AccessDeniedException", b'{"Message":"You do not have access to the model"}', ("permission_error", "You do not have access to the model"), False),
        (403, b"AccessDeniedException", b'{"Message":"Authentication failed: Please make sure your API Key is valid."}',
         ("permission_error", "Authentication failed: Please make sure your API Key is valid."), True),
        (503, b"", b"", ("overloaded_error", "It answered 503."), False),
        (403, b"", GOOGLE, ("permission_error", "Permission denied on resource project acme."), False),
        (401, b"", b"[" + GOOGLE + b"]", ("authentication_error", "Permission denied on resource project acme."), True),
        (500, b"", b"<html>no</html>", ("api_error", "<html>no</html>"), False),
    ],
)  # fmt: skip
def test_errors(status, kind, body, expected, key):
    """The message stays, the word is Anthropic's, and a refused credential can be told from a refused model."""
    error, refused = shaped(status, body, kind)
    assert ((error["type"], error["message"]), refused) == (expected, key)


def test_anthropics_own_pass():
    """What Anthropic's model itself refuses is worded by Anthropic."""
    own = b'{"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: required"},"request_id":"req_1"}'
    shape = ErrorShape(400, [])
    assert shape.data(own) + shape.end() == own


def test_a_large_body_is_not_gathered():
    """What is no error's size passes as it is."""
    shape = ErrorShape(500, [])
    assert shape.data(b"x" * 70_000) + shape.data(b"y") + shape.end() == b"x" * 70_000 + b"y"
