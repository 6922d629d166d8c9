"""Answers of Gemini as events with their parts. The counted events are those of the native reader (`stream.ChunkReader`).

A part goes on while its kind stays the same and it has no signature yet; a signature ends it. A call is whole in one chunk. Gemini has no closing
word: the answer is whole with a `finishReason`, or a `blockReason` for the prompt (https://ai.google.dev/api/generate-content#FinishReason).
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

import msgspec

from headgate.core.event import Cited, Event, Failed, Finished, PartClosed, PartGrew, PartOpened, Started, UsageSeen
from headgate.core.opaque_state import OpaqueState
from headgate.dialects.gemini.answer_chunk import AnswerCandidate, AnswerChunk, AnswerContent, AnsweredCall, AnswerPart
from headgate.dialects.gemini.grounding import cited_in
from headgate.dialects.gemini.members import compact
from headgate.dialects.gemini.seals import FAMILY
from headgate.dialects.gemini.stream import ChunkReader, read_chunk
from headgate.dialects.lenient import count, decoded, is_unreadable, text
from headgate.dialects.pick import Bounds, Picker, pick
from headgate.dialects.sse import SseSplitter
from headgate.dialects.wanted import EVERYTHING

FRAME_BYTES_MAX: Final = 64 << 20  # a chunk above this is read in part
_BEFORE: Final = b" \t\r\n\xef\xbb\xbf"
_BOUNDS: Final = Bounds(FRAME_BYTES_MAX, 1_000_000, FRAME_BYTES_MAX, FRAME_BYTES_MAX)

_CAUSES: Final = {"STOP": "stop", "MAX_TOKENS": "length"}
_FILTERS: Final = frozenset({
    "SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR", "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT",
    "IMAGE_RECITATION",
})  # fmt: skip


_UNREADABLE: Final = Failed("invalid_answer", "A part of the provider's answer is not JSON.")
_NOTHING: Final = msgspec.Raw()
_CHUNK: Final = msgspec.json.Decoder(AnswerChunk)
_LIST: Final = msgspec.json.Decoder(list[msgspec.Raw])
_CANDIDATE: Final = msgspec.json.Decoder(AnswerCandidate)
_CONTENT: Final = msgspec.json.Decoder(AnswerContent)
_PART: Final = msgspec.json.Decoder(AnswerPart)
_CALL: Final = msgspec.json.Decoder(AnsweredCall)
_ANY: Final = msgspec.json.Decoder()
_TOTAL: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


class ChunkDecoder:
    """Decodes the chunks of one answer into events."""

    def __init__(self) -> None:
        self._reader = ChunkReader()
        self._response_id = ""
        self._model = ""
        self._next = 0
        self._open = ""  # the kind of the part that is open, which has the number before the next one
        self._state: OpaqueState | None = None  # of the open part, which ends with it
        self._calls = 0
        self._has_candidates = False
        self._cited: set[tuple[str, str, str]] = set()
        self._message = ""  # of the reason that the answer ended for
        self.ended = False
        self.counted: list[Event] = []  # what the native reader finds in the latest chunk

    def feed(self, data: bytes) -> list[Event]:
        """The events of one chunk, as it is written."""
        counted = self.counted = list(read_chunk(data, self._reader))
        if self.ended:
            return [event for event in counted if isinstance(event, UsageSeen)]
        if not counted and is_unreadable(data):
            return self.fail(_UNREADABLE)
        events: list[Event] = []
        for event in counted:
            if isinstance(event, Started):
                self._response_id, self._model = event.response_id, event.model_served
                events.append(event)
        chunk = decoded(_CHUNK, data) if self._reader.started else None
        if chunk is not None:
            events += self._candidate(chunk.candidates)
        for event in counted:
            match event:
                case UsageSeen():
                    events.append(event)
                case Finished(reason=reason):
                    events += self._finished(reason)
                case Failed():
                    events += self.fail(event)
                case _:
                    pass
        return events

    def fail(self, failed: Failed) -> list[Event]:
        """The end of an answer that failed."""
        if self.ended:
            return []
        closed = self._close()
        self.ended = True
        return [*closed, failed]

    def _finished(self, reason: str) -> list[Event]:
        cause = _CAUSES.get(reason, "filter" if reason in _FILTERS or not self._has_candidates else "")
        if not cause:
            return self.fail(Failed(reason, self._message or f"Gemini ended its answer with {reason}."))
        closed = self._close()
        self.ended = True
        return [*closed, Finished(reason, "tool_use" if cause == "stop" and self._calls else cause)]

    def _candidate(self, raw: msgspec.Raw) -> list[Event]:
        events: list[Event] = []
        for each in _listed(raw):
            candidate = decoded(_CANDIDATE, each)
            if candidate is None or count(candidate.index or 0):
                continue  # only the first of several answers can be passed on
            self._has_candidates = True
            self._message = text(candidate.message) or self._message
            content = decoded(_CONTENT, candidate.content) if candidate.content != _NOTHING else None
            for part in _listed(content.parts) if content is not None else ():
                events += self._part(decoded(_PART, part))
            if candidate.grounding != _NOTHING and self._open == "text":
                events += self._citations(candidate.grounding)
        return events

    def _part(self, part: AnswerPart | None) -> list[Event]:
        if part is None:
            return []
        signature = text(part.signature)
        if part.call != _NOTHING:
            return self._call(decoded(_CALL, part.call), signature)
        if not isinstance(part.text, str):
            return []
        return self._text("summary" if part.thought is True else "text", part.text, signature)

    def _text(self, kind: str, said: str, signature: str) -> list[Event]:
        if not said and not signature:
            return []
        events: list[Event] = []
        if self._open != kind or (self._state is not None and (said or signature)):
            events += [*self._close(), self._opened(kind)]
        if said:
            events.append(PartGrew(self._next - 1, said))
        if signature:
            self._state = OpaqueState(FAMILY, "signature", signature, self._model)
        return events

    def _opened(self, kind: str, call_id: str = "", name: str = "") -> PartOpened:
        self._open = kind
        self._next += 1
        return PartOpened(self._next - 1, kind, call_id, name)

    def _call(self, call: AnsweredCall | None, signature: str) -> list[Event]:
        if call is None:
            return []
        events = self._close()
        ordinal, self._calls = self._calls, self._calls + 1
        name, arguments = text(call.name), _arguments(call.arguments)
        call_id = text(call.call_id) or _made_id(self._response_id, str(ordinal), name, arguments)
        opened = self._opened("call", call_id, name)
        if signature:
            self._state = OpaqueState(FAMILY, "signature", signature, self._model)
        return [*events, opened, PartGrew(opened.index, arguments), *self._close()]

    def _citations(self, raw: msgspec.Raw) -> list[Event]:
        events: list[Event] = []
        for source in cited_in(raw):
            if source not in self._cited:
                self._cited.add(source)
                events.append(Cited(self._next - 1, *source))
        return events

    def _close(self) -> list[Event]:
        if not self._open:
            return []
        closed = PartClosed(self._next - 1, self._state)
        self._open, self._state = "", None
        return [closed]


class GeminiAnswerDecoder:
    """Decodes one answer stream, whichever of its two forms it has."""

    def __init__(self) -> None:
        self._sse = SseSplitter(frame_bytes_max=FRAME_BYTES_MAX)
        self._document: Picker | None = None  # for a stream that is one JSON text
        self._begun = False
        self._chunks = ChunkDecoder()
        self.counted: Sequence[Event] | None = None

    def feed(self, chunk: bytes) -> Sequence[Event]:
        """The events completed by this chunk."""
        if not self._begun:
            begins = chunk.lstrip(_BEFORE)
            self._begun = bool(begins)
            if begins.startswith((b"[", b"{")):
                self._document = Picker(EVERYTHING, _BOUNDS)
        if self._document is not None:
            self.counted = None
            return [event for data in self._document.feed(chunk) for event in self._chunks.feed(data)]
        events: list[Event] = []
        counted: list[Event] = []
        for _, data in self._sse.feed(chunk):
            events += self._chunks.feed(data)
            counted += self._chunks.counted
        self.counted = counted
        return events

    def end(self) -> Sequence[Event]:
        """A failure where the answer has no end."""
        events = [event for _, data in self._sse.feed(b"\n\n") for event in self._chunks.feed(data)] if self._document is None else []
        return [*events, *self._chunks.fail(Failed("incomplete", "Gemini's answer ended without a reason."))]


def decode_answer(body: bytes) -> Sequence[Event]:
    """All events of a whole answer, an array of chunks or an error body."""
    chunks = ChunkDecoder()
    begins = body.lstrip(_BEFORE)
    found = [bytes(chunk) for chunk in _listed(msgspec.Raw(begins))] if begins.startswith(b"[") else [begins]
    events = [event for chunk in found for event in chunks.feed(chunk)]
    return [*events, *chunks.fail(Failed("invalid_answer", "The body is no answer of Gemini."))]


def count_of(body: bytes) -> int | None:
    """The `totalTokens` of an answer to `countTokens`."""
    found = decoded(_TOTAL, body)
    total = found.get("totalTokens") if found else None
    return None if total is None else count(decoded(_ANY, total))


def _made_id(*words: str) -> str:
    """An id for a call that has none. A server may name no answer either, so it is made of what is called too."""
    return f"call_{sha256(' '.join(words).encode(errors='replace')).hexdigest()[:24]}"


def _listed(raw: msgspec.Raw) -> list[msgspec.Raw]:
    return (decoded(_LIST, raw) or []) if raw != _NOTHING else []


def _arguments(raw: msgspec.Raw) -> str:
    """A call's arguments on one line, as they were written; an object in every case."""
    if not bytes(raw).startswith(b"{"):
        return "{}"
    try:
        _ANY.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raw = msgspec.Raw(pick(bytes(raw), EVERYTHING) or b"{}")
    return compact(raw)
