"""One connection of a client: its bytes go to the framer, its requests to the service, and it closes where a client is refused, too slow or gone.

One request is in work at a time: what a client sends ahead waits, unparsed. This module never routes, authenticates or looks into a body.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Final, cast

from uvicorn.config import Config
from uvicorn.server import ServerState

from headgate.core.headers import Headers
from headgate.web import refusal
from headgate.web.framer import HEAD, REFUSED, WHOLE, Framer
from headgate.web.front import Front
from headgate.web.http_stream import HttpStream
from headgate.web.patience import FIRST_LOOK_S, INTERIM_ANSWER, Patience, has_left
from headgate.web.proxies import client_scheme
from headgate.web.refusal import Refusal
from headgate.web.service import OnBody
from headgate.web.turned_away import turn_away
from headgate.wire.outbox import Outgoing

_AHEAD_BYTES_MAX: Final = 64 * 1024  # sent ahead of an answer; beyond that no more is read


def connection_maker(front: Front) -> "Callable[..., ClientConnection]":
    """Makes the connections of one server, given to uvicorn as `http=`. uvicorn listens and ends; its HTTP and ASGI have no part in this."""
    return partial(ClientConnection, front)


class ClientConnection(asyncio.Protocol):
    """One connection, bound to its front by `connection_maker`."""

    __slots__ = (
        "_ahead",
        "_framer",
        "_half_closed",
        "_patience",
        "_proxy",
        "_server",
        "_stream",
        "_undecided",
        "address",
        "front",
        "transport",
        "write_paused",
    )

    transport: asyncio.Transport

    def __init__(
        self, front: Front, config: Config, server_state: ServerState, app_state: dict[str, Any], _loop: asyncio.AbstractEventLoop | None = None
    ) -> None:
        del config, app_state, _loop
        self.front = front
        self._server = server_state
        self._framer = Framer(front)
        self._patience = Patience(front.limits)
        self._stream: HttpStream | None = None  # of the request that is being read or answered
        self._undecided = False  # the service is finding out what to do with the request; nothing is read meanwhile
        self._ahead = b""  # sent ahead of the answer that is being given
        self._half_closed = False
        self._proxy = ""  # the peer's address, if it may say who the client is
        self.address = ""  # of the client whose request is being read
        self.write_paused = False

    @property
    def default_headers(self) -> Headers:
        """The headers of every answer; uvicorn writes the date in them once a second."""
        return self._server.default_headers

    # The connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let the connection in, or hand it on to be turned away where there are too many."""
        self.transport = cast("asyncio.Transport", Outgoing(cast("asyncio.Transport", transport), self.front.outbox))
        self._server.connections.add(self)  # type: ignore[arg-type] # uvicorn calls `shutdown` of its connections, and no more
        peer = transport.get_extra_info("peername")
        self.address = address = str(peer[0]) if isinstance(peer, tuple | list) and peer else ""
        if self.front.proxies.trusts(address):
            self._proxy = address
        # A proxy has the connections of all its clients.
        if not self.front.connections.enter(self, "" if self._proxy else address, asyncio.get_running_loop(), transport):
            self._server.connections.discard(self)
            self._framer.close()
            self.front.rare_log.warn("too many", "closed a connection from %s: there are too many", self._client())
            turn_away(cast("asyncio.Transport", transport), self.front)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the service's stream, and give back what the connection held."""
        del exc
        self._server.connections.discard(self)
        self._ahead = b""
        self._framer.close()
        self.front.connections.leave(self)
        if self._stream is not None:
            self._stream.lose()

    def eof_received(self) -> bool:
        """A client that has sent all may still listen: its connection stays half open while its request is answered, unless it has left."""
        self._half_closed = True
        stays = self._framer.phase == WHOLE
        if stays:
            self._seek_client()
        else:
            self.transport.close()  # not left to the caller: an answer given in this step still waits for its end
        return stays

    def pause_writing(self) -> None:
        """The send buffer is full."""
        self.write_paused = True
        self._patience.write_pauses += 1
        if self._stream is not None:
            self._stream.flow_changed()

    def resume_writing(self) -> None:
        """The send buffer has drained."""
        self.write_paused = False
        if self._stream is not None:
            self._stream.flow_changed()

    def shutdown(self) -> None:
        """The server ends: close now, or behind the answer that is being given. One that moves to another process is not closed."""
        if self.front.resting:
            return
        if self._stream is None or self._stream.over:
            self.transport.close()
        else:
            self._stream.request.keep_alive = False

    # To another process

    def rest(self) -> bool:
        """Read no more where no request has begun: another process may go on with the connection. Whether it can have it now, with all bytes sent."""
        framer = self._framer
        between = framer.phase == HEAD and framer.idle and not self._ahead and not self._undecided
        if not between or self._half_closed or self.transport.is_closing():
            return False
        self.transport.pause_reading()
        return not self.transport.get_write_buffer_size()

    def wake(self) -> None:
        """Read on after `rest`: no other process goes on with the connection."""
        if self._framer.phase == HEAD and not self._undecided and not self.transport.is_closing():
            self.transport.resume_reading()

    def adopted(self) -> None:
        """The connection was open in another process: what comes next on it is not its first request."""
        self._patience.begin_request()

    # Reading

    def data_received(self, data: bytes) -> None:
        """Read on, or keep what was sent ahead of an answer until that answer is complete."""
        if self._framer.phase == WHOLE or self._ahead:
            self._ahead += data
            if len(self._ahead) > _AHEAD_BYTES_MAX:
                self.transport.pause_reading()
        else:
            self._read(data)

    def _read(self, data: bytes) -> None:
        framer = self._framer
        while data and framer.phase < WHOLE:
            at_head = framer.phase == HEAD
            if at_head:
                self._stream = None
            data = framer.read(data)
            if framer.refusal is not None:
                self._refuse(framer.refusal)
                return
            if framer.phase == WHOLE:
                self._ahead, data = data, b""  # read when this request has its answer, in a step of its own
            if at_head:
                if framer.phase == HEAD:
                    continue
                self._open()
            body = framer.body
            if body.on_body is not None and (framer.phase == WHOLE or body.held_bytes > body.bytes_max):
                self._deliver(body.on_body)
            elif framer.phase == WHOLE and self._stream is not None and self._stream.over:
                self._go_on()  # it was answered before its body was whole

    def _read_ahead(self) -> None:
        data, self._ahead = self._ahead, b""
        self._read(data)
        if self.transport.is_closing():
            return
        if self._half_closed and self._framer.phase != WHOLE:
            self.transport.close()
        elif len(self._ahead) <= _AHEAD_BYTES_MAX and not self._undecided:
            self.transport.resume_reading()

    def _open(self) -> None:
        """Show a head to the service."""
        front, request = self.front, self._framer.request
        self._patience.begin_request()
        if self._proxy:
            self.address = front.proxies.client(request.headers, self._proxy)
            request.scheme = client_scheme(request.headers)
        request.address = self.address
        stream = self._stream = HttpStream(self, request)
        opened = front.service.open(request, stream) if request.again is None else request.again(request, stream)
        if opened is None:
            return
        if callable(opened):
            self._accept(opened, stream)
        else:
            self._undecided = True
            self.transport.pause_reading()
            self._spawn(opened).add_done_callback(partial(self._decided, stream))

    def _accept(self, on_body: OnBody, stream: HttpStream) -> None:
        request, body = stream.request, self._framer.body
        body.on_body = on_body
        body.bytes_max = request.body_bytes_max
        if request.expects_continue:
            request.expects_continue = False
            if self._framer.in_body:
                self.transport.write(INTERIM_ANSWER)

    def _decided(self, stream: HttpStream, task: asyncio.Task[OnBody | None]) -> None:
        """The service has found out what to do with a request."""
        if stream is not self._stream or stream.over:
            return  # answered, refused by the front, or the client has left
        self._undecided = False
        if task.cancelled() or task.exception() is not None:
            stream.abort()
        on_body = task.result()
        if on_body is None or stream.over:
            return
        self._accept(on_body, stream)
        self.transport.resume_reading()
        body = self._framer.body
        if self._framer.phase == WHOLE or body.held_bytes > body.bytes_max:
            self._deliver(on_body)

    def _deliver(self, on_body: OnBody) -> None:
        """Hand the body to the service: whole, or as soon as it is larger than the service accepts."""
        body = self._framer.body
        body.on_body = None
        rest = on_body(body.take())
        if rest is not None:
            self._spawn(rest)

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run what a service has to wait for. The server waits for it at its end."""
        task = asyncio.get_running_loop().create_task(work)
        self._server.tasks.add(task)
        task.add_done_callback(self._server.tasks.discard)
        return task

    # The end of a request

    def answered(self) -> None:
        """Go on to the next request, wait for it, or close."""
        framer, stream = self._framer, self._stream
        unread = framer.in_body
        framer.body.release()
        if self.transport.is_closing() or framer.phase == REFUSED or stream is None:
            return
        if self._undecided:
            self._undecided = False
            self.transport.resume_reading()
        if not stream.request.keep_alive:
            self._close(unread=unread)
        elif not unread:
            self._go_on()

    def release_body(self) -> None:
        """A whole body is held no longer: give back the room that it takes. Of one that is not whole the rest is dropped only with its answer."""
        if self._framer.phase == WHOLE:
            self._framer.body.release()

    def _go_on(self) -> None:
        """The request is whole and answered."""
        if self.transport.is_closing():
            self._framer.stop()
            return
        self._framer.next()
        if self._ahead:
            asyncio.get_running_loop().call_soon(self._read_ahead)
        elif self._half_closed:
            self.transport.close()
        elif self.front.resting:
            self.rest()

    def _refuse(self, reason: Refusal) -> None:
        """Answer for the front where nothing was answered yet, and close. A request whose body is being read is over for its service too."""
        framer = self._framer
        if framer.phase == REFUSED:
            return
        answered = self._stream is not None and self._stream.begun
        text = "refused a request from %s: %d %s"
        self.front.rare_log.warn((self.address, reason), text, self._client(), reason.status, reason.message)
        self._drop_request()
        if self.transport.is_closing():
            return
        if not answered:
            self.transport.write(self.front.worded(framer.url, reason))
        self._close(unread=True)

    def _drop_request(self) -> None:
        if self._stream is not None:
            self._stream.lose()
        self._ahead = b""
        self._framer.stop()

    def _close(self, *, unread: bool) -> None:
        """Close; where the client may still be sending, only our side at first. Closing on unread bytes resets the connection, and with it our answer."""
        if not (unread and self.transport.can_write_eof()):
            self.transport.close()
            return
        self._drop_request()
        self.transport.resume_reading()
        self.transport.write_eof()

    # Waiting

    def sweep(self, elapsed_s: float) -> None:
        """Close if the client has been waited for too long; called once a tick."""
        limits, phase, patience = self.front.limits, self._framer.phase, self._patience
        if self.transport.is_closing():
            if patience.lasted_s(("closing", self.transport.get_write_buffer_size()), elapsed_s) >= limits.write_idle_timeout_s:
                self.transport.abort()
        elif phase == REFUSED:
            if patience.lasted_s("linger", elapsed_s) >= limits.linger_timeout_s:
                self.transport.close()
        elif self.write_paused:
            if patience.lasted_s(("write", patience.write_pauses), elapsed_s) >= limits.write_idle_timeout_s:
                self._cut("it reads nothing")
        elif phase == HEAD:
            self._sweep_head(elapsed_s)
        elif phase != WHOLE:
            self._sweep_body(elapsed_s)
        elif self._half_closed:
            self._seek_client()

    def _sweep_head(self, elapsed_s: float) -> None:
        limits, patience, idle = self.front.limits, self._patience, self._framer.idle
        if patience.requests and idle:
            if patience.lasted_s(("idle", patience.requests), elapsed_s) >= limits.keep_alive_timeout_s:
                self.transport.close()
        elif patience.lasted_s(("head", patience.requests), elapsed_s) >= limits.head_timeout_s:
            if idle:
                self._cut("it sends nothing")
            else:
                self._refuse(refusal.TOO_SLOW)

    def _sweep_body(self, elapsed_s: float) -> None:
        if self._undecided:
            return  # it is we who are not ready
        body = self._framer.body
        arrived_bytes, body.arrived_bytes = body.arrived_bytes, 0
        if not self._patience.allows_body(arrived_bytes, elapsed_s):
            self._refuse(refusal.TOO_SLOW)

    def _seek_client(self) -> None:
        """Cut the connection if a client that has sent all has left. The first time something is written to it, so that its machine answers."""
        stream = self._stream
        if not self._patience.sought and stream is not None and stream.unanswered:
            self._patience.sought = True
            self.transport.write(INTERIM_ANSWER)
            asyncio.get_running_loop().call_later(FIRST_LOOK_S, self._look_for_client)
        self._look_for_client()

    def _look_for_client(self) -> None:
        if not self.transport.is_closing() and has_left(self.transport):
            self._cut("it has left")

    def _cut(self, why: str) -> None:
        self.front.rare_log.warn((self.address, why), "closed the connection of %s: %s", self._client(), why, level=logging.INFO)
        self.transport.abort()

    def _client(self) -> str:
        return self.address or "a local client"
