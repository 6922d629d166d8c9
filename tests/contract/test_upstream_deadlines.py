"""The upstream port: deadlines, back-pressure, and cancelling. Every row runs over every implementation."""

import asyncio
import contextlib

import pytest

from headgate.exchange.ports import Deadlines
from tests.contract.upstream_calls import CHUNKED, LAST_CHUNK, Listener, answering, ask, chunk, request, soon
from tests.fakes.raw_server import RawServer


async def test_a_handshake_that_stalls(make):
    """Lookup, TCP and TLS share the connect timeout; a 504 that was not sent. The socket is closed."""
    closed = asyncio.Event()

    async def script(peer):
        await peer.reader.read()
        closed.set()

    async with RawServer(script) as server:
        got = await ask(make(connect_timeout_s=0.2), f"https://127.0.0.1:{server.port}")
        await soon(closed.wait())

    assert (got.status, got.error.status, got.error.code, got.error.sent) == (0, 504, "connect_timeout", False)


async def test_no_answer_in_time(make):
    """504 `first_byte_timeout`: it may have been billed. The provider sees the connection close. An interim answer is no answer."""
    closed = asyncio.Event()

    async def script(peer):
        await peer.request()
        await peer.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        await peer.gone()
        closed.set()

    async with RawServer(script) as server:
        got = await ask(make(), server, deadlines=Deadlines(first_byte_s=0.5))
        await soon(closed.wait())

    assert (got.status, got.error.status, got.error.code, got.error.sent) == (0, 504, "first_byte_timeout", True)


async def test_silence_in_the_middle(make):
    """504 `idle_timeout`, after what came was passed on. Bytes that are no body do not count as life."""
    closed = asyncio.Event()

    async def script(peer):
        await peer.request()
        await peer.send(CHUNKED, chunk(b"one"), b"a;x=")
        with contextlib.suppress(ConnectionError):
            while not peer.reader.at_eof() and not peer.writer.transport.is_closing():
                await peer.send(b"y")
                await asyncio.sleep(0.01)
        closed.set()

    async with RawServer(script) as server:
        got = await ask(make(), server, deadlines=Deadlines(idle_s=0.3))
        await soon(closed.wait())

    assert (got.status, got.body, got.ended) == (200, b"one", False)
    assert (got.error.status, got.error.code, got.error.sent) == (504, "idle_timeout", True)


@pytest.mark.parametrize("pause", [True, False])
async def test_an_answer_without_end(make, pause):
    """504 `total_timeout`, however lively the stream, and also while it is paused."""

    async def script(peer):
        await peer.request()
        await peer.send(CHUNKED)
        while True:
            await peer.send(chunk(b"drip"))
            await asyncio.sleep(0.01)

    async with RawServer(script) as server:
        upstream, listener = make(), Listener()
        call = upstream.send(request(server, deadlines=Deadlines(total_s=0.5)), listener)
        if pause:
            call.pause()
        await listener.wait()

    assert (listener.error.status, listener.error.code, listener.error.sent) == (504, "total_timeout", True)


async def test_a_slow_client_holds_the_provider_back(make):
    """Paused, the answer stays with the provider: its writes block. Nothing is lost when reading goes on."""
    total = 400
    sent = 0

    async def script(peer):
        nonlocal sent
        await peer.request()
        await peer.send(CHUNKED)
        for sent in range(1, total + 1):
            await peer.send(chunk(bytes([sent % 256]) * 100_000))
        await peer.send(LAST_CHUNK)

    async with RawServer(script) as server:
        listener = Listener()
        call = make().send(request(server), listener)
        await listener.wait_for(lambda sink: sink.body)
        call.pause()
        before = -1
        while sent != before:
            before = sent
            await asyncio.sleep(0.1)
        held = len(listener.body)

        assert sent < total // 2
        assert not listener.over.is_set()
        call.resume()
        await listener.wait()

    assert held < 20_000_000
    assert listener.ended
    assert listener.body == b"".join(bytes([number % 256]) * 100_000 for number in range(1, total + 1))


async def test_the_idle_deadline_stands_still_while_paused(make):
    """It is the client that is slow, not the provider."""
    go_on = asyncio.Event()

    async def script(peer):
        await peer.request()
        await peer.send(CHUNKED, chunk(b"one"))
        await go_on.wait()
        await peer.send(chunk(b"two"), LAST_CHUNK)
        await peer.gone()

    async with RawServer(script) as server:
        listener = Listener()
        call = make().send(request(server, deadlines=Deadlines(idle_s=0.2)), listener)
        await listener.wait_for(lambda sink: sink.body)
        call.pause()
        go_on.set()
        await asyncio.sleep(0.5)

        assert listener.error is None
        call.resume()
        await listener.wait()

    assert (listener.body, listener.ended) == (b"onetwo", True)


async def test_pausing_before_the_connection_is_open(make):
    """A call can be paused at any moment, also twice, also after its end."""
    async with RawServer(answering) as server:
        upstream, listener = make(), Listener()
        call = upstream.send(request(server), listener)
        call.pause()
        call.pause()
        call.resume()
        call.resume()
        await listener.wait()
        call.pause()
        call.cancel()
        again = await ask(upstream, server)

    assert (listener.ended, again.ended) == (True, True)


async def test_cancelling_closes_the_connection(make):
    """At once: the provider sees it, the sink hears nothing more."""
    closed = asyncio.Event()

    async def script(peer):
        await peer.request()
        await peer.send(CHUNKED, chunk(b"one"))
        await peer.gone()
        closed.set()

    async with RawServer(script) as server:
        listener = Listener()
        call = make().send(request(server), listener)
        await listener.wait_for(lambda sink: sink.body)
        heard = listener.calls
        call.cancel()
        await soon(closed.wait())

    assert listener.calls == heard
    assert not listener.over.is_set()


async def test_cancelling_before_the_answer(make):
    """The same where the provider has not answered yet."""
    asked, closed = asyncio.Event(), asyncio.Event()

    async def script(peer):
        await peer.request()
        asked.set()
        await peer.gone()
        closed.set()

    async with RawServer(script) as server:
        listener = Listener()
        call = make().send(request(server), listener)
        await soon(asked.wait())
        call.cancel()
        await soon(closed.wait())

    assert listener.calls == 0


async def test_cancelling_while_connecting(make):
    """No request is ever written; the half-open connection is closed."""
    opened, closed = asyncio.Event(), asyncio.Event()

    async def script(peer):
        opened.set()
        await peer.reader.read()
        closed.set()

    async with RawServer(script) as server:
        listener = Listener()
        call = make().send(request(f"https://127.0.0.1:{server.port}"), listener)
        await soon(opened.wait())
        call.cancel()
        await soon(closed.wait())

    assert listener.calls == 0


@pytest.mark.parametrize("where", ["on_head", "on_data"])
async def test_cancelling_from_inside_the_sink(make, where):
    """A sink may cancel while it is called, although more of the answer is at hand."""
    closed = asyncio.Event()

    async def script(peer):
        await peer.request()
        await peer.send(CHUNKED + chunk(b"one") + chunk(b"two"))
        await peer.gone()
        closed.set()

    def cancel():
        call.cancel()

    async with RawServer(script) as server:
        listener = Listener(**{where: cancel})
        call = make().send(request(server), listener)
        await soon(closed.wait())

    assert listener.status == 200
    assert len(listener.chunks) <= 1
    assert not listener.over.is_set()
