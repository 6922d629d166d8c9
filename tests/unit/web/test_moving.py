"""Open connections that move from one server to another without their client noticing."""

import asyncio
import contextlib
import os
import socket

import pytest
import uvloop
from uvicorn.config import Config
from uvicorn.server import ServerState

from headgate.web.connection import connection_maker
from headgate.web.front import Front, FrontLimits
from headgate.web.moving import MovedConnections, SuccessorGone, give
from tests.fakes.front import Echo

GET = b"GET /%b HTTP/1.1\r\nhost: x\r\n\r\n"


class Place:
    """A server of connections, without the listening."""

    def __init__(self):
        self.service, self.state = Echo(), ServerState()
        self.front = Front(self.service, FrontLimits())

    def made(self):
        """The protocol of one connection."""
        return connection_maker(self.front)(Config(None), self.state, {})

    async def accept(self):
        """A connection, and its client's end."""
        ours, theirs = socket.socketpair()
        ours.settimeout(0)
        _, protocol = await asyncio.get_running_loop().connect_accepted_socket(self.made, ours)
        reader, writer = await asyncio.open_connection(sock=theirs)
        return protocol, reader, writer


@pytest.fixture(params=["asyncio", "uvloop"])
def run(request):
    """Runs a test in either event loop: they close descriptors differently."""
    return uvloop.run if request.param == "uvloop" else asyncio.run


async def answer(reader):
    """One answer, as far as the service's words."""
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.startswith(b"content-length"))
    return await reader.readexactly(length)


async def until(holds):
    """Wait for it."""
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.01)


def test_a_client_goes_on_with_the_other_server(run):
    """What it sends between the two is answered by the second; the first has no connection left."""

    async def moves():
        old, new = Place(), Place()
        channel, other = socket.socketpair()
        channel.settimeout(0)
        connection, reader, writer = await old.accept()
        writer.write(GET % b"one")
        await answer(reader)
        old.front.resting = True
        await until(connection.rest)
        writer.write(GET % b"two")
        await writer.drain()
        MovedConnections(other, new.made).start()
        assert give(channel, connection)
        second = await answer(reader)
        await until(lambda: not old.state.connections)
        writer.write(GET % b"three")
        third = await answer(reader)
        channel.close()
        await until(lambda: other.fileno() < 0)
        writer.close()
        await until(lambda: not new.state.connections)
        return second, third, [seen["path"] for seen in old.service.seen], [seen["path"] for seen in new.service.seen]

    second, third, by_old, by_new = run(moves())

    assert (b"/two" in second, b"/three" in third) == (True, True)
    assert (by_old, by_new) == (["/one"], ["/two", "/three"])


def test_a_connection_with_a_request_on_it_stays(run):
    """It moves when that has its answer, and reads nothing more meanwhile."""

    async def stays():
        old = Place()
        connection, reader, writer = await old.accept()
        writer.write(GET % b"slow" + b"GET /half HTTP")
        await until(lambda: connection._stream is not None)
        old.front.resting = True
        during = connection.rest()
        connection.shutdown()
        await answer(reader)
        await asyncio.sleep(0.05)
        half = connection.rest()
        writer.write(b"/1.1\r\nhost: x\r\n\r\n")
        await answer(reader)
        await until(connection.rest)
        writer.write(GET % b"next")
        await asyncio.sleep(0.05)
        resting = [seen["path"] for seen in old.service.seen]
        old.front.resting = False
        connection.wake()
        await answer(reader)
        writer.close()
        return during, half, resting

    assert run(stays()) == (False, False, ["/slow", "/half"])


async def test_without_a_successor_it_is_said():
    """So that connections are ended in another way."""
    old = Place()
    channel, other = socket.socketpair()
    other.close()
    connection, _, writer = await old.accept()
    with contextlib.closing(channel), pytest.raises(SuccessorGone):
        give(channel, connection)
    writer.close()


async def test_a_full_channel_is_tried_again():
    """The connection stays here until then."""
    old = Place()
    channel, other = socket.socketpair()
    channel.settimeout(0)
    with contextlib.suppress(BlockingIOError):
        while True:
            channel.send(bytes(1 << 16))
    connection, _, writer = await old.accept()

    assert not give(channel, connection)
    assert not connection.transport.is_closing()
    os.close(other.detach())
    channel.close()
    writer.close()
