"""The stream over plain ASGI, against a server that is a list. What it shares with the direct one is in `tests/contract`."""

import asyncio
from typing import Any

import pytest

from headgate.web.client_stream import AsgiClientStream


class Server:
    """Keeps what it is sent; its client leaves when `leave` is set."""

    def __init__(self, error: Exception | None = None) -> None:
        self.sent: list[dict[str, Any]] = []
        self.leave = asyncio.Event()
        self._error = error

    async def send(self, message: dict[str, Any]) -> None:
        if self._error is not None:
            raise self._error
        self.sent.append(message)

    async def receive(self) -> dict[str, Any]:
        await self.leave.wait()
        return {"type": "http.disconnect"}


class Ear:
    """Keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def client_gone(self) -> None:
        self.heard.append("gone")

    def client_slow(self) -> None:
        self.heard.append("slow")

    def client_ready(self) -> None:
        self.heard.append("ready")


async def test_what_was_written_before_is_carried() -> None:
    """The drive may begin after the answer has ended."""
    server = Server()
    stream = AsgiClientStream(server.send, server.receive)
    stream.start(200, [(b"x-a", b"b")])
    stream.write(b"one")
    stream.finish(b"two")
    await asyncio.wait_for(stream.drive(), 5)

    assert server.sent == [
        {"type": "http.response.start", "status": 200, "headers": [(b"x-a", b"b")]},
        {"type": "http.response.body", "body": b"one", "more_body": True},
        {"type": "http.response.body", "body": b"two", "more_body": False},
    ]


async def test_an_abort_leaves_the_answer_incomplete() -> None:
    """What was written is carried, the end is not."""
    server = Server()
    stream = AsgiClientStream(server.send, server.receive)
    stream.start(200, [])
    stream.write(b"one")
    stream.abort()
    await asyncio.wait_for(stream.drive(), 5)

    assert [message.get("more_body") for message in server.sent] == [None, True]


async def test_a_client_that_leaves_ends_the_drive() -> None:
    """The watcher hears it, and nothing is carried any more."""
    server, ear = Server(), Ear()
    stream = AsgiClientStream(server.send, server.receive)
    stream.watch(ear)
    server.leave.set()
    await asyncio.wait_for(stream.drive(), 5)
    stream.start(200, [])
    stream.finish()
    await asyncio.sleep(0)

    assert ear.heard == ["gone"]
    assert server.sent == []


async def test_a_server_that_cannot_send_has_lost_its_client() -> None:
    """As ASGI 2.4 says."""
    server, ear = Server(OSError()), Ear()
    stream = AsgiClientStream(server.send, server.receive)
    stream.watch(ear)
    stream.start(200, [])
    await asyncio.wait_for(stream.drive(), 5)
    await asyncio.sleep(0)

    assert ear.heard == ["gone"]


async def test_the_queue_is_bounded() -> None:
    """A writer that does not stop when it is told to loses its client."""
    server, ear = Server(), Ear()
    stream = AsgiClientStream(server.send, server.receive)
    stream.watch(ear)
    stream.start(200, [])
    for _ in range(1000):
        stream.write(b"a" * 65_536)
    await asyncio.sleep(0)

    assert ear.heard[-1] == "gone"


async def test_misuse_is_told() -> None:
    """An answer begins once, and before its body."""
    server = Server()
    stream = AsgiClientStream(server.send, server.receive)
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError):
        stream.write(b"a")
    stream.start(200, [])
    with pytest.raises(RuntimeError):
        stream.start(200, [])
