"""Services for tests of connections, and bytes fed to one."""

import asyncio
from functools import partial
from typing import Any

from headgate.core.headers import Headers
from headgate.exchange.ports import ClientStream
from headgate.web.connection import ClientConnection
from headgate.web.service import OnBody, Request
from tests.fakes.transport import FakeTransport

GET = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
CHUNKED = b"POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n0\r\nX-T: t\r\n\r\n"


class Recorder:
    """A service that keeps what it is given, and answers."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, bytes, Headers]] = []

    def open(self, request: Request, stream: ClientStream) -> OnBody:
        """Everything."""
        return partial(self.keep, request, stream)

    def keep(self, request: Request, stream: ClientStream, body: bytes) -> None:
        """Answer."""
        self.seen.append((request.path, body, request.headers))
        stream.start(200, [])
        stream.finish(b"ok")


class Holding:
    """A service that answers when a test says so."""

    def __init__(self) -> None:
        self.heads: list[Request] = []
        self.bodies: list[bytes] = []
        self.streams: list[ClientStream] = []
        self.body_bytes_max = 64 << 20

    def open(self, request: Request, stream: ClientStream) -> OnBody:
        """Everything."""
        self.heads.append(request)
        self.streams.append(stream)
        request.body_bytes_max = self.body_bytes_max
        return self.bodies.append


class Deciding(Holding):
    """A service that finds out what to do when a test says so: `None` answers 401."""

    def __init__(self) -> None:
        super().__init__()
        self.decision: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def open(self, request: Request, stream: ClientStream) -> Any:
        """Later."""
        return self._decide(super().open(request, stream), stream)

    async def _decide(self, on_body: OnBody, stream: ClientStream) -> OnBody | None:
        if await self.decision:
            return on_body
        answer(stream)
        return None


def answer(stream: ClientStream) -> None:
    """A refusal."""
    stream.start(401, [])
    stream.finish(b"no")


async def feed(protocol: ClientConnection, transport: FakeTransport, pieces: list[bytes]) -> None:
    """Hand over piece after piece, as long as the transport would."""
    for piece in pieces:
        if transport.is_closing():
            return
        if piece:
            protocol.data_received(piece)
        await asyncio.sleep(0)
    for _ in range(30):
        await asyncio.sleep(0)
