"""The client's own part: its ticker, its tasks, and what it says. Requests and answers are in the contract suite."""

import asyncio
import socket

import pytest

from headgate.exchange.ports import Deadlines
from headgate.upstream.call import Http1Call
from headgate.upstream.http1 import Http1Upstream
from headgate.upstream.settings import UpstreamSettings
from tests.contract.upstream_calls import Listener, answer, ask, request
from tests.fakes.raw_server import RawServer


@pytest.fixture
async def upstream():
    """A client with a quick ticker that lets idle connections go at once."""
    made = Http1Upstream(UpstreamSettings(tick_s=0.01, idle_connection_s=0.02))
    yield made
    await made.close()


async def answering(peer):
    """A script that answers every request."""
    while True:
        await peer.request()
        await peer.send(answer(b"x"))


async def test_the_ticker_stops_when_nothing_is_left(upstream):
    """A client at rest wakes nobody, and ticks again with the next request."""
    async with RawServer(answering) as server:
        for _ in range(2):
            await ask(upstream, server)
            assert upstream._ticker is not None
            while upstream._ticker is not None:
                await asyncio.sleep(0.01)

        assert not upstream._active
        assert not upstream._connecting


async def test_an_unreachable_provider(upstream):
    """The sentence that a person reads."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        got = await ask(upstream, f"http://127.0.0.1:{port}/v1", target="/x?key=geheim")

    assert got.error.message == f"Provider lab cannot be reached: connection refused (127.0.0.1:{port})."


async def test_an_unknown_host():
    """Unsent, and named."""

    async def lookup(host, port):
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    upstream = Http1Upstream(lookup=lookup)
    got = await ask(upstream, "https://provider.test")
    await upstream.close()

    assert got.error.message == "Provider lab cannot be reached: its host name is unknown (provider.test:443)."
    assert (got.error.status, got.error.code, got.error.sent) == (502, "unknown_host", False)


async def test_a_malformed_answer(upstream):
    """The parser's reason, as the end of a sentence."""

    async def script(peer):
        await peer.request()
        await peer.send(b"hello\r\n\r\n")

    async with RawServer(script) as server:
        got = await ask(upstream, server)

    assert got.error.message == "Provider lab sent an answer that cannot be read: expected HTTP/, RTSP/ or ICE/."


async def test_after_the_close(upstream):
    """Nothing is sent any more, and the sink hears why, after `send` has returned."""
    async with RawServer(answering) as server:
        await upstream.close()
        listener = Listener()
        upstream.send(request(server), listener)
        assert listener.calls == 0
        await listener.wait()

        assert server.connections == 0
    assert (listener.error.code, listener.error.sent) == ("closing", False)


async def test_a_refusal_that_is_cancelled(upstream):
    """A call that was refused and cancelled at once is silent."""
    listener = Listener()
    upstream.send(request("no url"), listener).cancel()
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    assert listener.calls == 0


async def test_a_sink_that_raises_in_the_tick():
    """The calls behind it are looked at in the same tick, and the loop is told."""
    mistakes, looked = [], []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: mistakes.append(context["exception"]))

    class Broken(Listener):
        def fail(self, error):
            looked.append(error.code)
            raise LookupError

    upstream = Http1Upstream()
    for _ in range(3):
        Http1Call(request("http://127.0.0.1:1", deadlines=Deadlines(total_s=0.0)), Broken(), upstream._active)
    upstream._tick()
    await upstream.close()

    assert [type(mistake) for mistake in mistakes] == [LookupError] * 3
    assert len(looked) == 3
