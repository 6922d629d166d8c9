"""The strict front without a socket: any split gives the same request, no bytes make it fail, and its state is given back."""

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.web.connection import connection_maker
from headgate.web.front import Front, FrontLimits
from tests.fakes.examples import examples
from tests.fakes.services import CHUNKED, GET, POST, Holding, Recorder, feed
from tests.fakes.transport import connect

UPGRADE = b"POST /d HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 3\r\n\r\nabc"


def pieces_of(data: bytes, cuts: list[int]) -> list[bytes]:
    """The data, cut."""
    edges = [0, *sorted(cuts), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


ALL = GET + POST + CHUNKED + UPGRADE + GET


@given(st.lists(st.integers(0, len(ALL)), max_size=10))
@examples(60)
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
        assert len(protocol.front.connections) == 0

    asyncio.run(run())


FRAGMENTS = [
    b"GET ", b"POST ", b"/a", b"/%2e", b" HTTP/1.1\r\n", b" HTTP/1.0\r\n", b"Host: x\r\n", b"Content-Length: 3\r\n", b"Transfer-Encoding: chunked\r\n",
    b"Expect: 100-continue\r\n", b"Connection: Upgrade\r\nUpgrade: h2c\r\n", b"\r\n", b"\n", b"\r", b"abc", b"3\r\nabc\r\n", b"0\r\n\r\n", b"\0", GET, POST, CHUNKED,
]  # fmt: skip


@given(st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.binary(max_size=20)), max_size=30))
@examples(200)
def test_no_bytes_make_it_fail(pieces: list[bytes]) -> None:
    """Whatever comes is served or refused; what a connection held is given back at its end."""

    async def run() -> None:
        protocol, transport = connect(Recorder())
        await feed(protocol, transport, pieces)
        if not transport.is_closing():
            protocol.eof_received()
        protocol.connection_lost(None)
        await asyncio.sleep(0)
        assert (len(protocol.front.connections), protocol.front.held_body_bytes) == (0, 0)
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
    service = Holding()
    protocol, transport = connect(service)
    protocol.data_received(GET)
    protocol.data_received(GET * 1000)
    assert transport.reading
    protocol.data_received(GET * 2000)
    assert not transport.reading
    for at in range(3001):
        service.streams[at].start(200, [])
        service.streams[at].finish()
        for _ in range(3):
            await asyncio.sleep(0)

    assert transport.reading
    assert transport.written.count(b"HTTP/1.1 200 OK") == 3001


async def test_shutdown_lets_an_answer_end() -> None:
    """The server's graceful end closes idle connections at once and busy ones after their answer."""
    service = Holding()
    idle, idle_transport = connect(service)
    busy, busy_transport = connect(service)
    busy.data_received(GET)
    service.streams[0].start(200, [])
    service.streams[0].write(b"one")
    idle.shutdown()
    busy.shutdown()
    assert (idle_transport.ended, busy_transport.ended) == ("closed", "open")
    service.streams[0].finish(b"two")
    for _ in range(3):
        await asyncio.sleep(0)

    assert busy_transport.written.endswith(b"3\r\ntwo\r\n0\r\n\r\n")
    assert busy_transport.ended == "closed"


async def test_shutdown_during_a_wait_says_that_the_connection_closes() -> None:
    """A connection is not kept open behind the last answer."""
    service = Holding()
    protocol, transport = connect(service)
    await feed(protocol, transport, [POST])
    protocol.shutdown()
    assert transport.ended == "open"
    service.streams[0].start(200, [])
    service.streams[0].finish(b"ok")
    await asyncio.sleep(0)

    assert b"connection: close\r\n" in transport.written
    assert transport.ended == "closed"


async def test_an_answer_of_the_step_in_which_the_client_said_all_is_sent() -> None:
    """Whoever half-closes right behind its request gets the answer that was given at once."""
    protocol, transport = connect(Recorder())
    protocol.data_received(POST)
    assert not protocol.eof_received()

    assert transport.written.endswith(b"ok")
    assert transport.ended == "closed"


async def test_the_head_is_shown_before_the_body_is_read() -> None:
    """So that a stranger is refused before it has sent its body."""
    service = Holding()
    protocol, _ = connect(service)
    protocol.data_received(CHUNKED[:-30])

    assert [(request.path, request.address) for request in service.heads] == [("/c", "127.0.0.1")]
    assert service.bodies == []


async def test_a_client_that_leaves_with_its_body_half_sent_is_forgotten() -> None:
    """There is nobody to answer and nothing to record."""
    service = Holding()
    protocol, _ = connect(service)
    protocol.data_received(POST[:-1])
    assert protocol.front.held_body_bytes == 2
    protocol.connection_lost(None)
    await asyncio.sleep(0)

    assert service.bodies == []
    assert protocol.front.held_body_bytes == 0


async def test_a_body_that_is_refused_half_way_is_not_handed_over() -> None:
    """The front answers for itself."""
    service = Holding()
    protocol, transport = connect(service, FrontLimits(body_bytes_max=2))
    await feed(protocol, transport, [CHUNKED])

    assert service.bodies == []
    assert transport.written.startswith(b"HTTP/1.1 413 ")


async def test_a_client_that_leaves_during_its_answer_is_told_to_the_watcher() -> None:
    """Once."""

    class Watcher:
        gone = 0

        def client_gone(self) -> None:
            self.gone += 1

        def client_slow(self) -> None:
            """Not asked for."""

        client_ready = client_slow

    service, watcher = Holding(), Watcher()
    protocol, transport = connect(service)
    await feed(protocol, transport, [POST])
    service.streams[0].watch(watcher)
    protocol.connection_lost(None)
    await asyncio.sleep(0)

    assert watcher.gone == 1


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
    """What connections share belongs to what one call made."""
    limits = FrontLimits(connections_max=1)
    one, other = connection_maker(Front(Recorder(), limits)), connection_maker(Front(Recorder(), limits))
    _, first = connect(Recorder(), kind=one)
    _, second = connect(Recorder(), kind=one)
    _, third = connect(Recorder(), kind=other)
    await asyncio.sleep(0)

    assert [first.ended, second.ended, third.ended] == ["open", "open", "open"]
    assert [bool(each.protocol) for each in (first, second, third)] == [False, True, False]  # the second one is turned away
