"""Answers of Anthropic Messages, streamed or whole, read for the events that Headgate acts on.

The stream: message_start (id, model, input counts), blocks, message_delta (stop reason, cumulative counts), message_stop; `event: error` may come
anywhere. What Claude Code makes of a broken answer (seen with 2.1.197 and 2.1.332): every version asks again when the connection breaks; an `error`
event it asks again for as well, but once a content block has begun 2.1.197 gives up on it. A stream with a stop reason and without message_stop is whole
to both. Servers that imitate it send nulls, leave counts out, or repeat message_start: only what is there is taken.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from headgate.core.event import Event, Failed, Finished, Started, UsageSeen
from headgate.dialects.anthropic.answer_members import AnswerMembers
from headgate.dialects.anthropic.usage import NOTHING, UsageCount, merged
from headgate.dialects.body_reader import WholeBody
from headgate.dialects.lenient import decoded, mapping, text, word
from headgate.dialects.sse import SseSplitter
from headgate.dialects.wanted import TEXT, Wanted

# Every event that is acted on contains one of these. Text contains none of them: inside of a JSON string the closing quotation mark is escaped.
_MARKERS: Final = (b'"message_start"', b'"message_delta"', b'"message_stop"', b'"error"')
_FIRST_MARKERS: Final = (*_MARKERS, b'"content_block_start"')  # wanted until the first content block


# Compiled code looks up by name what is not Final.
_started: Final = Started
_seen: Final = UsageSeen
_finished: Final = Finished

_MESSAGE: Final = msgspec.json.Decoder(AnswerMembers)
_WANTED: Final = Wanted(
    "type", "id", "model", "usage", "stop_reason", "error", "error_code",
    message=Wanted("id", "model", "usage"), delta=Wanted("stop_reason"),
)  # fmt: skip
_WANTED_BODY: Final = _WANTED.counting(content=Wanted(text=TEXT, thinking=TEXT, name=TEXT, input=TEXT))


class StreamReader:
    """Reads one answer stream."""

    def __init__(self) -> None:
        self._sse = SseSplitter(_FIRST_MARKERS, _WANTED)
        self._count = UsageCount()
        self.complete = False
        self.breaks_off = False  # a content block has begun

    @property
    def at_boundary(self) -> bool:
        """Whether the bytes so far end between two events."""
        return self._sse.at_boundary

    def feed(self, chunk: bytes) -> Sequence[Event]:
        """The events completed by this chunk."""
        frames = self._sse.feed(chunk)
        if not frames:
            return ()
        events = [event for _, data in frames for event in self._frame(data)]
        if self.breaks_off:
            self._sse.markers = _MARKERS
        return events

    def _frame(self, data: bytes) -> Sequence[Event]:
        frame = decoded(_MESSAGE, data, _WANTED)
        if frame is None:
            return ()
        match frame.type:
            case "message_start":
                return self._started(mapping(frame.message))
            case "message_delta":
                return self._changed(frame)
            case "content_block_start":
                self.breaks_off = True
            case "message_stop" if not self.complete:
                self.complete = True
                return (Finished(""),)
            case "error":
                return _failed(frame)
        return ()

    def _started(self, message: Mapping[str, object]) -> Sequence[Event]:
        return [Started(text(message.get("id")), text(message.get("model"))), *self._count.start(message.get("usage"))]

    def _changed(self, frame: AnswerMembers) -> Sequence[Event]:
        reason = text(mapping(frame.delta).get("stop_reason"))
        if not reason:
            return self._count.add(frame.usage)
        self.complete = True
        return [*self._count.add(frame.usage), Finished(reason)]


def body_reader() -> WholeBody:
    """A reader for a whole answer that comes in pieces."""
    return WholeBody(_WANTED_BODY, read_answer)


def read_answer(body: bytes) -> Sequence[Event]:
    """The events of a whole answer, or of an error body in any shape that gateways and providers write."""
    answer = decoded(_MESSAGE, body, _WANTED)
    if answer is None:
        return ()
    if answer.error is not None or answer.error_code is not None or answer.type == "error":
        return _failed(answer)
    if answer.type != "message":
        return ()
    usage = merged(NOTHING, answer.usage)
    started, finished = _started(text(answer.id), text(answer.model)), _finished(text(answer.stop_reason))
    return (started, finished) if usage is NOTHING or usage == NOTHING else (started, _seen(usage), finished)


def _failed(answer: AnswerMembers) -> Sequence[Event]:
    error = mapping(answer.error)
    code = word(error.get("type")) or word(error.get("code")) or word(answer.error_code) or "error"
    return (Failed(code, text(error.get("message")) or text(answer.error) or text(answer.message)),)
