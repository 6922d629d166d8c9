"""The strict HTTP front: uvicorn's httptools protocol, completed so that a request is read in one way only, at a bounded cost, or not at all.

The bytes of a connection are cut into heads and bodies by our own count and then parsed by llhttp; where the two disagree, the connection is closed.
One request is in work at a time: what a client sends ahead waits, unparsed. This module never routes, authenticates or looks into a body.
"""

import asyncio
import logging
from typing import Any, cast

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle
from uvicorn.server import ServerState

from headgate.web import refusal
from headgate.web.boundaries import ChunkedBody, HeadBytes, body_parser
from headgate.web.connection_limits import Front
from headgate.web.direct_cycle import DirectCycle, Take
from headgate.web.direct_stream import DirectStream
from headgate.web.framing import NO_BODY, Framing, Head, judge
from headgate.web.patience import ANSWERING, CHUNKED, COUNTED, HEAD, REFUSED, PatientProtocol
from headgate.web.proxies import client_scheme
from headgate.web.refusal import Refusal
from headgate.wire.outbox import Outgoing

_log = logging.getLogger("headgate.web")


def strict_protocol(front: Front) -> type["StrictProtocol"]:
    """The protocol class for one server, to be handed to uvicorn as `http=`. What its connections share lives as long as the class."""
    return type("BoundStrictProtocol", (StrictProtocol,), {"front": front})


class StrictProtocol(PatientProtocol):
    """One connection. Bound to its front by `strict_protocol`."""

    def __init__(self, config: Config, server_state: ServerState, app_state: dict[str, Any], _loop: asyncio.AbstractEventLoop | None = None) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._refusal: Refusal | None = None
        self._ahead = b""  # sent ahead of the answer that is being given
        self._proxied = False  # whether the peer may say who the client is
        # The body that is being read
        self._framing: Framing = NO_BODY
        self._left_bytes = 0
        self._chunked: ChunkedBody | None = None
        self._body_parser = False
        self._held_bytes = 0
        self._take: Take | None = None  # for a request on the short way, until it has its body
        self._pieces: list[bytes] = []

    # The connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let the connection in, or close it where there are too many."""
        super().connection_made(cast("asyncio.Transport", transport))
        self.transport = cast("asyncio.Transport", Outgoing(self.transport, self.front.outbox))
        self._address = self.client[0] if self.client else ""
        self._proxied = self.front.proxies.trusts(self._address)
        # A proxy has the connections of all its clients.
        if not self.front.enter(self, "" if self._proxied else self._address, self.loop, transport):
            self._phase = REFUSED
            self.front.rare_log.warn("too many", "closed a connection from %s: there are too many", self._peer())
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the application, and give back what the connection held."""
        super().connection_lost(exc)
        self._phase, self._ahead = REFUSED, b""
        self._release_body()
        self.front.leave(self)
        if self._stream is not None:
            self._stream.lose()

    def eof_received(self) -> bool:  # type: ignore[override]
        """A client that has said all may still listen: its connection stays half open while its request is answered, unless it has left. TLS has no such state."""
        self._half_closed = True
        stays = self._phase == ANSWERING and self.scheme == "http"
        if stays:
            self._seek_client()
        else:
            self.transport.close()  # not left to the caller: an answer given in this step still waits for its end
        return stays

    def pause_writing(self) -> None:
        """The send buffer is full."""
        super().pause_writing()
        self._write_pauses += 1
        if self._stream is not None:
            self._stream.flow_changed()

    def resume_writing(self) -> None:
        """The send buffer has drained."""
        super().resume_writing()
        if self._stream is not None:
            self._stream.flow_changed()

    # Cutting

    def data_received(self, data: bytes) -> None:
        """Read on, or keep what was sent ahead of an answer until that answer is complete."""
        if self._phase == ANSWERING or self._ahead:
            self._ahead += data
            if len(self._ahead) > HIGH_WATER_LIMIT:
                # Not by way of `flow`, which the application's every `receive` sets going again.
                self.transport.pause_reading()
        else:
            self._read(data)

    def _read(self, data: bytes) -> None:
        while data and self._phase != REFUSED:
            if self._phase == HEAD:
                data = self._read_head(data)
            elif self._phase == COUNTED:
                data = self._read_counted(data)
            elif self._phase == CHUNKED:
                data = self._read_chunked(data)
            else:
                self._ahead = data
                break
        if self._take is not None and self._phase == ANSWERING and self._stream is not None:
            # Not from the parser's callback: the answer may be given in this call, and the next request be read.
            take, pieces, self._take, self._pieces = self._take, self._pieces, None, []
            take(pieces[0] if len(pieces) == 1 else b"".join(pieces), self._stream)

    def _read_ahead(self) -> None:
        data, self._ahead = self._ahead, b""
        self._read(data)
        if self.transport.is_closing():
            return
        if self._half_closed and self._phase != ANSWERING:
            self.transport.close()
        elif len(self._ahead) <= HIGH_WATER_LIMIT and not self.flow.read_paused:
            self.transport.resume_reading()

    def _read_head(self, data: bytes) -> bytes:
        if self._body_parser:
            self._body_parser = False
            self.parser = httptools.HttpRequestParser(self)
        head = self._head
        piece = head.follow(data)
        if head.size_bytes > self.front.limits.head_bytes_max:
            self._refuse(refusal.HEAD_TOO_LARGE)
            return b""
        if piece is None:
            self._refuse(refusal.MALFORMED)
            return b""
        self._feed(piece)
        if head.ended == (self._phase == HEAD):
            self._refuse(refusal.MALFORMED)  # no request where its head ends, or one where it does not
            return b""
        if self._phase == COUNTED:
            return self._read_counted(memoryview(data)[len(piece) :])
        return data[len(piece) :]

    def _read_counted(self, data: bytes | memoryview) -> bytes:
        rest = b""
        if len(data) > self._left_bytes:
            rest = bytes(data[self._left_bytes :])
            data = data[: self._left_bytes]
        self._left_bytes -= len(data)
        self._feed(data)
        if not self._left_bytes and self._phase == COUNTED:
            self._refuse(refusal.MALFORMED)
        return rest

    def _read_chunked(self, data: bytes) -> bytes:
        body = self._chunked
        size = None if body is None else body.follow(data)
        if body is None or size is None:
            self._refuse(refusal.BAD_CHUNKS)
            return b""
        if body.body_bytes > self.front.limits.body_bytes_max:
            self._refuse(refusal.BODY_TOO_LARGE)
            return b""
        self._feed(data[:size])
        if body.done != (self._phase != CHUNKED):
            self._refuse(refusal.BAD_CHUNKS)
        return data[size:]

    def _feed(self, data: bytes | memoryview) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._ignore_upgrade()
        except httptools.HttpParserCallbackError as error:
            _log.error("a callback of the HTTP parser failed", exc_info=error.__context__)
            self._refuse(refusal.MALFORMED)
        except httptools.HttpParserError:
            self._refuse(self._refusal or refusal.MALFORMED)
        if self._refusal is not None:
            self._refuse(self._refusal)

    def _ignore_upgrade(self) -> None:
        """Go on with HTTP/1.1."""
        self._body_parser = True
        self.parser, head = body_parser(self._framing, self.on_body, self.on_message_complete)
        self._feed(head)

    # What the parser calls

    def on_message_begin(self) -> None:
        """A request begins. Its ASGI scope is made when it is known to need one."""
        self.url = b""
        self.headers = []

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header of the head; trailers, which come later, are dropped."""
        if self._phase == HEAD:
            self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Judge the head, then start the application, on the short way or as uvicorn does."""
        parser, front = self.parser, self.front
        head = Head(parser.get_method(), parser.get_http_version(), self.url, self.headers, *self._head.shape)
        verdict = judge(head, front.limits)
        if isinstance(verdict, Refusal):
            self._refusal = verdict
            return
        if front.held_body_bytes + verdict.length > front.limits.held_body_bytes_max:
            self._refusal = refusal.OVERLOADED
            return
        self._requests += 1
        self._framing = verdict
        self._left_bytes = verdict.length
        self._chunked = ChunkedBody() if verdict.chunked else None
        self._allowance = None
        self._phase = CHUNKED if verdict.chunked else COUNTED
        if self._proxied and self.client:
            self._address = front.proxies.client(head.headers, self.client[0])
        if not self._opened(head):
            super().on_message_begin()
            if self._proxied:
                self.scope["client"] = (self._address, 0)
                self.scope["scheme"] = client_scheme(head.headers)
            self.url = head.target
            self.headers = self.scope["headers"] = head.headers
            self.expect_100_continue = verdict.expects_continue
            super().on_headers_complete()
            self._stream = DirectStream(self.cycle, self.front.heads)
            self.scope["extensions"] = {"headgate.stream": self._stream}  # type: ignore[dict-item]

    def _opened(self, head: Head) -> bool:
        """Whether the application takes the request on the short way, on which there are neither expectations, upgrades nor HTTP/1.0."""
        opens, keep_alive = self.front.opens, self.parser.should_keep_alive()
        if opens is None or head.method != b"POST" or head.version != "1.1" or self._framing.expects_continue or self.parser.should_upgrade():
            return False
        self._take = opens(head.target, head.headers, self._address)
        if self._take is None:
            return False
        cycle = DirectCycle(self.transport, self.flow, self.server_state.default_headers, self.on_response_complete, keep_alive=keep_alive)
        self.cycle = cast("RequestResponseCycle", cycle)
        self._stream = DirectStream(cycle, self.front.heads)
        return True

    def on_body(self, body: bytes) -> None:
        """Count a piece of the body and hand it on, unless the answer is complete and nobody wants it."""
        self._arrived_bytes += len(body)
        if self.cycle.response_complete or self._refusal is not None:
            return
        self._held_bytes += len(body)
        self.front.held_body_bytes += len(body)
        if self.front.held_body_bytes > self.front.limits.held_body_bytes_max:
            self._refusal = refusal.OVERLOADED
        elif self._take is not None:
            self._pieces.append(body)
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        if self._refusal is not None or self.parser.should_upgrade():
            return
        if self._take is None:
            super().on_message_complete()
        self._phase = HEAD if self.cycle.response_complete else ANSWERING
        self._head = HeadBytes()

    def on_response_complete(self) -> None:
        """Go on to the next request, wait for it, or close."""
        self.server_state.total_requests += 1
        unread = self._phase in {COUNTED, CHUNKED}
        # Without its 100 Continue a client may send the body or not: what follows could be either.
        uncertain = unread and self._framing.expects_continue and not self._held_bytes
        self._release_body()
        if self._stream is not None:
            self._stream.release()
        if self.transport.is_closing() or self._phase == REFUSED:
            return
        self.flow.resume_reading()
        if uncertain or not self.cycle.keep_alive:
            self._close(unread=unread)
        elif self._phase == ANSWERING:
            self._phase = HEAD
            if self._ahead:
                self.loop.call_soon(self._read_ahead)
            elif self._half_closed:
                self.transport.close()

    def _release_body(self) -> None:
        self._take, self._pieces = None, []
        self.front.held_body_bytes -= self._held_bytes
        self._held_bytes = 0

    def _refuse(self, reason: Refusal) -> None:
        """Answer for ourselves where nothing was answered yet, and close. A request whose body is being read is over for its application too."""
        if self._phase == REFUSED:
            return
        answered = self._phase in {COUNTED, CHUNKED} and self.cycle.response_started
        text = "refused a request from %s: %d %s"
        self.front.rare_log.warn((self._address, reason), text, self._peer(), reason.status, reason.message)
        self._drop_request()
        if self.transport.is_closing():
            return
        if not answered:
            self.transport.write(self.front.worded(getattr(self, "url", b""), reason))
        self._close(unread=True)

    def _drop_request(self) -> None:
        cycle = self.cycle
        if self._phase in {COUNTED, CHUNKED} and not cycle.response_complete:
            cycle.disconnected = True
            cycle.waiting_for_100_continue = False
            cycle.message_event.set()
            if self._stream is not None:
                self._stream.lose()
        self._phase, self._ahead = REFUSED, b""
        self._release_body()

    def _close(self, *, unread: bool) -> None:
        """Close; where the client may still be sending, only our side at first. Closing on unread bytes resets the connection, and with it our answer."""
        if not (unread and self.transport.can_write_eof()):
            self.transport.close()
            return
        self._drop_request()
        self.flow.resume_reading()
        self.transport.write_eof()
