"""A Chat Completions answer, streamed or whole, as events; the filter that removes the usage chunk if the client did not ask for it; the error at the end.

Surprises of the wire: usage comes after the finish reason, in a chunk without choices, or with it, or in every chunk; some servers end without
`data: [DONE]`; an error may come inside a stream of status 200, as `data: {"error": …}`; Azure's first chunk names neither id nor model.
"""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from headgate.core.errors import GatewayError
from headgate.core.event import Event, Finished, Started, UsageSeen
from headgate.dialects import openai_errors
from headgate.dialects.body_reader import WholeBody
from headgate.dialects.faces import Asked
from headgate.dialects.lenient import decoded, text
from headgate.dialects.openai_usage import openai_usage
from headgate.dialects.provider_errors import failed
from headgate.dialects.sse import SseSplitter, cut_frames, parse_frame
from headgate.dialects.wanted import TEXT, Wanted

DONE = b"[DONE]"
# Every frame with news contains one of these. They are listed with and without spaces: a proxy may add a chunk of its own in the other style.
_NEWS = (b'"finish_reason":"', b'"finish_reason": "', b'"usage":{', b'"usage": {', b'"error', DONE)
_MANNERS = (b'"choices":[', b'"choices": [')
_NO_CHOICES = re.compile(rb'"choices"[ \t\r\n]*:[ \t\r\n]*\[[ \t\r\n]*\]')
_LINE_ENDS = b"\r\n"
_HELD_BYTES_MAX = 64 << 10  # a usage chunk is smaller; what is held back is searched again with each piece


class _Choice(msgspec.Struct):
    finish_reason: Any = None
    usage: msgspec.Raw = msgspec.Raw()


class _Groq(msgspec.Struct):
    usage: msgspec.Raw = msgspec.Raw()


class _Body(msgspec.Struct):
    """The members of a chunk, an answer or an error that are acted on. They have no types, because servers differ."""

    id: Any = None
    model: Any = None
    choices: msgspec.Raw = msgspec.Raw()
    usage: msgspec.Raw = msgspec.Raw()
    service_tier: Any = None
    x_groq: msgspec.Raw = msgspec.Raw()
    error: Any = None
    error_code: Any = None
    message: Any = None


_NOTHING = msgspec.Raw()
_BODY = msgspec.json.Decoder(_Body)
_CHOICES = msgspec.json.Decoder(list[_Choice | str | int | float | bool | list[Any] | None])  # only an odd element itself is lost
_GROQ = msgspec.json.Decoder(_Groq)
_WANTED = Wanted(
    "id", "model", "usage", "service_tier", "error", "error_code", "message", choices=Wanted("finish_reason", "usage"), x_groq=Wanted("usage")
)
_CALL = Wanted(name=TEXT, arguments=TEXT, input=TEXT)
_MESSAGE = Wanted(
    content=TEXT, refusal=TEXT, reasoning_content=TEXT, reasoning=TEXT, tool_calls=Wanted(function=_CALL, custom=_CALL)
)  # fmt: skip
_WANTED_BODY = _WANTED.counting(choices=Wanted(message=_MESSAGE))


class StreamReader:
    """Reads a copy of a stream of chunks. The first chunk is always parsed, later ones only if they hold news."""

    breaks_off = False  # an error inside the stream is understood, and asked again

    def __init__(self) -> None:
        self._frames = SseSplitter(wanted=_WANTED)
        self._started = False
        self.complete = False  # `[DONE]` or a finish reason was seen
        self._tier: object = None  # of the latest chunk that was read

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
        for _, data in frames:
            if data.startswith(DONE):
                self.complete = True
            else:
                self._take(data, events)
        return events

    def _take(self, data: bytes, events: list[Event]) -> None:
        body = decoded(_BODY, data, _WANTED)
        if body is None:
            return
        if not self._started:
            begun = _started(body)
            if begun:
                events += begun
                self._started = True
                # A server that writes in a third style is read frame by frame.
                self._frames.markers = _NEWS if any(manner in data for manner in _MANNERS) else ()
        if body.service_tier is not None:
            self._tier = body.service_tier
        choices = _choices(body)
        finished = _finished(choices)
        if finished:
            self.complete = True
            events += finished
        events += _counted(body, choices, self._tier)
        events += _failed(body)


def body_reader() -> WholeBody:
    """A reader for a whole answer that comes in pieces."""
    return WholeBody(_WANTED_BODY, read_answer)


def read_answer(body: bytes) -> Sequence[Event]:
    """The events of a whole answer, or of an error body."""
    answer = decoded(_BODY, body, _WANTED)
    if answer is None:
        return ()
    choices = _choices(answer)
    return [*_started(answer), *_counted(answer, choices, answer.service_tier), *_finished(choices), *_failed(answer)]


class UsageFilter:
    """Removes the chunk that only exists because Headgate asked for usage: one with usage and no choices. Everything else passes byte for byte."""

    def __init__(self) -> None:
        self._held = b""
        self._passing = False  # inside of a frame too large to be held

    def feed(self, chunk: bytes) -> bytes:
        """What the client gets of this chunk; only an unfinished frame is held back."""
        if not self._held and chunk.endswith(b"\n\n") and not _NO_CHOICES.search(chunk):
            return chunk
        frames, rest = cut_frames(self._held + chunk)
        if frames and not rest and frames[-1].endswith(b"\r"):
            rest = frames.pop()  # the CR may be the first half of a CRLF
        passed = [self._pass(frame) for frame in frames]
        self._held = rest
        if self._passing or len(rest) > _HELD_BYTES_MAX:
            return b"".join(passed) + self._let_go()
        return b"".join(passed)

    def rest(self) -> bytes:
        """What is still held back when the stream ends: nothing, if it ends with the usage chunk and half its line ends."""
        held, self._held = self._held, b""
        return self._pass(held)

    def _pass(self, frame: bytes) -> bytes:
        if self._passing:
            self._passing = False
            return frame
        if not _is_usage_alone(frame):
            return frame
        return frame[: len(frame) - len(frame.lstrip(_LINE_ENDS))]  # empty lines before it were not part of it

    def _let_go(self) -> bytes:
        """Pass a frame on in pieces. Its last bytes stay, because they may be half of its end."""
        passed, self._held = self._held[:-4], self._held[-4:]
        self._passing = True
        return passed


def answer_filter(asked: Asked) -> UsageFilter | None:
    """The filter of the usage chunk, if the client did not ask for it."""
    return UsageFilter() if asked.usage_hidden else None


def stream_error(error: GatewayError, _request_id: str) -> bytes:
    """The in-band error that ends a stream. The request's id is in a header: the envelope has no place for it."""
    return b"data: " + msgspec.json.encode(openai_errors.envelope(error)) + b"\n\n"


def _is_usage_alone(frame: bytes) -> bool:
    if not _NO_CHOICES.search(frame):
        return False
    body = decoded(_BODY, parse_frame(frame)[1], _WANTED)
    if body is None or body.error is not None:
        return False
    return decoded(_CHOICES, body.choices) == [] and bytes(body.usage).startswith(b"{")


def _started(body: _Body) -> list[Event]:
    response_id, model = text(body.id), text(body.model)
    return [Started(response_id, model)] if response_id or model else []


def _choices(body: _Body) -> Sequence[_Choice]:
    return [choice for choice in decoded(_CHOICES, body.choices) or () if isinstance(choice, _Choice)]


def _finished(choices: Sequence[_Choice]) -> list[Event]:
    reasons = [choice.finish_reason for choice in choices]
    return [Finished(reason) for reason in reasons if isinstance(reason, str) and reason]


def _counted(body: _Body, choices: Sequence[_Choice], tier: object) -> list[Event]:
    """The usage, which is in the chunk or, as Moonshot's servers write it, in a choice, or, as Groq's do, in `x_groq`."""
    model = text(body.model)
    usage = openai_usage(body.usage, tier, model)
    if usage is None and choices:
        usage = next((found for choice in choices if (found := openai_usage(choice.usage, tier, model)) is not None), None)
    if usage is None and body.x_groq != _NOTHING and (groq := decoded(_GROQ, body.x_groq)) is not None:
        usage = openai_usage(groq.usage, tier, model)
    return [UsageSeen(usage)] if usage is not None else []


def _failed(body: _Body) -> list[Event]:
    failure = failed(body.error, body.error_code, body.message)
    return [failure] if failure is not None else []
