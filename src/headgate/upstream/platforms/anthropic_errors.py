"""Error answers of AWS and Google Cloud as Anthropic words errors, so that its agents show them.

AWS: `{"message": …}` with the header `x-amzn-errortype` (https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html); Google:
`{"error": {"code", "message", "status"}}`, in a stream a list of it (https://cloud.google.com/apis/design/errors). Anthropic's own pass as they are.
"""

from collections.abc import Mapping

import msgspec

from headgate.core.headers import Headers
from headgate.dialects.lenient import decoded, items, mapping, text
from headgate.upstream.platforms.shape import without

_ANY = msgspec.json.Decoder()
_HELD_BYTES_MAX = 64 << 10
_MESSAGE_MAX = 4096
_JSON_TYPE = (b"content-type", b"application/json")
_BY_STATUS: Mapping[int, str] = {
    401: "authentication_error", 403: "permission_error", 404: "not_found_error", 413: "request_too_large", 429: "rate_limit_error",
    503: "overloaded_error", 504: "timeout_error", 529: "overloaded_error",
}  # fmt: skip
_OF_KEYS = frozenset({  # AWS refuses the credential itself
    "UnrecognizedClientException", "ExpiredTokenException", "InvalidSignatureException", "IncompleteSignature", "IncompleteSignatureException",
    "InvalidClientTokenId", "MissingAuthenticationToken", "MissingAuthenticationTokenException", "SignatureDoesNotMatch",
})  # fmt: skip


def error_type(status: int) -> str:
    """Anthropic's word for an error of this status."""
    return _BY_STATUS.get(status, "api_error" if status >= 500 else "invalid_request_error")


def error_body(kind: str, message: str) -> bytes:
    """An error as Anthropic writes it."""
    return msgspec.json.encode({"type": "error", "error": {"type": kind, "message": message[:_MESSAGE_MAX]}})


class ErrorShape:
    """Gathers an error answer and rewrites it. One that is too large to be an error's passes as it is."""

    __slots__ = ("_held", "_kind", "_passes", "_status")

    def __init__(self, status: int, headers: Headers) -> None:
        self._status = status
        name = next((value for header, value in headers if header == b"x-amzn-errortype"), b"")
        self._kind = name.partition(b":")[0].decode("latin-1")
        self._held = b""
        self._passes = False

    def data(self, chunk: bytes) -> bytes:
        """Nothing before the end."""
        if self._passes:
            return chunk
        self._held += chunk
        if len(self._held) <= _HELD_BYTES_MAX:
            return b""
        held, self._held, self._passes = self._held, b"", True
        return held

    def end(self) -> bytes:
        """The error in Anthropic's words."""
        if self._passes:
            return b""
        value = decoded(_ANY, self._held)
        fields = mapping(items(value)[0] if items(value) else value)
        if fields.get("type") == "error":
            return self._held
        message = text(mapping(fields.get("error")).get("message")) or text(fields.get("message")) or text(fields.get("Message"))
        kind = "authentication_error" if self._kind in _OF_KEYS else error_type(self._status)
        return error_body(kind, message or self._kind or self._held[:_MESSAGE_MAX].decode(errors="replace") or f"It answered {self._status}.")


class MessageShape:
    """An answer that is Anthropic's own, or an error. Another shape of good answers is a class below it."""

    __slots__ = ("_error",)

    def __init__(self) -> None:
        self._error: ErrorShape | None = None

    def head(self, status: int, headers: Headers) -> Headers:
        """Errors are JSON."""
        if status < 400:
            return self.good_head(headers)
        self._error = ErrorShape(status, headers)
        return [*without(headers, b"content-type"), _JSON_TYPE]

    def data(self, chunk: bytes) -> bytes:
        """A piece."""
        return self.good_data(chunk) if self._error is None else self._error.data(chunk)

    def end(self) -> bytes:
        """The rest."""
        return self.good_end() if self._error is None else self._error.end()

    def good_head(self, headers: Headers) -> Headers:
        """The headers of an answer that is no error."""
        return headers

    def good_data(self, chunk: bytes) -> bytes:
        """A piece of it."""
        return chunk

    def good_end(self) -> bytes:
        """The rest of it."""
        return b""
