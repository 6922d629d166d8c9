"""A request under way: its sink, its deadlines, and the connection that carries it. Reads no clock and no socket; the client's ticker brings the time."""

import asyncio
from typing import Final, Protocol

from headgate.core.errors import UpstreamFailed
from headgate.exchange.ports import Sink, UpstreamRequest
from headgate.upstream import failure

_SMALL_BYTES: Final = 4096


class CallConnection(Protocol):
    """The connection, as its call sees it."""

    def pause(self) -> None:
        """Stop reading."""

    def resume(self) -> None:
        """Read on."""

    def drop(self) -> None:
        """Close at once; the call hears nothing more."""


class Http1Call:
    """One request and its answer. `active` is the client's set of all that is under way; a call leaves it exactly once, and is silent from then on."""

    __slots__ = (
        "_active",
        "_quiet_since_s",
        "_seen_bytes",
        "_started_s",
        "answering",
        "carrier",
        "connecting",
        "paused",
        "received_bytes",
        "request",
        "sent",
        "sink",
    )

    def __init__(self, request: UpstreamRequest, sink: Sink, active: "set[Http1Call]") -> None:
        self.request = request
        self.sink = sink
        self.carrier: CallConnection | None = None
        self.connecting: asyncio.Task[None] | None = None
        self.paused = False
        self.answering = False
        self.received_bytes = 0
        self.sent = False  # set by the connection that carries it
        self._started_s = 0.0  # set by the first look; no clock is read for a call
        self._active = active
        active.add(self)

    @property
    def over(self) -> bool:
        """Whether the sink has heard, or will hear, nothing more."""
        return self not in self._active

    def written(self) -> None:
        """The request is written, once and for all: a large body is held no longer."""
        request = self.request
        if len(request.body) > _SMALL_BYTES:
            self.request = request.without_body()

    def pause(self) -> None:
        """Stop reading the answer. The idle deadline is suspended."""
        if not self.paused:
            self.paused = True
            if self.carrier is not None:
                self.carrier.pause()

    def resume(self) -> None:
        """Read on."""
        if self.paused:
            self.paused = False
            if self.carrier is not None:
                self.carrier.resume()

    def cancel(self) -> None:
        """Close the upstream connection at once, or never open it. The sink hears nothing more."""
        self._active.discard(self)
        carrier, self.carrier = self.carrier, None
        if carrier is not None:
            carrier.drop()
        if self.connecting is not None:
            self.connecting.cancel()

    def end(self) -> None:
        """The connection has delivered a whole answer."""
        self._active.discard(self)
        self.carrier = None
        self.sink.end()

    def fail(self, error: UpstreamFailed) -> None:
        """Whatever carried this call is of no more use."""
        if not self.over:
            self.cancel()
            self.sink.fail(error)

    def check(self, now_s: float) -> None:
        """Fail if a deadline has passed. Deadlines begin with the first look, so one is kept a tick or two late, never early."""
        request, sent = self.request, self.carrier is not None
        if not self._started_s:
            self._started_s = self._quiet_since_s = now_s
            self._seen_bytes = -1  # the first look after the head begins the idle deadline
        if now_s - self._started_s >= request.deadlines.total_s:
            self.fail(failure.endless(request.provider, request.deadlines.total_s, sent=sent))
        elif not self.answering:
            if now_s - self._started_s >= request.deadlines.first_byte_s:
                self.fail(failure.unanswered(request.provider, request.deadlines.first_byte_s, sent=sent))
        elif self.paused or self.received_bytes != self._seen_bytes:
            self._seen_bytes = self.received_bytes
            self._quiet_since_s = now_s
        elif now_s - self._quiet_since_s >= request.deadlines.idle_s:
            self.fail(failure.silent(request.provider, request.deadlines.idle_s))

    def give_up(self) -> None:
        """The client is closing."""
        self.fail(failure.closing(self.request.provider, sent=self.carrier is not None))
