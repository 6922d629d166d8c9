"""Answers of Bedrock as Anthropic's API gives them: a stream of AWS's messages becomes an event stream, an error is worded anew.

Each `chunk` holds an event of Anthropic's in Base64; what fails within a stream comes as an exception:
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ResponseStream.html.
"""

import base64
import binascii
from collections.abc import Mapping

import msgspec

from headgate.core.headers import Headers
from headgate.dialects.lenient import decoded, mapping, text
from headgate.upstream.platforms.anthropic_errors import MessageShape, error_body
from headgate.upstream.platforms.event_stream import MessageSplitter, StreamMessage
from headgate.upstream.platforms.shape import BrokenFrame, without

_STREAM_TYPE = (b"content-type", b"text/event-stream; charset=utf-8")
_BODY_BYTES_MAX = 1 << 20
_EXCEPTIONS: Mapping[str, str] = {
    "throttlingException": "rate_limit_error",
    "validationException": "invalid_request_error",
    "modelTimeoutException": "timeout_error",
    "serviceUnavailableException": "overloaded_error",
}


class _Chunk(msgspec.Struct):
    bytes: str = ""


class _Event(msgspec.Struct):
    type: str = ""


_CHUNK, _EVENT, _ANY = msgspec.json.Decoder(_Chunk), msgspec.json.Decoder(_Event), msgspec.json.Decoder()


class BedrockStream(MessageShape):
    """A stream: each message becomes an event of Anthropic's stream."""

    __slots__ = ("_splitter",)

    def __init__(self) -> None:
        super().__init__()
        self._splitter = MessageSplitter()

    def good_head(self, headers: Headers) -> Headers:
        """It is an event stream from here on."""
        return [*without(headers, b"content-type"), _STREAM_TYPE]

    def good_data(self, chunk: bytes) -> bytes:
        """The events that a piece completes."""
        return b"".join([_event(message) for message in self._splitter.feed(chunk)])

    def good_end(self) -> bytes:
        """It ends between two messages."""
        if not self._splitter.at_boundary:
            raise BrokenFrame("it ends within a frame")
        return b""


class BedrockCount(MessageShape):
    """A count of tokens."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        super().__init__()
        self._held = b""

    def good_data(self, chunk: bytes) -> bytes:
        """Nothing before the end."""
        self._held += chunk[: _BODY_BYTES_MAX - len(self._held)]
        return b""

    def good_end(self) -> bytes:
        """The same number under Anthropic's name."""
        count = mapping(decoded(_ANY, self._held)).get("inputTokens")
        return self._held if count is None else msgspec.json.encode({"input_tokens": count})


def _event(message: StreamMessage) -> bytes:
    """One message as an event; empty for one that says nothing."""
    kind = message.headers.get(":message-type", "event")
    if kind != "event":
        return _failure(message, kind)
    if message.headers.get(":event-type") != "chunk":
        return b""
    try:
        data = base64.b64decode(_CHUNK.decode(message.payload).bytes, validate=True)
        name = _EVENT.decode(data).type
    except (msgspec.MsgspecError, binascii.Error, UnicodeDecodeError):
        raise BrokenFrame("a chunk holds no event") from None
    if not name.replace("_", "").isalnum():
        return b""
    return b"event: %b\ndata: %b\n\n" % (name.encode(), data.replace(b"\n", b" ").replace(b"\r", b" "))


def _failure(message: StreamMessage, kind: str) -> bytes:
    """What fails within a stream, as Anthropic's event of an error."""
    named = message.headers.get(":exception-type" if kind == "exception" else ":error-code", "")
    said = text(mapping(decoded(_ANY, message.payload)).get("message")) or message.headers.get(":error-message", "") or named or "The stream failed."
    return b"event: error\ndata: " + error_body(_EXCEPTIONS.get(named, "api_error"), said) + b"\n\n"
