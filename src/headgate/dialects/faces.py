"""The two faces of a dialect: one for its clients (read a request, word an error, list models), one for its providers (send a request, read an answer).

Each is a frozen set of functions. An exchange has the face of its client, and for each attempt the provider's face of the target. On the native way both are
of one dialect, and the provider's bytes reach the client unchanged. A face does no I/O and has no state; readers and filters, which have one, are made anew
for each answer. `registry` lists all faces.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import msgspec

from headgate.core.endpoint import Endpoint
from headgate.core.errors import GatewayError
from headgate.core.event import Event
from headgate.core.headers import Headers
from headgate.core.model_profile import ProfileOf
from headgate.dialects.asked import Asked
from headgate.dialects.scanned import Scanned


class Operation(msgspec.Struct, frozen=True):
    """One thing a client can ask of a dialect, as a row of the route table names it.

    `api_type` is the word kept in tables (`anthropic/v1/messages`). `streams`: `never`, `always`, or `body` (the body's `stream` says).
    `generates` is False for counting tokens: no tokens are used, so nothing is metered. `translates` is False for what only providers of the dialect do.
    """

    name: str
    api_type: str
    streams: str = "body"
    generates: bool = True
    translates: bool = True


class ToolNames:
    """The tools that a request offers to the model: those that its client runs, by name, and those that the provider runs, by type."""

    __slots__ = ("client", "server")

    def __init__(self) -> None:
        self.client: list[str] = []
        self.server: list[str] = []

    def add_client(self, name: str) -> None:
        """A tool that the client runs. One without a name is listed too: it must not pass unseen."""
        self.client.append(name or "(unnamed)")

    def add_server(self, kind: str) -> None:
        """A tool that the provider runs."""
        self.server.append(kind or "(unknown)")


class AnswerReader(Protocol):
    """Reads a copy of an answer stream, split anywhere. Never raises on any bytes."""

    def feed(self, chunk: bytes) -> Sequence[Event]:
        """The events completed by this chunk. Frames without news are skipped unparsed."""

    @property
    def complete(self) -> bool:
        """Whether the dialect's closing event was seen, or as much of it as its clients need. An answer that ends without it was cut."""

    # The next two say what may follow the bytes that the client has. On the native way these are the bytes that are read here.

    @property
    def at_boundary(self) -> bool:
        """Whether the bytes so far end between two events: only there may Headgate insert an event of its own."""

    @property
    def breaks_off(self) -> bool:
        """Whether a broken answer must end with its connection: clients would give up at an error here, or nothing can be inserted here."""


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


class ClientFace(msgspec.Struct, frozen=True, kw_only=True):
    """How a client of one mount is read and answered."""

    name: str
    speaks: str
    """The dialect of the providers that its requests go to as they are."""

    keep_alive: bytes
    """Put between two events in silence; it keeps every client of this dialect waiting."""

    read: Callable[[bytes | Scanned, Operation, str], Asked]
    """Check a request body and find what Headgate acts on. The last argument is the model in the path (Gemini), else empty.
    A `Scanned` body was checked before, in steps.

    Raises BadRequest: not UTF-8, not one JSON object, a duplicate top-level key, nested too deep, `model` or `stream` missing or of a wrong type.
    """

    request_text_length: Callable[[Asked], int]
    """Characters of text in a request, for the estimate where a provider reports no usage."""

    output_tokens_max: Callable[[Asked], int]
    """The most output tokens that the request allows, in all answers that it asks for; 0 if it does not say."""

    bounded: Callable[[Asked, int], Asked]
    """The request with a bound on its output of at most so many tokens: its own is lowered, one without gets it. The same object where nothing changes.
    Raises BadRequest where a value with the bound in it is ambiguous.
    """

    tools: Callable[[Asked], ToolNames]
    """The tools that the request offers to the model."""

    session_id: Callable[[Asked], str]
    """The client's session id as the body states it, or empty."""

    error: Callable[[GatewayError, str], tuple[int, Headers, bytes]]
    """Status, headers (content type, retry-after, x-should-retry, …) and body of the answer that reports an error, so that the agent shows it.
    The second argument is the request's id.
    """

    stream_error: Callable[[GatewayError, str], bytes]
    """The in-band error that ends a stream whose headers are already sent."""

    models: Callable[[Sequence[Endpoint], Mapping[str, str], ProfileOf], bytes]
    """The body of a model listing, for the parameters of a query and what is known of models."""

    model: Callable[[Endpoint], bytes]
    """The body of one model's description."""


class ProviderFace(msgspec.Struct, frozen=True, kw_only=True):
    """How a provider of one dialect is asked, and how its answers are read."""

    name: str
    key_header: tuple[bytes, bytes]
    """The header in which its API expects the key, and what comes before the key in it."""

    headers: tuple[tuple[bytes, bytes], ...] = ()
    """Headers that its API needs, for clients that send none of their name."""

    path: Callable[[Operation, str, str], str]
    """Path and query below the provider's base URL, for an operation, the model to send and the client's query."""

    body: Callable[[Asked, str], bytes]
    """The bytes to send: the original with this model spliced, and with usage asked for where `asked.usage_hidden`."""

    reader: Callable[[], AnswerReader]
    """A reader for one answer stream."""

    first_token: re.Pattern[bytes]
    """Is in a stream as soon as the model has begun its answer, or the stream has ended or failed: not in what comes while a request waits for its turn."""

    answer_filter: Callable[[Asked], AnswerFilter | None]
    """A filter for one answer stream, or `None` if the stream passes untouched."""

    read_answer: Callable[[bytes], Sequence[Event]]
    """The events of a whole, unstreamed answer body (also of an error body). Never raises."""

    body_reader: Callable[[], BodyReader]
    """A reader for one unstreamed answer body of any size; its events are those of `read_answer`."""

    answer_text_length: Callable[[bytes], int]
    """Characters of generated text in a whole, unstreamed answer body."""

    stream_text_length: Callable[[bytes], int]
    """Characters of generated text in (the kept part of) an answer stream."""

    assemble: Callable[[bytes], dict[str, object] | None]
    """Assemble an answer stream into the body that it would be unstreamed, for people to read; of a cut stream what arrived. `None` if it has no content.
    Never raises.
    """


def unfiltered(_asked: Asked) -> None:
    """No filter: nothing is ever hidden in this dialect."""
