"""The end of the HTTP server."""

import asyncio
import signal
import socket

import pytest
import uvloop

from headgate.app.http_server import Descriptors, Drain, HttpServer
from headgate.web.front import Front, FrontLimits
from tests.fakes.front import Echo


@pytest.fixture
def handlers():
    """The signal handlers of the tests' process, put back."""
    before = {sign: signal.getsignal(sign) for sign in (signal.SIGTERM, signal.SIGINT)}
    yield
    for sign, handler in before.items():
        signal.signal(sign, handler)


def test_a_signal_to_end_is_not_raised_again(handlers):
    """That would kill the process before the journal and all else is closed; here it would kill the tests."""
    server = HttpServer(Front(Echo(), FrontLimits()), Descriptors(-1), None, Drain(0.0, 0.0))
    with server.capture_signals():
        signal.raise_signal(signal.SIGTERM)

    assert server.should_exit


class NoExchanges:
    """No exchange is open."""

    draining = False

    def __init__(self):
        self.pulse = ()


async def asked(reader, writer):
    """One request's answer, on an open connection."""
    writer.write(b"GET /a HTTP/1.1\r\nhost: x\r\n\r\n")
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.startswith(b"content-length"))
    await reader.readexactly(length)
    return head.split()[1]


async def paused_and_resumed(port, server):
    """What a client is answered that stays, and one that comes while the server pauses; and whether either was answered meanwhile."""
    stays = await asyncio.open_connection("127.0.0.1", port)
    first = await asked(*stays)
    server.pause()
    comes = await asyncio.open_connection("127.0.0.1", port)
    both = [asyncio.ensure_future(asked(*client)) for client in (stays, comes)]
    await asyncio.sleep(0.1)
    meanwhile = [answer.done() for answer in both]
    await server.resume()
    answers = [first, *await asyncio.gather(*both)]
    for _, writer in (stays, comes):
        writer.close()
    server.stop()
    return answers, meanwhile


def test_a_hand_over_that_fails_leaves_every_client_waiting_and_then_answered(handlers):
    """The port stays open, and what was sent meanwhile is read."""
    service = Echo()

    async def run(listening):
        server = HttpServer(Front(service, FrontLimits()), Descriptors(listening.fileno()), NoExchanges(), Drain(0.0, 0.0))
        started = asyncio.Event()
        server.on_started = started.set
        serving = asyncio.ensure_future(server.serve_clients())
        await started.wait()
        found = await paused_and_resumed(listening.getsockname()[1], server)
        await serving
        return found

    with socket.create_server(("127.0.0.1", 0)) as listening:
        answers, meanwhile = uvloop.run(run(listening))

    assert answers == [b"200"] * 3
    assert meanwhile == [False, False]


@pytest.mark.parametrize("how", ["stop", "signal"])
def test_it_ends_at_once(handlers, monkeypatch, how):
    """It waits for no tick."""
    monkeypatch.setattr("headgate.app.http_server._DATE_S", 3600.0)

    async def run(listening):
        server = HttpServer(Front(Echo(), FrontLimits()), Descriptors(listening.fileno()), NoExchanges(), Drain(0.0, 0.0))
        started = asyncio.Event()
        server.on_started = started.set
        serving = asyncio.ensure_future(server.serve_clients())
        await started.wait()
        await asyncio.sleep(0.05)
        if how == "stop":
            server.stop()
        else:
            signal.raise_signal(signal.SIGTERM)
        await asyncio.wait_for(serving, 30)
        return server

    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvloop.run(run(listening))
    server.stop()  # once more, after the end


def test_the_date_of_answers_is_renewed(handlers, monkeypatch):
    """While it serves, whatever else happens."""
    monkeypatch.setattr("headgate.app.http_server._DATE_S", 0.02)

    async def run(listening):
        server = HttpServer(Front(Echo(), FrontLimits()), Descriptors(listening.fileno()), NoExchanges(), Drain(0.0, 0.0))
        started = asyncio.Event()
        server.on_started = started.set
        serving = asyncio.ensure_future(server.serve_clients())
        await started.wait()
        server.server_state.default_headers = []
        async with asyncio.timeout(30):
            while not server.server_state.default_headers:
                await asyncio.sleep(0.01)
        server.stop()
        await serving
        return server.server_state.default_headers

    with socket.create_server(("127.0.0.1", 0)) as listening:
        ((name, value),) = uvloop.run(run(listening))
    assert name == b"date"
    assert value.endswith(b" GMT")
