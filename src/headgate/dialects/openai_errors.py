"""How Headgate's errors are worded for clients of OpenAI's formats: one envelope for HTTP answers and for errors inside a stream.

What the clients do with it (seen with Codex CLI 0.169.0 and the SDKs): Codex stops and shows our message only for the code `model_not_found`, gives
up at once on a 429 without `Retry-After`, and reads "try again in Xs" from the text of a failed stream; the SDKs honour `x-should-retry`.
`error_code` and `message` are beside `error` for readers of Databricks' shape.
"""

import msgspec

from headgate.core.errors import GatewayError
from headgate.core.headers import Headers
from headgate.dialects.error_answer import error_code, headers, wait_s


class Word(msgspec.Struct, frozen=True):
    """The type and code of one kind of error. If `code` is empty, the error's own code is used."""

    type: str
    code: str


_WORDS = {
    "bad_request": Word("invalid_request_error", ""),
    "too_large": Word("invalid_request_error", ""),
    "unauthenticated": Word("authentication_error", "invalid_api_key"),
    "forbidden": Word("permission_error", "model_not_found"),
    "not_found": Word("invalid_request_error", ""),
    "model_not_found": Word("invalid_request_error", "model_not_found"),
    "feature_disabled": Word("invalid_request_error", "model_not_found"),
    "limit_exceeded": Word("rate_limit_error", "rate_limit_exceeded"),
    "limit_spent": Word("insufficient_quota", "insufficient_quota"),
    "budget_exhausted": Word("insufficient_quota", "insufficient_quota"),
    "upstream_failed": Word("server_error", ""),
    "credential_refused": Word("server_error", ""),
    "unavailable": Word("server_error", ""),
}
_INTERNAL = Word("server_error", "")
_PARAMS = {"previous_response_not_found": "previous_response_id"}  # the field that an error is about, by its code


def answer(error: GatewayError, _request_id: str) -> tuple[int, Headers, bytes]:
    """Status, headers and body of an error answer. The request's id is in a header, because the envelope has no place for it."""
    return error.status, headers(error, wait_s(error)), msgspec.json.encode(envelope(error))


def answer_in_responses(error: GatewayError, request_id: str) -> tuple[int, Headers, bytes]:
    """The same for Responses. Codex hides the text of every 429, so a limit that has no room for long, and a spent budget, are a 403 with the code that
    it shows.
    """
    if error.kind not in {"limit_spent", "budget_exhausted"}:
        return answer(error, request_id)
    body = envelope(error) | {"error": fields(error) | {"code": "model_not_found"}}
    return 403, headers(error, wait_s(error)), msgspec.json.encode(body)


def envelope(error: GatewayError) -> dict[str, object]:
    """The body: `{"error": {…}}` with Databricks' words beside it."""
    return {"error": fields(error), "error_code": error_code(error), "message": text(error)}


def fields(error: GatewayError) -> dict[str, str | None]:
    """The error object itself."""
    return {"message": text(error), "type": _word(error).type, "code": code(error), "param": _PARAMS.get(error.code)}


def code(error: GatewayError) -> str:
    """The code that clients act on."""
    return _word(error).code or error.code or error.kind


def text(error: GatewayError) -> str:
    """The message; for a limit with the words that Codex looks for in a stream."""
    if error.kind != "limit_exceeded" or "try again in" in error.message:
        return error.message
    return f"{error.message} Please try again in {wait_s(error)}s."


def _word(error: GatewayError) -> Word:
    return _WORDS.get(error.kind, _INTERNAL)
