"""The client's stream over HTTP/1.1, written to the transport in plain calls: no task is woken for a piece of an answer. It never reads."""

import asyncio
import logging
import socket
import struct
from http import HTTPStatus
from typing import Final, Protocol

from headgate.core.headers import Headers
from headgate.exchange.ports import ClientWatcher
from headgate.web.front import Front
from headgate.web.service import Request

_log = logging.getLogger("headgate.web")

_UNSTARTED: Final = 0
_HELD: Final = 1  # the head is built and waits for the first piece of the body
_CHUNKED: Final = 2
_COUNTED: Final = 3  # content-length was given
_BODYLESS: Final = 4  # HEAD, 204, 304
_UNFRAMED: Final = 5  # HTTP/1.0 without content-length: the end of the connection is the end of the body
_OVER: Final = 6  # finished, aborted, or the client is gone

_SIZE_LINES: Final = [b"%x\r\n" % size for size in range(1024)]
_RESET: Final = struct.pack("ii", 1, 0)  # SO_LINGER with no time to linger (socket(7)): closing resets the connection
_COPY_BYTES_MAX: Final = 32 * 1024  # below, one copy is cheaper than a gathering write
_STATUS_LINES: Final = {int(status): f"HTTP/1.1 {status.value} {status.phrase}".encode() for status in HTTPStatus}
_OURS: Final = frozenset({b"content-length", b"connection", b"transfer-encoding", b"keep-alive", b"date"})


class Answering(Protocol):
    """What a stream needs of its connection."""

    front: Front
    transport: asyncio.Transport
    write_paused: bool

    @property
    def default_headers(self) -> Headers:
        """The headers of every answer."""

    def answered(self) -> None:
        """The answer is complete."""

    def release_body(self) -> None:
        """The body of the request is held no longer, although its answer goes on."""


class HttpStream:
    """`ClientStream` over one connection, for one request of it.

    `write(b"")` sends a head that is held back. The watcher is not called any more after `finish` or `abort`.
    """

    __slots__ = ("_connection", "_framing", "_head", "_left_bytes", "_state", "_told_slow", "_transport", "_watcher", "request")
    __deletable__ = ("_connection",)  # mypyc asks for it

    _framing: int
    _head: bytes
    _left_bytes: int

    def __init__(self, connection: Answering, request: Request) -> None:
        self._connection = connection
        self._transport = connection.transport
        self.request = request
        self._state: int = _UNSTARTED
        self._watcher: ClientWatcher | None = None
        self._told_slow = False

    def watch(self, watcher: ClientWatcher) -> None:
        """Name the one watcher, before `start`."""
        self._watcher = watcher
        if self._state == _OVER:
            asyncio.get_running_loop().call_soon(self._tell_gone)
        elif self._connection.write_paused:
            self.flow_changed()

    @property
    def unanswered(self) -> bool:
        """Whether a watched client waits for an answer, and nothing of it has left: an interim answer may be sent then."""
        return self._state == _UNSTARTED and self._watcher is not None and self.request.version != "1.0"

    @property
    def begun(self) -> bool:
        """Whether an answer was begun, or can be no more."""
        return self._state != _UNSTARTED

    @property
    def over(self) -> bool:
        """Whether nothing is written any more: the answer is finished or broken off, or the client is gone."""
        return self._state == _OVER

    def start(self, status: int, headers: Headers) -> None:
        """Build the head. It leaves with the first piece of the body, so that a small answer is one write. Raises BadHead for a header that would break it."""
        if self._state == _OVER:
            return
        if self._state != _UNSTARTED:
            raise RuntimeError("the answer has begun already")
        connection, request = self._connection, self.request
        sent = list(connection.default_headers)
        stated = None
        for header in headers:
            name, value = header
            if name not in _OURS:
                sent.append(header)
            elif name == b"content-length":
                stated = int(value)
            elif name == b"connection" and value.lower() == b"close":
                request.keep_alive = False
        length = b"" if stated is None else b"\r\ncontent-length: %d" % stated
        head = connection.front.heads.write(_STATUS_LINES.get(status) or b"HTTP/1.1 %d " % status, sent, length)
        if request.expects_continue:
            # The body was never asked for: its sender may or may not send it now, so that nothing can be read after it.
            request.keep_alive = request.expects_continue = False
        self._framing = self._framing_of(status, stated)
        self._left_bytes = stated or 0
        self._head = head
        self._state = _HELD

    def _framing_of(self, status: int, stated: int | None) -> int:
        request = self.request
        if request.method == "HEAD" or status in {204, 304}:
            return _BODYLESS
        if stated is not None:
            return _COUNTED
        if request.version == "1.0":
            request.keep_alive = False
            return _UNFRAMED
        return _CHUNKED

    def write(self, data: bytes) -> None:
        """A piece of the body; silently nothing once the client is gone."""
        if self._state == _CHUNKED:
            if data:
                self._transport.write(_chunk_of(data))
        elif self._state != _OVER:
            self._put(data)

    def finish(self, data: bytes = b"") -> None:
        """The last piece of the body, and a clean end."""
        if self._state == _CHUNKED:
            self._transport.write(_chunk_of(data) + b"0\r\n\r\n" if data else b"0\r\n\r\n")
        elif self._state == _OVER:
            return
        elif self._state == _HELD and self._framing == _CHUNKED:
            self._framing = _COUNTED
            self._head += b"\r\ncontent-length: %d" % len(data)
            self._left_bytes = len(data)
            self._put(data)
        else:
            self._put(data)
        if self._state == _OVER:
            return
        if self._left_bytes and self._framing == _COUNTED:
            self._break("shorter")
        else:
            self._complete()

    def abort(self) -> None:
        """Close without a clean end: by a reset, after what was written before has gone to the kernel.

        Claude Code 2.1.197 asks again after a reset; where a block was whole already, it takes a plain close for the end of its turn.
        """
        if self._state == _OVER:
            return
        held = self._transport.get_extra_info("socket")
        if held is not None:
            held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        if self._state == _UNFRAMED:
            self._transport.abort()
        else:
            self._transport.close()
        self.release()

    def release_body(self) -> None:
        """The request's body is held no longer."""
        if self._state != _OVER:
            self._connection.release_body()

    def lose(self) -> None:
        """The protocol's word that the client is gone."""
        watcher = self._watcher
        self.release()
        if watcher is not None:
            self._watcher = watcher
            asyncio.get_running_loop().call_soon(self._tell_gone)

    def release(self) -> None:
        """Let go of the connection: nothing is written any more. It holds this object, so that keeping it would make a cycle for the collector."""
        if self._state != _OVER:
            self._state = _OVER
            self._watcher = None
            del self._connection

    def flow_changed(self) -> None:
        """The protocol's word that its send buffer is full, or has drained. Told later: it may come out of a write of our own."""
        if self._watcher is not None:
            asyncio.get_running_loop().call_soon(self._tell_flow)

    def _put(self, data: bytes) -> None:
        """Send what is held back and a piece of the body, in the framing of this answer."""
        if self._state == _UNSTARTED:
            raise RuntimeError("the answer has not begun")
        head = self._take_head() if self._state == _HELD else b""
        self._state = self._framing
        if self._framing == _BODYLESS:
            data = b""
        elif self._framing == _CHUNKED and data:
            data = _chunk_of(data)
        elif self._framing == _COUNTED:
            self._left_bytes -= len(data)
            if self._left_bytes < 0:
                self._break("longer")
                return
        if head and len(data) > _COPY_BYTES_MAX:
            self._transport.writelines((head, data))
        else:
            self._transport.write(head + data)

    def _take_head(self) -> bytes:
        head, self._head = self._head, b""
        if not self.request.keep_alive:
            head += b"\r\nconnection: close"
        if self._framing == _CHUNKED:
            head += b"\r\ntransfer-encoding: chunked"
        return head + b"\r\n\r\n"

    def _complete(self) -> None:
        connection = self._connection
        self.release()
        connection.answered()

    def _break(self, how: str) -> None:
        _log.error("an answer was %s than its content-length; the connection is closed", how)
        self.abort()

    def _tell_gone(self) -> None:
        watcher, self._watcher = self._watcher, None
        if watcher is not None:
            watcher.client_gone()

    def _tell_flow(self) -> None:
        if self._watcher is None or self._state == _OVER:
            return
        slow = self._connection.write_paused
        if slow == self._told_slow:
            return
        self._told_slow = slow
        if slow:
            self._watcher.client_slow()
        else:
            self._watcher.client_ready()


def _chunk_of(data: bytes) -> bytes:
    """One chunk of a chunked body. Putting together what is ready is cheaper than a format, and this is done for every event."""
    size = len(data)
    return (_SIZE_LINES[size] if size < len(_SIZE_LINES) else b"%x\r\n" % size) + data + b"\r\n"
