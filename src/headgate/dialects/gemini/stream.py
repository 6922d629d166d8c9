"""Answers of Gemini, streamed or whole, read for the events that Headgate acts on.

A stream is a row of unnamed chunks without a closing word: the answer is whole once a chunk has a `finishReason`, or a `blockReason` for the prompt.
Chunks with counts alone may still follow. Without `alt=sse` the chunks are the elements of one JSON array; a server that does not stream may answer
with one whole chunk.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from headgate.core.event import Event, Failed, Finished, Started, UsageSeen
from headgate.core.usage import Usage
from headgate.dialects.gemini.counted_chunk import CountedCandidate, CountedChunk, GeminiCounts, SearchedGrounding
from headgate.dialects.gemini.usage import merged, usage_of
from headgate.dialects.lenient import decoded, items, mapping, text, word
from headgate.dialects.pick import Picker
from headgate.dialects.sse import SseSplitter
from headgate.dialects.wanted import TEXT, Wanted

# Once the answer has begun, every chunk that is acted on contains one of these.
_MARKERS: Final = (b'"usageMetadata"', b'"finishReason"', b'"promptFeedback"', b'"webSearchQueries"', b'"error"')
_WANTED: Final = Wanted(
    "responseId", "modelVersion", "promptFeedback", "usageMetadata", "error", "error_code", "message",
    candidates=Wanted("finishReason", groundingMetadata=Wanted("webSearchQueries")),
)  # fmt: skip
_PART = Wanted(text=TEXT, functionCall=TEXT, executableCode=Wanted(code=TEXT), codeExecutionResult=Wanted(output=TEXT))
_WANTED_BODY: Final = _WANTED.counting(candidates=Wanted(content=Wanted(parts=_PART)))


_NOTHING: Final = msgspec.Raw()
_BEFORE: Final = b" \t\r\n\xef\xbb\xbf"  # with the bytes of a byte-order mark
# Only an odd element itself is lost.
_CANDIDATES: Final = msgspec.json.Decoder(list[CountedCandidate | str | int | float | bool | list[object] | None])
_GROUNDING: Final = msgspec.json.Decoder(SearchedGrounding)
_QUERIES_MAX: Final = 10_000  # searches that are counted in one answer
_CHUNK: Final = msgspec.json.Decoder(CountedChunk)
_CHUNKS: Final = msgspec.json.Decoder(list[CountedChunk | str | int | float | bool | list[object] | None])


class ChunkReader:
    """Reads the chunks of one answer into events."""

    def __init__(self) -> None:
        self._counts = GeminiCounts()
        self._usage = Usage()
        self._reported = b""  # the latest counts as written: most chunks repeat them
        self._queries: set[str] = set()
        self.started = False
        self.complete = False

    def read(self, chunk: CountedChunk) -> list[Event]:
        """The events of one chunk."""
        if chunk.error is not None or chunk.error_code is not None:
            return [_failed(chunk)]
        events: list[Event] = []
        if not _says_anything(chunk):
            return events
        if not self.started:
            self.started = True
            events.append(Started(text(chunk.response_id), text(chunk.model_version)))
        candidates = _candidates(chunk)
        searched = bool(candidates) and self._searched(candidates)
        reported = bytes(chunk.usage)
        if searched or (reported and reported != self._reported):
            self._reported = reported or self._reported
            events += self._counted(reported)
        reason = _reason(chunk, candidates)
        if reason and not self.complete:
            self.complete = True
            events.append(Finished(reason))
        return events

    def _searched(self, candidates: Sequence[CountedCandidate]) -> bool:
        """Note the searches that these candidates name; chunks may repeat them."""
        known = len(self._queries)
        for candidate in candidates:
            if candidate.grounding != _NOTHING and (grounding := decoded(_GROUNDING, candidate.grounding)) is not None:
                named = [query for query in items(grounding.queries) if isinstance(query, str) and query]
                self._queries.update(named[: _QUERIES_MAX - len(self._queries)])
        return len(self._queries) > known

    def _counted(self, raw: bytes) -> Sequence[Event]:
        counts = merged(self._counts, raw, len(self._queries))
        if counts == self._counts:
            return ()
        self._counts = counts
        usage = usage_of(counts)
        if usage == self._usage:
            return ()
        self._usage = usage
        return (UsageSeen(usage),)


class DocumentReader:
    """Reads an answer that is one JSON text: a chunk, or a list of chunks, each read as soon as it is complete."""

    at_boundary = False  # nothing may be inserted into JSON
    breaks_off = True

    def __init__(self) -> None:
        self._picker = Picker(_WANTED_BODY)
        self._chunks = ChunkReader()

    @property
    def complete(self) -> bool:
        """Whether the end of the answer was seen."""
        return self._chunks.complete

    @property
    def text_length(self) -> int:
        """Characters of generated text so far."""
        return self._picker.text_length

    def feed(self, chunk: bytes) -> Sequence[Event]:
        """The events completed by this piece."""
        return [event for data in self._picker.feed(chunk) for event in read_chunk(data, self._chunks)]


class StreamReader:
    """Reads one answer stream, whichever of its two forms it has."""

    def __init__(self) -> None:
        self._sse = SseSplitter(wanted=_WANTED)
        self._chunks = ChunkReader()
        self._document: DocumentReader | None = None  # for a stream that is one JSON text
        self._begun = False

    @property
    def at_boundary(self) -> bool:
        """Whether the bytes so far end between two events; nothing may be inserted into JSON."""
        return self._document is None and self._sse.at_boundary

    @property
    def breaks_off(self) -> bool:
        """Whether the answer is one JSON text, or half an event was passed on.

        Gemini CLI asks again for an error event and gives up when the connection breaks. But half an event that is closed for an error to follow is one of
        broken JSON, which ends its run; and a connection that breaks within the first event it asks again for (seen with 0.28.2 and 0.61.0).
        """
        return self._document is not None or not self._sse.at_boundary

    @property
    def complete(self) -> bool:
        """Whether the end of the answer was seen."""
        return self._chunks.complete if self._document is None else self._document.complete

    def feed(self, chunk: bytes) -> Sequence[Event]:
        """The events completed by this chunk."""
        if not self._begun:
            begins = chunk.lstrip(_BEFORE)
            self._begun = bool(begins)
            if begins.startswith((b"[", b"{")):
                self._document = DocumentReader()
        if self._document is not None:
            return self._document.feed(chunk)
        frames = self._sse.feed(chunk)
        if not frames:
            return ()
        events = [event for _, data in frames for event in read_chunk(data, self._chunks)]
        if self._chunks.started:
            self._sse.markers = _MARKERS
        return events


def read_chunk(data: bytes, reader: ChunkReader) -> Sequence[Event]:
    """The events of one chunk as it is written."""
    chunk = decoded(_CHUNK, data, _WANTED)
    return () if chunk is None else reader.read(chunk)


def read_answer(body: bytes) -> Sequence[Event]:
    """The events of a whole answer, of an array of chunks, or of an error body."""
    reader = ChunkReader()
    return [event for chunk in _chunks(body) for event in reader.read(chunk)]


def _chunks(document: bytes) -> list[CountedChunk]:
    """The chunks of a JSON text: the elements of an array, or the one chunk that it is."""
    if document.lstrip(_BEFORE).startswith(b"["):
        return [chunk for chunk in decoded(_CHUNKS, document, _WANTED) or () if isinstance(chunk, CountedChunk)]
    whole = decoded(_CHUNK, document, _WANTED)
    return [] if whole is None else [whole]


def _says_anything(chunk: CountedChunk) -> bool:
    return chunk.candidates != _NOTHING or chunk.usage != _NOTHING or chunk.prompt_feedback is not None or chunk.response_id is not None


def _candidates(chunk: CountedChunk) -> Sequence[CountedCandidate]:
    """The candidates with more than text in them."""
    raw = bytes(chunk.candidates)
    if b'"finishReason"' not in raw and b'"webSearchQueries"' not in raw:
        return ()
    return [candidate for candidate in decoded(_CANDIDATES, raw) or () if isinstance(candidate, CountedCandidate)]


def _reason(chunk: CountedChunk, candidates: Sequence[CountedCandidate]) -> str:
    for candidate in candidates:
        reason = text(candidate.finish_reason)
        if reason:
            return reason
    return text(mapping(chunk.prompt_feedback).get("blockReason")) if chunk.prompt_feedback is not None else ""


def _failed(chunk: CountedChunk) -> Failed:
    error = mapping(chunk.error)
    code = word(error.get("status")) or word(error.get("code")) or word(chunk.error_code) or "error"
    return Failed(code, text(error.get("message")) or text(chunk.error) or text(chunk.message))
