"""Encodes an answer for clients of Chat Completions, as chunks or as one completion.

Thoughts are `reasoning_content`, which OpenCode, Qwen Code and Cursor read; there is no place for the states of thoughts. All texts of an answer are one
`content`, so a client sees the parts of one kind as one text. Calls have indices from 0 without gaps.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from headgate.core.conversation import CUSTOM
from headgate.core.event import Cited, Event, Finished, PartClosed, PartGrew, PartOpened, Started, UsageSeen
from headgate.core.usage import Usage
from headgate.dialects.codec import AnswerContext
from headgate.dialects.lenient import items, mapping
from headgate.dialects.openai_chat.assemble import assemble
from headgate.dialects.openai_chat.encode_usage import encode_usage

_FINISHES: Final = {
    "stop": "stop",
    "stop_sequence": "stop",
    "tool_use": "tool_calls",
    "length": "length",
    "filter": "content_filter",
    "pause": "stop",
}
_NATIVE: Final = frozenset({"stop", "length", "tool_calls", "content_filter"})
_DONE: Final = b"data: [DONE]\n\n"
_THOUGHTS: Final = frozenset({"thinking", "summary"})
_MEMBERS: Final = {"text": "content", "refusal": "refusal", "thinking": "reasoning_content", "summary": "reasoning_content"}
_BETWEEN_THOUGHTS: Final = "\n\n"  # two summaries are two paragraphs
_EMPTY_ARGUMENTS: Final = "{}"


class Deltas:
    """What each part of an answer adds to the message. The parts come one after the other; only one is open."""

    def __init__(self) -> None:
        self._kind = ""
        self._call_index = -1
        self._custom = False
        self._empty = True  # the open part has no text so far
        self._thought = False  # an earlier part has thoughts
        self._length = 0  # of the content so far
        self._begun_at = 0  # where the open part begins in it

    def open(self, event: PartOpened) -> dict[str, object]:
        """A call begins with its id and its name; of other parts there is nothing to say yet."""
        self._kind, self._empty, self._begun_at = event.kind, True, self._length
        if event.kind != "call":
            return {}
        self._call_index += 1
        self._custom = event.call_kind == CUSTOM
        kind = "custom" if self._custom else "function"
        called: dict[str, object] = {"name": event.name, "input" if self._custom else "arguments": ""}
        return self._call({"id": event.call_id, "type": kind, kind: called})

    def grow(self, event: PartGrew) -> dict[str, object]:
        """More text."""
        if not event.text:
            return {}
        first, self._empty = self._empty, False
        if self._kind == "call":
            return self._more(event.text)
        said = event.text
        if self._kind in _THOUGHTS:
            said = _BETWEEN_THOUGHTS + said if first and self._thought else said
            self._thought = True
        elif self._kind == "text":
            self._length += len(said)
        return {_MEMBERS.get(self._kind, "content"): said}

    def cite(self, event: Cited) -> dict[str, object]:
        """A source of the text from the beginning of its part."""
        found = {"url": event.url, "title": event.title, "start_index": self._begun_at, "end_index": self._length}
        return {"annotations": [{"type": "url_citation", "url_citation": found}]}

    def close(self) -> dict[str, object]:
        """A function that was called without arguments gets empty ones, because clients parse them."""
        empty = self._kind == "call" and self._empty and not self._custom
        self._kind = ""
        return self._more(_EMPTY_ARGUMENTS) if empty else {}

    def _more(self, text: str) -> dict[str, object]:
        return self._call({"custom": {"input": text}} if self._custom else {"function": {"arguments": text}})

    def _call(self, call: dict[str, object]) -> dict[str, object]:
        return {"tool_calls": [{"index": self._call_index} | call]}


class ChatAnswerEncoder:
    """Writes one stream of chunks."""

    def __init__(self, context: AnswerContext) -> None:
        self._before = _before_choices(context)
        self._usage_shown = context.asked.usage_in_stream
        self._deltas = Deltas()
        self._usage: Usage | None = None

    def encode(self, event: Event) -> bytes:
        """The chunk of an event, or nothing."""
        method = _BY_TYPE.get(type(event))
        return b"" if method is None else method(self, event)

    def finish(self) -> bytes:
        """The chunk of the counts, if the client asked for it, and the end."""
        if self._usage is None or not self._usage_shown:
            return _DONE
        return self._frame([], b',"usage":' + msgspec.json.encode(encode_usage(self._usage))) + _DONE

    def _start(self, _event: Started) -> bytes:
        return self._delta({"role": "assistant", "content": ""})

    def _open(self, event: PartOpened) -> bytes:
        return self._delta(self._deltas.open(event))

    def _grow(self, event: PartGrew) -> bytes:
        return self._delta(self._deltas.grow(event))

    def _cite(self, event: Cited) -> bytes:
        return self._delta(self._deltas.cite(event))

    def _close(self, _event: PartClosed) -> bytes:
        return self._delta(self._deltas.close())

    def _count(self, event: UsageSeen) -> bytes:
        self._usage = event.usage if self._usage is None else self._usage.updated(event.usage)
        return b""

    def _end(self, event: Finished) -> bytes:
        return self._frame([{"index": 0, "delta": {}, "finish_reason": finish_reason(event)}])

    def _delta(self, delta: dict[str, object]) -> bytes:
        return self._frame([{"index": 0, "delta": delta, "finish_reason": None}]) if delta else b""

    def _frame(self, choices: list[dict[str, object]], usage: bytes = b"") -> bytes:
        return self._before + msgspec.json.encode(choices) + usage + b"}\n\n"

    @staticmethod
    def by_type() -> "Mapping[type, Callable[[ChatAnswerEncoder, Any], bytes]]":
        """What writes an event of each type."""
        return {
            Started: ChatAnswerEncoder._start,
            PartOpened: ChatAnswerEncoder._open,
            PartGrew: ChatAnswerEncoder._grow,
            Cited: ChatAnswerEncoder._cite,
            PartClosed: ChatAnswerEncoder._close,
            UsageSeen: ChatAnswerEncoder._count,
            Finished: ChatAnswerEncoder._end,
        }


_BY_TYPE: Final = ChatAnswerEncoder.by_type()


def _before_choices(context: AnswerContext) -> bytes:
    """The beginning of every chunk of an answer, in OpenAI's order of members."""
    members = {
        "id": f"chatcmpl-{context.request_id}",
        "object": "chat.completion.chunk",
        "created": context.created_at_s,
        "model": context.model_asked,
    }
    return b"data: " + msgspec.json.encode(members)[:-1] + b',"choices":'


def finish_reason(event: Finished) -> str:
    """Why the answer ended, in the dialect's words."""
    return _FINISHES.get(event.cause) or (event.reason if event.reason in _NATIVE else "stop")


def whole(context: AnswerContext, events: Sequence[Event]) -> bytes:
    """One completion, from all events of an answer that finished: its chunks put together, always with the counts."""
    counting = msgspec.structs.replace(context, asked=msgspec.structs.replace(context.asked, usage_in_stream=True))
    encoder = ChatAnswerEncoder(counting)
    chunks = [encoder.encode(event) for event in events]  # all of them before the end: compiled code asks for that first in one list with a `map`
    answer = assemble(b"".join((*chunks, encoder.finish()))) or {}
    choices = [_completed(mapping(choice)) for choice in items(answer.get("choices"))]
    return msgspec.json.encode(answer | {"choices": choices})


def _completed(choice: Mapping[str, object]) -> dict[str, object]:
    """A choice with the members that a chunk may lack; a message of calls alone has no content."""
    message = mapping(choice.get("message"))
    content = message.get("content") or (None if "tool_calls" in message or "refusal" in message else "")
    return {**choice, "message": {"role": "assistant", "refusal": None, **message, "content": content}, "logprobs": None}
