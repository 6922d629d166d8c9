"""Answers of Anthropic Messages, streamed or whole, decoded into all their events. Counts are those of the reader in `stream`. Never raises."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from headgate.core.event import Event, Failed, Finished, Started
from headgate.dialects.anthropic.answer_members import AnswerMessage, MessageFrame
from headgate.dialects.anthropic.decode_blocks import DecodedBlocks
from headgate.dialects.anthropic.stop_reasons import cause_of
from headgate.dialects.anthropic.stream import read_answer
from headgate.dialects.anthropic.usage import UsageCount
from headgate.dialects.lenient import count, decoded, is_unreadable, mapping, text
from headgate.dialects.sse import SseSplitter
from headgate.dialects.wanted import Wanted

_FRAME_BYTES_MAX: Final = 16 << 20  # a call may come with all its arguments in one frame
_CUT: Final = Failed("incomplete", "The provider's answer ended before it was complete.")
_UNREADABLE: Final = Failed("invalid_answer", "A part of the provider's answer is not JSON.")
_NO_ANSWER: Final = Failed("invalid_answer", "The provider's answer is no message of Anthropic's.")


_DECODER: Final = msgspec.json.Decoder(MessageFrame)
_MESSAGE: Final = msgspec.json.Decoder(AnswerMessage)
_LIST: Final = msgspec.json.Decoder(list[msgspec.Raw])
_ANY: Final = msgspec.json.Decoder()
_BLOCK: Final = Wanted("type", "text", "thinking", "signature", "data", "id", "name", "input")
_WANTED: Final = Wanted(
    "type", "index", "usage", "error", "error_code",
    message=Wanted("id", "model", "usage", content=_BLOCK), content_block=_BLOCK,
    delta=Wanted("type", "text", "thinking", "signature", "partial_json", "stop_reason", "stop_sequence"),
)  # fmt: skip
_WANTED_MESSAGE: Final = Wanted("type", "id", "model", "usage", "stop_reason", "stop_sequence", content=_BLOCK)


class MessagesAnswerDecoder:
    """Decodes one answer stream."""

    def __init__(self) -> None:
        self._sse = SseSplitter(wanted=_WANTED, frame_bytes_max=_FRAME_BYTES_MAX)
        self._usage = UsageCount()
        self._blocks = DecodedBlocks()
        self._started = False
        self._ending: Mapping[str, object] = {}  # the delta with the stop reason
        self._ended = False
        self.counted: Sequence[Event] | None = None

    def feed(self, chunk: bytes) -> Sequence[Event]:
        """The events completed by this chunk."""
        self.counted = None
        frames = self._sse.feed(chunk)
        if len(frames) == 1:
            return self._frame(frames[0][1])
        return [event for _, data in frames for event in self._frame(data)]

    def end(self) -> Sequence[Event]:
        """What follows when the stream has ended. One with a stop reason is complete, as for the reader."""
        if self._ended:
            return ()
        return self._finish() if self._ending else self._fail(_CUT)

    def _frame(self, data: bytes) -> Sequence[Event]:
        frame = decoded(_DECODER, data, _WANTED)
        if frame is None:
            return self._fail(_UNREADABLE) if not self._ended and is_unreadable(data) else ()
        kind = text(frame.type)
        if self._ended:  # counts alone may still come
            return self._late(kind, frame)
        if self._started and kind == "content_block_delta":  # as almost all are
            self.counted = () if self._sse.alone else None
            return self._block_delta(frame)
        if kind == "error" or (not kind and frame.error is not None):
            return self._fail(_failure(data))
        if kind == "message_stop":
            return self._finish()
        if kind == "message_start":
            return self._start(frame)
        handled = _BY_KIND.get(kind)
        return () if handled is None else [*self._begin(), *handled(self, frame)]

    def _late(self, kind: str, frame: MessageFrame) -> Sequence[Event]:
        if kind == "message_delta":
            return self._usage.add(frame.usage)
        return self._usage.start(_message(frame.message).usage) if kind == "message_start" else ()

    def _begin(self, message: AnswerMessage | None = None) -> Sequence[Event]:
        """The beginning of the answer, once: a server may leave `message_start` out, or repeat it."""
        if self._started:
            return ()
        self._started = True
        told = message or AnswerMessage()
        self._blocks.model = text(told.model)
        return (Started(text(told.id), text(told.model)),)

    def _start(self, frame: MessageFrame) -> Sequence[Event]:
        first = not self._started
        message = _message(frame.message)
        events = [*self._begin(message), *self._usage.start(message.usage)]
        # Blocks of calls that code made are whole in the beginning of the message: no frame repeats them.
        return [*events, *_contents(self._blocks, message)] if first else events

    def _block_start(self, frame: MessageFrame) -> Sequence[Event]:
        return self._blocks.start(frame.index, frame.content_block)

    def _block_delta(self, frame: MessageFrame) -> Sequence[Event]:
        return self._blocks.delta(frame.index, mapping(frame.delta))

    def _block_stop(self, frame: MessageFrame) -> Sequence[Event]:
        return self._blocks.stop(frame.index)

    def _changed(self, frame: MessageFrame) -> Sequence[Event]:
        delta = mapping(frame.delta)
        if text(delta.get("stop_reason")):
            self._ending = delta
        return self._usage.add(frame.usage)

    def _finish(self) -> Sequence[Event]:
        self._ended = True
        return [*self._begin(), *_finished(self._blocks, self._ending)]

    def _fail(self, failed: Failed) -> Sequence[Event]:
        self._ended = True
        return [*self._blocks.end(), failed]

    @staticmethod
    def by_kind() -> "Mapping[str, Callable[[MessagesAnswerDecoder, MessageFrame], Sequence[Event]]]":
        """What takes a frame of each kind."""
        return {
            "content_block_start": MessagesAnswerDecoder._block_start,
            "content_block_delta": MessagesAnswerDecoder._block_delta,
            "content_block_stop": MessagesAnswerDecoder._block_stop,
            "message_delta": MessagesAnswerDecoder._changed,
        }


_BY_KIND: Final = MessagesAnswerDecoder.by_kind()


def decode_answer(body: bytes) -> Sequence[Event]:
    """All events of a whole answer; `Failed` where it is none."""
    counted = read_answer(body)
    if not counted or isinstance(counted[0], Failed):
        return counted[:1] or (_NO_ANSWER,)
    message = decoded(_MESSAGE, body, _WANTED_MESSAGE) or AnswerMessage()
    blocks = DecodedBlocks()
    blocks.model = text(message.model)
    ending = {"stop_reason": message.stop_reason, "stop_sequence": message.stop_sequence, "stop_details": message.stop_details}
    return [*counted[:-1], *_contents(blocks, message), *_finished(blocks, ending)]


def count_of(body: bytes) -> int | None:
    """The tokens in the answer to a request for counting."""
    return count(mapping(decoded(_ANY, body)).get("input_tokens"))


def _message(raw: msgspec.Raw) -> AnswerMessage:
    return decoded(_MESSAGE, raw, _WANTED_MESSAGE) or AnswerMessage()


def _contents(blocks: DecodedBlocks, message: AnswerMessage) -> list[Event]:
    """The parts of blocks that are whole."""
    content = decoded(_LIST, message.content) or ()
    return [event for block in content for event in (*blocks.start(0, block), *blocks.stop(0))]


def _finished(blocks: DecodedBlocks, ending: Mapping[str, object]) -> list[Event]:
    closed = blocks.end()
    reason = text(ending.get("stop_reason"))
    cause = cause_of(reason, blocks.calls)
    explanation = text(mapping(ending.get("stop_details")).get("explanation"))
    said = blocks.refusal(explanation) if cause == "filter" and explanation and not blocks.count else []
    stop_sequence = text(ending.get("stop_sequence")) if cause == "stop_sequence" else ""
    return [*closed, *said, Finished(reason, cause, stop_sequence)]


def _failure(data: bytes) -> Failed:
    failed = next((event for event in read_answer(data) if isinstance(event, Failed)), None)
    return failed or Failed("error", "")
