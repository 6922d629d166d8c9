"""What a `ClientStream` promises, on both event loops, with a real server and a real socket."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator

import pytest

from headgate.exchange.ports import ClientStream
from headgate.web.front import FrontLimits
from headgate.web.service import OnBody, Request
from tests.fakes.front import FrontServer, RawClient, wait_until

Script = Callable[[ClientStream, "Ear"], Awaitable[None] | None]
GET = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
JSON = [(b"content-type", b"application/json")]


class Ear:
    """A watcher that keeps what it hears, and notices a call from inside one of its own."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.news = asyncio.Event()
        self.inside = False
        self.reentrant = False

    def _hear(self, what: str) -> None:
        self.reentrant |= self.inside
        self.heard.append(what)
        self.news.set()

    def client_gone(self) -> None:
        self._hear("gone")

    def client_slow(self) -> None:
        self._hear("slow")

    def client_ready(self) -> None:
        self._hear("ready")

    async def until(self, what: str) -> None:
        while what not in self.heard:
            self.news.clear()
            await self.news.wait()


class Stage:
    """A service that plays one script on the stream of each request."""

    def begin(self, script: Script) -> None:
        """Play this from now on."""
        self._script = script
        self.ears: list[Ear] = []
        self.ended = threading.Event()
        self.errors: list[Exception] = []

    def open(self, _request: Request, stream: ClientStream) -> OnBody:
        """Wait for the body."""
        return lambda _body: self._play(stream)

    async def _play(self, stream: ClientStream) -> None:
        ear = Ear()
        self.ears.append(ear)
        try:
            rest = self._script(stream, ear)
            if rest is not None:
                await rest
        except Exception as error:  # ruff: ignore[blind-except] the test tells it
            self.errors.append(error)
        finally:
            self.ended.set()


Play = Callable[[Script], "tuple[Stage, RawClient]"]


@pytest.fixture(scope="module", params=["uvloop", "asyncio"])
def theatre(request: pytest.FixtureRequest) -> Iterator[tuple[FrontServer, Stage]]:
    """A server for each loop."""
    stage = Stage()
    with FrontServer(FrontLimits(sweep_interval_s=0.05), stage, request.param) as server:
        yield server, stage


@pytest.fixture
def play(theatre: tuple[FrontServer, Stage]) -> Iterator[Play]:
    """Plays a script for a client that is connected."""
    server, stage = theatre
    with RawClient(server.port, receive_buffer_bytes=65536) as client:

        def begin(script: Script) -> tuple[Stage, RawClient]:
            stage.begin(script)
            return stage, client

        yield begin
    assert stage.errors == []


def test_a_small_answer(play: Play) -> None:
    """Status, headers and body arrive, with a date and without the server's name; the connection goes on."""

    def script(stream: ClientStream, ear: Ear) -> None:
        stream.watch(ear)
        stream.start(201, [*JSON, (b"content-length", b"2"), (b"x-a", b"b")])
        stream.finish(b"{}")

    _, client = play(script)
    for _ in range(2):
        client.send(GET)
        answer = client.answer()
        assert answer is not None
        assert (answer.status, answer.body) == (201, b"{}")
        assert answer.headers["x-a"] == "b"
        assert answer.headers["content-length"] == "2"
        assert "date" in answer.headers
        assert "server" not in answer.headers
        assert "connection" not in answer.headers


def test_a_small_answer_of_unknown_length(play: Play) -> None:
    """It arrives whole however it is framed."""

    def script(stream: ClientStream, ear: Ear) -> None:
        stream.start(200, JSON)
        stream.finish(b'{"a": 1}')

    _, client = play(script)
    client.send(GET)
    answer = client.answer()

    assert answer is not None
    assert answer.json() == {"a": 1}


@pytest.mark.parametrize("framing", [[], [(b"content-length", b"0")]])
def test_an_empty_answer(play: Play, framing: list[tuple[bytes, bytes]]) -> None:
    """A finish without any data is a whole answer."""

    def script(stream: ClientStream, ear: Ear) -> None:
        stream.start(200, framing)
        stream.finish()

    _, client = play(script)
    client.send(GET + GET)
    first, second = client.answer(), client.answer()

    assert first is not None
    assert second is not None
    assert (first.body, second.body) == (b"", b"")


def test_pieces_arrive_as_they_are_written(play: Play) -> None:
    """No piece waits for the next one."""
    go = threading.Event()

    async def script(stream: ClientStream, ear: Ear) -> None:
        stream.start(200, [(b"content-type", b"text/event-stream")])
        stream.write(b"data: 1\n\n")
        await asyncio.to_thread(go.wait, 10)
        stream.write(b"")
        stream.write(b"data: 2\n\n")
        stream.finish(b"data: 3\n\n")

    _, client = play(script)
    client.send(GET)
    client.until(b"data: 1\n\n")
    go.set()
    answer = client.answer()

    assert answer is not None
    assert answer.headers["transfer-encoding"] == "chunked"
    assert answer.body == b"data: 1\n\ndata: 2\n\ndata: 3\n\n"


def test_pieces_of_known_length(play: Play) -> None:
    """With a content-length nothing is put between the pieces."""

    def script(stream: ClientStream, ear: Ear) -> None:
        stream.start(200, [(b"content-length", b"6")])
        stream.write(b"ab")
        stream.write(b"cd")
        stream.finish(b"ef")

    _, client = play(script)
    client.send(GET + GET)
    first, second = client.answer(), client.answer()

    assert first is not None
    assert second is not None
    assert (first.body, second.body) == (b"abcdef", b"abcdef")


def test_head_has_no_body(play: Play) -> None:
    """The writer need not know that nobody reads the body."""

    def script(stream: ClientStream, ear: Ear) -> None:
        stream.start(200, [*JSON, (b"content-length", b"2")])
        stream.finish(b"{}")

    _, client = play(script)
    client.send(GET.replace(b"GET", b"HEAD") + GET)
    head, answer = client.answer(to_head=True), client.answer()

    assert head is not None
    assert head.headers["content-length"] == "2"
    assert answer is not None
    assert answer.body == b"{}"


def test_no_content_has_no_body(play: Play) -> None:
    """204 ends with its head, and the connection goes on."""

    def script(stream: ClientStream, ear: Ear) -> None:
        stream.start(204, [])
        stream.finish()

    _, client = play(script)
    client.send(GET + GET)
    answers = [client.answer(), client.answer()]

    assert [answer and answer.status for answer in answers] == [204, 204]


def test_a_large_answer(play: Play) -> None:
    """Megabytes in one piece arrive intact."""
    body = bytes(range(256)) * 20_000

    def script(stream: ClientStream, ear: Ear) -> None:
        stream.start(200, [(b"content-length", b"%d" % len(body))])
        stream.finish(body)

    _, client = play(script)
    client.send(GET)
    answer = client.answer()

    assert answer is not None
    assert answer.body == body


def test_an_aborted_answer_is_broken(play: Play) -> None:
    """What was written arrives, the clean end does not, and the watcher hears nothing of it."""

    def script(stream: ClientStream, ear: Ear) -> None:
        stream.watch(ear)
        stream.start(200, [])
        stream.write(b"data: error\n\n")
        stream.abort()
        stream.write(b"more")
        stream.finish()

    stage, client = play(script)
    client.send(GET)
    answer = client.answer()
    assert answer is not None
    assert answer.broken
    assert answer.body == b"data: error\n\n"
    assert client.ended()
    assert stage.ears[0].heard == []


def test_a_client_that_is_gone(play: Play) -> None:
    """The watcher hears it once; whatever is written afterwards goes nowhere, silently."""

    async def script(stream: ClientStream, ear: Ear) -> None:
        stream.watch(ear)
        stream.start(200, [])
        for _ in range(200):  # a closed connection shows itself to who writes
            stream.write(b"data: 1\n\n")
            await asyncio.sleep(0.005)
            if ear.heard:
                break
        stream.write(b"more")
        stream.finish(b"end")
        stream.abort()
        await asyncio.sleep(0.02)

    stage, client = play(script)
    client.send(GET)
    client.until(b"data: 1\n\n")
    client.close()
    assert stage.ended.wait(10)

    assert stage.ears[0].heard == ["gone"]


def test_a_client_that_was_gone_before(play: Play) -> None:
    """Who watches late hears it all the same."""
    closed = threading.Event()

    async def script(stream: ClientStream, ear: Ear) -> None:
        await asyncio.to_thread(closed.wait, 10)
        await asyncio.sleep(0.1)
        stream.watch(ear)
        await ear.until("gone")
        stream.start(200, [])
        stream.finish()

    stage, client = play(script)
    client.send(GET)
    wait_until(lambda: bool(stage.ears))
    client.reset()
    closed.set()
    assert stage.ended.wait(10)

    assert stage.ears[0].heard == ["gone"]


def test_a_client_that_is_slow(play: Play) -> None:
    """The watcher hears that it is slow, then that it is ready, never from within a write; every byte arrives in order."""
    read = threading.Event()
    pieces = [b"%06d" % number * 10_000 for number in range(500)]

    async def script(stream: ClientStream, ear: Ear) -> None:
        stream.watch(ear)
        stream.start(200, [])
        for piece in pieces:
            ear.inside = True
            stream.write(piece)
            ear.inside = False
            await asyncio.sleep(0)
            if ear.heard.count("slow") > ear.heard.count("ready"):
                read.set()
                while ear.heard[-1] != "ready":
                    ear.news.clear()
                    await ear.news.wait()
        stream.finish()

    stage, client = play(script)
    client.send(GET)
    assert read.wait(10)
    answer = client.answer()

    assert answer is not None
    assert not answer.broken
    assert answer.body == b"".join(pieces)
    assert stage.ended.wait(10)
    assert set(stage.ears[0].heard) == {"slow", "ready"}
    assert not stage.ears[0].reentrant


def test_a_watcher_hears_nothing_after_the_end(play: Play) -> None:
    """A client that leaves with its answer is no news."""
    closed = threading.Event()

    async def script(stream: ClientStream, ear: Ear) -> None:
        stream.watch(ear)
        stream.start(200, [(b"content-length", b"2")])
        stream.finish(b"{}")
        await asyncio.to_thread(closed.wait, 10)
        await asyncio.sleep(0.05)

    stage, client = play(script)
    client.send(GET)
    assert client.answer() is not None
    client.close()
    closed.set()
    assert stage.ended.wait(10)

    assert stage.ears[0].heard == []


def test_an_answer_begins_once(play: Play) -> None:
    """A second start and a write without a start are mistakes of the writer."""
    caught: list[type[Exception]] = []

    def script(stream: ClientStream, ear: Ear) -> None:
        for call in (lambda: stream.write(b"a"), lambda: stream.start(200, []), lambda: stream.start(200, [])):
            try:
                call()
            except RuntimeError as error:
                caught.append(type(error))
        stream.finish(b"ok")

    _, client = play(script)
    client.send(GET)
    answer = client.answer()

    assert answer is not None
    assert answer.body == b"ok"
    assert caught == [RuntimeError, RuntimeError]
