"""Events folded into what an answer says, and the laws that every row of events keeps."""

from collections.abc import Iterable

import msgspec

from headgate.core.event import Cited, Event, Failed, Finished, PartClosed, PartGrew, PartOpened, Started, UsageSeen
from headgate.core.opaque_state import OpaqueState
from headgate.core.usage import Usage


class Said(msgspec.Struct):
    """One part of an answer."""

    kind: str
    text: str = ""
    name: str = ""
    namespace: str = ""
    call_kind: str = ""
    call_id: str = ""
    state: OpaqueState | None = None
    redacted: bool = False
    sources: list[str] = []


class Answer(msgspec.Struct):
    """All of an answer."""

    parts: list[Said] = []
    end: Finished | Failed | None = None
    usage: Usage = Usage()
    response_id: str = ""
    model_served: str = ""

    def texts(self) -> list[tuple[str, str]]:
        """Kind and text of every part."""
        return [(part.kind, part.text) for part in self.parts]

    def calls(self) -> list[tuple[str, str]]:
        """Name and arguments of every call."""
        return [(part.name, part.text) for part in self.parts if part.kind == "call"]


def fold(events: Iterable[Event]) -> Answer:
    """What events say, in the order in which their parts begin."""
    answer, parts = Answer(), {}
    for event in events:
        match event:
            case Started():
                answer.response_id, answer.model_served = event.response_id, event.model_served
            case UsageSeen():
                answer.usage = answer.usage.updated(event.usage)
            case Finished() | Failed():
                answer.end = event
            case PartOpened():
                kind = event.call_kind if event.kind == "call" else ""
                parts[event.index] = Said(event.kind, "", event.name, event.namespace, kind, event.call_id)
                answer.parts.append(parts[event.index])
            case PartGrew():
                parts[event.index].text += event.text
            case Cited():
                parts[event.index].sources.append(event.url)
            case PartClosed():
                parts[event.index].state, parts[event.index].redacted = event.state, event.redacted
    return answer


def check_laws(events: Iterable[Event], *, one_by_one: bool) -> None:
    """Started first, one end; every part opened once and closed once before it, and growing only in between."""
    opened: set[int] = set()
    closed: set[int] = set()
    ends = 0
    for number, event in enumerate(events):
        assert isinstance(event, Started | Failed) == (number == 0) or isinstance(event, Failed), f"{event} is number {number}"
        if isinstance(event, PartOpened):
            assert event.index not in opened
            assert not one_by_one or opened == closed, "the part before it is still open"
            opened.add(event.index)
        if isinstance(event, PartGrew | Cited | PartClosed):
            assert event.index in opened - closed
        if isinstance(event, PartClosed):
            closed.add(event.index)
        if isinstance(event, PartOpened | PartGrew | Cited | PartClosed):
            assert not ends, f"{event} comes after the end"
        if isinstance(event, Finished | Failed):
            ends += 1
            assert opened == closed, "a part is open at the end"
    assert ends == 1, "one end"
