"""What every dialect offers on the native way: read a request, rename its model, read its answer, word an error.

A dialect is sans I/O and knows no other dialect. `registry` is the only module that knows them all.
"""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from headgate.core.endpoint import Endpoint
from headgate.core.errors import GatewayError
from headgate.core.event import Event
from headgate.core.headers import Headers
from headgate.dialects.scan import Scanned


class Operation(msgspec.Struct, frozen=True):
    """One thing a client can ask of a dialect, as a row of the route table names it.

    `api_type` is the word kept in tables (`anthropic/v1/messages`). `streams`: `never`, `always`, or `body` (the body's `stream` says).
    `generates` is False for counting tokens: no tokens are used, so nothing is metered.
    """

    name: str
    api_type: str
    streams: str = "body"
    generates: bool = True


class Asked(msgspec.Struct, frozen=True):
    """A request body that was checked, and where to splice it.

    `model_span` is the byte range of the model's JSON string (quotes included) in `body`, or `None` where the model stands in the path (Gemini).
    `fields` are the top-level fields, undecoded. What was checked is what is sent: `body` is never re-serialised.
    """

    body: bytes
    model: str
    stream: bool
    model_span: tuple[int, int] | None
    fields: dict[str, msgspec.Raw]
    usage_hidden: bool = False  # we ask the provider for usage that the client did not ask for, and hide it


class AnswerReader(Protocol):
    """Reads a copy of an answer stream, split anywhere. Never raises on any bytes."""

    def feed(self, chunk: bytes) -> Sequence[Event]:
        """The events completed by this chunk. Frames without news are skipped unparsed."""

    @property
    def at_boundary(self) -> bool:
        """Whether the bytes so far end between two events: only there may Headgate put a word of its own into the stream."""

    @property
    def complete(self) -> bool:
        """Whether the dialect's closing event was seen, or all that its clients need of it; an answer that ends without it was cut."""

    @property
    def breaks_off(self) -> bool:
        """Whether a broken answer must end with its connection: its clients would give up on an error here, or nothing can be put in here."""


class BodyReader(AnswerReader, Protocol):
    """Reads an unstreamed answer body that comes in pieces. Never raises on any bytes."""

    @property
    def text_length(self) -> int:
        """Characters of generated text so far, escapes as they are written."""


class AnswerFilter(Protocol):
    """Takes out of a stream what the client did not ask for; all else passes byte for byte."""

    def feed(self, chunk: bytes) -> bytes:
        """What the client gets of this chunk; an unfinished frame is held back."""

    def rest(self) -> bytes:
        """What is still held back when the stream ends."""


class Dialect(Protocol):
    """One wire format on the native way."""

    name: str
    speaks: str  # the dialect of a provider that its requests go to as they are
    keep_alive: bytes  # put between two events in silence; keeps every client of this dialect waiting

    def read(self, body: bytes | Scanned, operation: Operation, path_model: str) -> Asked:
        """Check a request body and find what is acted on. `path_model` is the model in the path (Gemini), else empty.
        A large body was checked before, in steps.

        Raises BadRequest: not UTF-8, not one JSON object, a duplicate top-level key, nested too deep, `model` or `stream` missing or of a wrong type.
        """

    def upstream_body(self, asked: Asked, model_sent: str) -> bytes:
        """The bytes to send: the original with the model spliced, and with usage asked for where `asked.usage_hidden`."""

    def upstream_target(self, operation: Operation, model_sent: str, query: str) -> str:
        """Path and query below the provider's base URL."""

    def reader(self) -> AnswerReader:
        """A reader for one answer stream."""

    def answer_filter(self, asked: Asked) -> AnswerFilter | None:
        """A filter for one answer stream, or `None` if the stream passes untouched."""

    def read_answer(self, body: bytes) -> Sequence[Event]:
        """The events of a whole, unstreamed answer body (also of an error body). Never raises."""

    def body_reader(self) -> BodyReader:
        """A reader for one unstreamed answer body of any size; its events are those of `read_answer`."""

    def request_text_length(self, asked: Asked) -> int:
        """Characters of text in a request, for the estimate where a provider reports no usage."""

    def answer_text_length(self, body: bytes) -> int:
        """Characters of generated text in a whole, unstreamed answer body."""

    def stream_text_length(self, data: bytes) -> int:
        """Characters of generated text in (the kept part of) an answer stream."""

    def assemble(self, data: bytes) -> dict[str, object] | None:
        """An answer stream as the whole answer it tells, for people to read; of a cut stream what came. `None` if it tells nothing. Never raises."""

    def error(self, error: GatewayError, request_id: str) -> tuple[int, Headers, bytes]:
        """Status, headers (content type, retry-after, x-should-retry, …) and body of an answer that says the error as the agent really shows it."""

    def stream_error(self, error: GatewayError, request_id: str) -> bytes:
        """The in-band error that ends a stream whose headers are already sent."""

    def models(self, endpoints: Sequence[Endpoint], query: dict[str, str]) -> bytes:
        """The body of a model listing."""

    def model(self, endpoint: Endpoint) -> bytes:
        """The body of one model's description."""

    def session_of(self, asked: Asked) -> str:
        """The client's session id as the body states it, or empty."""
