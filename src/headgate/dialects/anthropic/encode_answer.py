"""Answers written for clients of Anthropic Messages, streamed or whole: https://docs.claude.com/en/docs/build-with-claude/streaming.

A stream begins before a count is known, so its first frame has zeros, and all counts are in `message_delta`. Claude Code needs the names of the events.
"""

import hashlib
from collections.abc import Sequence

import msgspec

from headgate.core.event import Cited, Event, Finished, PartClosed, PartGrew, PartOpened, Started, UsageSeen
from headgate.core.usage import Usage
from headgate.dialects.anthropic.answer_blocks import AnswerBlocks, BlockBegan, BlockEnded, BlockGrew, BlockStep
from headgate.dialects.anthropic.encode_usage import usage_at_end, usage_at_start
from headgate.dialects.anthropic.stop_reasons import reason_of
from headgate.dialects.codec import AnswerContext

_GROWING = {"text_delta": "text", "thinking_delta": "thinking", "input_json_delta": "partial_json"}
_DELTA = b'event: content_block_delta\ndata: {"type":"content_block_delta","index":%d,"delta":%b}\n\n'
_ANY = msgspec.json.Decoder()
_ENCODER = msgspec.json.Encoder()


class MessagesAnswerEncoder:
    """Writes one answer stream."""

    def __init__(self, context: AnswerContext) -> None:
        self._context = context
        self._blocks = AnswerBlocks(context.request_id)
        self._started = False
        self._usage = Usage()
        self._finished = Finished("", "stop")

    def encode(self, event: Event) -> bytes:
        """The frames of an event."""
        match event:
            case PartOpened() | PartGrew() | Cited() | PartClosed():
                steps = self._blocks.feed(event)
                written = _step(steps[0]) if len(steps) == 1 else b"".join(map(_step, steps))
                return written if self._started else self._start() + written
            case Started():
                return self._start()
            case UsageSeen(usage):
                self._usage = self._usage.updated(usage)
            case Finished():
                self._finished = event
        return b""

    def finish(self) -> bytes:
        """The frames with the stop reason and the counts, and the end."""
        delta = _ending(self._finished, self._blocks)
        counted = {"type": "message_delta", "delta": delta, "usage": usage_at_end(self._usage)}
        return self._start() + _frame("message_delta", counted) + _frame("message_stop", {"type": "message_stop"})

    def _start(self) -> bytes:
        if self._started:
            return b""
        self._started = True
        message = {**_message(self._context, []), "stop_reason": None, "stop_sequence": None, "usage": usage_at_start()}
        return _frame("message_start", {"type": "message_start", "message": message})


def whole(context: AnswerContext, events: Sequence[Event]) -> bytes:
    """The body of an unstreamed answer."""
    blocks, content = AnswerBlocks(context.request_id), _Content()
    usage, finished = Usage(), Finished("", "stop")
    for event in events:
        match event:
            case PartOpened() | PartGrew() | Cited() | PartClosed():
                for step in blocks.feed(event):
                    content.add(step)
            case UsageSeen(seen):
                usage = usage.updated(seen)
            case Finished():
                finished = event
    return msgspec.json.encode({**_message(context, content.blocks), **_ending(finished, blocks), "usage": usage_at_end(usage)})


def count(tokens: int) -> bytes:
    """The body that answers how many tokens a request has."""
    return msgspec.json.encode({"input_tokens": tokens})


def _message(context: AnswerContext, content: list[dict[str, object]]) -> dict[str, object]:
    message_id = "msg_" + hashlib.sha256(context.request_id.encode()).hexdigest()[:24]
    return {"id": message_id, "type": "message", "role": "assistant", "model": context.model_asked, "content": content}


def _ending(finished: Finished, blocks: AnswerBlocks) -> dict[str, object]:
    cause = finished.cause or "stop"
    if cause == "stop" and blocks.calls:
        cause = "tool_use"
    elif cause == "stop" and blocks.refused:
        cause = "filter"
    return {"stop_reason": reason_of(cause), "stop_sequence": (finished.stop_sequence or None) if cause == "stop_sequence" else None}


def _step(step: BlockStep) -> bytes:
    if isinstance(step, BlockGrew):  # almost all, and matching a class takes longer
        return _DELTA % (step.index, _ENCODER.encode(step.delta))
    match step:
        case BlockBegan(index, block):
            return _frame("content_block_start", {"type": "content_block_start", "index": index, "content_block": block})
        case BlockEnded(index):
            return _frame("content_block_stop", {"type": "content_block_stop", "index": index})


def _frame(name: str, data: object) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (name.encode(), _ENCODER.encode(data))


class _Content:
    """The blocks of a whole answer. A block grows as pieces, which are joined when it ends."""

    def __init__(self) -> None:
        self.blocks: list[dict[str, object]] = []
        self._pieces: list[str] = []
        self._citations: list[object] = []

    def add(self, step: BlockStep) -> None:
        match step:
            case BlockBegan(_, block):
                self.blocks.append(dict(block))
                self._pieces, self._citations = [], []
            case BlockGrew(_, delta):
                self._grow(delta)
            case BlockEnded():
                self._end(self.blocks[-1])

    def _grow(self, delta: dict[str, object]) -> None:
        match delta["type"]:
            case "citations_delta":
                self._citations.append(delta["citation"])
            case "signature_delta":
                self.blocks[-1]["signature"] = delta["signature"]
            case kind:
                self._pieces.append(str(delta[_GROWING[str(kind)]]))

    def _end(self, block: dict[str, object]) -> None:
        joined = "".join(self._pieces)
        kind = str(block["type"])
        if kind == "tool_use":
            block["input"] = _input(joined)
        elif kind != "redacted_thinking":
            block[kind] = joined
        if self._citations:
            block["citations"] = self._citations


def _input(written: str) -> object:
    """A call's input: an object always, since the SDKs take nothing else."""
    if not written.strip():
        return {}
    try:
        value = _ANY.decode(written)
    except (msgspec.MsgspecError, RecursionError):
        return {"__raw__": written}
    return msgspec.Raw(written.encode()) if isinstance(value, dict) else {"__raw__": written}
