"""Opening connections: which addresses are tried, and what is left behind by one that failed."""

import asyncio
import socket

import pytest

from headgate.upstream.dial import Dialer
from headgate.upstream.resolve import Resolver
from headgate.upstream.route import ProviderRoutes
from headgate.upstream.settings import UpstreamSettings
from headgate.wire.outbox import Outbox

UNROUTABLE = "192.0.2.1"  # RFC 5737: nobody answers


async def dial(addresses, port, **settings):
    """Dial a host that has these addresses."""

    async def lookup(host, port):
        return addresses

    made = UpstreamSettings(**settings)
    return await Dialer(made, Resolver(lookup), Outbox()).dial(ProviderRoutes(made).add(f"http://provider.test:{port}"))


@pytest.fixture
async def port():
    """A port that listens, on one address only."""
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def test_the_next_address_is_tried(port):
    """One that refuses costs nothing, one that swallows packets its share of the time."""
    assert (await dial(["127.0.0.2", "127.0.0.1"], port)).usable()


async def test_an_address_that_says_nothing(port, monkeypatch):
    """It gets its share of the time, the next one the rest."""
    loop = asyncio.get_running_loop()
    connect, tried = loop.create_connection, []

    async def create_connection(factory, host, *args, **kwargs):
        tried.append(host)
        if host == UNROUTABLE:
            await asyncio.Event().wait()
        return await connect(factory, host, *args, **kwargs)

    monkeypatch.setattr(loop, "create_connection", create_connection)
    connection = await dial([UNROUTABLE, "127.0.0.1"], port, connect_timeout_s=1.0)

    assert tried == [UNROUTABLE, "127.0.0.1"]
    assert connection.usable()
    connection.drop()


async def test_all_refuse():
    """The last refusal is told."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(ConnectionRefusedError):
            await dial(["127.0.0.2", "127.0.0.1"], unused.getsockname()[1])


async def test_a_name_server_that_hangs():
    """It shares the connect timeout."""

    async def lookup(host, port):
        await asyncio.Event().wait()

    settings = UpstreamSettings(connect_timeout_s=0.05)
    with pytest.raises(TimeoutError):
        await Dialer(settings, Resolver(lookup), Outbox()).dial(ProviderRoutes(settings).add("http://provider.test"))


def test_an_authority_that_cannot_be_read(tmp_path):
    """A file that somebody named is read at the start."""
    with pytest.raises(OSError):
        Dialer(UpstreamSettings(extra_ca_file=str(tmp_path / "none.pem")), Resolver(), Outbox())


async def test_a_connection_that_is_lost_at_once(port, monkeypatch):
    """Lost between being open and its first request: an error, as nobody would hear of it later."""
    loop = asyncio.get_running_loop()
    connect = loop.create_connection

    async def create_connection(*args, **kwargs):
        transport, connection = await connect(*args, **kwargs)
        transport.abort()
        return transport, connection

    monkeypatch.setattr(loop, "create_connection", create_connection)
    with pytest.raises(ConnectionAbortedError):
        await dial(["127.0.0.1"], port)
