"""How Headgate's errors are worded for clients of Gemini.

What Gemini CLI does (seen with 0.61.0): 400, 401, 403, 404 and 413 end the turn and show the body; 429 and 5xx are tried ten times. It ignores the
`Retry-After` header and reads `RetryInfo` in the body instead: up to 300 s it waits that long, above it gives up at once and shows the message. A
`QuotaFailure` whose quota is per day replaces the message by a text of its own, so a spent budget is reported with a long `RetryInfo`.
"""

import msgspec

from headgate.core.errors import GatewayError
from headgate.core.headers import Headers
from headgate.dialects.error_answer import error_code, headers, wait_s

_WAIT_ENDS_S = 301
_MEDIA = b"application/json; charset=UTF-8"

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
    """Status, headers and body of an error answer."""
    stated_s = wait_s(error, 1 if error.kind == "limit_spent" else _WAIT_ENDS_S)  # the header is for others, and exact
    return error.status, headers(error, stated_s, _MEDIA), msgspec.json.encode(_envelope(error, request_id))


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
    delay_s = wait_s(error, _WAIT_ENDS_S)
    if delay_s:
        details.append({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{delay_s}s"})
    told = {"code": error.status, "message": error.message, "status": status, "details": details}
    return {"error": told, "error_code": error_code(error), "message": error.message}
