"""One HTTP/1.1 connection to a provider: writes a request, and pushes the answer into its call from the parser's callbacks, in the step that received it.

The parser (llhttp) is strict about framing: both kinds of length, two lengths, bare CR or LF, folded lines, bad chunks are errors. What it lets pass and we
do not is refused here. A connection is never used again after anything but a whole, well-framed answer to a request that was wholly written.
"""

import asyncio
import socket
from typing import Final, cast

import httptools

from headgate.core.errors import UpstreamFailed
from headgate.core.headers import Headers
from headgate.upstream import failure
from headgate.upstream.call import Http1Call
from headgate.upstream.framing import AnswerFraming, AnswerTooLarge, BadAnswer, check_version
from headgate.upstream.pool import IdlePool
from headgate.upstream.settings import UpstreamSettings
from headgate.wire.outbox import Outbox, Outgoing

_KEEPALIVE_S: Final = 60
_SPACE: Final = 0x20
_NAMES_MAX: Final = 128
_NAME_BYTES_MAX: Final = 64  # of one that is remembered


class _Over(Exception):  # the answer is whole although the parser would read on
    pass


class Connection(asyncio.Protocol):
    """Carries one call at a time. Gives itself back to its pool when the answer is whole."""

    __slots__ = ("_call", "_framing", "_headers", "_loop", "_names", "_outbox", "_parser", "_pool", "_transport", "idle_since_s")

    def __init__(self, pool: "IdlePool[Connection]", settings: UpstreamSettings, outbox: Outbox) -> None:
        self._pool = pool
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpResponseParser(self)
        self._transport: Outgoing | None = None
        self._outbox = outbox
        self._call: Http1Call | None = None
        self._headers: Headers = []
        self._names = pool.names
        self._framing = AnswerFraming(settings)
        self.idle_since_s = 0.0

    def start(self, call: Http1Call, head: bytes) -> None:
        """Write a request and take its answer from here on."""
        self._call = call
        call.carrier = self
        call.sent = True
        request, transport = call.request, cast("Outgoing", self._transport)
        self._framing.bodiless = request.method == "HEAD"
        if request.body:
            transport.writelines((head, request.body))
            call.written()
        else:
            transport.write(head)
        if call.paused:
            transport.pause_reading()

    def usable(self) -> bool:
        """Whether the connection is open as far as is known. A peer's close is seen before: `eof_received` closes at once."""
        return self._transport is not None and not self._transport.is_closing()

    def pause(self) -> None:
        """Stop reading."""
        if self._transport is not None:
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read on."""
        if self._transport is not None:
            self._transport.resume_reading()

    def drop(self) -> None:
        """Close at once; the call hears nothing more."""
        self._call = None
        if self._transport is not None:
            self._transport.abort()

    # Called by the transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The way is open. The kernel shall notice a peer that vanished in a long silence, and keep address translators awake."""
        self._transport = Outgoing(cast("asyncio.Transport", transport), self._outbox)
        sock = transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if hasattr(socket, "TCP_KEEPIDLE"):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, _KEEPALIVE_S)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, _KEEPALIVE_S)

    def data_received(self, data: bytes) -> None:
        """Parse. Nothing that the parser gathers is unbounded."""
        if self._call is None:
            self.drop()  # nothing was asked: whatever this is, it must not be taken for the answer to the next request
            return
        framing = self._framing
        framing.barren_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._stopped(error)
            return
        if framing.complete:
            self._finish()
        elif framing.barren_bytes > framing.header_bytes_max:
            self._fail_malformed("its headers are too large")

    def eof_received(self) -> None:
        """The peer has closed in good order, which ends an answer that has no other end.

        Over TLS, uvloop calls this only after TLS's own goodbye, so that no attacker on the network can shorten an answer; the standard library's loop does not show it.
        """
        call = self._call
        if call is not None and self._framing.until_close:
            self.drop()
            self._end(call)
        else:
            self.connection_lost(None)
            self.drop()

    def connection_lost(self, exc: Exception | None) -> None:  # ruff: ignore[unused-method-argument] -- asyncio calls it so
        """The connection is gone."""
        self._pool.forget(self)
        call = self._call
        if call is not None:
            self._call = None
            call.fail(failure.cut(call.request.provider, call.received_bytes if call.answering else None))

    # Called by the parser

    def on_message_begin(self) -> None:
        """A status line. After the final answer there is nothing to come: a second one would be an answer without a request."""
        if self._framing.complete:
            raise _Over

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer, which goes nowhere."""
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Skip an interim head, check a final one and pass it on."""
        call, status = self._call, self._parser.get_status_code()
        if call is None:
            return
        names, headers = self._names, []
        for name, value in self._headers:
            lower = names.get(name) or self._lower(name)
            headers.append((lower, value if not value or value[-1] > _SPACE else value.rstrip()))
        self._headers = []
        framing = self._framing
        if framing.barren_bytes > framing.header_bytes_max:
            framing.check_size(headers)
        if not 200 <= status <= 599:
            framing.skip_interim(status)
            return
        framing.reusable = self._parser.should_keep_alive()
        if not framing.reusable:
            check_version(self._parser.get_http_version())
        framing.begin(status, headers)
        call.answering = True
        call.sink.head(status, headers)
        if framing.bodiless and self._call is call:
            # The parser has no option for an answer to HEAD, which has no body. So the connection is closed.
            framing.complete = True
            raise _Over

    def on_body(self, chunk: bytes) -> None:
        """A piece of the body."""
        call = self._call
        if call is None:
            return
        framing = self._framing
        framing.barren_bytes = 0
        call.received_bytes += len(chunk)
        if call.received_bytes > framing.body_bytes_max:
            raise AnswerTooLarge
        call.sink.data(chunk)

    def on_message_complete(self) -> None:
        """The end by framing, of an interim answer or of the final one. Acted on when the parser has returned."""
        call = self._call
        if call is not None and call.answering:
            self._framing.complete = True

    # Ours

    def _lower(self, name: bytes) -> bytes:
        """The name of a header in lower case. A provider's answers have the same names each time."""
        if len(name) > _NAME_BYTES_MAX:
            return name.lower()
        if len(self._names) >= _NAMES_MAX:
            self._names.clear()
        lower = self._names[name] = name.lower()
        return lower

    def _finish(self) -> None:
        """The answer is whole: free the connection first, so that the sink may send its next request over it."""
        call, transport = self._call, self._transport
        if call is None or transport is None:
            return
        self._call = None
        if call.paused:
            transport.resume_reading()
        if self._framing.reusable and not transport.get_write_buffer_size():
            self._framing.renew()
            if self._headers:
                self._headers = []  # trailers
            self._pool.give(self)
        else:
            transport.abort()
        self._end(call)

    def _end(self, call: Http1Call) -> None:
        """Tell the sink. One that raises has its exchange ended by `fail`: no deadline looks at a call that has ended."""
        try:
            call.end()
        except Exception as error:  # ruff: ignore[blind-except] -- a bug in one exchange must not keep its client waiting
            self._report(error)
            try:
                call.sink.fail(failure.broken(call.request.provider))
            except Exception as again:  # ruff: ignore[blind-except] -- the same bug a second time
                self._report(again)

    def _report(self, error: BaseException) -> None:
        self._loop.call_exception_handler({"message": "The sink of an answer raised.", "exception": error, "protocol": self})

    def _stopped(self, error: Exception) -> None:
        """The parser has stopped, by its own rules or by ours. Only a whole answer survives that."""
        if self._framing.complete and self._call is not None:
            self._framing.reusable = False
            self._finish()
            return
        cause = error.__context__ if isinstance(error, httptools.HttpParserCallbackError) else None
        call = self._call
        if cause is not None and not isinstance(cause, BadAnswer | AnswerTooLarge | _Over):
            self._report(cause)
            if call is None:  # the sink had let go of it before
                self.drop()
            else:
                self._fail(failure.broken(call.request.provider))
        elif call is not None and isinstance(cause, AnswerTooLarge):
            self._fail(failure.oversized(call.request.provider, self._framing.body_bytes_max))
        else:
            self._fail_malformed(str(cause or error))

    def _fail_malformed(self, reason: str) -> None:
        if self._call is None:
            self.drop()
        else:
            self._fail(failure.malformed(self._call.request.provider, reason[:1].lower() + reason[1:].rstrip(".")))

    def _fail(self, error: UpstreamFailed) -> None:
        call = cast("Http1Call", self._call)
        self.drop()
        call.fail(error)
