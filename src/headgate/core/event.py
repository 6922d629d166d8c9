"""The steps of an answer that Headgate acts on, the same for every dialect.

Four are counted: `Started`, `UsageSeen`, `Finished` and `Failed`; a reader of a native answer gives these alone. Where an answer is translated, its parts
come between them: `PartOpened`, any number of `PartGrew`, `PartClosed`. The laws of such a row of events:

- `Started` comes first, and exactly one of `Finished` and `Failed` ends it; `UsageSeen` may come anywhere between, also after `Finished`.
- Every part is opened once and closed once, and grows only in between. As a decoder writes them parts may overlap; an encoder gets them one after the
  other (`translation.in_order`).
- An answer that ends without its dialect's closing event has failed; it never becomes a finished one.
"""

import msgspec

from headgate.core.opaque_state import OpaqueState
from headgate.core.usage import Usage


class Started(msgspec.Struct, frozen=True, gc=False):
    """The provider began to answer and named the model it serves with."""

    response_id: str
    model_served: str


class UsageSeen(msgspec.Struct, frozen=True, gc=False):
    """Counts so far; a later report replaces the classes it names."""

    usage: Usage


class Finished(msgspec.Struct, frozen=True, gc=False):
    """The answer is complete. `reason` is as the dialect writes it (`end_turn`, `stop`, `completed`, `STOP`).

    `cause` is the same in no dialect's words: `stop`, `stop_sequence`, `tool_use`, `length`, `filter` or `pause`. Only a decoder for translation sets it.
    """

    reason: str
    cause: str = ""
    stop_sequence: str = ""


class Failed(msgspec.Struct, frozen=True, gc=False):
    """The provider reported an error inside the answer."""

    code: str
    message: str


class PartOpened(msgspec.Struct, frozen=True, gc=False):
    """A part of the answer begins: `text`, `thinking`, `summary` (of thoughts), `refusal` or `call`. The rest is known of calls alone."""

    index: int
    kind: str
    call_id: str = ""
    name: str = ""
    namespace: str = ""
    call_kind: str = "function"  # of `conversation`: `function`, `custom`, …


class PartGrew(msgspec.Struct, frozen=True, gc=False):
    """More of a part: its text, or the next piece of a call's arguments."""

    index: int
    text: str


class Cited(msgspec.Struct, frozen=True, gc=False):
    """A source of the text so far, within an open part of text."""

    index: int
    url: str
    title: str = ""
    quote: str = ""


class PartClosed(msgspec.Struct, frozen=True, gc=False):
    """A part is whole. `state` is what the provider wants back with it; `redacted`: a thought of which there is only the state."""

    index: int
    state: OpaqueState | None = None
    redacted: bool = False


Counted = Started | UsageSeen | Finished | Failed
Event = Counted | PartOpened | PartGrew | Cited | PartClosed
