"""The HTTP server of a serving process: uvicorn as we configure it, with an end of its own. It waits for open exchanges, then ends the rest in words.

At a restart it stops accepting while another process takes over, and gives that one each of its connections as soon as no request is on it.
"""

import asyncio
import contextlib
import os
import signal
import socket
import time
from collections.abc import Callable, Generator
from functools import partial
from types import FrameType
from typing import cast

import msgspec
import uvicorn

from headgate.core.errors import Unavailable
from headgate.exchange.exchange import Exchanges
from headgate.web.connection import ClientConnection, connection_maker
from headgate.web.front import Front
from headgate.web.moving import MovedConnections, SuccessorGone, give

_DRAIN_MORE_S = 10.0  # for the last words of answers whose time is over
_DRAIN_LOOK_S = 0.05
_DATE_S = 1.0  # how old the date of an answer may be


class Descriptors(msgspec.Struct, frozen=True):
    """The listening socket, and the channels of the processes before and after this one; -1 where there is none.

    `outlives`: the socket is not Headgate's own, and connections wait in it for the next start.
    """

    listen: int
    predecessor: int = -1
    successor: int = -1
    outlives: bool = False

    def listening(self) -> socket.socket:
        """The listening socket, to be closed by its server alone."""
        made = socket.socket(fileno=os.dup(self.listen))
        made.settimeout(0)
        return made


class Drain(msgspec.Struct, frozen=True):
    """How long open exchanges may go on: when Headgate ends, and in a process that was replaced."""

    stopped_s: float
    replaced_s: float


class HttpServer(uvicorn.Server):
    """Serves until a signal. Its end leaves open exchanges some time, then tells their clients in their own dialect. `on_started` hears when it accepts, `on_ending`
    when it begins to end: what has no end of its own is ended there.
    """

    def __init__(self, front: Front, descriptors: Descriptors, exchanges: Exchanges, drain: Drain) -> None:
        super().__init__(_uvicorn_config(front))
        self._front = front
        self._descriptors = descriptors
        self._exchanges = exchanges
        self._drain = drain
        self._arrivals: MovedConnections | None = None
        self._until_s = float("inf")  # by the monotonic clock, when what is left is ended
        self._wake: Callable[[], object] = _nothing  # ends the wait of `main_loop`
        self.on_started: Callable[[], None] = _nothing
        self.on_ending: Callable[[], None] = _nothing

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Hear the signals that ask to end. Unlike uvicorn's own this does not raise them again: that would kill the process before anything is closed."""
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, self.handle_exit)
        yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End; a replaced process hears a second signal when all of Headgate ends, which waits for less long."""
        if self.should_exit:
            self._until_s = min(self._until_s, time.monotonic() + self._drain.stopped_s)
        super().handle_exit(sig, frame)
        self.stop()

    def stop(self) -> None:
        """Begin to end. For any thread, and within the handling of a signal."""
        self.should_exit = True
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._wake()

    async def main_loop(self) -> None:
        """Serve until it is to end, which is seen at once. Uvicorn's own loop looks ten times a second, also while nothing happens."""
        stopping = asyncio.Event()
        self._wake = partial(asyncio.get_running_loop().call_soon_threadsafe, stopping.set)
        while not await self.on_tick(0):  # it writes the date of answers
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_DATE_S):
                    await stopping.wait()

    async def serve_clients(self) -> None:
        """Accept and serve to the end."""
        await self.serve(sockets=[self._descriptors.listening()])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to accept, also the connections of the process before this one; and say so."""
        await super().startup(sockets)
        if self.started:
            if self._descriptors.predecessor >= 0:
                self._arrivals = MovedConnections(socket.socket(fileno=self._descriptors.predecessor), self._connection)
                self._arrivals.start()
            asyncio.get_running_loop().call_soon(self.on_started)

    def pause(self) -> None:
        """Accept no connection, and begin no request on those that are open. What clients send waits in the kernel."""
        for server in self.servers:
            server.close()
        self.servers = []
        self._front.resting = True
        for connection in self._connections():
            connection.rest()

    async def resume(self) -> None:
        """Accept again, and read on."""
        self._front.resting = False
        await super().startup([self._descriptors.listening()])
        for connection in self._connections():
            connection.wake()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Wait for streams; end what is left with an error that its client can read.

        Where another process has taken over, requests that this one still reads are served, and connections move. Else it accepts while streams last, so
        that clients and health checks are answered that Headgate is shutting down.
        """
        replaced = self._front.resting
        self._exchanges.draining = not replaced
        self.on_ending()
        self._until_s = time.monotonic() + (self._drain.replaced_s if replaced else self._drain.stopped_s)
        beside = [asyncio.ensure_future(self._end_in_time()), *([asyncio.ensure_future(self._move_all())] if replaced else [])]
        if replaced:
            await self._until(lambda: self._arrivals is None or self._arrivals.over)  # what still comes from the process before moves on, too
        elif not self._descriptors.outlives:
            await self._exchanges_end()
        await super().shutdown(sockets)
        await self._exchanges_end()  # a client that has left has no connection, but its exchange is read to its end
        for task in beside:
            task.cancel()

    async def _exchanges_end(self) -> None:
        await self._until(lambda: not len(self._exchanges.pulse))

    async def _until(self, holds: Callable[[], bool]) -> None:
        while True:
            if holds() or self.force_exit:
                return
            await asyncio.sleep(_DRAIN_LOOK_S)

    async def _end_in_time(self) -> None:
        """End what is left when its time is over, and soon after that without a word."""
        while True:
            if time.monotonic() >= self._until_s:
                break
            await asyncio.sleep(_DRAIN_LOOK_S)
        message = "Headgate was stopped before this answer was complete. Ask again in a few seconds."
        self._exchanges.pulse.interrupt_all(Unavailable(message, code="draining"))
        await asyncio.sleep(_DRAIN_MORE_S)
        self.force_exit = True

    async def _move_all(self) -> None:
        """Give each connection to the next process, once no request is on it. Where that is gone, close them as at any other end."""
        with socket.socket(fileno=os.dup(self._descriptors.successor)) as channel:
            channel.settimeout(0)
            while True:
                try:
                    for connection in self._connections():
                        if connection.rest():
                            give(channel, connection)
                except SuccessorGone:
                    break
                await asyncio.sleep(_DRAIN_LOOK_S)
        self._front.resting = False
        self._exchanges.draining = True
        for connection in self._connections():
            connection.shutdown()

    def _connections(self) -> list[ClientConnection]:
        return cast("list[ClientConnection]", list(self.server_state.connections))

    def _connection(self) -> ClientConnection:
        return connection_maker(self._front)(self.config, self.server_state, {})


def _uvicorn_config(front: Front) -> uvicorn.Config:
    """Uvicorn's settings: it listens and ends for our connections, and writes none of its own logs and headers but the date."""
    return uvicorn.Config(
        _no_asgi,
        http=cast("type[asyncio.Protocol]", connection_maker(front)),  # uvicorn calls it
        ws="none",
        lifespan="off",
        loop="none",
        interface="asgi3",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=True,  # written once a second; our connections read it from uvicorn's state
        timeout_graceful_shutdown=None,  # see `_end_in_time`
        backlog=2048,
    )


async def _no_asgi(_scope: object, _receive: object, _send: object) -> None:
    """Uvicorn wants an application; our connections never call it."""


def _nothing() -> None:
    """No other part listens yet."""
