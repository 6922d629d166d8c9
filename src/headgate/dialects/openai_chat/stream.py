"""A Chat Completions answer, streamed or whole, as events; the filter that removes the usage chunk if the client did not ask for it; the error at the end.

Surprises of the wire: usage comes after the finish reason, in a chunk without choices, or with it, or in every chunk; some servers end without
`data: [DONE]`; an error may come inside a stream of status 200, as `data: {"error": …}`; Azure's first chunk names neither id nor model.
"""

import re
from collections.abc import Sequence

import msgspec

from headgate.core.errors import GatewayError
from headgate.core.event import Event
from headgate.dialects import openai_errors
from headgate.dialects.asked import Asked
from headgate.dialects.body_reader import WholeBody
from headgate.dialects.lenient import decoded
from headgate.dialects.openai_chat.answer_shape import WANTED, choices_in, counted_in, failed_in, finished_in, read_body, started_in
from headgate.dialects.sse import SseSplitter, cut_frames, parse_frame
from headgate.dialects.wanted import TEXT, Wanted

DONE = b"[DONE]"
# Every frame with news contains one of these. They are listed with and without spaces: a proxy may add a chunk of its own in the other style.
_NEWS = (b'"finish_reason":"', b'"finish_reason": "', b'"usage":{', b'"usage": {', b'"error', DONE)
_MANNERS = (b'"choices":[', b'"choices": [')
_NO_CHOICES = re.compile(rb'"choices"[ \t\r\n]*:[ \t\r\n]*\[[ \t\r\n]*\]')
_LINE_ENDS = b"\r\n"
_HELD_BYTES_MAX = 64 << 10  # a usage chunk is smaller; what is held back is searched again with each piece


_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_CALL = Wanted(name=TEXT, arguments=TEXT, input=TEXT)
_MESSAGE = Wanted(
    content=TEXT, refusal=TEXT, reasoning_content=TEXT, reasoning=TEXT, tool_calls=Wanted(function=_CALL, custom=_CALL)
)  # fmt: skip
_WANTED_BODY = WANTED.counting(choices=Wanted(message=_MESSAGE))


class StreamReader:
    """Reads a copy of a stream of chunks. The first chunk is always parsed, later ones only if they hold news."""

    breaks_off = False  # an error inside the stream is understood, and asked again

    def __init__(self) -> None:
        self._frames = SseSplitter(wanted=WANTED)
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
        body = read_body(data)
        if body is None:
            return
        if not self._started:
            begun = started_in(body)
            if begun:
                events += begun
                self._started = True
                # A server that writes in a third style is read frame by frame.
                self._frames.markers = _NEWS if any(manner in data for manner in _MANNERS) else ()
        if body.service_tier is not None:
            self._tier = body.service_tier
        choices = choices_in(body)
        finished = finished_in(choices)
        if finished:
            self.complete = True
            events += finished
        events += counted_in(body, choices, self._tier)
        events += failed_in(body)


def body_reader() -> WholeBody:
    """A reader for a whole answer that comes in pieces."""
    return WholeBody(_WANTED_BODY, read_answer)


def read_answer(body: bytes) -> Sequence[Event]:
    """The events of a whole answer, or of an error body."""
    answer = read_body(body)
    if answer is None:
        return ()
    choices = choices_in(answer)
    return [*started_in(answer), *counted_in(answer, choices, answer.service_tier), *finished_in(choices), *failed_in(answer)]


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
    body = read_body(parse_frame(frame)[1])
    if body is None or body.error is not None:
        return False
    return decoded(_LIST, body.choices) == [] and bytes(body.usage).startswith(b"{")
