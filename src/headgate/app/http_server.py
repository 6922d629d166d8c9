"""The HTTP server of a serving process: uvicorn as we configure it, with an end of its own. It waits for open exchanges, then ends the rest in words."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Generator

import uvicorn

from headgate.core.errors import Unavailable
from headgate.exchange.exchange import Exchanges
from headgate.web.connection import connection_class
from headgate.web.front import Front

_DRAIN_MORE_S = 10.0  # for the last words of answers whose time is over
_DRAIN_LOOK_S = 0.05


class HttpServer(uvicorn.Server):
    """Serves until a signal. Its end leaves open exchanges `drain_s`, then tells their clients in their own dialect. `on_started` hears when it accepts, `on_ending` when it
    begins to end: what has no end of its own is ended there.
    """

    def __init__(
        self, config: uvicorn.Config, exchanges: Exchanges, drain_s: float, on_started: Callable[[], None], on_ending: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._exchanges = exchanges
        self._drain_s = drain_s
        self._on_started = on_started
        self._on_ending = on_ending

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Hear the signals that ask to end. Unlike uvicorn's own this does not raise them again: that would kill the process before anything is closed."""
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, self.handle_exit)
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to accept, and say so."""
        await super().startup(sockets)
        if self.started:
            asyncio.get_running_loop().call_soon(self._on_started)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop accepting; wait for streams; end what is left with an error that its client can read."""
        self._exchanges.draining = True
        self._on_ending()
        loop = asyncio.get_running_loop()
        message = "Headgate was stopped before this answer was complete. Ask again in a few seconds."
        timer = loop.call_later(self._drain_s, self._exchanges.pulse.interrupt_all, Unavailable(message, code="draining"))
        await super().shutdown(sockets)
        # A client that has left has no connection, but its exchange is read to its end.
        looks_left = (self._drain_s + _DRAIN_MORE_S) / _DRAIN_LOOK_S
        while len(self._exchanges.pulse) and not self.force_exit and looks_left > 0:
            looks_left -= 1
            await asyncio.sleep(_DRAIN_LOOK_S)
        timer.cancel()


def uvicorn_config(front: Front, drain_s: float) -> uvicorn.Config:
    """Uvicorn's settings: it listens and ends for our connections, and writes none of its own logs and headers but the date."""
    return uvicorn.Config(
        _no_asgi,
        http=connection_class(front),
        ws="none",
        lifespan="off",
        loop="none",
        interface="asgi3",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=True,  # written once a second; our connections read it from uvicorn's state
        timeout_graceful_shutdown=int(drain_s + _DRAIN_MORE_S),
        backlog=2048,
    )


async def _no_asgi(_scope: object, _receive: object, _send: object) -> None:
    """Uvicorn wants an application; our connections never call it."""
