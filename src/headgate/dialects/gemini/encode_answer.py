"""Answers as Gemini's clients read them: unnamed chunks of one part each, the reason and the counts in the last one.

A stream is an event stream with `alt=sse` in the client's query, else one JSON array (https://ai.google.dev/api/generate-content). A call's arguments
come in one part. What a thought's state must come back with travels on the next part of text or the next call (`seals`).
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from headgate.core.event import Cited, Event, Finished, PartClosed, PartGrew, PartOpened, Started, UsageSeen
from headgate.core.usage import Usage
from headgate.dialects.codec import AnswerContext
from headgate.dialects.gemini.encode_usage import usage_metadata
from headgate.dialects.gemini.grounding import Grounding
from headgate.dialects.gemini.seals import is_envelope, sealed, with_thought
from headgate.dialects.lenient import decoded

_REASONS: Final = {"length": "MAX_TOKENS", "filter": "SAFETY"}
_FILTERED: Final = "The answer was stopped by the provider's filter."
_MALFORMED: Final = "MALFORMED_FUNCTION_CALL"
_ENCODER: Final = msgspec.json.Encoder()
_OBJECT: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


class _Open:
    """The part that is being written."""

    __slots__ = ("call_id", "kind", "name", "pieces")

    def __init__(self, event: PartOpened) -> None:
        self.kind = event.kind
        self.call_id = event.call_id
        self.name = event.name
        self.pieces: list[str] = []


class PartsEncoder:
    """Turns the events of one answer into Gemini's parts, and knows what its last chunk says."""

    def __init__(self, context: AnswerContext) -> None:
        self._context = context
        self._response_id = context.request_id
        self._open: _Open | None = None
        self._waiting: list[str] = []  # states of thoughts, for the next part
        self._grounding = Grounding()
        self._usage: Usage | None = None
        self._reason = ""
        self._broken_call = ""
        self._refused = False
        self._said = False  # a text or a call: Gemini CLI asks again for an answer without one

    def parts(self, event: Event) -> list[dict[str, object]]:
        """The parts that an event completes."""
        match event:
            case Started(response_id=response_id):
                self._response_id = response_id or self._response_id
            case UsageSeen(usage=usage):
                self._usage = usage if self._usage is None else self._usage.updated(usage)
            case Finished():
                self._reason = _REASONS.get(event.cause, "STOP")
            case PartOpened():
                self._open = _Open(event)
                self._refused = self._refused or event.kind == "refusal"
            case PartGrew(text=text) if self._open is not None:
                return self._grown(self._open, text)
            case Cited() if self._open is not None:
                self._grounding.cite(event)
            case PartClosed() if self._open is not None:
                part, self._open = self._open, None
                return self._closed(part, event)
            case _:
                pass
        return []

    def _grown(self, part: _Open, text: str) -> list[dict[str, object]]:
        if part.kind in {"call", "thinking", "summary"}:
            part.pieces.append(text)
        if not text or part.kind == "call":
            return []
        if part.kind in {"thinking", "summary"}:
            return [{"text": text, "thought": True}] if self._context.asked.reasoning.shown else []
        self._said = True
        self._grounding.grow(text)
        return [self._signed({"text": text})]

    def _closed(self, part: _Open, event: PartClosed) -> list[dict[str, object]]:
        state = event.state.data if event.state is not None else ""
        if part.kind in {"thinking", "summary"}:
            return self._thought(part, state)
        if part.kind == "call":
            return self._call(part, state)
        return [self._signed({"text": ""}, state)] if state else []

    def _thought(self, part: _Open, state: str) -> list[dict[str, object]]:
        """A native state is the thought's own; one of another provider's waits for the next part, because clients drop thoughts."""
        if is_envelope(state):
            self._waiting.append(with_thought(state, "".join(part.pieces)))
        elif state and self._context.asked.reasoning.shown:
            return [{"text": "", "thought": True, "thoughtSignature": state}]
        return []

    def _call(self, part: _Open, state: str) -> list[dict[str, object]]:
        arguments = _arguments("".join(part.pieces))
        if arguments is None:
            self._broken_call = part.name
            return []
        self._said = True
        call: dict[str, object] = {"id": part.call_id} if part.call_id else {}
        return [self._signed({"functionCall": {**call, "name": part.name, "args": arguments}}, state)]

    def _signed(self, part: dict[str, object], own: str = "") -> dict[str, object]:
        if not own and not self._waiting:  # as almost always
            return part
        states, self._waiting = self._waiting, []
        signature = sealed(states, own)
        return {**part, "thoughtSignature": signature} if signature else part

    def last(self) -> tuple[list[dict[str, object]], dict[str, object]]:
        """The parts of the last chunk, and what its candidate says beside them."""
        parts: list[dict[str, object]] = []
        reason = self._reason or "STOP"
        if self._refused and reason == "STOP":  # other dialects end a refusal as any answer
            reason = "SAFETY"
        fields: dict[str, object] = {"finishReason": reason}
        if self._broken_call and reason == "STOP":
            fields = {"finishReason": _MALFORMED, "finishMessage": f"The arguments of the call of {self._broken_call} are not a JSON object."}
        if reason == "SAFETY" and not self._said:
            parts.append(self._signed({"text": _FILTERED}))
        if self._waiting:
            parts.append(self._signed({"text": ""}))
        grounding = self._grounding.metadata()
        return parts, {**fields, "groundingMetadata": grounding} if grounding else fields

    def response(self, parts: Sequence[dict[str, object]], fields: dict[str, object] | None = None) -> dict[str, object]:
        """A chunk, or the whole answer, with these parts. `fields` are those that its candidate has at the end alone, and the counts come with them."""
        candidate = {"content": {"parts": list(parts), "role": "model"}, **(fields or {}), "index": 0}
        counts = {"usageMetadata": usage_metadata(self._usage)} if fields is not None and self._usage is not None else {}
        return {"candidates": [candidate], **counts, "modelVersion": self._context.model_asked, "responseId": self._response_id}


class GeminiAnswerEncoder:
    """Writes one answer stream, whichever of its two forms the client asked for."""

    def __init__(self, context: AnswerContext) -> None:
        self._parts = PartsEncoder(context)
        self._is_array = not is_event_stream(context)
        self._begun = False

    def encode(self, event: Event) -> bytes:
        """The bytes of an event."""
        parts = self._parts.parts(event)
        if len(parts) == 1:
            return self._chunk(self._parts.response(parts))
        return b"".join(self._chunk(self._parts.response([part])) for part in parts)

    def finish(self) -> bytes:
        """The last chunk, and the end of an array."""
        parts, fields = self._parts.last()
        last = self._chunk(self._parts.response(parts or [{"text": ""}], fields))
        return last + b"]" if self._is_array else last

    def _chunk(self, response: dict[str, object]) -> bytes:
        data = _ENCODER.encode(response)
        if not self._is_array:
            return b"data: " + data + b"\r\n\r\n"
        opening, self._begun = b",\r\n" if self._begun else b"[", True
        return opening + data


def is_event_stream(context: AnswerContext) -> bool:
    """Whether the client's query asks for events rather than for an array."""
    return "alt=sse" in context.query.split("&")


def whole(context: AnswerContext, events: Sequence[Event]) -> bytes:
    """The body of an unstreamed answer."""
    encoder = PartsEncoder(context)
    parts: list[dict[str, object]] = []
    joins = False
    for event in events:
        joins = joins and not isinstance(event, PartOpened)
        for part in encoder.parts(event):
            if not joins or not _joined(parts[-1], part):
                parts.append(part)
            joins = True
    ending, fields = encoder.last()
    return msgspec.json.encode(encoder.response([*parts, *ending], fields))


def _joined(last: dict[str, object], part: dict[str, object]) -> bool:
    """Whether more text of a part was added to it. A part that has its signature takes no other one."""
    if "text" not in part or ("thoughtSignature" in part and "thoughtSignature" in last):
        return False
    last.update({**part, "text": f"{last['text']}{part['text']}"})
    return True


def count(tokens: int) -> bytes:
    """The answer to `countTokens`."""
    return msgspec.json.encode({"totalTokens": tokens})


def _arguments(text: str) -> msgspec.Raw | None:
    """A call's arguments as an object, written as the model wrote it on one line; `None` for anything else."""
    data = text.strip().encode(errors="replace") or b"{}"
    if decoded(_OBJECT, data) is None:
        return None
    return msgspec.Raw(msgspec.json.format(data, indent=-1))
