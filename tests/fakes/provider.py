"""A scripted provider on loopback that speaks Anthropic, OpenAI and Gemini, breaks off on demand, and keeps a ledger of what it received.

It runs in a thread with an event loop of its own, so that a test may block.
"""

import asyncio
import contextlib
import socket
import struct
import threading
from typing import Self

import httptools

from tests.fakes.checks import Expected
from tests.fakes.ledger import Entry, Ledger
from tests.fakes.play import play
from tests.fakes.routes import route
from tests.fakes.script import Answerer, Script
from tests.fakes.turns import Turn
from tests.fakes.wire import Wire
from tests.fakes.wire_anthropic import AnthropicWire
from tests.fakes.wire_chat import ChatWire
from tests.fakes.wire_gemini import GeminiWire
from tests.fakes.wire_responses import ResponsesWire

WIRES: dict[str, Wire] = {
    "anthropic": AnthropicWire(),
    "openai_chat": ChatWire(),
    "openai_responses": ResponsesWire(),
    "gemini": GeminiWire(),
}


class Provider:
    """The scripted provider. `with Provider() as provider:`; `provider.play(turn, …)` says what to answer next."""

    def __init__(self, expected: Expected | None = None, port: int = 0, *, mounted: bool = False) -> None:
        self.expected = expected or Expected()
        self.ledger = Ledger()
        self.port = port
        self.mounted = mounted
        self.answer: Answerer = Script((), WIRES, self.ledger)
        self.connections: set[Connection] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="scripted-provider", daemon=True)
        self._ready = threading.Event()

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(10):
            raise TimeoutError("the scripted provider did not start")
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    @property
    def url(self) -> str:
        """Base URL without a version, as Anthropic's and Google's SDKs take it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def openai_url(self) -> str:
        """Base URL with `/v1`, as OpenAI's SDK takes it."""
        return f"{self.url}/v1"

    def play(self, *turns: Turn) -> Script:
        """Answer with these turns, in order, each to a request of its own."""
        return self._take(Script(turns, WIRES, self.ledger))

    def converse(self, *turns: Turn) -> Script:
        """Answer with these turns, in order; every request has to bring the tool results and reasoning proofs of the turn before it."""
        return self._take(Script(turns, WIRES, self.ledger, connected=True))

    def _take(self, script: Script) -> Script:
        self.answer = script
        return script

    def check(self) -> None:
        """Fail if anything that arrived since the last check was not as it has to be."""
        problems, self.ledger.problems = self.ledger.problems, []
        assert not problems, "\n".join(problems)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(self._loop.create_server(lambda: Connection(self), "127.0.0.1", self.port, backlog=1024))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for connection in list(self.connections):
            connection.transport.abort()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()


class Connection(asyncio.Protocol):
    """One connection: requests one after the other, each answered by a task."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._parser = httptools.HttpRequestParser(self)
        self._task: asyncio.Task[None] | None = None
        self._entry: Entry | None = None
        self._target = b""
        self._headers: list[tuple[str, str]] = []
        self._body = bytearray()
        self._room = asyncio.Event()
        self._room.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._provider.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone; an answer under way stops."""
        self._provider.connections.discard(self)
        self._room.set()
        if self._entry and not self._entry.whole:
            self._entry.client_closed = True
            self._entry.closed_at = asyncio.get_running_loop().time()
            self._provider.ledger.touch()
        if self._task:
            self._task.cancel()

    def data_received(self, data: bytes) -> None:
        """Bytes of a request."""
        with contextlib.suppress(httptools.HttpParserUpgrade):
            self._parser.feed_data(data)

    def pause_writing(self) -> None:
        """The client reads slowly."""
        self._room.clear()

    def resume_writing(self) -> None:
        """The client caught up."""
        self._room.set()

    def on_message_begin(self) -> None:
        """A request begins."""
        self._target, self._headers, self._body = b"", [], bytearray()

    def on_url(self, url: bytes) -> None:
        """(Part of) the request target."""
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header."""
        self._headers.append((name.decode("latin-1").lower(), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        """Some clients wait to be told that the body is welcome."""
        if ("expect", "100-continue") in self._headers:
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self._body += body

    def on_message_complete(self) -> None:
        """The request is whole: check it, enter it, answer it."""
        ledger = self._provider.ledger
        method = self._parser.get_method().decode()
        entry = Entry(len(ledger.entries) + 1, method, self._target.decode("latin-1"), self._headers, bytes(self._body))
        route(entry, mounted=self._provider.mounted)
        self._entry = entry
        for problem in self._provider.expected.problems(entry):
            ledger.note(entry, problem)
        ledger.add(entry)
        self._task = asyncio.get_running_loop().create_task(self._answer(entry))

    async def _answer(self, entry: Entry) -> None:
        try:
            await play(entry, self._provider.answer, WIRES, Out(self.transport, self._room, entry))
        except Exception as error:
            self._provider.ledger.note(entry, f"the scripted provider failed: {error!r}")
            self.transport.abort()
            raise
        finally:
            self._provider.ledger.touch()


class Out:
    """Where an answer goes: writes with flow control, keeps what was written, and can break the connection."""

    def __init__(self, transport: asyncio.Transport, room: asyncio.Event, entry: Entry) -> None:
        self._transport = transport
        self._room = room
        self._entry = entry

    async def head(self, status: int, headers: list[tuple[str, str]]) -> None:
        """Status line and headers."""
        self._entry.status = status
        lines = [f"HTTP/1.1 {status} Scripted", *(f"{name}: {value}" for name, value in headers), "", ""]
        await self._write("\r\n".join(lines).encode("latin-1"))

    async def body(self, data: bytes) -> None:
        """A piece of a body whose length is in the head."""
        self._entry.sent += data
        await self._write(data)

    async def chunk(self, data: bytes) -> None:
        """A piece of a chunked body."""
        self._entry.sent += data
        await self._write(b"%x\r\n%b\r\n" % (len(data), data))

    async def last_chunk(self) -> None:
        """The end of a chunked body."""
        await self._write(b"0\r\n\r\n")

    async def cut(self, *, reset: bool) -> None:
        """Break the connection off."""
        if reset:
            held: socket.socket = self._transport.get_extra_info("socket")
            await asyncio.sleep(0.02)  # what was written should reach the other side before the reset destroys it
            held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._transport.abort()
        else:
            self._transport.close()

    async def _write(self, data: bytes) -> None:
        self._transport.write(data)
        if not self._room.is_set():
            await self._room.wait()
