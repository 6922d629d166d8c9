"""A real server behind the strict front, in a thread, with a small service that tells what reached it; and a client that speaks in raw bytes."""

import asyncio
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Self

import uvicorn

from headgate.exchange.ports import ClientStream
from headgate.web.connection import connection_maker
from headgate.web.front import Front, FrontLimits
from headgate.web.service import OnBody, Request, Service


class Echo:
    """A service that answers with what it was given, and keeps it. Paths: `/early` answers before the body is read, `/slow` after a moment, `/close` closes."""

    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []

    def open(self, request: Request, stream: ClientStream) -> OnBody | None:
        """Wait for the body."""
        if request.path == "/early":
            self._answer(request, stream, b"")
            return None
        return partial(self._echo, request, stream)

    def _echo(self, request: Request, stream: ClientStream, body: bytes) -> Coroutine[Any, Any, None] | None:
        if request.path == "/slow":
            return self._later(request, stream, body)
        self._answer(request, stream, body)
        return None

    async def _later(self, request: Request, stream: ClientStream, body: bytes) -> None:
        await asyncio.sleep(0.2)
        self._answer(request, stream, body)

    def _answer(self, request: Request, stream: ClientStream, body: bytes) -> None:
        seen = {
            "method": request.method,
            "path": request.path,
            "raw_path": request.target.partition(b"?")[0].decode(),
            "query": request.query,
            "headers": [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers],
            "body": body.decode("latin-1") if len(body) < 100 else len(body),
        }
        self.seen.append(seen)
        answer = json.dumps(seen).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(answer))]
        if request.path == "/close":
            headers.append((b"connection", b"close"))
        stream.start(200, headers)
        stream.finish(answer)


class FrontServer:
    """uvicorn with our class of connections, on a free port of loopback. `seen` holds what whole requests the echoing service was given."""

    def __init__(self, limits: FrontLimits | None = None, service: Service | None = None, loop: str = "uvloop") -> None:
        echo = Echo()
        self.seen = echo.seen
        self.front = Front(service or echo, limits or FrontLimits())
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(
            None,  # type: ignore[arg-type] # our connections call no application
            http=connection_maker(self.front),
            interface="asgi3",
            ws="none",
            loop=loop,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        wait_until(lambda: self._server.started)
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(10)
        self._socket.close()

    def connect(self) -> "RawClient":
        """A fresh connection."""
        return RawClient(self.port)


class Answer:
    """One answer off the wire. `broken` says that the connection ended before it was whole."""

    def __init__(self, head: bytes, body: bytes, *, broken: bool) -> None:
        line, *fields = head.decode("latin-1").split("\r\n")
        self.status = int(line.split(" ")[1])
        self.headers = {name.lower(): value for name, value in (field.split(": ", 1) for field in fields)}
        self.body = body
        self.broken = broken

    def json(self) -> Any:
        """The body, decoded."""
        return json.loads(self.body)


class RawClient:
    """A socket that sends what it is told, byte for byte, and reads one answer at a time."""

    def __init__(self, port: int, *, receive_buffer_bytes: int = 0) -> None:
        self._socket = socket.socket()
        if receive_buffer_bytes:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
        self._socket.settimeout(10)
        self._socket.connect(("127.0.0.1", port))
        self._buffer = bytearray()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._socket.close()

    def send(self, data: bytes) -> None:
        """Send all, or as much as the other side still takes."""
        try:
            self._socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            return

    def send_as_much_as_fits(self, data: bytes, bytes_max: int) -> int:
        """Send the same bytes again and again until the other side takes no more for a while; how many went."""
        sent = 0
        try:
            while sent < bytes_max:
                sent += self._socket.send(data)
        except TimeoutError:
            pass
        return sent

    def until(self, data: bytes) -> None:
        """Wait for these bytes; they stay to be read."""
        while data not in self._buffer:
            if not self._more():
                raise EOFError("the connection ended")

    def reset(self) -> None:
        """End the connection as a crash does."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()

    def read_a_byte(self) -> None:
        """Take one byte, if there is one."""
        try:
            self._socket.recv(1)
        except ConnectionResetError:
            return

    def close(self) -> None:
        """End the connection."""
        self._socket.close()

    def timeout(self, seconds: float) -> None:
        """How long to wait for the other side."""
        self._socket.settimeout(seconds)

    def half_close(self) -> None:
        """Say that nothing more will be sent."""
        self._socket.shutdown(socket.SHUT_WR)

    def answer(self, *, to_head: bool = False) -> Answer | None:
        """The next answer; None where the connection ends instead. `to_head`: it answers a HEAD request and has no body."""
        while b"\r\n\r\n" not in self._buffer:
            if not self._more():
                return None
        answer = Answer(self._take(self._buffer.index(b"\r\n\r\n") + 4)[:-4], b"", broken=False)
        if to_head or answer.status in {100, 204, 304}:
            return answer
        if "content-length" in answer.headers:
            size = int(answer.headers["content-length"])
            answer.broken = not self._fill(size)
            answer.body = self._take(size)
        elif answer.headers.get("transfer-encoding") == "chunked":
            answer.broken = not self._chunks(answer)
        else:
            while self._more():
                pass
            answer.body = self._take(len(self._buffer))
        return answer

    def ended(self, within_s: float = 90.0) -> bool:
        """Whether the other side ends the connection without another byte."""
        self._socket.settimeout(within_s)
        try:
            return not self._buffer and not self._more()
        except TimeoutError:
            return False

    def received(self, within_s: float = 90.0) -> bytes:
        """All that comes until the other side ends the connection."""
        self._socket.settimeout(within_s)
        while self._more():
            pass
        return bytes(self._buffer)

    def _chunks(self, answer: Answer) -> bool:
        pieces: list[bytes] = []
        size = 1
        while size:
            while b"\r\n" not in self._buffer:
                if not self._more():
                    answer.body = b"".join(pieces)
                    return False
            size = int(self._take(self._buffer.index(b"\r\n") + 2), 16)
            whole = self._fill(size + 2)
            pieces.append(self._take(size + 2)[:size])
            if not whole:
                break
        answer.body = b"".join(pieces)
        return whole

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def _fill(self, size: int) -> bool:
        while len(self._buffer) < size:
            if not self._more():
                return False
        return True

    def _more(self) -> bool:
        try:
            data = self._socket.recv(65536)
        except ConnectionResetError:
            return False
        self._buffer += data
        return bool(data)


def wait_until(condition: Callable[[], bool], within_s: float = 90.0) -> None:
    """Wait for what another thread does. It is looked at less and less often, for looking may cost a page."""
    deadline, pause_s = time.monotonic() + within_s, 0.005
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("it did not happen")
        time.sleep(pause_s)
        pause_s = min(pause_s * 1.5, 0.25)
