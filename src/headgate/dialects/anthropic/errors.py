"""How Headgate's errors are worded for clients of Anthropic Messages.

What Claude Code does with a status (seen with 2.1.330): 400, 402 and 422 end the turn and show the message; 403 too; 404 hides it behind a text about the
selected model; 401 is tried eleven times over 190 s unless `x-should-retry: false`; 429 is waited for as `retry-after` says up to 60 s, and ends
the turn with the message from 61 s on; 5xx is retried. So an unknown model is a 400 here, and a spent budget says at least 61 s, as does a limit
that has no room for longer.
"""

import msgspec

from headgate.core.errors import GatewayError
from headgate.core.headers import Headers
from headgate.dialects.error_answer import error_code, headers, wait_s

_WAIT_ENDS_S = 61

_TYPES = (
    ("bad_request", "invalid_request_error"),
    ("too_large", "request_too_large"),
    ("unauthenticated", "authentication_error"),
    ("forbidden", "permission_error"),
    ("not_found", "not_found_error"),
    ("model_not_found", "invalid_request_error"),
    ("feature_disabled", "not_found_error"),
    ("limit_exceeded", "rate_limit_error"),
    ("limit_spent", "rate_limit_error"),
    ("budget_exhausted", "billing_error"),
    ("unavailable", "overloaded_error"),
)


def answer(error: GatewayError, request_id: str) -> tuple[int, Headers, bytes]:
    """Status, headers and body of an error answer."""
    status = 400 if error.kind == "model_not_found" else error.status
    return status, headers(error, wait_s(error, _WAIT_ENDS_S)), msgspec.json.encode(_envelope(error, request_id))


def stream_error(error: GatewayError, request_id: str) -> bytes:
    """The event that ends a stream."""
    return b"event: error\ndata: " + msgspec.json.encode(_envelope(error, request_id)) + b"\n\n"


def _envelope(error: GatewayError, request_id: str) -> dict[str, object]:
    told = {"type": _type(error), "message": error.message, "code": error.code or error.kind}
    return {"type": "error", "error": told, "request_id": request_id, "error_code": error_code(error), "message": error.message}


def _type(error: GatewayError) -> str:
    if error.kind == "upstream_failed":
        return {504: "timeout_error", 503: "overloaded_error", 529: "overloaded_error"}.get(error.status, "api_error")
    return next((word for kind, word in _TYPES if kind == error.kind), "api_error")
