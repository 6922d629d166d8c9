"""Answers written for clients of Anthropic Messages, streamed or whole: https://docs.claude.com/en/docs/build-with-claude/streaming.

A stream begins before a count is known, so its first frame has zeros, and all counts are in `message_delta`. Claude Code needs the names of the events.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

import msgspec

from headgate.core.event import Cited, Event, Finished, PartClosed, PartGrew, PartOpened, Started, UsageSeen
from headgate.core.usage import Usage
from headgate.dialects.anthropic.answer_blocks import AnswerBlocks, BlockBegan, BlockGrew, BlockStep
from headgate.dialects.anthropic.encode_usage import usage_at_end, usage_at_start
from headgate.dialects.anthropic.stop_reasons import reason_of
from headgate.dialects.codec import AnswerContext

_DELTA: Final = b'event: content_block_delta\ndata: {"type":"content_block_delta","index":%d,"delta":{"type":"%b","%b":'
_DELTA_END: Final = b"}}\n\n"
_ANY: Final = msgspec.json.Decoder()
_ENCODER: Final = msgspec.json.Encoder()


class MessagesAnswerEncoder:
    """Writes one answer stream."""

    def __init__(self, context: AnswerContext) -> None:
        self._context = context
        self._blocks = AnswerBlocks(context.request_id)
        self._started = False
        self._usage = Usage()
        self._finished = Finished("", "stop")
        self._index, self._kind = -1, ""  # of the latest delta
        self._opening = b""  # what its frame begins with

    def encode(self, event: Event) -> bytes:
        """The frames of an event."""
        match event:
            case PartOpened() | PartGrew() | Cited() | PartClosed():
                steps = self._blocks.feed(event)
                written = self._step(steps[0]) if len(steps) == 1 else b"".join([self._step(step) for step in steps])
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

    def _step(self, step: BlockStep) -> bytes:
        if isinstance(step, BlockGrew):  # almost all
            return self._grown(step)
        if isinstance(step, BlockBegan):
            return _frame("content_block_start", {"type": "content_block_start", "index": step.index, "content_block": step.block})
        return _frame("content_block_stop", {"type": "content_block_stop", "index": step.index})

    def _grown(self, step: BlockGrew) -> bytes:
        if step.index != self._index or step.kind != self._kind:
            self._index, self._kind = step.index, step.kind
            self._opening = _DELTA % (step.index, step.kind.encode(), step.member.encode())
        return self._opening + _ENCODER.encode(step.value) + _DELTA_END

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


def _frame(name: str, data: object) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (name.encode(), _ENCODER.encode(data))


class _Content:
    """The blocks of a whole answer. A block grows as pieces, which are joined when it ends."""

    def __init__(self) -> None:
        self.blocks: list[dict[str, object]] = []
        self._pieces: list[str] = []
        self._citations: list[object] = []

    def add(self, step: BlockStep) -> None:
        if isinstance(step, BlockGrew):
            self._grow(step)
        elif isinstance(step, BlockBegan):
            self.blocks.append(dict(step.block))
            self._pieces, self._citations = [], []
        else:
            self._end(self.blocks[-1])

    def _grow(self, step: BlockGrew) -> None:
        if step.kind == "citations_delta":
            self._citations.append(step.value)
        elif step.kind == "signature_delta":
            self.blocks[-1]["signature"] = step.value
        else:
            self._pieces.append(str(step.value))

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
