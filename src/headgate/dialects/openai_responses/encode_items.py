"""The parts of an answer as items of Responses, each with the events that announce, grow and complete it.

A part is one item. A text without a character is none. A call is announced with its second piece, or when it closes: Gemini's calls come in one piece, and
their state has its item before them.
"""

import hashlib
from typing import Protocol

from headgate.core.conversation import CUSTOM
from headgate.core.event import Cited, PartOpened
from headgate.dialects.openai_responses.encode_tools import Json
from headgate.dialects.openai_responses.own_calls import PREFIXES, own_call
from headgate.dialects.openai_responses.part_state import with_thought

Frames = list[Json]


class Place:
    """Where the next item is in the output, and its id: a hash of the request's id and of this place."""

    def __init__(self, request_id: str) -> None:
        self._request_id = request_id
        self.output: list[Json] = []

    @property
    def index(self) -> int:
        """The number of items that are done."""
        return len(self.output)

    def item_id(self, prefix: str) -> str:
        """The id of the next item."""
        return f"{prefix}_{hashlib.sha256(f'{self._request_id}:{self.index}'.encode()).hexdigest()[:32]}"

    def added(self, item: Json) -> Json:
        """The event that announces an item."""
        return {"type": "response.output_item.added", "output_index": self.index, "item": item}

    def done(self, item: Json) -> Json:
        """The event that completes an item."""
        self.output.append(item)
        return {"type": "response.output_item.done", "output_index": self.index - 1, "item": item}


class OpenItem(Protocol):
    """An item that is being written."""

    begun: bool

    def grow(self, text: str) -> Frames:
        """More of it."""

    def cite(self, source: Cited) -> Frames:
        """A source of its text."""

    def close(self, sealed: str) -> Frames:
        """It is whole. `sealed` is the state of a thought."""


def open_item(opened: PartOpened, place: Place) -> OpenItem:
    """The item of a part."""
    if opened.kind == "call":
        return _OwnCall(opened, place) if opened.call_kind in PREFIXES else _Call(opened, place)
    if opened.kind in {"thinking", "summary"}:
        return _Thought(opened.kind, place)
    return _Message("refusal" if opened.kind == "refusal" else "output_text", place)


def state_item(sealed: str, place: Place) -> Frames:
    """A reasoning item that holds the state of a text or a call alone."""
    item: Json = {"id": place.item_id("rs"), "type": "reasoning", "status": "completed", "summary": [], "encrypted_content": sealed}
    return [place.added(item), place.done(item)]


class _Message:
    """A message with one content: a text or a refusal."""

    def __init__(self, kind: str, place: Place) -> None:
        self._kind, self._place = kind, place
        self._id = place.item_id("msg")
        self._texts: list[str] = []
        self._length = 0
        self._sources: list[Json] = []
        self.begun = False

    def grow(self, text: str) -> Frames:
        """A delta, after what announces the message and its content."""
        if not text:
            return []
        frames = [] if self.begun else self._begin()
        self._texts.append(text)
        self._length += len(text)
        name = "refusal" if self._kind == "refusal" else "output_text"
        return [*frames, {"type": f"response.{name}.delta", **self._at(), "delta": text, **self._probabilities()}]

    def cite(self, source: Cited) -> Frames:
        """A source of all of the text so far: other dialects do not say of which part of it."""
        if not self.begun or self._kind == "refusal":
            return []
        annotation: Json = {"type": "url_citation", "start_index": 0, "end_index": self._length, "url": source.url, "title": source.title}
        self._sources.append(annotation)
        number = len(self._sources) - 1
        return [{"type": "response.output_text.annotation.added", **self._at(), "annotation_index": number, "annotation": annotation}]

    def close(self, sealed: str) -> Frames:
        """The whole text, content and message."""
        del sealed
        if not self.begun:
            return []
        text = "".join(self._texts)
        name, member = ("refusal", "refusal") if self._kind == "refusal" else ("output_text", "text")
        content = self._content(text)
        return [
            {"type": f"response.{name}.done", **self._at(), member: text, **self._probabilities()},
            {"type": "response.content_part.done", **self._at(), "part": content},
            self._place.done({**self._item("completed"), "content": [content]}),
        ]

    def _begin(self) -> Frames:
        self.begun = True
        return [
            self._place.added({**self._item("in_progress"), "content": []}),
            {"type": "response.content_part.added", **self._at(), "part": self._content("")},
        ]

    def _item(self, status: str) -> Json:
        return {"id": self._id, "type": "message", "status": status, "role": "assistant"}

    def _content(self, text: str) -> Json:
        if self._kind == "refusal":
            return {"type": "refusal", "refusal": text}
        return {"type": "output_text", "text": text, "annotations": list(self._sources), "logprobs": []}

    def _at(self) -> Json:
        return {"item_id": self._id, "output_index": self._place.index, "content_index": 0}

    def _probabilities(self) -> Json:
        return {} if self._kind == "refusal" else {"logprobs": []}


class _Thought:
    """A thought, as the summary or as the content of a reasoning item."""

    def __init__(self, kind: str, place: Place) -> None:
        self._place = place
        self._id = place.item_id("rs")
        self._texts: list[str] = []
        self._is_summary = kind == "summary"
        self.begun = False

    def grow(self, text: str) -> Frames:
        """A delta, after what announces the item and its part."""
        if not text:
            return []
        frames: Frames = []
        if not self.begun:
            self.begun = True
            frames = [
                self._place.added(self._item("in_progress", [], None)),
                {"type": f"{self._part_name}.added", **self._at(), "part": self._part("")},
            ]
        self._texts.append(text)
        return [*frames, {"type": f"{self._text_name}.delta", **self._at(), "delta": text}]

    def cite(self, source: Cited) -> Frames:
        """Thoughts have no sources."""
        del source
        return []

    def close(self, sealed: str) -> Frames:
        """The whole thought with its state; nothing where there is neither."""
        if not self.begun:
            return state_item(sealed, self._place) if sealed else []
        text = "".join(self._texts)
        if not self._is_summary:
            sealed = with_thought(sealed, text)
        return [
            {"type": f"{self._text_name}.done", **self._at(), "text": text},
            {"type": f"{self._part_name}.done", **self._at(), "part": self._part(text)},
            self._place.done(self._item("completed", [self._part(text)], sealed or None)),
        ]

    @property
    def _part_name(self) -> str:
        return "response.reasoning_summary_part" if self._is_summary else "response.content_part"

    @property
    def _text_name(self) -> str:
        return "response.reasoning_summary_text" if self._is_summary else "response.reasoning_text"

    def _part(self, text: str) -> Json:
        return {"type": "summary_text" if self._is_summary else "reasoning_text", "text": text}

    def _item(self, status: str, parts: list[Json], sealed: str | None) -> Json:
        item: Json = {"id": self._id, "type": "reasoning", "status": status, "summary": parts if self._is_summary else []}
        return item | ({} if self._is_summary else {"content": parts}) | {"encrypted_content": sealed}

    def _at(self) -> Json:
        return {"item_id": self._id, "output_index": self._place.index, "summary_index" if self._is_summary else "content_index": 0}


class _Call:
    """A call of a function or of a custom tool."""

    def __init__(self, opened: PartOpened, place: Place) -> None:
        self._opened, self._place = opened, place
        self._is_custom = opened.call_kind == CUSTOM
        self._texts: list[str] = []
        self._id = ""
        self.begun = False

    def grow(self, text: str) -> Frames:
        """A delta of the arguments, from the second on."""
        if not text:
            return []
        self._texts.append(text)
        if self.begun:
            return [self._delta(text)]
        return self._begin() if len(self._texts) > 1 else []

    def cite(self, source: Cited) -> Frames:
        """Calls have no sources."""
        del source
        return []

    def close(self, sealed: str) -> Frames:
        """All of the call. Arguments of a function that has none are an empty object."""
        del sealed
        if not self._texts and not self._is_custom:
            self._texts.append("{}")
        frames = [] if self.begun else self._begin()
        text = "".join(self._texts)
        member = "input" if self._is_custom else "arguments"
        name: Json = {} if self._is_custom else {"name": self._opened.name}
        return [*frames, {"type": f"{self._event}.done", **self._at(), member: text, **name}, self._place.done(self._item("completed", text))]

    def _begin(self) -> Frames:
        self.begun = True
        # A state before the call has taken the place that it opened at.
        self._id = self._place.item_id("ctc" if self._is_custom else "fc")
        return [self._place.added(self._item("in_progress", "")), *map(self._delta, self._texts)]

    @property
    def _event(self) -> str:
        return "response.custom_tool_call_input" if self._is_custom else "response.function_call_arguments"

    def _delta(self, text: str) -> Json:
        return {"type": f"{self._event}.delta", **self._at(), "delta": text}

    def _item(self, status: str, text: str) -> Json:
        opened = self._opened
        item: Json = {"id": self._id, "type": "custom_tool_call" if self._is_custom else "function_call", "status": status, "call_id": opened.call_id}
        named: Json = {"namespace": opened.namespace} if opened.namespace else {}
        return {**item, "name": opened.name, **named, "input" if self._is_custom else "arguments": text}

    def _at(self) -> Json:
        return {"item_id": self._id, "output_index": self._place.index}


class _OwnCall:
    """A call of one of OpenAI's own tools: announced when it is whole."""

    def __init__(self, opened: PartOpened, place: Place) -> None:
        self._opened, self._place = opened, place
        self._texts: list[str] = []
        self.begun = False

    def grow(self, text: str) -> Frames:
        """Wait for the rest."""
        self._texts.append(text)
        return []

    def cite(self, source: Cited) -> Frames:
        """Calls have no sources."""
        del source
        return []

    def close(self, sealed: str) -> Frames:
        """All of the call at once."""
        del sealed
        kind, text = self._opened.call_kind, "".join(self._texts)
        item_id: Json = {"id": self._place.item_id(PREFIXES[kind])}
        added, done = (item_id | own_call(kind, self._opened.call_id, text, status) for status in ("in_progress", "completed"))
        return [self._place.added(added), self._place.done(done)]
