"""Decodes answers of providers that speak Responses, streamed or whole. What is counted of them comes from the reader of the native way.

OpenAI sends every step of an item; others send deltas without numbers (llama.cpp), whole texts, only items that are done, or only the closing event. An
event belongs to the item of its `output_index`, else of its `item_id` (GitHub Copilot's change with every event), else to the last one.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from types import MappingProxyType
from typing import Final

import msgspec

from headgate.core.event import Event, Failed, Finished, Started, UsageSeen
from headgate.dialects.lenient import count as whole_number
from headgate.dialects.lenient import decoded, is_unreadable, mapping, text
from headgate.dialects.openai_responses.answer_event import AnswerBody, AnswerEvent, ItemFields
from headgate.dialects.openai_responses.answer_item import CALL, REFUSAL, SUMMARY, TEXT, THINKING, AnswerItem
from headgate.dialects.openai_responses.stream import StreamReader, read_answer
from headgate.dialects.sse import SseSplitter
from headgate.dialects.wanted import Wanted

_NOTHING: Final = msgspec.Raw()
_CUT: Final = Failed("incomplete", "The provider's answer ended before it was complete.")
_UNREADABLE: Final = Failed("invalid_answer", "A part of the provider's answer is not JSON.")
_NO_RESPONSE: Final = Failed("invalid_answer", "The provider's answer is no response of the Responses API.")
_CAUSES: Final = {"max_output_tokens": "length", "incomplete": "length", "content_filter": "filter", "completed": "stop"}
_FRAME_BYTES_MAX: Final = 16 << 20
# Of a larger event only these are kept: a text would be cut, and be taken for a whole one. Its deltas came before.
_HEADS: Final = Wanted("type", "id", "call_id", "name", "namespace", "execution")
_WANTED: Final = Wanted(
    "type", "item_id", "output_index", "content_index", "summary_index", "error", "code", "message",
    item=_HEADS,
    response=Wanted("id", "model", "status", "usage", "service_tier", "tool_usage", "error", "incomplete_details", "error_code", "message", output=_HEADS),
)  # fmt: skip


_EVENT: Final = msgspec.json.Decoder(AnswerEvent)
_ITEM: Final = msgspec.json.Decoder(ItemFields)
_BODY: Final = msgspec.json.Decoder(AnswerBody)
_RAWS: Final = msgspec.json.Decoder(list[msgspec.Raw])
_ANY: Final = msgspec.json.Decoder()


class ResponsesDecoder:
    """Decodes one answer stream, split anywhere."""

    def __init__(self) -> None:
        self._frames = SseSplitter(wanted=_WANTED, frame_bytes_max=_FRAME_BYTES_MAX)
        self._reader = StreamReader()
        self._output = _Output()
        self._started = False
        self._ended = False
        self.counted: Sequence[Event] | None = None

    def feed(self, chunk: bytes) -> Sequence[Event]:
        """The events completed by this chunk."""
        self.counted = None
        frames = self._frames.feed(chunk)
        if len(frames) == 1:
            return self._take(frames[0][0].decode("latin-1"), frames[0][1])
        return [event for name, data in frames for event in self._take(name.decode("latin-1"), data)] if frames else ()

    def end(self) -> Sequence[Event]:
        """The failure of an answer that was cut."""
        return [] if self._ended else self._end_with(_CUT)

    def _take(self, name: str, data: bytes) -> list[Event]:
        event = decoded(_EVENT, data, _WANTED)
        if event is None:
            return self._end_with(_UNREADABLE) if not self._ended and is_unreadable(data) else []
        kind = text(event.type) or name
        parts = [] if self._ended else self._output.take(kind, event)
        if self._started and kind in _TEXTS:  # most events, and nothing in them is counted
            self.counted = () if self._frames.alone else None
            return parts
        counted: list[Event] = []
        self._reader.take(name, data, counted)
        begun = [each for each in counted if isinstance(each, Started)][: 0 if self._started else 1]
        if not begun and parts and not self._started:
            begun = [Started("", "")]
        self._started = self._started or bool(begun)
        found: list[Event] = [*begun, *parts]
        for each in counted:
            found += self._said(each)
        return found

    def _said(self, event: Event) -> list[Event]:
        """What is counted, with the cause of an end, and with the beginning that it needs."""
        if isinstance(event, UsageSeen):
            head: list[Event] = [] if self._started else [Started("", "")]
            self._started = True
            return [*head, event]
        if isinstance(event, Started) or self._ended:
            return []
        return self._end_with(self._output.caused(event) if isinstance(event, Finished) else event)

    def _end_with(self, last: Event) -> list[Event]:
        self._ended = True
        head: list[Event] = [Started("", "")] if isinstance(last, Finished) and not self._started else []
        self._started = True
        return [*head, *self._output.cut(), last]


class _Output:
    """The items of an answer, as far as they came."""

    def __init__(self) -> None:
        self._numbers = count()
        self._items: list[AnswerItem] = []
        self._by_index: dict[int, AnswerItem] = {}
        self._by_id: dict[str, AnswerItem] = {}
        self._last: AnswerItem | None = None

    def take(self, kind: str, event: AnswerEvent) -> list[Event]:
        """The parts of one event."""
        found = _TEXTS.get(kind)
        if found is not None:
            channel, member = found
            place = event.summary_index if channel == SUMMARY else event.content_index
            item = self._item_of(event, text(event.item_id))
            if member == "delta":
                return item.grow(channel, _place(place), text(event.delta))
            return item.fill(channel, _place(place), text(getattr(event, member)))
        handle = _HANDLERS.get(kind)
        return handle(self, event) if handle is not None else []

    def announce(self, event: AnswerEvent) -> list[Event]:
        """An item begins."""
        item = decoded(_ITEM, event.item)
        return [] if item is None else self._item_of(event, text(item.id), begins=True).describe(item)

    def finish(self, event: AnswerEvent) -> list[Event]:
        """An item is done."""
        item = decoded(_ITEM, event.item)
        return [] if item is None else self._item_of(event, text(item.id), begins=True).finish(item)

    def cite(self, event: AnswerEvent) -> list[Event]:
        """A source of a text."""
        return self._item_of(event, text(event.item_id)).cite(_place(event.content_index), event.annotation)

    def close(self, event: AnswerEvent) -> list[Event]:
        """The closing event: what of its output did not come before."""
        body = decoded(_BODY, event.response) if event.response != _NOTHING else None
        return [] if body is None else self.whole(body.output)

    def whole(self, output: msgspec.Raw) -> list[Event]:
        """The items of a whole output that did not come before, and the ends of those that are not done."""
        events: list[Event] = []
        elements: list[msgspec.Raw] = decoded(_RAWS, output) or []
        calls = {item.call_id: item for item in self._items if item.call_id}
        for place, raw in enumerate(elements):
            item = decoded(_ITEM, raw)
            if item is not None:
                events += (self._known(place, item, calls) or self._add()).finish(item)
        return events

    def cut(self) -> list[Event]:
        """The ends of all parts that are open."""
        return [event for item in self._items for event in item.cut()]

    def caused(self, finished: Finished) -> Finished:
        """An end with its cause: a call, a refusal, or what the provider says."""
        cause = _CAUSES.get(finished.reason, "pause")
        if cause == "stop":
            cause = "tool_use" if any(item.called for item in self._items) else "filter" if any(item.refused for item in self._items) else cause
        return Finished(finished.reason, cause)

    def _known(self, place: int, item: ItemFields, calls: Mapping[str, AnswerItem]) -> AnswerItem | None:
        """The item that came before: by its call, by its id, or at its place where it is of the same type and no other call."""
        call_id = text(item.call_id) or text(item.id)
        if call_id in calls:
            return calls[call_id]
        known = self._by_id.get(text(item.id))
        if known is None:
            known = self._by_index.get(place) if self._by_index else self._items[place] if place < len(self._items) else None
        if known is None or known.call_id or known.type not in {"", item.type}:
            return None
        return known

    def _item_of(self, event: AnswerEvent, item_id: str, *, begins: bool = False) -> AnswerItem:
        index = whole_number(event.output_index)
        found = self._by_index.get(index) if index is not None else self._by_id.get(item_id)
        if found is None and index is None and self._last is not None and not (begins and item_id) and not self._last.done:
            found = self._last
        if found is None:
            found = self._add()
        if index is not None:
            self._by_index[index] = found
        if item_id:
            self._by_id[item_id] = found
        self._last = found
        return found

    def _add(self) -> AnswerItem:
        item = AnswerItem(self._numbers)
        self._items.append(item)
        return item


def decode_answer(body: bytes) -> Sequence[Event]:
    """All events of a whole answer, or the failure that an error body reports."""
    counted = read_answer(body)
    response = decoded(_BODY, body)
    output = _Output()
    parts = output.whole(response.output) if response is not None else []
    started = [event for event in counted if isinstance(event, Started)] or [Started("", "")]
    usage = [event for event in counted if isinstance(event, UsageSeen)]
    last = next((event for event in counted if isinstance(event, Finished | Failed)), None)
    if last is None:
        named = response is not None and not isinstance(mapping(decoded(_ANY, body)).get("status"), str) and bytes(response.output).startswith(b"[")
        last = Finished("completed") if named else _NO_RESPONSE
    if isinstance(last, Finished):
        last = output.caused(last)
    if isinstance(last, Failed) and not parts and not usage:
        return [last]
    return [*started[:1], *parts, *output.cut(), *usage, last]


def count_of(body: bytes) -> int | None:
    """The tokens in an answer to a request for counting."""
    return whole_number(mapping(decoded(_ANY, body)).get("input_tokens"))


def _place(value: object) -> int:
    return whole_number(value) or 0


_TEXTS: Final[dict[str, tuple[str, str]]] = {  # no proxy: it is looked up for every event
    "response.output_text.delta": (TEXT, "delta"),
    "response.output_text.done": (TEXT, "text"),
    "response.refusal.delta": (REFUSAL, "delta"),
    "response.refusal.done": (REFUSAL, "refusal"),
    "response.function_call_arguments.delta": (CALL, "delta"),
    "response.function_call_arguments.done": (CALL, "arguments"),
    "response.custom_tool_call_input.delta": (CALL, "delta"),
    "response.custom_tool_call_input.done": (CALL, "input"),
    "response.reasoning_summary_text.delta": (SUMMARY, "delta"),
    "response.reasoning_summary_text.done": (SUMMARY, "text"),
    "response.reasoning_text.delta": (THINKING, "delta"),
    "response.reasoning_text.done": (THINKING, "text"),
    # Open Responses
    "response.reasoning.delta": (THINKING, "delta"),
    "response.reasoning.done": (THINKING, "text"),
}
_HANDLERS: Final[Mapping[str, Callable[[_Output, AnswerEvent], list[Event]]]] = MappingProxyType({
    "response.output_item.added": _Output.announce,
    "response.output_item.done": _Output.finish,
    "response.output_text.annotation.added": _Output.cite,
    "response.completed": _Output.close,
    "response.incomplete": _Output.close,
    "response.failed": _Output.close,
})
