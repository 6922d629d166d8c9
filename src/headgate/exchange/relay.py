"""The one owner of a client's stream: what the provider pushes goes through here to the client, in the same step, counted as it passes.

It sends the head, every byte, the keep-alives and the one in-band error; nothing wraps it a second time. It reads no clock of its own accord
but the one it is handed, starts no task and never decides which target is tried: that is `attempt`.
"""

import logging
from collections.abc import Callable, Container

from headgate.core.clock import Clock
from headgate.core.errors import GatewayError, UpstreamFailed
from headgate.core.event import Failed
from headgate.core.headers import Headers
from headgate.dialects.faces import AnswerFilter, Asked
from headgate.exchange.answer import Answer
from headgate.exchange.content import Room
from headgate.exchange.headers import is_coded, request_ids, to_client
from headgate.exchange.inbound import Inbound
from headgate.exchange.mask import NOTHING, Mask
from headgate.exchange.ports import Call, ClientStream
from headgate.exchange.settings import StreamLimits

_log = logging.getLogger("headgate.exchange")

_STREAM_HEADERS: Headers = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
]


class Relay:
    """Carries one answer to one client. A Sink for the provider's side, a ClientWatcher for the client's.

    `ended` says how it went, as the record names it, and is set exactly once, just before `on_end` is called.
    """

    def __init__(self, inbound: Inbound, asked: Asked, client: ClientStream, limits: StreamLimits, clock: Clock, room: Room | None = None) -> None:
        self.inbound = inbound
        self.asked = asked
        self.dialect = inbound.dialect
        self.answer = Answer(inbound.dialect, asked, limits, room)
        self.call: Call | None = None
        self.on_end: Callable[[Relay], None] | None = None
        self.mask: Mask = NOTHING  # of the provider's credential: it must not come back
        self.status = 0
        self.ended = ""
        self.error: GatewayError | None = None
        self.own_answer = b""  # what the client is answered in the provider's place
        self.content_type = ""
        self.upstream_request_id = ""
        self.first_byte_at_s = 0.0
        self.client_left_at_s = 0.0
        self.last_write_at_s = clock.monotonic_s()  # of what `pulse` has seen
        self.wrote = False  # since `pulse` has looked: no clock is read for an event
        self.started = False  # the client has its head
        self.streaming = False  # the provider streams
        self.unsent = False  # nothing of the exchange has left or will
        self._client = client
        self._limits = limits
        self._clock = clock
        self._filter: AnswerFilter | None = None
        self._head: Headers = []
        self._held: list[bytes] | None = None
        self._held_bytes = 0
        self._passing = False  # a whole body that is too large to be held
        self._delivered = False  # a client that left had the whole answer
        self._slow = False  # the client's send buffer is full

    # The provider's side.

    def begin(self, mask: Mask, asked: Asked) -> None:
        """The next try: what must be taken out of its answer."""
        self.mask = mask
        self._filter = self.dialect.answer_filter(asked)

    def head(self, status: int, headers: Headers) -> None:
        """Take the provider's status and headers; a stream's go on to the client at once, others wait for their body."""
        self.status = status
        coded = is_coded(headers)
        headers = self.mask.headers(to_client(headers))
        first = dict(reversed(headers))
        self.content_type = first.get(b"content-type", b"").decode("latin-1")
        self.upstream_request_id = (first.get(b"request-id") or first.get(b"x-request-id", b"")).decode("latin-1")
        self._head = self._client_head(status, headers, first)
        if coded:  # it could neither be counted nor searched for the provider's key
            self.interrupt(UpstreamFailed("The provider sent a coded answer although none was asked for.", code="bad_answer"))
            return
        # An operation that always streams has no other kind of answer: Gemini's stream is one JSON array where its client asked for no events.
        events = self.content_type[:17].lower() == "text/event-stream" or self.inbound.operation.streams == "always"
        self.streaming = status == 200 and events
        if not self.streaming:
            self._held = []
        elif not self.started:
            self._start(status, self._head)
            self._client.write(b"")  # a stream's headers do not wait for its first event

    def data(self, chunk: bytes) -> None:
        """Pass a piece of the answer on, as it came."""
        if not self.first_byte_at_s:
            self.first_byte_at_s = self._clock.monotonic_s()
        if self._held is not None:
            self._hold(chunk)
            return
        self._pass_on(self.mask.feed(chunk))
        if self.client_left_at_s and self.answer.settled:
            self.close(self._outcome())  # all that it was read on for is known

    def _pass_on(self, chunk: bytes) -> None:
        if not self.streaming:
            self.answer.pass_on(chunk)
            self._write(chunk)
            return
        self.answer.stream_data(chunk)
        if self._filter is not None:
            chunk = self._filter.feed(chunk)
        if chunk:
            self._write(chunk)

    def end(self) -> None:
        """The provider's answer is whole by its framing; a stream without its closing event was cut all the same."""
        if self._held is not None:
            self._end_held(self.mask.whole(b"".join(self._held)))
            return
        rest = self.mask.rest()
        if rest:
            self._pass_on(rest)
        if not self.streaming:
            self._finish(self._outcome(), b"")
        elif not self.answer.complete and self.answer.meter.failure is None:
            self._break(UpstreamFailed("The provider ended its answer before it was complete. Nothing was retried; ask again.", code="cut"))
        else:
            rest = self._filter.rest() if self._filter is not None else b""
            self._finish(self._outcome(), rest)

    def fail(self, error: UpstreamFailed) -> None:
        """The provider gave no answer, or broke it off."""
        self._break(error)

    # The client's side.

    def client_gone(self) -> None:
        """The client left: read on for the usage, within the caps that `pulse` keeps."""
        if not self.ended and not self.client_left_at_s:
            self.client_left_at_s = self._clock.monotonic_s()
            self._delivered = self.answer.complete  # Codex hangs up on the closing event, before the framing ends
            if self.call is None or self.answer.settled:
                self.close(self._outcome())
            else:
                self.call.resume()

    def client_slow(self) -> None:
        """The client reads slowly: so do we."""
        self._slow = True
        if self.call is not None and not self.client_left_at_s:
            self.call.pause()

    def client_ready(self) -> None:
        """The client has caught up."""
        self._slow = False
        if self.call is not None:
            self.call.resume()

    # What time brings.

    def start_early(self) -> None:
        """Send a stream's headers before the provider's, so that no client gives up waiting for them."""
        if not self.started and self.asked.stream:
            self._start(200, [*_STREAM_HEADERS, *request_ids(self.inbound.request_id)])
            self._client.write(b"")

    def keep_alive(self) -> None:
        """Say in the client's dialect that the stream lives, if it stands between two events; a client that has yet to read what it was sent needs no sign."""
        if self.client_left_at_s or self.ended or self._slow or not self.started:
            return
        if (
            self.answer.at_boundary if self.streaming else not self.status
        ):  # in a stream, or before the provider has answered; never within another body
            self._write(self.dialect.keep_alive)

    def close(self, ended: str) -> None:
        """End without the provider's end: the client has left, or its time is over. Closes the provider's connection."""
        if self.call is not None and not self.ended:
            self.call.cancel()
        self._settle(ended)

    def lose(self, error: GatewayError) -> None:
        """The intent could not be kept, so nothing of the exchange leaves."""
        self.unsent = True
        self.interrupt(error)

    def interrupt(self, error: GatewayError) -> None:
        """End now with an error of ours (shutting down)."""
        if self.call is not None and not self.ended:
            self.call.cancel()
        self._break(error)

    # Inside.

    def _client_head(self, status: int, passed: Headers, names: Container[bytes]) -> Headers:
        if status in {401, 403}:
            # Our key was refused, not the client's: Claude Code would ask ten more times over three minutes.
            passed = [header for header in passed if header[0] != b"x-should-retry"]
            passed.append((b"x-should-retry", b"false"))
        passed += [header for header in request_ids(self.inbound.request_id) if header[0] not in names]
        if status == 200 and self.asked.stream:
            passed += [header for header in _STREAM_HEADERS[1:] if header[0] not in names]
        return passed

    def _start(self, status: int, headers: Headers) -> None:
        self.started = self.wrote = True
        self._client.start(status, headers)

    def _write(self, data: bytes) -> None:
        self.wrote = True
        self._client.write(data)

    def _hold(self, chunk: bytes) -> None:
        held = self._held
        if held is None:
            return
        held.append(chunk)
        self._held_bytes += len(chunk)
        if self._held_bytes <= self._limits.whole_answer_bytes:
            return
        if self.started or not 200 <= self.status < 300:  # its client waits for a stream, or it is an error answer
            message = f"The provider sent an answer of more than {self._limits.whole_answer_bytes} bytes that is no stream. It was not passed on."
            self.interrupt(UpstreamFailed(message, code="answer_too_large"))
            return
        self._held = None
        self._passing = True
        self._start(self.status, self._head)
        for piece in held:
            self._pass_on(self.mask.feed(piece))

    def _end_held(self, body: bytes) -> None:
        if 300 <= self.status < 400:
            self._break(UpstreamFailed("The provider answered with a redirect, which is never followed. Check its base_url.", code="redirect"))
            return
        self.answer.whole(body)
        if self.started:  # its headers went out early, so the answer can only be told inside the stream
            self.error = GatewayError(self._told(body), status=self.status)
            self._finish("failed", self.dialect.stream_error(self.error, self.inbound.request_id))
            return
        self._settle(self._outcome())
        # RFC 9110 8.6: an answer without content says no length either.
        self._start(self.status, self._head if self.status == 204 else [*self._head, (b"content-length", b"%d" % len(body))])
        self._client.finish(body)

    def _told(self, body: bytes) -> str:
        for event in self.dialect.read_answer(body):
            if isinstance(event, Failed) and event.message:
                return self.mask.text(event.message)
        return f"The provider answered {self.status}."

    def _break(self, error: GatewayError) -> None:
        """End with an error: as an answer while nothing was sent, else inside the stream, never as a clean end."""
        if self.ended:
            return
        self.error = error
        status, headers, body = self.dialect.error(error, self.inbound.request_id)
        if not self.client_left_at_s and not (self.started and self.status):
            self.status = status  # what the client is answered, or would be if its head had not gone out early
        self.own_answer = b"" if self.started else body
        self._settle("client_gone" if self.client_left_at_s else "cut" if self.started else "failed")
        if not self.started:
            self._start(status, [*headers, *request_ids(self.inbound.request_id), (b"content-length", b"%d" % len(body))])
            self._client.finish(body)
        elif self._breaks_off():
            self._client.abort()
        else:
            opening = b"" if self.answer.at_boundary else b"\n\n"  # close the frame that was cut, so that the error is one of its own
            self._client.finish(opening + self.dialect.stream_error(error, self.inbound.request_id))

    def _breaks_off(self) -> bool:
        """Whether the client understands no other end of a broken answer than that of its connection."""
        if self.streaming:
            return self.answer.breaks_off
        return self._passing

    def _outcome(self) -> str:
        if self.client_left_at_s and not self._delivered:
            return "client_gone"
        return "failed" if self.status >= 400 or self.answer.meter.failure is not None else "completed"

    def _finish(self, ended: str, rest: bytes) -> None:
        self._settle(ended)
        self._client.finish(rest)

    def _settle(self, ended: str) -> None:
        """Recorded before the client sees the end, so that an answer it has is never without its record."""
        if self.ended:
            return
        self.ended = ended
        if self._held and not self.answer.bytes:  # broken off
            self.answer.part(self.mask.whole(b"".join(self._held)))
        on_end, self.on_end = self.on_end, None
        if on_end is not None:
            try:
                on_end(self)
            except Exception:  # ruff: ignore[blind-except] -- the client must still be told that its answer has ended
                _log.exception("%s: its record failed", self.inbound.request_id)
        self.call = None  # it holds the sink that holds this relay; nothing is left to cancel
