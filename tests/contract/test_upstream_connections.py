"""The upstream port: which connections are opened, used again and let go. Every row runs over every implementation."""

import asyncio
import socket

import pytest

from tests.contract.upstream_calls import CHUNKED, Listener, answer, answering, ask, chunk, ours_alone, request, soon
from tests.fakes.raw_server import RawServer


async def test_a_refused_connection(make):
    """Nothing was sent, and the message says what to look at."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        got = await ask(make(), f"http://127.0.0.1:{port}")

    assert (got.status, got.error.status, got.error.code, got.error.sent) == (0, 502, "unreachable", False)
    assert f"127.0.0.1:{port}" in got.error.message


async def test_a_connection_is_used_again(make):
    """The most recent one first; two at once need two."""
    async with RawServer(answering) as server:
        upstream = make()
        one = await ask(upstream, server)
        two = await ask(upstream, server)

        assert server.connections == 1
        both = await asyncio.gather(ask(upstream, server), ask(upstream, server))

        assert server.connections == 2
    assert {one.body, two.body} == {b"0"}
    assert {got.body for got in both} == {b"0", b"1"}


@ours_alone("frees the connection after the answer's end was seen by its reader")
async def test_a_connection_is_free_before_the_end_is_told(make):
    """A sink that sends its next request from `end` gets the same connection."""
    async with RawServer(answering) as server:
        upstream, second = make(), Listener()
        first = Listener()
        first.end = lambda: upstream.send(request(server), second)
        upstream.send(request(server), first)
        await second.wait()

        assert server.connections == 1
    assert second.ended


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(answer(b"x", headers=b"Connection: close\r\n"), id="as it says"),
        pytest.param(b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", id="as its version says"),
    ],
)
async def test_a_connection_that_will_close(make, said):
    """It is not used again."""

    async def script(peer):
        await peer.request()
        await peer.send(said)
        await peer.gone()

    async with RawServer(script) as server:
        upstream = make()
        first, second = await ask(upstream, server), await ask(upstream, server)

        assert server.connections == 2
    assert first.ended
    assert second.ended


@pytest.mark.parametrize("end", ["close", "reset"])
async def test_an_idle_connection_that_died(make, end):
    """It is not used again: the next request goes over a fresh one and is written once."""
    died = asyncio.Event()

    async def script(peer):
        await peer.request()
        await peer.send(answer(b"%d" % peer.number))
        if peer.number == 0:
            getattr(peer, end)()
            await peer.writer.wait_closed()
            died.set()
        else:
            await peer.gone()

    async with RawServer(script) as server:
        upstream = make()
        first = await ask(upstream, server)
        await soon(died.wait())
        await asyncio.sleep(0.05)  # for the news to arrive
        second = await ask(upstream, server)

    assert (first.body, second.body) == (b"0", b"1")


@ours_alone("tries a request again on a fresh connection if a used one ended without an answer")
@pytest.mark.parametrize("end", ["close", "reset"])
async def test_a_used_connection_that_ends_without_an_answer(make, end):
    """The request was written and may have been billed: it is not sent again."""
    requests = 0

    async def script(peer):
        nonlocal requests
        await peer.request()
        requests += 1
        await peer.send(answer())
        await peer.request()
        requests += 1
        getattr(peer, end)()

    async with RawServer(script) as server:
        upstream = make()
        first, second = await ask(upstream, server), await ask(upstream, server)

        assert server.connections == 1
    assert first.ended
    assert requests == 2
    assert (second.status, second.error.code, second.error.sent) == (0, "cut", True)


@ours_alone("takes it for that, or fails the answer before it")
@pytest.mark.parametrize("extra", [b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", b"HTTP/1.1 200", b"x"])
async def test_an_answer_that_nobody_asked_for(make, extra):
    """What follows an answer is never taken for the answer to the next request."""
    follow = asyncio.Event()

    async def script(peer):
        await peer.request()
        if peer.number == 0:
            await peer.send(answer(b"good") + extra)
        elif peer.number == 1:
            await peer.send(answer(b"good"))
            await follow.wait()
            await peer.send(extra)
        else:
            await peer.send(answer(b"good"))
        await peer.gone()

    async with RawServer(script) as server:
        upstream = make()
        first, second = await ask(upstream, server), await ask(upstream, server)
        follow.set()
        await asyncio.sleep(0.05)
        third = await ask(upstream, server)

        assert server.connections == 3
    assert [got.body for got in (first, second, third)] == [b"good"] * 3


async def test_idle_connections_are_let_go(make):
    """Before the provider does: the connection closes although nothing is asked."""
    closed = asyncio.Event()

    async def script(peer):
        await peer.request()
        await peer.send(answer())
        await peer.gone()
        closed.set()

    async with RawServer(script) as server:
        got = await ask(make(idle_connection_s=0.05), server)
        await soon(closed.wait())

    assert got.ended


@ours_alone("keeps any number")
async def test_only_so_many_connections_are_kept(make):
    """One too many is closed when its answer is over."""
    waiting = asyncio.Semaphore(0)
    closed = asyncio.Event()

    async def script(peer):
        await peer.request()
        await waiting.acquire()
        await peer.send(answer())
        await peer.gone()
        closed.set()

    async with RawServer(script) as server:
        upstream = make(max_idle_per_host=1)
        listeners = [Listener(), Listener()]
        for listener in listeners:
            upstream.send(request(server), listener)
        waiting.release()
        waiting.release()
        for listener in listeners:
            await listener.wait()
        await soon(closed.wait())

        assert server.connections == 2


async def test_closing(make):
    """What is under way fails, what is idle is closed, what is connecting is given up."""
    closed = asyncio.Semaphore(0)

    async def script(peer):
        try:
            while b"/stream" not in (await peer.request())[0]:
                await peer.send(answer())
            await peer.send(CHUNKED, chunk(b"one"))
            await peer.gone()
        finally:
            closed.release()

    async with RawServer(script) as server:
        upstream, streaming, connecting = make(), Listener(), Listener()
        await asyncio.gather(ask(upstream, server), ask(upstream, server))
        upstream.send(request(server, target="/stream"), streaming)
        upstream.send(request(f"https://127.0.0.1:{server.port}"), connecting)
        await streaming.wait_for(lambda sink: sink.body)
        while server.connections < 3:
            await asyncio.sleep(0.01)
        await upstream.close()

        for listener in (streaming, connecting):
            await listener.wait()
            assert listener.error.code == "closing"
        for _ in range(3):
            await soon(closed.acquire())


@ours_alone("has no such promise")
async def test_a_sink_that_raises(make):
    """A mistake of ours ends the call, loudly, and no other: the connection is closed, the sink hears `fail`, the loop hears of the mistake."""
    heard = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: heard.append(context["exception"]))
    mistake = KeyError("mistake")

    def stumble():
        raise mistake

    async with RawServer(answering) as server:
        upstream = make()
        good, bad = Listener(), Listener(on_data=stumble)
        upstream.send(request(server), bad)
        upstream.send(request(server), good)
        await bad.wait()
        await good.wait()

    assert good.ended
    assert (bad.ended, bad.error.code, bad.error.sent) == (False, "internal", True)
    assert heard == [mistake]
