"""The strict front without a socket: any split gives the same request, no bytes make it fail, and its state is given back."""

import asyncio
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headgate.web.connection_limits import Front, FrontLimits
from headgate.web.protocol import StrictProtocol, strict_protocol
from tests.fakes.transport import FakeTransport, connect

GET = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
CHUNKED = b"POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n0\r\nX-T: t\r\n\r\n"
UPGRADE = b"POST /d HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 3\r\n\r\nabc"


class Recorder:
    """An application that keeps what it is given, and answers."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, bytes, list[tuple[bytes, bytes]]]] = []

    async def __call__(self, scope: dict[str, Any], receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message["body"]
            more = message["more_body"]
        self.seen.append((scope["path"], body, scope["headers"]))
        stream = scope["extensions"]["headgate.stream"]
        stream.start(200, [])
        stream.finish(b"ok")


async def feed(protocol: StrictProtocol, transport: FakeTransport, pieces: list[bytes]) -> None:
    """Hand over piece after piece, as long as the transport would."""
    for piece in pieces:
        if transport.is_closing():
            return
        if piece:
            protocol.data_received(piece)
        await asyncio.sleep(0)
    for _ in range(30):
        await asyncio.sleep(0)


def pieces_of(data: bytes, cuts: list[int]) -> list[bytes]:
    """The data, cut."""
    edges = [0, *sorted(cuts), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


ALL = GET + POST + CHUNKED + UPGRADE + GET


@given(st.lists(st.integers(0, len(ALL)), max_size=10))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_split_gives_the_same_requests(cuts: list[int]) -> None:
    """Five requests, one after the other, however their bytes come."""

    async def run() -> None:
        app = Recorder()
        protocol, transport = connect(app)
        await feed(protocol, transport, pieces_of(ALL, cuts))
        assert [(path, body) for path, body, _ in app.seen] == [("/a", b""), ("/b", b"abc"), ("/c", b"abc"), ("/d", b"abc"), ("/a", b"")]
        assert (b"x-t", b"t") not in app.seen[2][2]
        assert transport.written.count(b"HTTP/1.1 200 OK") == 5
        assert transport.ended == "open"
        protocol.connection_lost(None)
        assert protocol.front.connections == 0

    asyncio.run(run())


FRAGMENTS = [
    b"GET ", b"POST ", b"/a", b"/%2e", b" HTTP/1.1\r\n", b" HTTP/1.0\r\n", b"Host: x\r\n", b"Content-Length: 3\r\n", b"Transfer-Encoding: chunked\r\n",
    b"Expect: 100-continue\r\n", b"Connection: Upgrade\r\nUpgrade: h2c\r\n", b"\r\n", b"\n", b"\r", b"abc", b"3\r\nabc\r\n", b"0\r\n\r\n", b"\0", GET, POST, CHUNKED,
]  # fmt: skip


@given(st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.binary(max_size=20)), max_size=30))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_bytes_make_it_fail(pieces: list[bytes]) -> None:
    """Whatever comes is served or refused; what a connection held is given back at its end."""

    async def run() -> None:
        protocol, transport = connect(Recorder())
        await feed(protocol, transport, pieces)
        if not transport.is_closing():
            protocol.eof_received()
        protocol.connection_lost(None)
        await asyncio.sleep(0)
        assert (protocol.front.connections, protocol.front.held_body_bytes) == (0, 0)
        answers = transport.written.replace(b"HTTP/1.1 100 Continue\r\n\r\n", b"")
        assert not answers or answers.startswith(b"HTTP/1.1 ")

    asyncio.run(run())


async def test_a_request_is_answered_in_one_write() -> None:
    """And its headers are as they were sent, with names in lower case."""
    app = Recorder()
    protocol, transport = connect(app)
    await feed(protocol, transport, [GET])

    assert app.seen == [("/a", b"", [(b"host", b"x")])]
    assert len(transport.writes) == 1


async def test_what_is_sent_ahead_waits_unparsed() -> None:
    """While an answer is given, reading stops beyond a bound, and goes on afterwards."""
    go = asyncio.Event()

    async def app(scope: dict[str, Any], receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
        await receive()
        await go.wait()
        scope["extensions"]["headgate.stream"].start(200, [])
        scope["extensions"]["headgate.stream"].finish()

    protocol, transport = connect(app)
    protocol.data_received(GET)
    protocol.data_received(GET * 1000)
    assert transport.reading
    protocol.data_received(GET * 2000)
    assert not transport.reading
    await asyncio.sleep(0)
    assert not transport.reading  # the application's `receive` does not set it going
    go.set()
    for _ in range(20_000):
        await asyncio.sleep(0)

    assert transport.reading
    assert transport.written.count(b"HTTP/1.1 200 OK") == 3001


async def test_a_plain_application_answers_on_the_same_connection() -> None:
    """Requests answered by way of ASGI and by way of the stream follow one another."""

    async def app(scope: dict[str, Any], receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
        await receive()
        if scope["path"] == "/a":
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
            await send({"type": "http.response.body", "body": b"asgi"})
        else:
            stream = scope["extensions"]["headgate.stream"]
            stream.start(200, [])
            stream.write(b"str")
            stream.finish(b"eam")

    protocol, transport = connect(app)
    await feed(protocol, transport, [GET + POST, GET, POST])

    assert transport.written.count(b"\r\n\r\nasgi") == 2
    assert transport.written.count(b"3\r\nstr\r\n3\r\neam\r\n0\r\n\r\n") == 2
    assert protocol.server_state.total_requests == 4


async def test_what_one_answer_began_in_asgi_no_stream_can_take_over() -> None:
    """Exactly one of the two answers."""
    caught: list[RuntimeError] = []

    async def app(scope: dict[str, Any], receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        try:
            scope["extensions"]["headgate.stream"].start(200, [])
        except RuntimeError as error:
            caught.append(error)
        await send({"type": "http.response.body"})

    protocol, transport = connect(app)
    await feed(protocol, transport, [GET])

    assert len(caught) == 1
    assert transport.written.count(b"HTTP/1.1") == 1


async def test_shutdown_lets_an_answer_end() -> None:
    """The server's graceful end closes idle connections at once and busy ones after their answer."""
    go = asyncio.Event()

    async def app(scope: dict[str, Any], receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
        stream = scope["extensions"]["headgate.stream"]
        stream.start(200, [])
        stream.write(b"one")
        await go.wait()
        stream.finish(b"two")

    idle, idle_transport = connect(app)
    busy, busy_transport = connect(app)
    busy.data_received(GET)
    await asyncio.sleep(0)
    idle.shutdown()
    busy.shutdown()
    assert (idle_transport.ended, busy_transport.ended) == ("closed", "open")
    go.set()
    for _ in range(3):
        await asyncio.sleep(0)

    assert busy_transport.written.endswith(b"3\r\ntwo\r\n0\r\n\r\n")
    assert busy_transport.ended == "closed"


@pytest.mark.parametrize(
    ("sent", "ticks", "ended"),
    [
        (b"", 10, "aborted"),
        (b"GET /", 10, "eof"),
        (POST[:-1], 11, "eof"),  # two bytes buy a moment more
        (GET, 60, "closed"),
    ],
    ids=["nothing", "half a head", "half a body", "idle"],
)
async def test_waits_end_on_their_tick(sent: bytes, ticks: int, ended: str) -> None:
    """With the default limits, counted in sweeps of a second: not a tick before, not one after."""
    protocol, transport = connect(Recorder())
    await feed(protocol, transport, [sent])
    for _ in range(ticks - 1):
        protocol.sweep(1.0)
    assert transport.ended == "open"
    protocol.sweep(1.0)

    assert transport.ended == ended


async def test_a_refused_client_may_read_its_answer_for_a_while() -> None:
    """Then the connection is closed, and torn down where even that makes no progress."""
    protocol, transport = connect(Recorder())
    await asyncio.sleep(0)
    protocol.data_received(b"FROB / HTTP/1.1\r\n\r\n")
    protocol.data_received(b"more of it" * 1000)
    transport.buffered_bytes = 100
    assert transport.ended == "eof"
    protocol.sweep(1.0)
    assert transport.ended == "eof"
    protocol.sweep(1.0)
    assert transport.ended == "closed"
    for _ in range(120):
        protocol.sweep(1.0)

    assert transport.ended == "aborted"


async def test_two_servers_share_nothing() -> None:
    """What connections share belongs to the class that one call made."""
    limits = FrontLimits(connections_max=1)
    one, other = strict_protocol(Front(limits)), strict_protocol(Front(limits))
    _, first = connect(Recorder(), kind=one)
    _, second = connect(Recorder(), kind=one)
    _, third = connect(Recorder(), kind=other)
    await asyncio.sleep(0)

    assert [first.ended, second.ended, third.ended] == ["open", "aborted", "open"]
