"""The stream's bytes, write by write, over a transport without a socket. What it shares with other streams is in `tests/contract`."""

import asyncio
import logging
from typing import Any

import pytest

from headgate.exchange.ports import ClientStream
from headgate.web.http_stream import HttpStream
from headgate.web.service import Request
from headgate.wire.head import BadHead
from tests.fakes.transport import FakeTransport, connect

GET = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"


class Keeping:
    """A service that keeps the stream of a request, and wants its body or does not."""

    def __init__(self, *, wants: bool) -> None:
        self.streams: list[HttpStream] = []
        self._wants = wants

    def open(self, _request: Request, stream: ClientStream) -> Any:
        """Keep it."""
        assert isinstance(stream, HttpStream)
        self.streams.append(stream)
        return (lambda _body: None) if self._wants else None


async def begin(request: bytes = GET, *, read: bool = True) -> tuple[HttpStream, FakeTransport]:
    """The stream of a request that has just reached its service."""
    service = Keeping(wants=read)
    connection, transport = connect(service)
    connection.data_received(request)
    await asyncio.sleep(0)
    return service.streams[0], transport


async def test_a_small_answer_is_one_write() -> None:
    """Head and body leave together, with the length that the writer did not state."""
    stream, transport = await begin()
    stream.start(200, [(b"content-type", b"text/plain")])
    assert transport.writes == []
    stream.finish(b"ok")
    await asyncio.sleep(0)

    assert transport.writes == [b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok"]
    assert transport.ended == "open"


async def test_a_body_that_is_held_no_longer_gives_its_room_back_once() -> None:
    """While its answer goes on, others may have the room; the end of the answer gives back nothing more, and the next request is read."""
    stream, transport = await begin(b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")
    connection = stream._connection
    front = connection.front
    before = front.held_body_bytes
    stream.start(200, [])
    stream.write(b"one")
    stream.release_body()
    after = front.held_body_bytes
    stream.finish(b"two")
    stream.release_body()
    await asyncio.sleep(0)
    ended = front.held_body_bytes
    connection.data_received(b"POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nde")

    assert (before, after, ended, front.held_body_bytes) == (3, 0, 0, 2)
    assert transport.ended == "open"


async def test_each_event_is_one_write() -> None:
    """The head goes with the first; the last carries the end."""
    stream, transport = await begin()
    stream.start(200, [])
    for piece in (b"one", b"", b"two"):
        stream.write(piece)
        await asyncio.sleep(0)
    stream.finish(b"three")
    await asyncio.sleep(0)

    assert transport.writes == [
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n",
        b"3\r\ntwo\r\n",
        b"5\r\nthree\r\n0\r\n\r\n",
    ]


async def test_an_empty_write_sends_the_head() -> None:
    """A writer with nothing to say yet can still show that it is there."""
    stream, transport = await begin()
    stream.start(200, [])
    stream.write(b"")
    await asyncio.sleep(0)
    stream.finish()
    await asyncio.sleep(0)

    assert transport.writes == [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", b"0\r\n\r\n"]


async def test_framing_and_date_are_ours() -> None:
    """Headers of the hop are not taken over from the writer."""
    stream, transport = await begin()
    stream.start(200, [(b"transfer-encoding", b"gzip"), (b"connection", b"x-a"), (b"keep-alive", b"5"), (b"date", b"never"), (b"x-a", b"b")])
    stream.finish(b"ok")
    await asyncio.sleep(0)

    assert transport.written == b"HTTP/1.1 200 OK\r\nx-a: b\r\ncontent-length: 2\r\n\r\nok"


async def test_an_unusual_status_has_no_phrase() -> None:
    """Providers use statuses that no table names."""
    stream, transport = await begin()
    stream.start(529, [])
    stream.finish()
    await asyncio.sleep(0)

    assert transport.written.startswith(b"HTTP/1.1 529 \r\n")


@pytest.mark.parametrize("header", [(b"x-a", b"b\r\nx-b: c"), (b"x-a", b"b\nc"), (b"x\r", b"b"), (b"x-a", b"b\0")])
async def test_headers_that_would_split_the_answer_are_a_mistake(header: tuple[bytes, bytes]) -> None:
    """Nothing of them is sent."""
    stream, transport = await begin()
    with pytest.raises(BadHead):
        stream.start(200, [header])

    assert transport.writes == []


@pytest.mark.parametrize(("wish", "headers"), [(b"Connection: close\r\n", []), (b"", [(b"connection", b"close")])], ids=["request", "answer"])
async def test_close_is_said_and_done(wish: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    """A request or an answer with `connection: close` ends the connection."""
    stream, transport = await begin(GET[:-2] + wish + b"\r\n")
    stream.start(200, headers)
    stream.finish(b"ok")
    await asyncio.sleep(0)

    assert transport.written == b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok"
    assert transport.ended == "closed"


async def test_http_1_0_without_length_ends_with_the_connection() -> None:
    """It knows no chunks."""
    stream, transport = await begin(GET.replace(b"1.1", b"1.0"))
    stream.start(200, [])
    stream.write(b"one")
    stream.finish(b"two")

    assert transport.written == b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nonetwo"
    assert transport.ended == "closed"


async def test_an_aborted_http_1_0_answer_does_not_end_like_a_whole_one() -> None:
    """Where the end of the connection is the end of the answer, the connection is torn down."""
    stream, transport = await begin(GET.replace(b"1.1", b"1.0"))
    stream.start(200, [])
    stream.write(b"one")
    stream.abort()

    assert transport.ended == "aborted"


@pytest.mark.parametrize(("stated", "data", "how"), [(b"3", b"ok", "shorter"), (b"1", b"ok", "longer")])
async def test_an_answer_of_the_wrong_length_is_broken(stated: bytes, data: bytes, how: str, caplog: pytest.LogCaptureFixture) -> None:
    """It never ends cleanly, and it is logged."""
    stream, transport = await begin()
    stream.start(200, [(b"content-length", stated)])
    with caplog.at_level(logging.ERROR, "headgate.web"):
        stream.finish(data)
    await asyncio.sleep(0)

    assert transport.ended == "closed"
    assert [how in message for message in caplog.messages] == [True]


async def test_an_unread_expectation_closes() -> None:
    """The body was not asked for, so that nothing can be read after the answer; its sender may still read that."""
    stream, transport = await begin(b"POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n", read=False)
    stream.start(401, [])
    stream.finish(b"no")

    assert transport.written == b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno"
    assert transport.ended == "eof"


async def test_a_large_body_is_not_copied_to_its_head() -> None:
    """One gathering write."""
    stream, transport = await begin()
    stream.start(200, [])
    stream.finish(b"a" * 100_000)
    await asyncio.sleep(0)

    assert len(transport.writes) == 1
    assert transport.written.endswith(b"a" * 100_000)


async def test_after_the_end_nothing_is_written() -> None:
    """Neither does a second end complete the request twice."""
    stream, transport = await begin()
    stream.start(200, [])
    stream.finish(b"ok")
    size = len(transport.written)
    stream.start(200, [])
    stream.write(b"more")
    stream.finish(b"more")
    stream.abort()

    assert len(transport.written) == size
    assert transport.ended == "open"


@pytest.mark.parametrize("size", [1, 15, 16, 1023, 1024, 70_000])
async def test_the_size_of_a_chunk_is_written_before_it(size: int) -> None:
    """In hexadecimal digits, of a piece of any size; the last one has the end of the body behind it."""
    stream, transport = await begin()
    stream.start(200, [])
    stream.write(b"")
    for write in (stream.write, stream.finish):
        write(b"x" * size)
        await asyncio.sleep(0)

    chunk = f"{size:x}\r\n".encode() + b"x" * size + b"\r\n"
    assert transport.written.endswith(b"\r\n\r\n" + chunk + chunk + b"0\r\n\r\n")
