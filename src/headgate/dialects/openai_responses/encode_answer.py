"""Encodes an answer for a client of Responses: https://platform.openai.com/docs/api-reference/responses-streaming, and unstreamed.

Every event has its name and the next number, and is one piece. `[DONE]` ends the stream, as Open Responses requires; Codex and the SDKs pass over it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from headgate.core.event import Cited, Event, Finished, PartClosed, PartGrew, PartOpened, Started, UsageSeen
from headgate.core.usage import Usage
from headgate.dialects.codec import AnswerContext
from headgate.dialects.openai_responses import part_state
from headgate.dialects.openai_responses.encode_items import Frames, OpenItem, Place, open_item, state_item
from headgate.dialects.openai_responses.encode_tools import Json
from headgate.dialects.openai_responses.response_object import ResponseObject

_DONE: Final = b"data: [DONE]\n\n"
_ENCODER: Final = msgspec.json.Encoder()


class ResponsesEncoder:
    """Writes one answer stream."""

    def __init__(self, context: AnswerContext) -> None:
        self._object = ResponseObject(context)
        self._place = Place(context.request_id)
        self._number = 0
        self._started = False
        self._opened: PartOpened | None = None
        self._item: OpenItem | None = None
        self._usage: Usage | None = None
        self._cause = ""

    def encode(self, event: Event) -> bytes:
        """The frames of an event."""
        handle = _BY_TYPE.get(type(event))
        frames = [] if handle is None else handle(self, event)
        return self._frame(frames[0]) if len(frames) == 1 else b"".join(map(self._frame, frames))

    def finish(self) -> bytes:
        """The last event, with the whole response in it."""
        response = self.response
        head = b"" if self._started else b"".join(map(self._frame, self._start()))
        return head + self._frame({"type": f"response.{response['status']}", "response": response}) + _DONE

    @property
    def response(self) -> Json:
        """The response object so far."""
        return self._object.ended(self._place.output, self._usage, self._cause)

    def _frame(self, fields: Json) -> bytes:
        fields["sequence_number"] = self._number
        self._number += 1
        return b"event: %s\ndata: %s\n\n" % (str(fields["type"]).encode(), _ENCODER.encode(fields))

    def _start(self, _event: Started | None = None) -> Frames:
        if self._started:
            return []
        self._started = True
        begun = self._object.begun()
        return [{"type": "response.created", "response": begun}, {"type": "response.in_progress", "response": begun}]

    def _open(self, opened: PartOpened) -> Frames:
        self._opened, self._item = opened, open_item(opened, self._place)
        return self._start()

    def _grow(self, grew: PartGrew) -> Frames:
        return [] if self._item is None else self._item.grow(grew.text)

    def _cite(self, cited: Cited) -> Frames:
        return [] if self._item is None else self._item.cite(cited)

    def _close(self, closed: PartClosed) -> Frames:
        opened, item = self._opened, self._item
        if opened is None or item is None:
            return []
        self._opened = self._item = None
        sealed = "" if closed.state is None else closed.state.data
        if not sealed or opened.kind in {"thinking", "summary"}:
            return item.close(sealed)
        if opened.kind == "call":
            marked = part_state.marked(sealed, part_state.CALL, opened.call_id)
            if not item.begun:
                return [*state_item(marked, self._place), *item.close("")]
            return [*item.close(""), *state_item(marked, self._place)]
        mark = part_state.TEXT if item.begun else part_state.EMPTY
        return [*item.close(""), *state_item(part_state.marked(sealed, mark), self._place)]

    def _count(self, seen: UsageSeen) -> Frames:
        self._usage = seen.usage if self._usage is None else self._usage.updated(seen.usage)
        return []

    def _end(self, finished: Finished) -> Frames:
        self._cause = finished.cause
        return []

    @staticmethod
    def by_type() -> "Mapping[type, Callable[[ResponsesEncoder, Any], Frames]]":
        """What writes an event of each type."""
        return {
            Started: ResponsesEncoder._start,
            PartOpened: ResponsesEncoder._open,
            PartGrew: ResponsesEncoder._grow,
            Cited: ResponsesEncoder._cite,
            PartClosed: ResponsesEncoder._close,
            UsageSeen: ResponsesEncoder._count,
            Finished: ResponsesEncoder._end,
        }


_BY_TYPE: Final = ResponsesEncoder.by_type()


def whole(context: AnswerContext, events: Sequence[Event]) -> bytes:
    """The body of an unstreamed answer."""
    encoder = ResponsesEncoder(context)
    for event in events:
        encoder.encode(event)
    return msgspec.json.encode(encoder.response)


def count(tokens: int) -> bytes:
    """The body that answers how many tokens a request has."""
    return msgspec.json.encode({"object": "response.input_tokens", "input_tokens": tokens})
