"""One item of a provider's answer as the parts of events, however much of it the server sends: deltas, only whole texts, or the item alone.

What came as deltas is not said again; a whole text adds what is missing at its end. Of a reasoning item the summary is one part and what was thought is
another; its state closes the last.
"""

from collections.abc import Iterator
from typing import Final

import msgspec

from headgate.core.conversation import CUSTOM, FUNCTION
from headgate.core.event import Cited, Event, PartClosed, PartGrew, PartOpened
from headgate.core.opaque_state import OpaqueState
from headgate.dialects.lenient import items, mapping, text
from headgate.dialects.openai_responses.answer_event import ItemFields
from headgate.dialects.openai_responses.decode_items import CALLS, written

TEXT: Final = "text"
REFUSAL: Final = "refusal"
SUMMARY: Final = "summary"
THINKING: Final = "thinking"
CALL: Final = "call"

_NOTHING: Final = msgspec.Raw()
_BETWEEN: Final = "\n\n"  # the parts of a summary
_TEXTS: Final = {"output_text": (TEXT, "text"), "text": (TEXT, "text"), "refusal": (REFUSAL, "refusal"), "reasoning_text": (THINKING, "text")}


class AnswerItem:
    """An item while it comes. Each method gives the events that follow. `numbers` counts the parts of the whole answer."""

    def __init__(self, numbers: Iterator[int]) -> None:
        self._numbers = numbers
        self._open: dict[tuple[str, int], int] = {}  # the numbers of open parts, by channel and place in the item
        self._pieces: dict[tuple[str, int], list[str]] = {}
        self._cited: dict[int, int] = {}  # how many sources of each text were said
        self._called: tuple[str, str] | None = None  # the call's kind, and the member with its arguments
        self._waiting: list[str] = []  # arguments that come before the name
        self.type = ""
        self.call_id = ""
        self.done = False
        self.refused = False

    @property
    def called(self) -> bool:
        """Whether it is a call of the client's."""
        return self._called is not None

    def describe(self, item: ItemFields) -> list[Event]:
        """The item is announced: a call opens as soon as it has a name."""
        self.type = text(item.type)
        found = CALLS.get(self.type)
        if self._called is not None or found is None or item.execution == "server":
            return []
        kind = found[0]
        name = text(item.name) if kind in {FUNCTION, CUSTOM} else kind
        call_id = text(item.call_id) or text(item.id)
        if not name:
            return []
        self._called, self.call_id = found, call_id
        number = self._open[CALL, 0] = next(self._numbers)
        opened = PartOpened(number, CALL, call_id, name, text(item.namespace), kind)
        return [opened, *(event for piece in self._waiting for event in self.grow(CALL, 0, piece))]

    def grow(self, channel: str, place: int, piece: str) -> list[Event]:
        """More of one of its texts. `place` is that of the text within the item."""
        if not piece or self.done:
            return []
        if channel == CALL and self._called is None:
            self._waiting.append(piece)
            return []
        key = self._key(channel, place)
        pieces = self._pieces.get((channel, place))
        number = self._open.get(key, -1)
        if pieces is not None and number >= 0:  # as almost always
            pieces.append(piece)
            return [PartGrew(number, piece)]
        events = [] if key in self._open else self._part(channel, place)
        parted = channel == SUMMARY and (channel, place) not in self._pieces and any(name == SUMMARY for name, _ in self._pieces)
        self._pieces.setdefault((channel, place), []).append(piece)
        self.refused = self.refused or channel == REFUSAL
        return [*events, PartGrew(self._open[key], _BETWEEN + piece if parted else piece)]

    def fill(self, channel: str, place: int, whole: str) -> list[Event]:
        """One of its texts is whole: what is missing of it."""
        seen = "".join(self._waiting if channel == CALL and self._called is None else self._pieces.get((channel, place), ()))
        return self.grow(channel, place, whole[len(seen) :]) if whole.startswith(seen) else []

    def cite(self, place: int, annotation: object) -> list[Event]:
        """A source of one of its texts."""
        source = mapping(annotation)
        self._cited[place] = self._cited.get(place, 0) + 1
        url = text(source.get("url"))
        if not url or self.done:
            return []
        events = self._part(TEXT, place)
        return [*events, Cited(self._open[TEXT, place], url, text(source.get("title")))]

    def finish(self, item: ItemFields) -> list[Event]:
        """The item is done: what is missing of it, and the end of its parts."""
        if self.done:
            return []
        events = self.describe(item)
        if self._called is not None:
            events += self.fill(CALL, 0, written(getattr(item, self._called[1])))
        for place, part in enumerate(map(mapping, items(item.content))):
            events += self._finish_text(place, part)
        for place, part in enumerate(map(mapping, items(item.summary))):
            events += self.fill(SUMMARY, place, text(part.get("text")))
        return events + self._end(item)

    def cut(self) -> list[Event]:
        """Nothing more comes: its open parts end."""
        self.done = True
        closed: list[Event] = [PartClosed(number) for number in self._open.values()]
        self._open.clear()
        return closed

    def _finish_text(self, place: int, part: object) -> list[Event]:
        fields = mapping(part)
        channel, member = _TEXTS.get(text(fields.get("type")), ("", ""))
        if not channel:
            return []
        events = self.fill(channel, place, text(fields.get(member)))
        if channel == TEXT:
            for annotation in items(fields.get("annotations"))[self._cited.get(place, 0) :]:
                events += self.cite(place, annotation)
        return events

    def _end(self, item: ItemFields) -> list[Event]:
        sealed = text(item.encrypted_content)
        if text(item.type) != "reasoning" or not sealed:
            return self.cut()
        state = OpaqueState("openai", "encrypted", sealed, item_id=text(item.id))
        closed = self.cut()
        if not closed:
            number = next(self._numbers)
            return [PartOpened(number, THINKING), PartClosed(number, state, redacted=True)]
        last = closed[-1]
        return [*closed[:-1], PartClosed(last.index, state)] if isinstance(last, PartClosed) else closed

    def _key(self, channel: str, place: int) -> tuple[str, int]:
        """All of a summary is one part, and all of a thought."""
        return channel, 0 if channel in {SUMMARY, THINKING} else place

    def _part(self, channel: str, place: int) -> list[Event]:
        """The part of a text, opened where it is not: it ends the one before it."""
        key = self._key(channel, place)
        if key in self._open:
            return []
        closed: list[Event] = [PartClosed(number) for number in self._open.values()]
        self._open.clear()
        number = self._open[key] = next(self._numbers)
        return [*closed, PartOpened(number, channel)]
