"""A Responses answer, streamed or whole, as events, and the events that Headgate itself adds to a stream.

Facts this rests on (seen with Codex CLI 0.169.0, the openai SDKs 3.54 for Python and 7.57 for JavaScript): usage is only in the closing event;
comments do not reset Codex's idle timer, any event does, known or not; after `response.created` the SDKs pass an unknown event on (before it, their
`responses.stream` helper takes no event but that one); llama.cpp repeats `response.created`. A `response.failed` is retried by Codex unless its code
says that asking again is useless; the `error` event before it carries the message both on top and below `error`, where the SDKs look.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from headgate.core.errors import GatewayError
from headgate.core.event import Event, Failed, Finished, Started, UsageSeen
from headgate.core.usage import Usage, UsageLine
from headgate.dialects import openai_errors
from headgate.dialects.body_reader import WholeBody
from headgate.dialects.lenient import decoded, text, word
from headgate.dialects.openai_responses import tools
from headgate.dialects.openai_usage import openai_usage
from headgate.dialects.provider_errors import failed
from headgate.dialects.sse import SseSplitter
from headgate.dialects.wanted import TEXT, Wanted

KEEP_ALIVE: Final[bytes] = b'event: keepalive\ndata: {"type":"keepalive"}\n\n'

_CLOSING = ("response.completed", "response.incomplete", "response.failed")
# The first event is always read, for the response's id and model; then only frames with one of these. A failed response has an `error` in it.
_NEWS = (b"response.completed", b"response.incomplete", b"error", *tools.MARKS)
_OVERFLOW = "context_length_exceeded"  # Codex says that the conversation has become too long
_FINAL_CODES = {  # Codex stops at once on these and shows the message of the last one
    "budget_exhausted": "insufficient_quota",
    "bad_request": "invalid_prompt",
    "too_large": "invalid_prompt",
    "unauthenticated": "invalid_prompt",
    "forbidden": "invalid_prompt",
    "not_found": "invalid_prompt",
    "model_not_found": "invalid_prompt",
    "credential_refused": "invalid_prompt",
}


class _Frame(msgspec.Struct):
    """The members of a stream event that are acted on."""

    type: Any = None
    response: msgspec.Raw = msgspec.Raw()
    item: msgspec.Raw = msgspec.Raw()
    error: Any = None
    code: Any = None
    message: Any = None


class _Response(msgspec.Struct):
    """The members of a response object, or of an error body, that are acted on."""

    id: Any = None
    model: Any = None
    status: Any = None
    usage: msgspec.Raw = msgspec.Raw()
    service_tier: Any = None
    tool_usage: msgspec.Raw = msgspec.Raw()
    output: msgspec.Raw = msgspec.Raw()
    error: Any = None
    incomplete_details: Any = None
    error_code: Any = None
    message: Any = None


_CALLS_MAX = 10_000  # calls of priced tools that are counted in one answer
_NOTHING = msgspec.Raw()

_FRAME = msgspec.json.Decoder(_Frame)
_RESPONSE = msgspec.json.Decoder(_Response)
_ITEM = Wanted("type", action=Wanted("type"))
_WANTED_RESPONSE = Wanted(
    "id", "model", "status", "usage", "service_tier", "tool_usage", "error", "incomplete_details", "error_code", "message", output=_ITEM
)  # fmt: skip
_PART = Wanted(text=TEXT, refusal=TEXT)
_WANTED_BODY = _WANTED_RESPONSE.counting(
    output=Wanted(content=_PART, summary=_PART, name=TEXT, arguments=TEXT, input=TEXT, output=_PART)
)  # fmt: skip
_WANTED = Wanted("type", "error", "code", "message", response=_WANTED_RESPONSE, item=_ITEM)


class StreamReader:
    """Reads a copy of a stream of response events."""

    breaks_off = False  # an error inside the stream is understood, and asked again

    def __init__(self) -> None:
        self._frames = SseSplitter(wanted=_WANTED)
        self._started = False
        self.complete = False  # `response.completed`, `response.incomplete` or `response.failed` was seen
        self._calls: list[str] = []  # of priced tools

    @property
    def at_boundary(self) -> bool:
        """Whether the bytes so far end between two events."""
        return self._frames.at_boundary

    def feed(self, chunk: bytes) -> Sequence[Event]:
        """The events completed by this chunk."""
        frames = self._frames.feed(chunk)
        if not frames:
            return ()
        events: list[Event] = []
        for event, data in frames:
            self.take(event.decode("latin-1"), data, events)
        return events

    def take(self, event: str, data: bytes, events: list[Event]) -> None:
        """Add the events of one frame: its name and its data."""
        frame = decoded(_FRAME, data, _WANTED)
        if frame is None:
            return
        kind = frame.type if isinstance(frame.type, str) else event
        response = decoded(_RESPONSE, frame.response, _WANTED_RESPONSE) if frame.response != _NOTHING else None
        if response is not None and not self._started and (begun := _started(response)):
            events += begun
            self._started = True
            self._frames.markers = _NEWS
        if kind == "response.output_item.done" and len(self._calls) < _CALLS_MAX and (call := tools.kind_of(frame.item)):
            self._calls.append(call)
            events.append(UsageSeen(Usage(beside=tools.lines(_NOTHING, self._calls))))  # for an answer that breaks off before its counts
        if kind in _CLOSING:
            self.complete = True
            events += _closed(kind, response, _lines(response, data, self._calls))
        elif kind == "error" or (not kind and frame.error is not None):
            events.append(_error_event(frame))


def body_reader() -> WholeBody:
    """A reader for a whole answer that comes in pieces."""
    return WholeBody(_WANTED_BODY, read_answer)


def read_answer(body: bytes) -> Sequence[Event]:
    """The events of a whole answer, or of an error body."""
    response = decoded(_RESPONSE, body, _WANTED_RESPONSE)
    if response is None:
        return ()
    if not isinstance(response.status, str):
        return [*_started(response), *_counted(response, ()), *_failed(response)]
    return [*_started(response), *_closed(f"response.{response.status}", response, _lines(response, body, ()))]


def stream_error(error: GatewayError, request_id: str) -> bytes:
    """The two events that report a failure at the end of a stream: `error`, then `response.failed`."""
    code = (
        _OVERFLOW
        if error.code == _OVERFLOW
        else _FINAL_CODES.get(error.kind) or ("rate_limit_exceeded" if error.kind == "limit_exceeded" else "server_error")
    )
    fields = {**openai_errors.fields(error), "code": code}
    message = fields["message"]
    told = {"type": "error", "sequence_number": 0, "code": code, "message": message, "param": None, "error": fields}
    response = {
        "id": f"resp_{request_id}",
        "object": "response",
        "created_at": 0,
        "status": "failed",
        "error": {"code": code, "message": message},
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "model": "",
        "output": [],
        "parallel_tool_calls": True,
        "temperature": None,
        "tool_choice": "auto",
        "tools": [],
        "top_p": None,
        "usage": None,
    }
    return _event(told) + _event({"type": "response.failed", "sequence_number": 1, "response": response})


def _event(fields: dict[str, object]) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (str(fields["type"]).encode(), msgspec.json.encode(fields))


def _started(response: _Response) -> list[Event]:
    response_id, model = text(response.id), text(response.model)
    return [Started(response_id, model)] if response_id or model else []


def _lines(response: _Response | None, data: bytes, seen: Sequence[str]) -> tuple[UsageLine, ...]:
    """The priced tools of a response. Some servers leave out of its output what they have sent before, so the longer list counts."""
    if response is None:
        return ()
    if any(mark in data for mark in tools.MARKS):
        seen = max(seen, tools.calls(response.output), key=len)
    return tools.lines(response.tool_usage, seen) if seen or response.tool_usage != _NOTHING else ()


def _counted(response: _Response, lines: tuple[UsageLine, ...]) -> list[Event]:
    usage = openai_usage(response.usage, response.service_tier, text(response.model))
    if lines:
        usage = usage or Usage()
        known = {line.kind for line in usage.beside}
        usage = msgspec.structs.replace(usage, beside=(*usage.beside, *(line for line in lines if line.kind not in known)))
    return [UsageSeen(usage)] if usage is not None else []


def _closed(kind: str, response: _Response | None, lines: tuple[UsageLine, ...]) -> list[Event]:
    if response is None:
        return [Failed("", "")] if kind == "response.failed" else [Finished(kind.removeprefix("response."))]
    if kind == "response.failed":
        return [*_counted(response, lines), *(_failed(response) or [Failed("", "")])]
    if kind == "response.incomplete":
        details = response.incomplete_details
        reason = text(details.get("reason")) if isinstance(details, dict) else ""
        return [*_counted(response, lines), Finished(reason or "incomplete")]
    if kind == "response.completed":
        return [*_counted(response, lines), Finished("completed")]
    return _counted(response, lines)  # a background response that is queued or in progress


def _failed(response: _Response) -> list[Event]:
    failure = failed(response.error, response.error_code, response.message)
    return [failure] if failure is not None else []


def _error_event(frame: _Frame) -> Failed:
    return failed(frame.error) or Failed(word(frame.code), text(frame.message))
