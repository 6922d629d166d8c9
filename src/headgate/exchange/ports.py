"""What the journey of an exchange needs from the outside: a client's stream, a provider, a journal. Adapters implement these Protocols."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol, final

from headgate.core.endpoint import Endpoint, Provider
from headgate.core.errors import GatewayError, UpstreamFailed
from headgate.core.headers import Headers, KnownHeaders
from headgate.core.kept_response import KeptResponse
from headgate.core.record import Intent, Outcome
from headgate.exchange.content import ExchangeContent, Room


class ClientWatcher(Protocol):
    """The listener to a client's connection: called from the event loop, never re-entrantly from `start`, `write` or `finish`."""

    def client_gone(self) -> None:
        """The connection is lost; nothing written after this arrives."""

    def client_slow(self) -> None:
        """The send buffer is above its high-water mark: stop reading from the provider."""

    def client_ready(self) -> None:
        """The send buffer has drained."""


class ClientStream(Protocol):
    """The client's side of an exchange. Exactly one object writes to it. Plain calls: none suspends, and what they write leaves at the end of the step."""

    def watch(self, watcher: ClientWatcher) -> None:
        """Name the one watcher, before `start`."""

    def start(self, status: int, headers: Headers) -> None:
        """Status and headers. Without `content-length` the body is sent chunked. The head may be held back until the first `write` or `finish`."""

    def write(self, data: bytes) -> None:
        """A piece of the body; it waits for no further one. Silently nothing once the client is gone."""

    def finish(self, data: bytes = b"") -> None:
        """The last piece of the body, and a clean end."""

    def abort(self) -> None:
        """Close the connection without a clean end: the client sees the answer break off."""

    def release_body(self) -> None:
        """The request's body is held no longer, although its answer goes on: others may have the room that it took."""


class Sink(Protocol):
    """What an upstream's answer is pushed into. Called in order, from the event loop: one `head`, any number of `data`, then one `end` or `fail`.

    `fail` may come first, when there is no answer at all. Nothing is called after `end`, `fail` or `Call.cancel`.
    """

    def head(self, status: int, headers: Headers) -> None:
        """The final (non-1xx) status and headers."""

    def data(self, chunk: bytes) -> None:
        """A piece of the body, de-chunked, otherwise as received."""

    def end(self) -> None:
        """The body is complete by its framing."""

    def fail(self, error: UpstreamFailed) -> None:
        """No answer, or it broke off. `error.sent` is False only if no byte of the request was written."""


class Call(Protocol):
    """A request under way. `sent` says whether any byte of it may have reached the provider; it stays as it is when the call has ended."""

    sent: bool

    def pause(self) -> None:
        """Stop reading the answer (the client is slow). The idle deadline is suspended."""

    def resume(self) -> None:
        """Read on."""

    def cancel(self) -> None:
        """Close the upstream connection at once. The sink hears nothing more."""


@final
class Deadlines:
    """How long an answer may take, in seconds: to its first byte, between two pieces, and in all. They are not changed."""

    __slots__ = ("first_byte_s", "idle_s", "total_s")

    def __init__(self, first_byte_s: float = 600.0, idle_s: float = 300.0, total_s: float = 3600.0) -> None:
        self.first_byte_s = first_byte_s
        self.idle_s = idle_s
        self.total_s = total_s


USUAL_DEADLINES: Final = Deadlines()


@final
class UpstreamRequest:
    """What is sent to a provider. `target` is path and query, joined to the provider's base URL by the sender of this request, never by a client.

    `headers` lacks `host` and `content-length`: the client adds them. `known` are the same where many requests have them. It is not changed.
    """

    __slots__ = ("body", "deadlines", "headers", "known", "method", "provider", "target")

    def __init__(self, provider: Provider, method: str, target: str, headers: Headers, body: bytes, deadlines: Deadlines = USUAL_DEADLINES) -> None:
        self.provider = provider
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.deadlines = deadlines
        self.known: KnownHeaders | None = None

    def without_body(self) -> "UpstreamRequest":
        """The same, for who holds it after it was written."""
        return UpstreamRequest(self.provider, self.method, self.target, self.headers, b"", self.deadlines)


class Upstream(Protocol):
    """Sends a request and pushes the answer into a sink."""

    def send(self, request: UpstreamRequest, sink: Sink) -> Call:
        """Returns at once. Never calls the sink before it has returned."""


class ExchangeJournal(Protocol):
    """The append-only log that makes records survive. A record is in the operating system's hands (`kill -9` safe) before the step's outbox leaves."""

    def intent(self, intent: Intent, lost: Callable[[GatewayError], None]) -> None:
        """Keep what is about to be sent. Raises `Unavailable` when the disk refuses: the exchange is then refused before it is sent.

        Where the disk refuses only at the end of the step, `lost` is called with the same error, still before anything of the exchange leaves.
        """

    def outcome(self, outcome: Outcome) -> None:
        """Keep how it ended. Never raises: what the disk refuses is held until it can be written, or becomes an interrupted row."""


class Afterwards(Protocol):
    """Keeps more of an exchange than its record, where that is switched on. Returns at once, never raises: no exchange waits for it or fails with it."""

    def room(self, endpoint: Endpoint) -> Room | None:
        """Where the endpoint's answers are held until they have ended; `None` if they are not wanted."""

    def ended(self, content: ExchangeContent, endpoint: Endpoint | None) -> None:
        """An exchange has ended, and its record is kept.

        The endpoint is `None` where a request was refused before it was found, and where the content is not wanted and was let go of.
        """


class ExchangeListener(Protocol):
    """Hears of every finished exchange (the terminal's line, metrics). Must return at once and never raise; work that takes longer waits for `tick`."""

    def exchange_ended(self, outcome: Outcome) -> None:
        """One exchange has been settled."""

    def tick(self) -> None:
        """Called about twice a second, off the path of any exchange."""


class ResponseStore(Protocol):
    """Keeps the responses that their clients may name again: by principal, within bounds, for a time. Another principal's is never found."""

    def keep(self, principal_id: str, response_id: str, make: Callable[[], KeptResponse]) -> None:
        """Keep one. Returns at once and never raises. `make` is called later, on another thread, or by a `find` that comes before."""

    def find(self, principal_id: str, response_id: str) -> KeptResponse | None:
        """One that was kept. It may read a file, so it is only asked for a request that names one. Raises `Unavailable` if the file cannot be read."""

    def is_anothers(self, principal_id: str, response_id: str) -> bool:
        """Whether it is known, and only as another principal's. Read as by `find`."""

    def delete(self, principal_id: str, response_id: str) -> None:
        """Keep one no more. Returns at once."""


class CallStateStore(Protocol):
    """Keeps what was hidden with calls, as bytes, by principal and the call's key: for hours, within bounds, as well as it can. Never raises."""

    def put(self, principal_id: str, states: Mapping[str, bytes]) -> None:
        """Keep what was hidden with each call; no bytes: nothing was. Returns at once."""

    def get(self, principal_id: str, call_keys: Sequence[str]) -> Mapping[str, bytes]:
        """What is kept of these calls. What is in memory is looked at first; a file is asked once for each call."""
