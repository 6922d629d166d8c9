"""The blocks of an answer of Anthropic Messages decoded into parts, by the laws of `core.event`. Never raises.

Servers that imitate Anthropic let blocks overlap, leave `input` out, write all arguments into the start of a block, put a delta of one kind into a block of
another, or never close a block: https://github.com/ggml-org/llama.cpp does some of it. Blocks that Anthropic's own tools make are passed over.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from headgate.core.event import Cited, Event, PartClosed, PartGrew, PartOpened
from headgate.core.opaque_state import OpaqueState
from headgate.dialects.anthropic.answer_members import BlockStart
from headgate.dialects.anthropic.state_slots import FAMILY, REDACTED, SIGNATURE
from headgate.dialects.lenient import decoded, mapping, text

BLOCKS_MAX: Final = 100_000
_CALLS: Final = frozenset({"tool_use"})
_TEXTS: Final = frozenset({"text", "thinking"})
_EMPTY: Final = b"{}"


_START: Final = msgspec.json.Decoder(BlockStart)
_TEXT: Final = msgspec.json.Decoder(str)


class _Open:
    """A block that is open: its kind, its part's number (-1 where it has none), and what is kept until it closes."""

    __slots__ = ("arguments", "grown", "kind", "number", "signature", "thought")

    def __init__(self, kind: str, number: int) -> None:
        self.kind = kind
        self.number = number
        self.arguments = ""  # of a call, from its start: they count only where no delta comes
        self.grown = False
        self.signature = ""
        self.thought: list[str] = []


class DecodedBlocks:
    """Makes the events of one answer's blocks. `model` is the one that serves, as far as it is known: its states name it."""

    def __init__(self) -> None:
        self.model = ""
        self.calls = 0
        self.count = 0  # of parts
        self._open: dict[int, _Open] = {}
        self._last = 0

    def start(self, index: object, raw: msgspec.Raw) -> list[Event]:
        """A block begins. What is open under the same index ends before."""
        start = decoded(_START, raw)
        at = self._at(index)
        events = self._close(at)
        if start is None or len(self._open) >= BLOCKS_MAX:
            return events
        kind = text(start.type)
        if kind == "redacted_thinking":
            return [*events, *self._redacted(text(start.data))]
        block, opened = self._opened(at, kind, text(start.id), text(start.name))
        events += opened
        if kind in _CALLS:
            block.arguments = _arguments(start.input)
        elif kind in _TEXTS:
            events += self._grow(block, text(start.text if kind == "text" else start.thinking))
            block.signature = text(start.signature)
            for citation in start.citations if isinstance(start.citations, list) else ():
                events += _cited(block, mapping(citation))
        return events

    def delta(self, index: object, delta: Mapping[str, object]) -> list[Event]:
        """A block grows."""
        at = self._at(index)
        match delta.get("type"):
            case "text_delta":
                return self._text(at, "text", text(delta.get("text")))
            case "thinking_delta":
                return self._text(at, "thinking", text(delta.get("thinking")))
            case "input_json_delta":
                block = self._open.get(at)
                return self._grow(block, text(delta.get("partial_json"))) if block is not None and block.kind in _CALLS else []
            case "signature_delta":
                return self._sign(at, text(delta.get("signature")))
            case "citations_delta":
                block = self._open.get(at)
                return [] if block is None else _cited(block, mapping(delta.get("citation")))
        return []

    def stop(self, index: object) -> list[Event]:
        """A block ends."""
        return self._close(self._at(index))

    def end(self) -> list[Event]:
        """Every open block ends, in the order in which they began."""
        return [event for index in tuple(self._open) for event in self._close(index)]

    def refusal(self, explanation: str) -> list[Event]:
        """A part with the words of a refusal."""
        number = self._number()
        return [PartOpened(number, "refusal"), PartGrew(number, explanation), PartClosed(number)]

    def _at(self, index: object) -> int:
        """The index of a frame; where it has none, that of the frame before."""
        if type(index) is int:
            self._last = index
        return self._last

    def _number(self) -> int:
        self.count += 1
        return self.count - 1

    def _opened(self, at: int, kind: str, call_id: str = "", name: str = "") -> tuple[_Open, list[Event]]:
        shown = kind in _TEXTS or kind in _CALLS
        block = self._open[at] = _Open(kind, self._number() if shown else -1)
        if kind in _CALLS:
            return block, [PartOpened(block.number, "call", call_id, name)]
        return block, [PartOpened(block.number, kind)] if shown else []

    def _text(self, at: int, kind: str, grown: str) -> list[Event]:
        """Text or a thought: in a block of another kind, or in none, it begins a part of its own."""
        block = self._open.get(at)
        if block is not None and block.kind == kind:
            return self._grow(block, grown)
        if not grown or (block is not None and block.number < 0):
            return []
        closed = self._close(at)
        block, opened = self._opened(at, kind)
        return [*closed, *opened, *self._grow(block, grown)]

    def _grow(self, block: _Open, grown: str) -> list[Event]:
        if not grown:
            return []
        block.grown = True
        if block.kind == "thinking":
            block.thought.append(grown)
        return [PartGrew(block.number, grown)]

    def _sign(self, at: int, signature: str) -> list[Event]:
        block = self._open.get(at)
        if block is None or block.kind != "thinking":
            return []
        block.signature += signature
        return []

    def _redacted(self, data: str) -> list[Event]:
        number = self._number()
        state = OpaqueState(FAMILY, REDACTED, data, self.model) if data else None
        return [PartOpened(number, "thinking"), PartClosed(number, state, redacted=True)]

    def _close(self, at: int) -> list[Event]:
        block = self._open.pop(at, None)
        if block is None or block.number < 0:
            return []
        if block.kind in _CALLS:
            self.calls += 1
            grown = [] if block.grown else [PartGrew(block.number, block.arguments or _EMPTY.decode())]
            return [*grown, PartClosed(block.number)]
        if block.kind == "thinking" and block.signature:
            # The signature holds for exactly this text, which not every client brings back.
            state = OpaqueState(FAMILY, SIGNATURE, block.signature, self.model, text="".join(block.thought))
            return [PartClosed(block.number, state)]
        return [PartClosed(block.number)]


def _arguments(raw: msgspec.Raw) -> str:
    """The arguments that a block begins with: an empty object is only a placeholder."""
    written = bytes(raw)
    if written in {b"null", b'""'}:
        return ""
    if written.startswith(b'"'):
        return decoded(_TEXT, raw) or ""
    return written.decode(errors="replace")


def _cited(block: _Open, citation: Mapping[str, object]) -> list[Event]:
    """A citation of something with an address; a place in the client's own document has none."""
    url = text(citation.get("url")) or text(citation.get("source"))
    if block.kind != "text" or not url:
        return []
    return [Cited(block.number, url, text(citation.get("title")), text(citation.get("cited_text")))]
