"""One connection, fed by hand: answers split anywhere, and what becomes of the connection."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.core.endpoint import Provider
from headgate.exchange.ports import UpstreamRequest
from headgate.upstream.call import Http1Call
from headgate.upstream.connection import Connection
from headgate.upstream.pool import IdlePool
from headgate.upstream.settings import UpstreamSettings
from headgate.wire.outbox import Outbox


class Wire:
    """A transport that keeps what is done to it."""

    def __init__(self):
        self.written = b""
        self.unwritten_bytes = 0
        self.closed = False
        self.reading = True

    def write(self, data):
        self.written += data

    def writelines(self, pieces):
        self.written += b"".join(pieces)

    def can_write_eof(self):
        return True

    def is_closing(self):
        return self.closed

    def abort(self):
        self.closed = True

    def pause_reading(self):
        self.reading = False

    def resume_reading(self):
        self.reading = True

    def get_write_buffer_size(self):
        return self.unwritten_bytes

    def get_extra_info(self, _):
        return self

    def setsockopt(self, *_):
        pass


class Hearing:
    """A sink that keeps all it hears."""

    def __init__(self):
        self.heard = []

    def head(self, status, headers):
        self.heard.append((status, headers))

    def data(self, chunk):
        self.heard.append(chunk)

    def end(self):
        self.heard.append("end")

    def fail(self, error):
        self.heard.append(error.code)

    @property
    def body(self):
        return b"".join(piece for piece in self.heard if isinstance(piece, bytes))


class Bench:
    """A connection with its wire and its pool."""

    def __init__(self, **settings):
        self.pool = IdlePool(2)
        self.active = set()
        self.wire = Wire()
        self.outbox = Outbox()
        self.connection = Connection(self.pool, UpstreamSettings(**settings), self.outbox)
        self.connection.connection_made(self.wire)

    def ask(self, method="POST", body=b"{}"):
        """Start a call over the connection."""
        provider = Provider(name="lab", dialect="anthropic", base_url="http://h")
        request = UpstreamRequest(provider=provider, method=method, target="/", headers=[], body=body)
        call = Http1Call(request, Hearing(), self.active)
        self.connection.start(call, b"HEAD\r\n\r\n")
        self.outbox.leave()
        return call

    def feed(self, *pieces):
        """What the peer sends, as the transport would deliver it."""
        for piece in pieces:
            if not self.wire.closed:
                self.connection.data_received(piece)


@pytest.fixture
async def bench():
    """A fresh connection."""
    return Bench()


STREAM = (
    b"HTTP/1.1 103 Hints\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-T: t\r\n\r\n"
)
PLAIN = b"HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nabcde"


@pytest.mark.parametrize(("said", "status"), [(STREAM, 200), (PLAIN, 404)])
async def test_split_anywhere(said, status):
    """In two pieces at every place, and in single bytes: the same head, the same body, one end, and the connection is free again."""
    splits = [(said[:position], said[position:]) for position in range(1, len(said))] + [tuple(bytes([byte]) for byte in said)]
    for pieces in splits:
        bench = Bench()
        call = bench.ask()
        bench.feed(*pieces)

        assert call.sink.heard[0][0] == status
        assert call.sink.body == b"abcde"
        assert call.sink.heard[-1] == "end"
        assert bench.pool.take() is bench.connection


async def test_one_after_the_other(bench):
    """Nothing of an answer is left for the next one, trailers neither."""
    for said in (STREAM, PLAIN, STREAM, b"HTTP/1.1 204 No\r\n\r\n", PLAIN):
        call = bench.ask()
        bench.feed(said)
        assert call.sink.heard[-1] == "end"
        assert (b"x-t", b"t") not in call.sink.heard[0][1]
        assert bench.pool.take() is bench.connection


async def test_what_is_written(bench):
    """Head and body as given, once."""
    bench.ask(body=b"body")
    assert bench.wire.written == b"HEAD\r\n\r\nbody"


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=8), st.sampled_from([b"", b"HTTP/1.1 200 OK\r\n", STREAM[:70], PLAIN[:40]]))
def test_any_bytes(pieces, start):
    """An answer or a failure, never a crash, never two ends, never a word after the end."""

    async def run():
        bench = Bench()
        call = bench.ask()
        bench.feed(*[start] if start else [], *pieces)
        bench.connection.eof_received()
        bench.connection.connection_lost(None)
        return call

    call = asyncio.run(run())
    ends = [heard for heard in call.sink.heard if isinstance(heard, str)]

    assert len(ends) == 1
    assert call.sink.heard[-1] == ends[0]
    assert ends[0] in {"end", "bad_answer", "cut"}
    assert not call._active


async def test_a_paused_answer_that_is_whole(bench):
    """The connection reads again before it waits for its next request."""
    call = bench.ask()
    bench.feed(PLAIN[:40])
    call.pause()
    assert not bench.wire.reading
    bench.feed(PLAIN[40:])

    assert call.sink.heard[-1] == "end"
    assert bench.wire.reading


async def test_a_call_that_was_paused_before(bench):
    """It starts without reading."""
    provider = Provider(name="lab", dialect="anthropic", base_url="http://h")
    call = Http1Call(UpstreamRequest(provider=provider, method="POST", target="/", headers=[], body=b""), Hearing(), bench.active)
    call.pause()
    bench.connection.start(call, b"")
    assert not bench.wire.reading
    call.resume()
    assert bench.wire.reading


async def test_a_request_that_was_not_wholly_written(bench):
    """Its answer counts, its connection does not."""
    call = bench.ask()
    bench.wire.unwritten_bytes = 1
    bench.feed(PLAIN)

    assert call.sink.heard[-1] == "end"
    assert (bench.wire.closed, len(bench.pool)) == (True, 0)


@pytest.mark.parametrize("said", [PLAIN, STREAM])
async def test_cancelled_inside_the_last_piece(bench, said):
    """Although the end came in the same read: no end is told, and the connection is closed."""
    call = bench.ask()
    call.sink.data = lambda _: call.cancel()
    bench.feed(said)

    assert len(call.sink.heard) == 1
    assert (bench.wire.closed, len(bench.pool)) == (True, 0)


async def test_cancelled_inside_the_head_of_an_answer_without_body(bench):
    """The same where the head is all."""
    call = bench.ask(method="HEAD", body=b"")
    call.sink.head = lambda *_: call.cancel()
    bench.feed(b"HTTP/1.1 200 OK\r\n\r\n")

    assert call.sink.heard == []
    assert bench.wire.closed


@pytest.mark.parametrize("cancels", [False, True])
async def test_a_sink_that_raises(bench, cancels):
    """Its mistake is told to the loop, also where it had cancelled its call before; a call that still listens hears that it failed."""
    mistakes = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: mistakes.append(context["exception"]))
    call = bench.ask()

    def head(*_):
        if cancels:
            call.cancel()
        raise LookupError

    call.sink.head = head
    bench.feed(PLAIN)

    assert [type(mistake) for mistake in mistakes] == [LookupError]
    assert call.sink.heard == ([] if cancels else ["internal"])
    assert (bench.wire.closed, len(bench.pool), len(bench.active)) == (True, 0, 0)


@pytest.mark.parametrize("also_fails", [False, True])
@pytest.mark.parametrize("said", [PLAIN, STREAM, b"HTTP/1.1 200 OK\r\n\r\nab"])
async def test_a_sink_that_raises_at_the_end(bench, said, also_fails):
    """Nobody else would ever end its exchange: it hears that it failed, and a mistake there harms no one."""
    mistakes = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: mistakes.append(context["exception"]))
    call = bench.ask()
    call.sink.end = lambda: 1 / 0
    if also_fails:
        call.sink.fail = lambda _: {}["missing"]
    bench.feed(said)
    if call.answering and not call.over:
        bench.connection.eof_received()

    assert [type(mistake) for mistake in mistakes] == [ZeroDivisionError] + ([KeyError] if also_fails else [])
    assert also_fails or call.sink.heard[-1] == "internal"
    assert not bench.active


async def test_data_on_an_idle_connection(bench):
    """It closes, and is not handed out."""
    bench.ask()
    bench.feed(PLAIN)
    bench.feed(b"x")

    assert bench.pool.take() is None


async def test_a_lost_idle_connection(bench):
    """It leaves the pool."""
    bench.ask()
    bench.feed(PLAIN)
    bench.connection.connection_lost(None)

    assert len(bench.pool) == 0


async def test_an_end_without_an_end(bench):
    """The peer's close ends an answer that states no length; a lost connection does not."""
    one = bench.ask()
    bench.feed(b"HTTP/1.1 200 OK\r\n\r\nab")
    bench.connection.eof_received()
    assert one.sink.heard[1:] == [b"ab", "end"]

    other = Bench()
    two = other.ask()
    other.feed(b"HTTP/1.1 200 OK\r\n\r\nab")
    other.connection.connection_lost(ConnectionResetError())
    assert two.sink.heard[1:] == [b"ab", "cut"]


async def test_a_large_body_behind_a_small_head():
    """What came along with the head does not count as head."""
    bench = Bench(max_header_bytes=200)
    call = bench.ask()
    bench.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100_000)

    assert call.sink.heard[-1] == "end"
    late = bench.ask()
    bench.feed(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 200 + b"\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100_000)
    assert late.sink.heard == ["bad_answer"]
