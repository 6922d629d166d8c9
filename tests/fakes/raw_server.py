"""A TCP server that says exactly the bytes a test tells it to: one script for each connection, on loopback, with or without TLS."""

import asyncio
import contextlib
import re
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable
from typing import Self

_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)\r\n", re.IGNORECASE)


class Peer:
    """One connection, as its script sees it."""

    def __init__(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.number = number  # of this connection, from 0
        self.reader = reader
        self.writer = writer

    async def head(self) -> bytes:
        """The head of the next request, with the empty line."""
        return await self.reader.readuntil(b"\r\n\r\n")

    async def request(self) -> tuple[bytes, bytes]:
        """Head and body of the next request."""
        head = await self.head()
        length = _LENGTH.search(head)
        return head, await self.reader.readexactly(int(length[1])) if length else b""

    async def send(self, *pieces: bytes) -> None:
        """Write pieces, each flushed by itself."""
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()

    async def gone(self) -> None:
        """Wait until the client has closed. Fails if it says anything before that."""
        with contextlib.suppress(ConnectionError):
            rest = await self.reader.read(1)
            assert not rest, rest

    def close(self) -> None:
        """Close in good order (FIN)."""
        self.writer.close()

    def reset(self) -> None:
        """Break off (RST)."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Script = Callable[[Peer], Awaitable[None]]


class RawServer:
    """Use as `async with RawServer(script) as server`; what a script raises, the exit raises."""

    def __init__(self, script: Script, context: ssl.SSLContext | None = None) -> None:
        self._script = script
        self._context = context
        self._running: set[asyncio.Task[None]] = set()
        self._failed: list[BaseException] = []
        self.connections = 0
        self.port = 0

    @property
    def base_url(self) -> str:
        """Where it listens, by number: no name is looked up."""
        return f"{'https' if self._context else 'http'}://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._context)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in tuple(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        for error in self._failed:
            raise error

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        peer = Peer(self.connections, reader, writer)
        self.connections += 1
        try:
            await self._script(peer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client left
        except asyncio.CancelledError:
            pass  # the test is over
        except Exception as error:  # ruff: ignore[blind-except] -- kept for the test
            self._failed.append(error)
        finally:
            self._running.discard(task)
            writer.transport.abort() if self._context else writer.close()
