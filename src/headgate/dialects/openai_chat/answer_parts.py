"""The parts of a Chat Completions answer as events. The wire has no boundaries of parts, and servers differ in how they write calls, so both are inferred here.

A text ends where a text of another kind or a call begins. Calls may be interleaved, so each stays open until the answer ends, or until another part begins
when its arguments are whole. Seen from servers: calls without an index, or all with index 0; without an id, or with the same one; the name in each chunk;
all of a call in one chunk; arguments as an object.
"""

import hashlib
from collections.abc import Mapping
from typing import Final

import msgspec

from headgate.core.conversation import CUSTOM, FUNCTION
from headgate.core.event import Cited, Event, PartClosed, PartGrew, PartOpened
from headgate.dialects.lenient import decoded, mapping, text

_OBJECT: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ID_CHARACTERS: Final = 24


class _Call:
    """One call. It is opened when its name is known; what comes before waits."""

    def __init__(self, number: int, kind: str, given_id: str) -> None:
        self.number = number
        self.kind = kind
        self.given_id = given_id
        self.part = -1  # its index as a part, once it is open
        self.closed = False
        self.pieces: list[str] = []

    @property
    def whole(self) -> bool:
        """Whether its arguments are a whole JSON object, which cannot grow. Of a custom tool's text it is never known."""
        ended = self.kind == FUNCTION and bool(self.pieces) and self.pieces[-1].rstrip().endswith("}")
        return ended and decoded(_OBJECT, "".join(self.pieces).encode(errors="replace")) is not None


class AnswerParts:
    """The parts of one answer. Each method adds its events to a list."""

    def __init__(self) -> None:
        self._next = 0
        self._text: tuple[str, int] | None = None  # the open text: its kind and its index
        self._calls: list[_Call] = []
        self._by_index: dict[int, _Call] = {}
        self._by_id: dict[str, _Call] = {}
        self._grown: dict[_Call, None] = {}  # the open calls that may have become whole since it was last looked at
        self._ids: set[str] = set()
        self.refused = False  # whether any of it is a refusal

    @property
    def called(self) -> bool:
        """Whether a tool was called."""
        return bool(self._calls)

    @property
    def any(self) -> bool:
        """Whether there is any part."""
        return self._next > 0 or self.called

    def grow(self, kind: str, said: str, events: list[Event]) -> None:
        """More of a text, thought or refusal."""
        if not said:
            return
        if self._text is None or self._text[0] != kind:
            self._text = (kind, self._begin(events))
            events.append(PartOpened(self._text[1], kind))
        events.append(PartGrew(self._text[1], said))
        self.refused = self.refused or kind == "refusal"

    def cite(self, annotation: object, events: list[Event]) -> None:
        """A source of the open text."""
        found = mapping(mapping(annotation).get("url_citation"))
        if found and self._text is not None and self._text[0] == "text":
            events.append(Cited(self._text[1], text(found.get("url")), text(found.get("title")), text(found.get("content"))))

    def call(self, delta: object, seed: str, events: list[Event]) -> None:
        """More of a call, which is found by its index, its id, or as the latest. A missing id is made from the seed, which is the answer's."""
        fields = mapping(delta)
        custom = mapping(fields.get("custom"))
        called = custom or mapping(fields.get("function"))
        name, more = text(called.get("name")), _arguments(called.get("input" if custom else "arguments"))
        call = self._find(fields, name, more) or self._new(fields, CUSTOM if custom else FUNCTION)
        if call.part < 0 and name:
            self._open(call, name, f"{seed}/{name}/{more}", events)
            events.extend(PartGrew(call.part, piece) for piece in call.pieces)
        if more and not call.closed:
            call.pieces.append(more)
            if call.part >= 0:
                self._grown[call] = None
                events.append(PartGrew(call.part, more))

    def close(self, seed: str, events: list[Event]) -> None:
        """Close what is open. A call that was never named is one without a name."""
        self._close_text(events)
        for call in self._calls:
            if call.part < 0:
                self._open(call, "", seed, events)
                events.extend(PartGrew(call.part, piece) for piece in call.pieces)
            self._close_call(call, events)

    def _begin(self, events: list[Event]) -> int:
        """The index of a new part. What is whole by now is closed."""
        self._close_text(events)
        for call in sorted(self._grown, key=_number):
            if not call.closed and call.whole:
                self._close_call(call, events)
        self._grown.clear()
        self._next += 1
        return self._next - 1

    def _open(self, call: _Call, name: str, seed: str, events: list[Event]) -> None:
        call.part = self._begin(events)
        self._grown[call] = None
        call_id = call.given_id
        if not call_id or call_id in self._ids:
            digest = hashlib.sha256(f"{seed}/{call.number}/{call_id}".encode(errors="replace")).hexdigest()
            call_id = f"call_{digest[:_ID_CHARACTERS]}"
        self._ids.add(call_id)
        events.append(PartOpened(call.part, "call", call_id, name, "", call.kind))

    def _find(self, fields: Mapping[str, object], name: str, more: str) -> _Call | None:
        index, given_id = fields.get("index"), text(fields.get("id"))
        if type(index) is int:
            call = self._by_index.get(index)
        elif given_id:
            call = self._by_id.get(given_id)
        else:
            call = self._calls[-1] if self._calls else None
        if call is None or not name:
            return call
        another = bool(given_id and call.given_id and given_id != call.given_id) or (bool(more.strip()) and call.whole)
        return None if another else call

    def _new(self, fields: Mapping[str, object], kind: str) -> _Call:
        call = _Call(len(self._calls), kind, text(fields.get("id")))
        self._calls.append(call)
        self._by_id.setdefault(call.given_id, call)
        index = fields.get("index")
        if type(index) is int:
            self._by_index[index] = call
        return call

    def _close_text(self, events: list[Event]) -> None:
        if self._text is not None:
            events.append(PartClosed(self._text[1]))
            self._text = None

    @staticmethod
    def _close_call(call: _Call, events: list[Event]) -> None:
        if not call.closed:
            call.closed = True
            events.append(PartClosed(call.part))


def _number(call: _Call) -> int:
    return call.number


def _arguments(value: object) -> str:
    """Arguments as text; some servers write them as an object."""
    return msgspec.json.encode(value).decode() if isinstance(value, dict) else text(value)
