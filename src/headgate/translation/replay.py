"""What a model hid in an answer for a client that has no place for it: taken out of the answer's events, and put back into the next conversation.

A client of Chat Completions brings back nothing of a call but the call, so what was hidden is known by its id, and by a fingerprint of the rest: some servers
count calls from 0 in every answer, and a model refuses the state of another one.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from headgate.core.conversation import ASSISTANT, Conversation, Part, Text, Thinking, ToolCall, Turn
from headgate.core.event import Event, PartClosed, PartGrew, PartOpened
from headgate.core.opaque_state import OpaqueState, opened

_THOUGHTS = frozenset({"thinking", "summary"})


class HiddenStates(msgspec.Struct, frozen=True):
    """What belongs to one call: the thoughts that began its turn, those right before it, its own state, and that of the text before it."""

    first: tuple[Thinking, ...] = ()
    before: tuple[Thinking, ...] = ()
    state: OpaqueState | None = None
    text_state: OpaqueState | None = None

    @property
    def empty(self) -> bool:
        """Whether there is nothing to put back."""
        return not (self.first or self.before or self.state or self.text_state)


def hidden_states(events: Iterable[Event]) -> dict[str, HiddenStates]:
    """What is hidden with each call of an answer, by the call's key."""
    reader = _HiddenReader()
    for event in events:
        reader.take(event)
    return reader.found


def call_keys(conversation: Conversation) -> list[str]:
    """The keys of all calls of the assistant's, in order."""
    calls = [part for turn in conversation.turns if turn.role == ASSISTANT for part in turn.parts if isinstance(part, ToolCall)]
    return [call_key(call.call_id, call.name, call.arguments) for call in calls]


def call_key(call_id: str, name: str, arguments: str) -> str:
    """The id of a call with a fingerprint of it: the same for the same call, however its client writes the JSON again."""
    try:
        said = msgspec.json.encode(msgspec.json.decode(arguments or "{}"), order="deterministic")
    except (msgspec.MsgspecError, RecursionError):
        said = arguments.encode(errors="replace")
    return f"{call_id} {hashlib.sha256(name.encode(errors='replace') + bytes(1) + said).hexdigest()[:16]}"


def replayed(conversation: Conversation, found: Mapping[str, HiddenStates]) -> Conversation:
    """The conversation with what was hidden with its calls; the same object where nothing was. What it has of its own stays."""
    turns = tuple([_replayed_turn(turn, found) if turn.role == ASSISTANT else turn for turn in conversation.turns])
    if all(after is before for after, before in zip(turns, conversation.turns, strict=True)):
        return conversation
    return msgspec.structs.replace(conversation, turns=turns)


class _HiddenReader:
    """Reads the parts of one answer in order."""

    def __init__(self) -> None:
        self.found: dict[str, HiddenStates] = {}
        self._opened: PartOpened | None = None
        self._pieces: list[str] = []
        self._thoughts: list[Thinking] = []
        self._first: tuple[Thinking, ...] = ()  # waits for the first call
        self._text_state: OpaqueState | None = None
        self._begun = False  # something was said, so that later thoughts are not first

    def take(self, event: Event) -> None:
        """The next event."""
        match event:
            case PartOpened():
                self._opened, self._pieces = event, []
            case PartGrew():
                self._pieces.append(event.text)
            case PartClosed() if self._opened is not None:
                self._close(self._opened, None if event.state is None else opened(event.state.data) or event.state, redacted=event.redacted)
                self._opened = None
            case _:
                pass

    def _close(self, part: PartOpened, state: OpaqueState | None, *, redacted: bool) -> None:
        whole = "".join(self._pieces)
        if part.kind in _THOUGHTS:
            if state is not None:
                self._thoughts.append(Thinking(whole, part.kind == "summary", state, redacted))
            return
        if not self._begun:
            self._begun, self._first, self._thoughts = True, tuple(self._thoughts), []
        if part.kind != "call":
            self._text_state = state or self._text_state
            return
        key = call_key(part.call_id, part.name, whole)
        self.found[key] = HiddenStates(self._first, tuple(self._thoughts), state, self._text_state)
        self._first, self._thoughts, self._text_state = (), [], None


def _replayed_turn(turn: Turn, found: Mapping[str, HiddenStates]) -> Turn:
    hidden = dict(_hidden_in(turn, found))
    if not hidden:
        return turn
    thoughts = any(each.first or each.before for each in hidden.values())
    first: list[Part] = [thought for each in hidden.values() for thought in each.first]
    parts: list[Part] = []
    for at, part in enumerate(turn.parts):
        if thoughts and isinstance(part, Thinking) and part.state is None:
            continue  # the same thought, without its proof
        each = hidden.get(at)
        if each is None or not isinstance(part, ToolCall):
            parts.append(part)
            continue
        if each.text_state is not None:
            _put_on_text(parts, each.text_state)
        parts += each.before
        parts.append(part if part.state is not None else msgspec.structs.replace(part, state=each.state))
    return Turn(turn.role, (*first, *parts))


def _hidden_in(turn: Turn, found: Mapping[str, HiddenStates]) -> Iterator[tuple[int, HiddenStates]]:
    """What was hidden with the calls of a turn, by their places."""
    for at, part in enumerate(turn.parts):
        each = found.get(call_key(part.call_id, part.name, part.arguments)) if isinstance(part, ToolCall) else None
        if each is not None and not each.empty:
            yield at, each


def _put_on_text(parts: list[Part], state: OpaqueState) -> None:
    """Put a state on the last text, or on an empty one where there is none."""
    for at in range(len(parts) - 1, -1, -1):
        part = parts[at]
        if isinstance(part, Text):
            if part.state is None:
                parts[at] = msgspec.structs.replace(part, state=state)
            return
    parts.append(Text("", state=state))
