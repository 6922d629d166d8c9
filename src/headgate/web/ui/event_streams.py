"""The event streams of browsers: what was recorded since the last event, at most once a second, so that a page can refresh what it shows.

It hears of each exchange and of each export, and counts by principal only while a browser listens. It stores nothing and names no person.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping

import msgspec

from headgate.core.clock import Clock
from headgate.core.errors import LimitExceeded, Unavailable
from headgate.core.principal import Principal
from headgate.core.record import Outcome
from headgate.exchange.ports import ClientStream
from headgate.telemetry.exporting_agent import exporting_agent
from headgate.telemetry.otlp.messages import Export
from headgate.web.ui.answers import BROWSER_HEADERS

STREAMS_MAX = 500
STREAMS_EACH_MAX = 20
_EVERY_S = 0.9  # the ticks come twice a second, and a little late: events are a second apart
_SESSION_S = 5.0
_KEEP_ALIVE_S = 15.0
_KEYS_MAX = 4096  # principals and agents that are counted apart between two events
_HEADERS = [
    *BROWSER_HEADERS,
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"x-accel-buffering", b"no"),  # https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffering: nginx passes events on at once
]

RECORDED = "recorded"
TELEMETRY = "telemetry"
_UNITS = {RECORDED: "exchanges", TELEMETRY: "exports"}

LookAgain = Callable[[], Principal | None]
"""The principal of the session as it is now; `None` once the session has ended."""


class _Counts:
    """What happened of one kind since the last event: together, and by principal and agent."""

    def __init__(self) -> None:
        self.total = 0
        self._keyed: Counter[tuple[str, str]] = Counter()

    def add_keyed(self, principal_id: str, agent: str) -> None:
        key = (principal_id, agent)
        if key in self._keyed or len(self._keyed) < _KEYS_MAX:
            self._keyed[key] += 1

    def take(self) -> tuple[int, Mapping[str, Counter[str]]]:
        """The total, and each principal's counts by agent; they begin anew."""
        total, own = self.total, defaultdict[str, Counter[str]](Counter)
        for (principal_id, agent), count in self._keyed.items():
            own[principal_id][agent] += count
        self.total = 0
        self._keyed.clear()
        return total, own


class EventStreams:
    """Owns every open event stream: bounded in number, for each principal too. `tick` is called about twice a second."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._counts = {RECORDED: _Counts(), TELEMETRY: _Counts()}
        self._recorded = self._counts[RECORDED]
        self._streams: dict[_Stream, None] = {}
        self._told_s = 0.0
        self._closed = False

    def exchange_ended(self, outcome: Outcome) -> None:
        """Hear of an exchange that was recorded. On the path of every exchange: one addition where no browser listens."""
        self._recorded.total += 1
        if self._streams:
            self._recorded.add_keyed(outcome.intent.principal_id, outcome.intent.agent)

    def export_kept(self, principal: Principal, export: Export) -> None:
        """Hear of an export whose rows are safe."""
        counts = self._counts[TELEMETRY]
        counts.total += 1
        if self._streams:
            counts.add_keyed(principal.id, exporting_agent(export.payload))

    def open(self, client: ClientStream, principal: Principal, look_again: LookAgain) -> None:
        """Begin a stream. Raises where there are too many."""
        if self._closed:
            raise Unavailable("Headgate is shutting down.", code="draining", retry_after_s=1.0)
        own = sum(1 for stream in self._streams if stream.principal.id == principal.id)
        if own >= STREAMS_EACH_MAX:
            raise LimitExceeded(f"{STREAMS_EACH_MAX} pages of yours wait for events, which is the most for one user. Close some.", retry_after_s=30.0)
        if len(self._streams) >= STREAMS_MAX:
            raise Unavailable(f"{STREAMS_MAX} pages wait for events, which is the most. Reload the page to see what is new.", retry_after_s=30.0)
        stream = _Stream(client, principal, look_again, self._clock.monotonic_s(), self._forget)
        self._streams[stream] = None
        client.watch(stream)
        client.start(200, _HEADERS)
        client.write(b"retry: 3000\n\n")  # how long a browser waits before it asks again (HTML standard, 9.2.6)

    def tick(self) -> None:
        """Send what happened, look whether sessions have ended, and keep idle connections open."""
        now_s = self._clock.monotonic_s()
        if now_s - self._told_s < _EVERY_S:
            return
        self._told_s = now_s
        happened = {kind: counts.take() for kind, counts in self._counts.items()}
        for stream in list(self._streams):
            if not stream.still_signed_in(now_s):
                self._forget(stream)
                stream.client.finish()
                continue
            for kind, (total, own) in happened.items():
                stream.add(kind, total, own)
            stream.send(now_s)

    def close(self) -> None:
        """End every stream: the server ends, and must not wait for them."""
        self._closed = True
        for stream in list(self._streams):
            stream.client.finish()
        self._streams.clear()

    def _forget(self, stream: "_Stream") -> None:
        self._streams.pop(stream, None)


class _Stream:
    """One browser that listens, and what it has not been sent yet."""

    def __init__(self, client: ClientStream, principal: Principal, look_again: LookAgain, now_s: float, gone: Callable[["_Stream"], None]) -> None:
        self.client = client
        self.principal = principal
        self._look_again = look_again
        self._looked_s = self._sent_s = now_s
        self._gone = gone
        self._slow = False
        self._waiting: dict[str, tuple[int, Counter[str]]] = {}

    def client_gone(self) -> None:
        """The browser has left."""
        self._gone(self)

    def client_slow(self) -> None:
        """Send nothing for a while: what happens meanwhile is added up."""
        self._slow = True

    def client_ready(self) -> None:
        """The next event has the sum."""
        self._slow = False

    def still_signed_in(self, now_s: float) -> bool:
        """Whether the session goes on. What its principal may see is read anew, too."""
        if now_s - self._looked_s >= _SESSION_S:
            self._looked_s = now_s
            principal = self._look_again()
            if principal is None:
                return False
            self.principal = principal
        return True

    def add(self, kind: str, total: int, own: Mapping[str, Counter[str]]) -> None:
        """Add what happened: everyone's where the principal may see that, else its own."""
        mine = own.get(self.principal.id, Counter())
        seen = total if self.principal.reads_all_usage else mine.total()
        if seen:
            before, by_agent = self._waiting.get(kind, (0, Counter()))
            self._waiting[kind] = (before + seen, by_agent + mine)

    def send(self, now_s: float) -> None:
        """Send what waits; a comment where nothing was sent for long, so that nothing between here and the browser closes the connection."""
        if self._slow:
            return
        events = [_event(kind, count, own) for kind, (count, own) in self._waiting.items()]
        self._waiting.clear()
        if not events and now_s - self._sent_s >= _KEEP_ALIVE_S:
            events = [b": still here\n\n"]
        if events:
            self._sent_s = now_s
            self.client.write(b"".join(events))


def _event(kind: str, count: int, own: Mapping[str, int]) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (kind.encode(), msgspec.json.encode({_UNITS[kind]: count, "own": dict(own)}))
