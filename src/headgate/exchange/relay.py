"""The one owner of a client's stream: what the provider pushes goes through here to the client, in the same step, counted as it passes.

It sends the head, every byte, the keep-alives and the one in-band error; nothing wraps the stream a second time. What happens when is the table of
`phase`. It uses only the clock that it is given, starts no task and never decides which target is tried: that is `dispatch`.
"""

import logging
from collections.abc import Callable
from typing import Final

from headgate.core.clock import Clock
from headgate.core.errors import GatewayError, UpstreamFailed
from headgate.core.headers import Headers
from headgate.exchange.answer import STREAM_HEADERS, ProviderAnswer
from headgate.exchange.ending import Ending
from headgate.exchange.headers import request_ids
from headgate.exchange.inbound import Inbound
from headgate.exchange.phase import Action, Phase, row_of_each_cue
from headgate.exchange.ports import Call, ClientStream
from headgate.exchange.settings import StreamLimits

_log = logging.getLogger("headgate.exchange")

# A look-up of an enumeration's member by name is slow, and compiled code looks up by name what is not Final.
_WAITING: Final = Phase.WAITING
_EARLY: Final = Phase.EARLY
_HELD: Final = Phase.HELD
_HELD_EARLY: Final = Phase.HELD_EARLY
_STREAMING: Final = Phase.STREAMING
_PASSING: Final = Phase.PASSING
_DRAINING: Final = Phase.DRAINING
_ENDED: Final = Phase.ENDED


class Relay:
    """Passes one answer on to one client. A Sink for the provider's side, a ClientWatcher for the client's. `on_end` is called exactly once."""

    __slots__ = ("_call", "_client", "_clock", "_quiet_since_s", "_slow", "_stream_asked", "answer", "client_left_at_s", "inbound",
                  "on_end", "own_headers", "phase")  # fmt: skip

    answer: ProviderAnswer  # of the attempt that the client's answer comes from: `begin` sets it before anything can happen

    def __init__(self, inbound: Inbound, client: ClientStream, clock: Clock, *, stream_asked: bool) -> None:
        self.inbound = inbound
        self.phase = _WAITING
        self.on_end: Callable[[Relay, Ending], None] | None = None
        self.client_left_at_s = 0.0
        self.own_headers: Headers | None = None  # of Headgate's, beside the provider's
        self._stream_asked = stream_asked
        self._client = client
        self._clock = clock
        self._call: Call | None = None
        self._slow = False  # the client's send buffer is full
        self._quiet_since_s = clock.monotonic_s()  # as of the latest tick; 0 after a write, so that no clock is read for an event

    # The attempts' side.

    def begin(self, answer: ProviderAnswer) -> None:
        """The client's answer comes from the next attempt."""
        self.answer = answer
        self._call = None

    def follow(self, call: Call) -> None:
        """The call that this answer comes over: it is paused for a slow client, and cancelled when the exchange ends before it."""
        self._call = call

    @property
    def may_try_again(self) -> bool:
        """Whether another target may still be tried: the client is there and has nothing yet."""
        return self.phase is _WAITING

    # The provider's side.

    def head(self, status: int, headers: Headers) -> None:
        """Take the provider's status and headers; a stream's go on to the client at once, others wait for their body."""
        _ON_HEAD[self.phase](self, status, headers)

    def data(self, chunk: bytes) -> None:
        """Pass a piece of the answer on, as it came."""
        answer = self.answer
        if not answer.first_byte_at_s:
            answer.first_byte_at_s = self._clock.monotonic_s()
        if self.phase is _STREAMING:  # without a look at the table: this is done for every event
            chunk = answer.pass_on(chunk)
            if chunk:
                self._quiet_since_s = 0.0
                self._client.write(chunk)
        else:
            _ON_DATA[self.phase](self, chunk)

    def end(self) -> None:
        """The provider's answer is whole by its framing; a stream without its closing event was cut all the same."""
        _ON_END[self.phase](self)

    def fail(self, error: GatewayError) -> None:
        """The provider gave no answer, or broke it off."""
        _ON_FAIL[self.phase](self, error)

    def answer_own(self, body: bytes) -> None:
        """Answer in the provider's place, which was not asked."""
        self.answer.status = 200
        self._settle(Ending("completed", 200, own_answer=body))
        self._client.start(200, [*self._client_head(), (b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))])
        self._client.finish(body)

    # The client's side.

    def client_gone(self) -> None:
        """The client left: read on for the usage, within the caps that `pulse` keeps."""
        _ON_GONE[self.phase](self)

    def client_slow(self) -> None:
        """The client reads slowly: so do we."""
        self._slow = True
        if self._call is not None and self.phase is not _DRAINING:
            self._call.pause()

    def client_ready(self) -> None:
        """The client has caught up."""
        self._slow = False
        if self._call is not None:
            self._call.resume()

    # Headgate's side.

    def tick(self, now_s: float, limits: StreamLimits) -> None:
        """Some time has passed: look at how long the exchange has been silent."""
        _ON_TICK[self.phase](self, now_s, limits)

    def stop_draining(self) -> None:
        """No more is read for a client that has left."""
        self._close("client_gone")

    def interrupt(self, error: GatewayError) -> None:
        """End now with an error from Headgate (shutting down)."""
        if self._call is not None:
            self._call.cancel()
        self.fail(error)

    def release_request(self) -> None:
        """Hold the request's body no longer."""
        self.inbound.body, self.inbound.checked = b"", None
        self._client.release_body()

    # The actions of the table.

    def _open(self, status: int, headers: Headers) -> None:
        early = self.phase is _EARLY
        if not self.answer.begin(status, headers, self.inbound.head.operation.streams):
            self.phase = _HELD_EARLY if early else _HELD
            self._refuse_coded()
        elif not self.answer.streams:
            self.phase = _HELD_EARLY if early else _HELD
        else:
            self.phase = _STREAMING
            if not early:
                self._start(status, self._client_head())
                self._client.write(b"")  # a stream's headers do not wait for its first event

    def _open_unseen(self, status: int, headers: Headers) -> None:
        if not self.answer.begin(status, headers, self.inbound.head.operation.streams):
            self._refuse_coded()

    def _hold(self, chunk: bytes) -> None:
        answer = self.answer
        if answer.hold(chunk):
            return
        status = answer.status
        # Its client waits for a stream, it is an error answer, or it is to be translated.
        if self.phase is _HELD_EARLY or not 200 <= status < 300 or answer.translated is not None:
            self._refuse_large()
            return
        self.phase = _PASSING
        self._start(status, self._client_head())
        for piece in answer.release():
            self._pass_on(piece)

    def _pass_on(self, chunk: bytes) -> None:
        chunk = self.answer.pass_on(chunk)
        if chunk:
            self._write(chunk)

    def _count(self, chunk: bytes) -> None:
        answer = self.answer
        if not answer.held:
            answer.pass_on(chunk)
        elif not answer.hold(chunk):
            if not 200 <= answer.status < 300:
                self._refuse_large()
                return
            for piece in answer.release():
                answer.pass_on(piece)
        if answer.tally.settled:
            self._close(self._outcome())  # all that it was read on for is known

    def _deliver(self) -> None:
        answer = self.answer
        if 300 <= answer.status < 400:
            self._refuse_redirect()
            return
        body = answer.whole()
        if answer.translated is not None and answer.translated.failure is not None:
            self._answer_error(answer.translated.failure)
            return
        self._settle(Ending(self._outcome(), answer.status))
        head = self._client_head()
        if answer.status != 204:  # RFC 9110 8.6: an answer without content says no length either
            head.append((b"content-length", b"%d" % len(body)))
        self._client.start(answer.status, head)
        self._client.finish(body)

    def _tell_whole(self) -> None:
        answer = self.answer
        if 300 <= answer.status < 400:
            self._refuse_redirect()
            return
        body = answer.whole()
        if answer.translated is not None and answer.failure is None:
            self._settle(Ending(self._outcome(), answer.status))
            self._client.finish(body)
            return
        error = answer.failure or GatewayError(answer.message(), status=answer.status)
        self._settle(Ending("failed", answer.status, error))
        self._client.finish(self.inbound.head.face.stream_error(error, self.inbound.request_id))

    def _finish(self) -> None:
        answer = self.answer
        rest = answer.rest()
        if rest:
            self._write(rest)
        if answer.cut:
            self._refuse_cut()
            return
        rest = answer.filter_rest()
        if answer.failure is not None:
            self.fail(answer.failure)
            return
        self._settle(Ending(self._outcome(), answer.status))
        self._client.finish(rest)

    def _finish_unseen(self) -> None:
        answer = self.answer
        if not answer.held:
            answer.rest()
            if answer.cut:
                self._refuse_cut()
                return
        elif 300 <= answer.status < 400:
            self._refuse_redirect()
            return
        else:
            answer.whole()
        self._settle(Ending(self._outcome(), answer.status))

    def _answer_error(self, error: GatewayError) -> None:
        request_id = self.inbound.request_id
        status, headers, body = self.inbound.head.face.error(error, request_id)
        self._settle(Ending("failed", status, error, body))
        self._client.start(status, [*headers, *request_ids(request_id), (b"content-length", b"%d" % len(body))])
        self._client.finish(body)

    def _tell_error(self, error: GatewayError) -> None:
        """A stream that breaks in the middle of a frame has that frame closed first, so that the error is one of its own."""
        answer, face = self.answer, self.inbound.head.face
        # Where the provider has not answered, the status is the one the client would have got if its head had not gone out early.
        status = answer.status if self.phase is not _EARLY else face.error(error, self.inbound.request_id)[0]
        breaks_off, opening = answer.breaks_off, b"" if answer.at_boundary else b"\n\n"
        self._settle(Ending("cut" if answer.failure is None else "failed", status, error))
        if breaks_off:
            self._client.abort()
        else:
            self._client.finish(opening + face.stream_error(error, self.inbound.request_id))

    def _break_off(self, error: GatewayError) -> None:
        self._settle(Ending("cut", self.answer.status, error))
        self._client.abort()

    def _record_error(self, error: GatewayError) -> None:
        answer = self.answer
        own = b"" if answer.passes else self.inbound.head.face.error(error, self.inbound.request_id)[2]
        self._settle(Ending("client_gone", answer.status, error, own))

    def _drain(self) -> None:
        self.phase = _DRAINING
        self.client_left_at_s = self._clock.monotonic_s()
        tally = self.answer.tally
        self.answer.delivered = tally.complete  # Codex hangs up on the closing event, before the framing ends
        if self._call is None or tally.settled:
            self._close(self._outcome())
        else:
            self._call.resume()

    def _start_early(self, now_s: float, limits: StreamLimits) -> None:
        """No client shall give up waiting for the head of its stream."""
        if self._stream_asked and now_s - self._quiet_since_s >= limits.early_headers_s:
            self.phase = _EARLY if self.phase is _WAITING else _HELD_EARLY
            self._client.start(200, [*STREAM_HEADERS, *request_ids(self.inbound.request_id)])
            self._client.write(b"")
            self._quiet_since_s = now_s

    def _keep_alive(self, now_s: float, limits: StreamLimits) -> None:
        """Only between two events, and only to a client that has read what it was sent."""
        if not self._stream_asked:
            return
        if not self._quiet_since_s:
            self._quiet_since_s = now_s
        elif now_s - self._quiet_since_s >= limits.keep_alive_s and not self._slow and self.answer.at_boundary:
            self._write(self.inbound.head.face.keep_alive)

    def _ignore(self, *_: object) -> None:
        """Nothing happens."""

    # Inside.

    def _refuse_coded(self) -> None:
        self.interrupt(UpstreamFailed("The provider sent a coded answer although none was asked for.", code="bad_answer"))

    def _refuse_large(self) -> None:
        most = self.answer.tally.limits.whole_answer_bytes
        message = f"The provider sent an answer of more than {most} bytes that is no stream. It was not passed on."
        self.interrupt(UpstreamFailed(message, code="answer_too_large"))

    def _refuse_redirect(self) -> None:
        self.fail(UpstreamFailed("The provider answered with a redirect, which is never followed. Check its base_url.", code="redirect"))

    def _refuse_cut(self) -> None:
        self.fail(UpstreamFailed("The provider ended its answer before it was complete. Nothing was retried; ask again.", code="cut"))

    def _client_head(self) -> Headers:
        passed = self.answer.client_head(self.inbound.request_id, stream_asked=self._stream_asked)
        if self.own_headers is not None:
            passed += self.own_headers
        return passed

    def _start(self, status: int, headers: Headers) -> None:
        self._quiet_since_s = 0.0
        self._client.start(status, headers)

    def _write(self, data: bytes) -> None:
        self._quiet_since_s = 0.0
        self._client.write(data)

    def _outcome(self) -> str:
        if self.client_left_at_s and not self.answer.delivered:
            return "client_gone"
        return "failed" if self.answer.failed else "completed"

    def _close(self, ended: str) -> None:
        """End without the provider's end: the client has left."""
        if self._call is not None:
            self._call.cancel()
        self._settle(Ending(ended, self.answer.status))

    def _settle(self, ending: Ending) -> None:
        """Recorded before the client sees the end, so that an answer it has is never without its record."""
        self.phase = _ENDED
        self.answer.ended()
        on_end, self.on_end = self.on_end, None
        if on_end is not None:
            try:
                on_end(self, ending)
            except Exception:  # ruff: ignore[blind-except] -- the client's answer must still be ended
                _log.exception("%s: its record failed", self.inbound.request_id)
        self._call = None  # it holds the sink that holds this relay; nothing is left to cancel

    @staticmethod
    def rows() -> tuple[tuple[Callable[..., None], ...], ...]:
        """What each cue makes of a relay in each phase."""
        return row_of_each_cue({
            Action.OPEN: Relay._open,
            Action.OPEN_UNSEEN: Relay._open_unseen,
            Action.HOLD: Relay._hold,
            Action.RELAY: Relay._pass_on,
            Action.COUNT: Relay._count,
            Action.DELIVER: Relay._deliver,
            Action.TELL_WHOLE: Relay._tell_whole,
            Action.FINISH: Relay._finish,
            Action.FINISH_UNSEEN: Relay._finish_unseen,
            Action.ANSWER_ERROR: Relay._answer_error,
            Action.TELL_ERROR: Relay._tell_error,
            Action.BREAK_OFF: Relay._break_off,
            Action.RECORD_ERROR: Relay._record_error,
            Action.DRAIN: Relay._drain,
            Action.START_EARLY: Relay._start_early,
            Action.KEEP_ALIVE: Relay._keep_alive,
            Action.IGNORE: Relay._ignore,
        })


_ROWS: Final = Relay.rows()  # by cue, in the order of `Cue`
_ON_HEAD: Final = _ROWS[0]
_ON_DATA: Final = _ROWS[1]
_ON_END: Final = _ROWS[2]
_ON_FAIL: Final = _ROWS[3]
_ON_GONE: Final = _ROWS[4]
_ON_TICK: Final = _ROWS[5]
