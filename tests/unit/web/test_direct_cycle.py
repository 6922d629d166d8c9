"""The short way of a request through the strict front: who goes it, what is handed over, and that nothing of it is left when a client goes."""

import asyncio
import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headgate.core.headers import Headers
from headgate.exchange.ports import ClientStream
from headgate.web.connection_limits import Front, FrontLimits
from headgate.web.direct_cycle import Take
from headgate.web.protocol import StrictProtocol, strict_protocol
from tests.fakes.transport import FakeTransport, connect

POST = b"POST /short HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
CHUNKED = b"POST /short?a=b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n0\r\nX-T: t\r\n\r\n"
BARE = b"POST /short HTTP/1.1\r\nHost: x\r\n\r\n"
LONG = b"POST /long HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
ALL = POST + LONG + CHUNKED + BARE + LONG + POST


class Application:
    """Takes what is posted to `/short` the short way and everything else over ASGI, and keeps which."""

    def __init__(self) -> None:
        self.short: list[bytes] = []
        self.heads: list[tuple[bytes, str]] = []
        self.long: list[str] = []
        self.streams: list[ClientStream] = []
        self.answers = True

    def opens(self, target: bytes, headers: Headers, address: str) -> Take | None:
        """The short way."""
        self.heads.append((target, address))
        assert (b"host", b"x") in headers
        return self.take if target.startswith(b"/short") else None

    def take(self, body: bytes, stream: ClientStream) -> None:
        """Answer at once, or leave that to the test."""
        self.short.append(body)
        self.streams.append(stream)
        if self.answers:
            stream.start(200, [])
            stream.finish(b"short")

    async def __call__(self, scope: dict[str, Any], receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
        while (message := await receive())["type"] == "http.request" and message["more_body"]:
            pass
        self.long.append(scope["method"] + " " + scope["path"])
        stream = scope["extensions"]["headgate.stream"]
        stream.start(200, [])
        stream.finish(b"long")


def begin(limits: FrontLimits | None = None) -> tuple[Application, StrictProtocol, FakeTransport]:
    """A connection to an application that offers the short way."""
    app = Application()
    return app, *connect(app, kind=strict_protocol(Front(limits or FrontLimits(), opens=app.opens)))


async def feed(protocol: StrictProtocol, pieces: list[bytes]) -> None:
    """Hand over piece after piece."""
    for piece in filter(None, pieces):
        protocol.data_received(piece)
        await asyncio.sleep(0)
    for _ in range(30):
        await asyncio.sleep(0)


@given(st.lists(st.integers(0, len(ALL)), max_size=10))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_both_ways_take_turns_on_one_connection(cuts: list[int]) -> None:
    """Requests of both kinds, sent ahead of each other's answers and cut anywhere, are answered in their order."""

    async def run() -> None:
        app, protocol, transport = begin()
        edges = [0, *sorted(cuts), len(ALL)]
        await feed(protocol, [ALL[start:end] for start, end in pairwise(edges)])
        assert app.short == [b"abc", b"abc", b"", b"abc"]
        assert app.long == ["POST /long"] * 2
        assert re.findall(rb"short|long", transport.written) == [b"short", b"long", b"short", b"short", b"long", b"short"]
        assert (protocol.front.held_body_bytes, transport.ended) == (0, "open")

    asyncio.run(run())


async def test_an_answer_of_the_step_in_which_the_client_said_all_is_sent() -> None:
    """Whoever half-closes right behind its request gets the answer that was given at once."""
    _, protocol, transport = begin()
    protocol.data_received(POST)
    assert not protocol.eof_received()

    assert transport.written.endswith(b"short")
    assert transport.ended == "closed"


async def test_the_head_is_shown_before_the_body_is_read() -> None:
    """So that a stranger is refused before it has sent its body."""
    app, protocol, _ = begin()
    protocol.data_received(CHUNKED[:-30])

    assert app.heads == [(b"/short?a=b", "127.0.0.1")]
    assert app.short == []


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET /short HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /short HTTP/1.0\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
        b"POST /short HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
        b"POST /short HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 3\r\n\r\nabc",
    ],
)
async def test_what_is_out_of_the_ordinary_goes_over_asgi(request_bytes: bytes) -> None:
    """Other methods and versions, expectations and upgrades are not even shown."""
    app, protocol, _ = begin()
    await feed(protocol, [request_bytes])

    assert app.heads == []
    assert len(app.long) == 1


async def test_a_client_that_leaves_with_its_body_half_sent_is_forgotten() -> None:
    """There is nobody to answer and nothing to record."""
    app, protocol, _ = begin()
    protocol.data_received(POST[:-1])
    protocol.connection_lost(None)
    await asyncio.sleep(0)

    assert app.short == []
    assert protocol.front.held_body_bytes == 0


async def test_a_body_that_is_refused_half_way_is_not_handed_over() -> None:
    """The front answers for itself."""
    app, protocol, transport = begin(FrontLimits(body_bytes_max=2))
    await feed(protocol, [CHUNKED])

    assert app.short == []
    assert transport.written.startswith(b"HTTP/1.1 413 ")


async def test_a_client_that_leaves_during_its_answer_is_told_to_the_watcher() -> None:
    """As over ASGI."""

    class Watcher:
        gone = 0

        def client_gone(self) -> None:
            self.gone += 1

        def client_slow(self) -> None:
            """Not asked for."""

        client_ready = client_slow

    app, protocol, _ = begin()
    app.answers, watcher = False, Watcher()
    await feed(protocol, [POST])
    app.streams[0].watch(watcher)
    protocol.connection_lost(None)
    await asyncio.sleep(0)

    assert watcher.gone == 1


async def test_a_server_that_stops_waits_for_the_answer_and_closes() -> None:
    """A connection is not kept open behind the last answer."""
    app, protocol, transport = begin()
    app.answers = False
    await feed(protocol, [POST])
    protocol.shutdown()
    assert transport.ended == "open"
    app.streams[0].start(200, [])
    app.streams[0].finish(b"ok")

    assert b"connection: close\r\n" in transport.written
    assert transport.ended == "closed"
