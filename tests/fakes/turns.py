"""What a scripted provider is told to answer: turns made of parts, with token counts and faults. Knows no wire format."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Text:
    """Visible text, streamed in `pieces` deltas."""

    text: str
    pieces: int = 3


@dataclass(frozen=True)
class Thinking:
    """Reasoning with the opaque proof that the client has to send back unchanged."""

    text: str
    signature: str


@dataclass(frozen=True)
class Call:
    """A tool call. `freeform` is the Responses kind whose input is plain text (`arguments` is then the text)."""

    name: str
    arguments: dict[str, Any] | str
    id: str
    freeform: bool = False


Part = Text | Thinking | Call


@dataclass(frozen=True)
class Tokens:
    """Counts in the five priced classes; `reasoning` is part of `output`. Each wire format reports them in its own way.

    `more` is what Anthropic's usage object says beside them.
    """

    fresh: int = 0
    read: int = 0
    write_5m: int = 0
    write_1h: int = 0
    output: int = 0
    reasoning: int = 0
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def all_input(self) -> int:
        """All input, whatever the cache did with it."""
        return self.fresh + self.read + self.write_5m + self.write_1h


@dataclass(frozen=True)
class Refuse:
    """An error answer. `body` is by default the format's own error envelope around `message`."""

    status: int
    message: str = "scripted refusal"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    content_type: str = "application/json"
    delay_s: float = 0.0


@dataclass(frozen=True)
class Cut:
    """Break the connection after so many frames or bytes of the answer: by reset, or by a plain close in the middle."""

    after_frames: int | None = None
    after_bytes: int | None = None
    reset: bool = True


@dataclass(frozen=True)
class Silence:
    """Say nothing for a while after so many frames; -1 is before the response head."""

    seconds: float
    after_frames: int = 1


@dataclass(frozen=True)
class ErrorInStream:
    """The format's in-band error after so many frames, and then the end of the answer."""

    after_frames: int = 2
    message: str = "Overloaded"
    kind: str = "overloaded_error"


@dataclass(frozen=True)
class EndEarly:
    """A clean end by HTTP's framing after so many frames: an answer that lacks its closing events."""

    after_frames: int


Fault = Refuse | Cut | Silence | ErrorInStream | EndEarly


@dataclass(frozen=True)
class Turn:
    """One answer. `tokens=None` leaves usage out; `pace_s` waits between frames.

    `ending` is why the answer ends before its end: `length`, or `filter` where the provider stops what it does not want to say.
    `borders` are sizes of the network writes that the bytes of a stream are cut into (the last size repeats), wherever the frames end.
    `expect` looks at the request and returns what is wrong with it.
    """

    parts: tuple[Part, ...] = ()
    tokens: Tokens | None = field(default_factory=lambda: Tokens(fresh=11, output=7))
    pace_s: float = 0.0
    fault: Fault | None = None
    borders: tuple[int, ...] = ()
    expect: Callable[[Any], list[str]] | None = None
    headers: tuple[tuple[str, str], ...] = ()
    ending: str = ""

    @property
    def calls(self) -> tuple[Call, ...]:
        """The tool calls of this turn."""
        return tuple(part for part in self.parts if isinstance(part, Call))

    @property
    def signatures(self) -> tuple[str, ...]:
        """The opaque proofs that the next request has to hold."""
        return tuple(part.signature for part in self.parts if isinstance(part, Thinking))


def say(text: str, **more: Any) -> Turn:
    """A turn of plain text."""
    return Turn((Text(text),), **more)


def refuse(status: int, message: str = "scripted refusal", **headers: str) -> Turn:
    """A turn that is an error answer; `retry_after="3"` becomes the header `retry-after`."""
    return Turn(fault=Refuse(status, message, tuple((name.replace("_", "-"), value) for name, value in headers.items())))


def split(text: str, pieces: int) -> list[str]:
    """The text in about so many pieces, none of them empty."""
    if not text:
        return []
    size = max(1, -(-len(text) // max(1, pieces)))
    return [text[at : at + size] for at in range(0, len(text), size)]
