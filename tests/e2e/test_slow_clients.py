"""Clients that send slowly, read slowly, or do nothing at all, in real time against a real server whose limits are fractions of a second."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from headgate.exchange.ports import ClientStream
from headgate.web.front import FrontLimits
from headgate.web.service import OnBody, Request
from tests.fakes.front import FrontServer, RawClient, wait_until

LIMITS = FrontLimits(
    head_timeout_s=0.5,
    keep_alive_timeout_s=0.5,
    body_grace_s=0.5,
    body_rate_min_bytes_per_s=1000,
    body_idle_timeout_s=1.0,
    write_idle_timeout_s=0.5,
    linger_timeout_s=0.3,
    sweep_interval_s=0.05,
)
POST = b"POST /a HTTP/1.1\r\nHost: x\r\n"
GET = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"


class Waiting:
    """A service that does this with every body."""

    def __init__(self, work: Callable[[ClientStream, bytes], Any]) -> None:
        self._work = work

    def open(self, _request: Request, stream: ClientStream) -> OnBody:
        """Everything."""
        return partial(self._work, stream)


def answer(stream: ClientStream, body: bytes) -> None:
    """A small answer."""
    stream.start(200, [])
    stream.finish(body)


@pytest.fixture(scope="module")
def server() -> Iterator[FrontServer]:
    """One server for all rows."""
    with FrontServer(LIMITS) as running:
        yield running


def drip(client: RawClient, data: bytes, every_s: float, count: int) -> None:
    """Send the same bytes again and again."""
    for _ in range(count):
        client.send(data)
        time.sleep(every_s)


def test_t22_a_connection_that_sends_nothing_is_closed(server: FrontServer) -> None:
    """Nothing is said to it."""
    with server.connect() as client:
        assert client.ended(5)


def test_t22_many_connections_that_send_nothing(server: FrontServer) -> None:
    """They are all closed, others are served meanwhile, and nothing is kept of them."""
    silent = [server.connect() for _ in range(200)]
    with server.connect() as client:
        client.send(GET)
        assert client.answer() is not None
    assert all(client.ended(5) for client in silent)
    for client in silent:
        client.close()
    wait_until(lambda: len(server.front.connections) == 0)


@pytest.mark.parametrize("start", [b"G", b"\r\n", b"GET /a HTTP/1.1\r\nHost: x\r\nX-A: b"], ids=["a letter", "an empty line", "half a header"])
def test_t23_half_a_head_is_closed(server: FrontServer, start: bytes) -> None:
    """The time for a head is a total: more bytes do not extend it."""
    with server.connect() as client:
        client.send(start)
        answer = client.answer()
        assert answer is not None
        assert answer.status == 408
        assert client.ended(5)


def test_t23_a_head_in_drips_is_closed(server: FrontServer) -> None:
    """Progress does not help."""
    with server.connect() as client:
        client.send(b"GET /a HTTP/1.1\r\nHost: x\r\n")
        drip(client, b"X-A: b\r\n", 0.1, 12)
        answer = client.answer()
        assert answer is not None
        assert answer.status == 408


def test_t23_half_a_head_on_a_used_connection(server: FrontServer) -> None:
    """The same for a second request."""
    with server.connect() as client:
        client.send(GET)
        assert client.answer() is not None
        client.send(b"GET /a HT")
        answer = client.answer()
        assert answer is not None
        assert answer.status == 408
        assert client.ended(5)


@pytest.mark.parametrize(
    "start",
    [
        b"Content-Length: 100\r\n\r\n",
        b"Content-Length: 100\r\n\r\nabc",
        b"Transfer-Encoding: chunked\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n5\r\nabc",
    ],
    ids=["none of it", "three bytes", "no chunk", "half a chunk"],
)
def test_t24_a_body_that_stops_is_closed(server: FrontServer, start: bytes) -> None:
    """408, and the application never gets the request whole."""
    server.seen.clear()
    with server.connect() as client:
        client.send(POST + start)
        answer = client.answer()
        assert answer is not None
        assert answer.status == 408
        assert client.ended(5)

    assert server.seen == []


def test_t24_a_body_that_stops_after_a_fast_start(server: FrontServer) -> None:
    """What came fast buys the idle timeout and no more."""
    with server.connect() as client:
        client.send(POST + b"Content-Length: 1000000\r\n\r\n" + b"a" * 60_000)
        answer = client.answer()
        assert answer is not None
        assert answer.status == 408


def test_t25_a_body_in_drips_is_cut(server: FrontServer) -> None:
    """Bytes that come too slowly do not keep a connection."""
    with server.connect() as client:
        client.send(POST + b"Content-Length: 100\r\n\r\n")
        drip(client, b"a", 0.1, 15)
        answer = client.answer()
        assert answer is not None
        assert answer.status == 408


def test_a_slow_but_steady_body_is_served(server: FrontServer) -> None:
    """Above the minimum rate a body may take longer than every timeout."""
    with server.connect() as client:
        client.send(POST + b"Content-Length: 7500\r\n\r\n")
        drip(client, b"a" * 500, 0.1, 15)
        answer = client.answer()
        assert answer is not None
        assert answer.json()["body"] == 7500


def test_an_idle_connection_is_closed(server: FrontServer) -> None:
    """A connection that is kept alive ends silently after its time."""
    with server.connect() as client:
        client.send(GET)
        assert client.answer() is not None
        assert client.ended(5)


def test_an_unread_body_after_an_early_answer_has_its_limits_too(server: FrontServer) -> None:
    """Nothing is said twice: the connection ends."""
    with server.connect() as client:
        client.send(b"POST /early HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc")
        answer = client.answer()
        assert answer is not None
        assert answer.status == 200
        assert client.ended(5)


def test_a_long_answer_has_no_limit_of_ours() -> None:
    """While the application works, the client may wait as long as it likes."""

    async def late(stream: ClientStream) -> None:
        await asyncio.sleep(0.9)
        stream.start(200, [])
        stream.finish(b"ok")

    app = Waiting(lambda stream, _body: late(stream))
    with FrontServer(LIMITS, app) as server, server.connect() as client:
        client.send(GET)
        answer = client.answer()
        assert answer is not None
        assert answer.body == b"ok"


def test_a_service_that_decides_late_is_not_the_clients_fault() -> None:
    """While the service finds out what to do with a request, the body is not read and its time stands still."""

    class Deciding:
        """A service that takes its time."""

        async def open(self, _request: Request, stream: ClientStream) -> OnBody:  # the coroutine is what a service may return
            await asyncio.sleep(0.9)
            return lambda body: answer(stream, b"%d" % len(body))

    with FrontServer(LIMITS, Deciding()) as server, server.connect() as client:
        client.send(POST + b"Content-Length: 8000000\r\n\r\n" + b"a" * 8_000_000)
        answered = client.answer()
        assert answered is not None
        assert answered.body == b"8000000"


class Flood:
    """A service that writes as fast as the client takes it."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.written_bytes = 0
        self.done = threading.Event()

    def open(self, _request: Request, stream: ClientStream) -> OnBody:
        """Everything."""
        return partial(self._begin, stream)

    def _begin(self, stream: ClientStream, _body: bytes) -> None:
        self._stream = stream
        stream.watch(self)
        stream.start(200, [])
        self._pump()

    def _pump(self) -> None:
        while "client_gone" not in self.heard and (not self.heard or self.heard[-1] == "client_ready"):
            if self.written_bytes > 500_000_000:
                return
            self._stream.write(b"a" * 16_384)
            self.written_bytes += 16_384
            if self.written_bytes % (16_384 * 64) == 0:
                asyncio.get_running_loop().call_soon(self._pump)
                return

    def client_slow(self) -> None:
        self.heard.append("client_slow")

    def client_ready(self) -> None:
        self.heard.append("client_ready")
        self._pump()

    def client_gone(self) -> None:
        self.heard.append("client_gone")
        self.done.set()


def test_t26_a_client_that_reads_nothing_is_closed() -> None:
    """The writer is told to stop, then that the client is gone; little more was written than the system's own buffers hold."""
    app = Flood()
    with FrontServer(LIMITS, app) as server, RawClient(server.port, receive_buffer_bytes=4096) as client:
        client.send(GET)
        assert app.done.wait(8)

    assert app.heard[-2:] == ["client_slow", "client_gone"]
    assert app.written_bytes < 16_000_000


def test_t26_a_client_that_reads_a_byte_at_a_time_is_closed() -> None:
    """A trickle is not reading."""
    app = Flood()
    with FrontServer(LIMITS, app) as server, RawClient(server.port, receive_buffer_bytes=4096) as client:
        client.send(GET)
        deadline = time.monotonic() + 8
        while not app.done.wait(0.1) and time.monotonic() < deadline:
            client.read_a_byte()
        assert app.done.is_set()


def test_an_answer_that_is_never_fetched_ends() -> None:
    """Also after its end an answer that the client does not read may not stay for ever."""

    def finish(stream: ClientStream, _body: bytes) -> None:
        stream.start(200, [(b"connection", b"close")])
        stream.finish(b"a" * 20_000_000)

    app = Waiting(finish)
    with FrontServer(LIMITS, app) as server, RawClient(server.port, receive_buffer_bytes=4096) as client:
        client.send(GET)
        wait_until(lambda: len(server.front.connections) == 1)
        wait_until(lambda: len(server.front.connections) == 0, within_s=8)


def test_t27_connections_of_one_address_are_bounded() -> None:
    """Those beyond the limit are closed at once; when some end, others are let in."""
    with FrontServer(FrontLimits(connections_per_address_max=3)) as server:
        held = [server.connect() for _ in range(3)]
        wait_until(lambda: len(server.front.connections) == 3)
        with server.connect() as refused:
            assert refused.ended(5)
        for client in held:
            client.close()
        wait_until(lambda: len(server.front.connections) == 0)
        with server.connect() as client:
            client.send(GET)
            answer = client.answer()
            assert answer is not None
            assert json.loads(answer.body)["path"] == "/a"
