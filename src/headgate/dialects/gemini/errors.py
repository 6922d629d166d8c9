"""How Headgate's errors are worded for clients of Gemini.

What Gemini CLI does (seen with 0.61.0): 400, 401, 403, 404 and 413 end the turn and show the body; 429 and 5xx are tried ten times. It ignores the
`Retry-After` header and reads `RetryInfo` in the body instead: up to 300 s it waits that long, above it gives up at once and shows the message. A
`QuotaFailure` whose quota is per day replaces the message by a text of its own, so a spent budget is told by a long `RetryInfo`.
"""

import math

import msgspec

from headgate.core.errors import GatewayError
from headgate.core.headers import Headers
from headgate.dialects.error_code import error_code

RETRY_DELAY_MAX_S = 60
RETRY_DELAY_ENDS_S = 301

_STATUSES = (
    (400, "INVALID_ARGUMENT"),
    (401, "UNAUTHENTICATED"),
    (403, "PERMISSION_DENIED"),
    (404, "NOT_FOUND"),
    (405, "UNIMPLEMENTED"),
    (413, "INVALID_ARGUMENT"),
    (414, "INVALID_ARGUMENT"),
    (415, "INVALID_ARGUMENT"),
    (429, "RESOURCE_EXHAUSTED"),
    (431, "INVALID_ARGUMENT"),
    (503, "UNAVAILABLE"),
    (504, "DEADLINE_EXCEEDED"),
)


def answer(error: GatewayError, request_id: str) -> tuple[int, Headers, bytes]:
    """Status, headers and body of a refusal or failure."""
    headers: Headers = [(b"content-type", b"application/json; charset=UTF-8")]
    delay_s = _retry_delay_s(error)
    if delay_s:
        headers.append((b"retry-after", b"%d" % delay_s))
    if not error.repeatable:
        headers.append((b"x-should-retry", b"false"))
    return error.status, headers, msgspec.json.encode(_envelope(error, request_id))


def stream_error(error: GatewayError, request_id: str) -> bytes:
    """The chunk that ends a stream."""
    return b"data: " + msgspec.json.encode(_envelope(error, request_id)) + b"\r\n\r\n"


def _envelope(error: GatewayError, request_id: str) -> dict[str, object]:
    status = next((word for code, word in _STATUSES if code == error.status), "INTERNAL")
    details = [
        {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": error.code or error.kind,
            "domain": "headgate",
            "metadata": {"request_id": request_id},
        }
    ]
    delay_s = _retry_delay_s(error)
    if delay_s:
        details.append({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{delay_s}s"})
    told = {"code": error.status, "message": error.message, "status": status, "details": details}
    return {"error": told, "error_code": error_code(error), "message": error.message}


def _retry_delay_s(error: GatewayError) -> int:
    if error.kind == "budget_exhausted":
        return max(RETRY_DELAY_ENDS_S, math.ceil(error.retry_after_s or 0))
    if error.retry_after_s is None:
        return 1 if error.kind == "limit_exceeded" else 0
    return max(1, min(RETRY_DELAY_MAX_S, math.ceil(error.retry_after_s)))
