"""A client that says no more: one that has left is noticed while its answer is waited for, one that listens gets it. Over real sockets, on both event loops."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from functools import partial

import pytest
import uvicorn
import uvloop
from uvicorn.server import ServerState

from headgate.exchange.ports import ClientStream
from headgate.web.connection import connection_maker
from headgate.web.front import Front, FrontLimits
from headgate.web.service import OnBody, Request

POST = b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
PATIENCE_S = 20.0


class Waiting:
    """A service whose answers take long. It watches the client, as an exchange does."""

    def __init__(self, *, watches: bool = True) -> None:
        self.stream: ClientStream | None = None
        self.taken = asyncio.Event()
        self.gone = asyncio.Event()
        self._watches = watches

    def open(self, request: Request, stream: ClientStream) -> OnBody:
        """Everything."""
        del request
        return partial(self.take, stream)

    def take(self, stream: ClientStream, body: bytes) -> None:
        """Wait."""
        assert body == b"abc"
        if self._watches:
            stream.watch(self)
        self.stream = stream
        self.taken.set()

    def client_gone(self) -> None:
        """Note it."""
        self.gone.set()

    def client_slow(self) -> None:
        """Nothing is sent."""

    def client_ready(self) -> None:
        """Nothing is sent."""


async def _serve(app: Waiting, act: Callable[[socket.socket], Awaitable[None]]) -> None:
    kind = connection_maker(Front(app, FrontLimits(sweep_interval_s=0.05)))
    config = uvicorn.Config(None, log_config=None)  # type: ignore[arg-type] # our connections call no application
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: kind(config, ServerState(), {}, loop), "127.0.0.1", 0)
    with socket.create_connection(server.sockets[0].getsockname()[:2]) as client:
        client.setblocking(False)
        await loop.sock_sendall(client, POST)
        await asyncio.wait_for(app.taken.wait(), PATIENCE_S)
        await act(client)
    server.close()


def _run(make: Callable[[], Awaitable[None]], loop: str) -> None:
    factory = uvloop.new_event_loop if loop == "uvloop" else asyncio.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(make())  # type: ignore[arg-type]


async def _read(client: socket.socket, until: bytes) -> bytes:
    loop = asyncio.get_running_loop()
    received = b""
    while until not in received:
        piece = await asyncio.wait_for(loop.sock_recv(client, 65536), PATIENCE_S)
        received += piece
        if not piece:
            break
    return received


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_a_client_that_closes_while_it_waits_is_noticed(loop: str, reset: bool) -> None:
    """Nothing is written for an unstreamed answer until it is whole, so nothing else would ever tell."""

    async def run() -> None:
        app = Waiting()

        async def close(client: socket.socket) -> None:
            if reset:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()
            await asyncio.wait_for(app.gone.wait(), PATIENCE_S)

        await _serve(app, close)

    _run(run, loop)


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_a_client_that_only_stops_sending_gets_its_answer(loop: str) -> None:
    """It hears one interim answer, however long it waits, and is not taken for one that left."""

    async def run() -> None:
        app = Waiting()

        async def listen(client: socket.socket) -> None:
            client.shutdown(socket.SHUT_WR)
            received = await _read(client, b"100 Continue\r\n\r\n")
            await asyncio.sleep(0.3)  # several sweeps; a shorter wait would only make the test weaker
            assert app.stream is not None
            app.stream.start(200, [])
            app.stream.finish(b"the answer")
            received += await _read(client, b"the answer")
            assert received.count(b"100 Continue") == 1
            assert received.endswith(b"the answer")
            assert not app.gone.is_set()

        await _serve(app, listen)

    _run(run, loop)


def test_who_is_not_watched_for_hears_nothing_but_the_answer() -> None:
    """Only an exchange costs anything while it waits."""

    async def run() -> None:
        app = Waiting(watches=False)

        async def listen(client: socket.socket) -> None:
            client.shutdown(socket.SHUT_WR)
            await asyncio.sleep(0.15)
            assert app.stream is not None
            app.stream.start(200, [])
            app.stream.finish(b"the answer")
            received = await _read(client, b"the answer")
            assert received.startswith(b"HTTP/1.1 200 OK")

        await _serve(app, listen)

    _run(run, "uvloop")
