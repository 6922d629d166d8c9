"""Stand-ins for the ports of an exchange: small, and they remember what they were told."""

from collections.abc import Callable

from headgate.core.errors import GatewayError, Unavailable
from headgate.core.headers import Headers
from headgate.core.record import Intent, Outcome
from headgate.exchange.ports import Call, ClientWatcher, Sink, UpstreamRequest


class FakeClock:
    """A clock that moves only when told to."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def wall_ns(self) -> int:
        """Wall time."""
        return 1_800_000_000_000_000_000 + int(self.now_s * 1e9)

    def monotonic_s(self) -> float:
        """Monotonic time."""
        return self.now_s


class FakeClient:
    """A client's stream that keeps what it was sent."""

    def __init__(self) -> None:
        self.watcher: ClientWatcher | None = None
        self.status = 0
        self.headers: dict[bytes, bytes] = {}
        self.body = b""
        self.writes: list[bytes] = []
        self.finished = False
        self.aborted = False
        self.released = 0

    def watch(self, watcher: ClientWatcher) -> None:
        """Note the watcher."""
        self.watcher = watcher

    def start(self, status: int, headers: Headers) -> None:
        """Note the head, once."""
        assert not self.status
        self.status, self.headers = status, dict(headers)

    def write(self, data: bytes) -> None:
        """Note a piece."""
        assert self.status
        assert not self.finished
        self.writes.append(data)
        self.body += data

    def finish(self, data: bytes = b"") -> None:
        """Note the end, once."""
        assert self.status
        assert not self.finished
        self.body += data
        self.finished = True

    def abort(self) -> None:
        """Note that the connection was closed."""
        self.aborted = True

    def release_body(self) -> None:
        """Note that the request is held no longer."""
        self.released += 1


class FakeCall:
    """A request under way."""

    def __init__(self) -> None:
        self.paused = False
        self.cancelled = False
        self.sent = True

    def pause(self) -> None:
        """Note it."""
        self.paused = True

    def resume(self) -> None:
        """Note it."""
        self.paused = False

    def cancel(self) -> None:
        """Note it."""
        self.cancelled = True


class FakeUpstream:
    """An upstream whose answers are pushed by the test."""

    def __init__(self) -> None:
        self.requests: list[UpstreamRequest] = []
        self.sinks: list[Sink] = []
        self.calls: list[FakeCall] = []

    def send(self, request: UpstreamRequest, sink: Sink) -> Call:
        """Note the request."""
        self.requests.append(request)
        self.sinks.append(sink)
        self.calls.append(FakeCall())
        return self.calls[-1]


class MemoryJournal:
    """A journal in memory; `full` makes it refuse."""

    def __init__(self) -> None:
        self.intents: list[Intent] = []
        self.losses: list[Callable[[GatewayError], None] | None] = []  # what tells an exchange that its intent was lost
        self.outcomes: list[Outcome] = []
        self.full = False

    def intent(self, intent: Intent, lost: Callable[[GatewayError], None] | None = None) -> None:
        """Keep an intent."""
        if self.full:
            raise Unavailable("The journal is full.")
        self.intents.append(intent)
        self.losses.append(lost)

    def outcome(self, outcome: Outcome) -> None:
        """Keep an outcome."""
        self.outcomes.append(outcome)


class Listener:
    """Remembers what ended."""

    def __init__(self) -> None:
        self.heard: list[Outcome] = []

    def exchange_ended(self, outcome: Outcome) -> None:
        """Note it."""
        self.heard.append(outcome)

    def tick(self) -> None:
        """Nothing waits for it."""
