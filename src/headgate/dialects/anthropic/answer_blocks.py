"""The blocks of an answer as clients of Anthropic Messages get them, made from an answer's parts: the same for a stream and for a whole body.

A part becomes one block or none: a text without a character is left out, and so is a thought with neither text nor state. A state of a text or of a call
gets a block of its own (`state_slots`). It comes before its call if the call is not yet begun when it is known.
"""

import hashlib
from collections.abc import Sequence
from typing import Final, final

import msgspec

from headgate.core.conversation import CUSTOM
from headgate.core.event import Cited, PartClosed, PartGrew, PartOpened
from headgate.dialects.anthropic.state_slots import OF_LAST, OF_NEXT, OF_NONE, UNSIGNED

_TEXTS: Final = {"text": "text", "refusal": "text", "thinking": "thinking", "summary": "thinking"}
_DELTAS: Final = {"text": "text_delta", "thinking": "thinking_delta"}


@final
class BlockBegan:
    """A block begins, with the members that it has from its beginning."""

    __slots__ = ("block", "index")

    def __init__(self, index: int, block: dict[str, object]) -> None:
        self.index = index
        self.block = block


@final
class BlockGrew:
    """A block gets more: a delta of the wire of this `kind`, with one member."""

    __slots__ = ("index", "kind", "member", "value")

    def __init__(self, index: int, kind: str, member: str, value: object) -> None:
        self.index = index
        self.kind = kind
        self.member = member
        self.value = value


@final
class BlockEnded:
    """A block is whole."""

    __slots__ = ("index",)

    def __init__(self, index: int) -> None:
        self.index = index


BlockStep = BlockBegan | BlockGrew | BlockEnded


class AnswerBlocks:
    """Turns parts that come one after the other into steps of blocks. `seed` makes ids for calls that came without one."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._next = 0
        self._part: PartOpened | None = None
        self._begun = False  # its block has begun
        self._held = ""  # arguments of a call: the first piece, because its state may come right behind, or all of a custom call's
        self.calls = 0
        self.refused = False

    def feed(self, event: PartOpened | PartGrew | Cited | PartClosed) -> Sequence[BlockStep]:
        """The steps that an event makes."""
        if type(event) is PartGrew:  # as almost all are
            return self._grew(event.text)
        match event:
            case PartOpened():
                self._part, self._begun, self._held = event, False, ""
                self.refused = self.refused or event.kind == "refusal"
                return ()
            case Cited():
                return self._cited(event)
            case PartClosed():
                return self._closed(event)
        return ()

    def _grew(self, text: str) -> Sequence[BlockStep]:
        part = self._part
        if part is None or not text:
            return ()
        if part.kind == "call":
            if part.call_kind == CUSTOM or (not self._begun and not self._held):
                self._held += text
                return ()
            return (*self._call_began(part), BlockGrew(self._next, "input_json_delta", "partial_json", text))
        field = _TEXTS.get(part.kind, "text")
        grown = BlockGrew(self._next, _DELTAS[field], field, text)
        return (grown,) if self._begun else (*self._text_began(field), grown)

    def _cited(self, event: Cited) -> Sequence[BlockStep]:
        part = self._part
        if part is None or _TEXTS.get(part.kind) != "text":
            return ()
        citation = {
            "type": "web_search_result_location",
            "url": event.url,
            "title": event.title or None,
            "cited_text": event.quote,
            "encrypted_index": "",
        }
        return (*self._text_began("text"), BlockGrew(self._next, "citations_delta", "citation", citation))

    def _closed(self, event: PartClosed) -> Sequence[BlockStep]:
        part, self._part = self._part, None
        if part is None:
            return ()
        if part.kind == "call":
            return self._call_closed(part, event)
        if _TEXTS.get(part.kind) == "thinking":
            return self._thought_closed(event)
        if not self._begun:
            return () if event.state is None else self._state(event.state.data + OF_NONE)
        ended = self._end()
        return ended if event.state is None else (*ended, *self._state(event.state.data + OF_LAST))

    def _call_closed(self, part: PartOpened, event: PartClosed) -> Sequence[BlockStep]:
        self.calls += 1
        if part.call_kind == CUSTOM:  # its arguments are a text, and a block takes an object alone
            self._held = msgspec.json.encode({"input": self._held}).decode()
        if event.state is None:
            return (*self._call_began(part), *self._end())
        if self._begun:
            return (*self._end(), *self._state(event.state.data + OF_LAST))
        before = self._state(event.state.data + OF_NEXT)
        return (*before, *self._call_began(part), *self._end())

    def _thought_closed(self, event: PartClosed) -> Sequence[BlockStep]:
        data = "" if event.state is None else event.state.data
        if not self._begun:
            if not data:
                return ()
            if event.redacted:
                return self._state(data)
        began = self._text_began("thinking")
        return (*began, BlockGrew(self._next, "signature_delta", "signature", data or UNSIGNED), *self._end())

    def _text_began(self, field: str) -> Sequence[BlockStep]:
        if self._begun:
            return ()
        block: dict[str, object] = {"type": field, field: ""}
        if field == "thinking":
            block["signature"] = ""
        return self._began(block)

    def _call_began(self, part: PartOpened) -> Sequence[BlockStep]:
        """The beginning of a call's block, if it has not begun, with the arguments that were held."""
        if self._begun:
            return ()
        call_id = part.call_id or f"toolu_{hashlib.sha256(f'{self._seed}.{self._next}'.encode()).hexdigest()[:24]}"
        began = self._began({"type": "tool_use", "id": call_id, "name": part.name, "input": {}})
        held, self._held = self._held, ""
        return (*began, BlockGrew(self._next, "input_json_delta", "partial_json", held)) if held else began

    def _began(self, block: dict[str, object]) -> Sequence[BlockStep]:
        self._begun = True
        return (BlockBegan(self._next, block),)

    def _end(self) -> Sequence[BlockStep]:
        index, self._next, self._begun = self._next, self._next + 1, False
        return (BlockEnded(index),)

    def _state(self, data: str) -> Sequence[BlockStep]:
        began = self._began({"type": "redacted_thinking", "data": data})
        return (*began, *self._end())
