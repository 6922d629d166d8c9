"""The upstream port: requests as they are written, answers as they are pushed, and what is refused. Every row runs over every implementation."""

import asyncio
import hashlib

import pytest

from tests.contract.upstream_calls import CHUNKED, LAST_CHUNK, Listener, answer, ask, chunk, ours_alone, request, saying
from tests.fakes.raw_server import RawServer


async def test_a_plain_answer(make):
    """Status, headers in lower case, body, end; the request carries host, length and what the journey gave it, and nothing else."""
    seen = []

    async def script(peer):
        seen.append(await peer.request())
        await peer.send(answer(b'{"ok": true}', headers=b"Content-Type: application/json\r\nX-Request-Id:  a b \r\n"))
        await peer.gone()

    async with RawServer(script) as server:
        upstream = make()
        got = await ask(upstream, server, b'{"model": "m"}', headers=[(b"x-api-key", b"secret"), (b"accept", b"*/*")])
        await upstream.close()

    head, body = seen[0]
    line, *fields = head.decode().rstrip().split("\r\n")

    assert line == "POST /v1/messages HTTP/1.1"
    assert sorted(field.lower() for field in fields) == [
        "accept: */*",
        "content-length: 14",
        f"host: 127.0.0.1:{server.port}",
        "x-api-key: secret",
    ]
    assert body == b'{"model": "m"}'
    assert (got.status, got.body, got.ended) == (200, b'{"ok": true}', True)
    assert got.headers == [(b"content-type", b"application/json"), (b"x-request-id", b"a b"), (b"content-length", b"12")]


@pytest.mark.parametrize(
    ("path", "target", "line"),
    [
        ("", "/v1/messages", "/v1/messages"),
        ("/", "/v1/messages", "/v1/messages"),
        ("/v1", "/chat/completions?a=%2F&b", "/v1/chat/completions?a=%2F&b"),
        ("/a%20b/v1/", "/models/x:generateContent", "/a%20b/v1/models/x:generateContent"),
    ],
)
async def test_the_target_stands_below_the_base_url(make, path, target, line):
    """A base URL may have a path, with or without a slash at its end; nothing is re-encoded."""
    lines = []

    async def script(peer):
        head, _ = await peer.request()
        lines.append(head.partition(b"\r\n")[0].decode())
        await peer.send(answer())

    async with RawServer(script) as server:
        got = await ask(make(), server.base_url + path, target=target)

    assert got.ended
    assert lines == [f"POST {line} HTTP/1.1"]


async def test_events_are_passed_on_one_by_one(make):
    """Each chunk reaches the sink before the next one is sent: nothing waits for more."""
    listener = Listener()

    async def script(peer):
        await peer.request()
        await peer.send(CHUNKED)
        for number in range(20):
            await peer.send(chunk(b"event %d\n" % number))
            await listener.wait_for(lambda sink, number=number: sink.body.endswith(b"event %d\n" % number))
        await peer.send(LAST_CHUNK)

    async with RawServer(script) as server:
        make().send(request(server), listener)
        await listener.wait()

    assert listener.ended
    assert listener.chunks == [b"event %d\n" % number for number in range(20)]


async def test_an_answer_in_single_bytes(make):
    """Head, chunk borders and trailers may be split anywhere."""
    whole = CHUNKED + chunk("data: größer\r\n\r\n".encode()) + chunk(b"x" * 17) + b"0\r\nX-Trailer: t\r\n\r\n"

    async def script(peer):
        await peer.request()
        for position in range(len(whole)):
            await peer.send(whole[position : position + 1])
            await asyncio.sleep(0)

    async with RawServer(script) as server:
        got = await ask(make(), server)

    assert got.ended
    assert got.body == "data: größer\r\n\r\n".encode() + b"x" * 17
    assert all(name != b"x-trailer" for name, _ in got.headers)


async def test_interim_answers_are_skipped(make):
    """100 and 103 are not the answer, and their headers are not the answer's."""
    early = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n"
    async with RawServer(saying(early + answer(b"final"))) as server:
        got = await ask(make(), server)

    assert (got.status, got.body, got.ended) == (200, b"final", True)
    assert [name for name, _ in got.headers] == [b"content-length"]


@pytest.mark.parametrize("end", ["close", "reset"])
@pytest.mark.parametrize(
    "start",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345", id="short of its length"),
        pytest.param(CHUNKED + chunk(b"12345"), id="between chunks"),
        pytest.param(CHUNKED + b"a\r\n12345", id="inside a chunk"),
    ],
)
async def test_an_answer_that_breaks_off(make, start, end):
    """What came is passed on, the end is a failure: 502, sent, never a clean end."""
    listener = Listener()

    async def script(peer):
        await peer.request()
        await peer.send(start)
        await listener.wait_for(lambda sink: sink.body == b"12345")
        getattr(peer, end)()

    async with RawServer(script) as server:
        make().send(request(server), listener)
        await listener.wait()

    assert (listener.status, listener.body, listener.ended) == (200, b"12345", False)
    assert (listener.error.status, listener.error.code, listener.error.sent) == (502, "cut", True)


@pytest.mark.parametrize("end", ["close", "reset"])
@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nContent-"])
async def test_a_connection_that_ends_before_an_answer(make, start, end):
    """The request may have been billed: sent, and never tried again."""

    async def script(peer):
        await peer.request()
        await peer.send(start)
        getattr(peer, end)()

    async with RawServer(script) as server:
        got = await ask(make(), server, b"{}")

        assert server.connections == 1
    assert (got.status, got.error.status, got.error.sent) == (0, 502, True)
    assert got.error.code in {"cut", "bad_answer"}


@pytest.mark.parametrize("version", [b"HTTP/1.1", b"HTTP/1.0"])
async def test_an_answer_that_ends_with_its_connection(make, version):
    """No length and no chunks: the peer's close is the end, and a good one."""
    async with RawServer(
        saying(version + b" 200 OK\r\nContent-Type: text/plain\r\n\r\n", b"some", b"thing", then=lambda peer: peer.close())
    ) as server:
        got = await ask(make(), server)

    assert (got.body, got.ended) == (b"something", True)


@ours_alone("takes a reset for the end of an answer that states none")
async def test_a_reset_is_never_a_good_end(make):
    """Not even of an answer that has no other end than its connection's."""
    listener = Listener()

    async def script(peer):
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\n\r\nsome")
        await listener.wait_for(lambda sink: sink.body)
        peer.reset()

    async with RawServer(script) as server:
        make().send(request(server), listener)
        await listener.wait()

    assert (listener.ended, listener.error.code) == (False, "cut")


@pytest.mark.parametrize("status", [204, 304])
async def test_an_answer_without_a_body(make, status):
    """204 and 304 end with their head, whatever it says of a length, and leave the connection fit for the next request."""

    async def script(peer):
        await peer.request()
        await peer.send(b"HTTP/1.1 %d Nothing\r\n\r\n" % status)
        await peer.request()
        await peer.send(answer(b"next"))

    async with RawServer(script) as server:
        upstream = make()
        first, second = await ask(upstream, server), await ask(upstream, server)

        assert server.connections == 1
    assert (first.status, first.body, first.ended) == (status, b"", True)
    assert (second.body, second.ended) == (b"next", True)


@pytest.mark.parametrize("framing", [b"Content-Length: 1000", b"Transfer-Encoding: chunked", b"X: y"])
async def test_head_has_no_body(make, framing):
    """An answer to HEAD ends with its head; the request says no length."""
    heads = []

    async def script(peer):
        heads.append(await peer.head())
        await peer.send(b"HTTP/1.1 200 OK\r\n%b\r\n\r\n" % framing)

    async with RawServer(script) as server:
        upstream = make()
        first, second = await ask(upstream, server, method="HEAD"), await ask(upstream, server, method="HEAD")

    assert (first.status, first.body, first.ended, second.ended) == (200, b"", True, True)
    assert b"content-length" not in heads[0].lower()


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 429, 500, 503, 529])
async def test_redirects_and_errors_are_answers(make, status):
    """Nothing is followed, nothing is tried again: they are pushed like any other."""
    async with RawServer(saying(answer(b"body", status, headers=b"Location: http://127.0.0.1:1/\r\nRetry-After: 3\r\n"))) as server:
        got = await ask(make(), server)

        assert server.connections == 1
    assert (got.status, got.body, got.ended) == (status, b"body", True)
    assert (b"retry-after", b"3") in got.headers


async def test_a_stream_has_no_limit_but_its_deadlines(make):
    """Events are passed on, not gathered."""
    async with RawServer(saying(CHUNKED + chunk(b"a" * 5000) + LAST_CHUNK)) as server:
        got = await ask(make(max_answer_bytes=1000), server)

    assert (len(got.body), got.ended) == (5000, True)


async def test_ten_megabytes_up_and_down(make):
    """Large bodies arrive whole."""
    body = bytes(range(256)) * 40_960
    digest = hashlib.sha256(body).digest()

    async def script(peer):
        _, received = await peer.request()
        assert hashlib.sha256(received).digest() == digest
        await peer.send(answer(received))

    async with RawServer(script) as server:
        got = await ask(make(), server, body)

    assert hashlib.sha256(got.body).digest() == digest


@ours_alone("waits until the request is written before it reads the answer's body")
async def test_an_answer_before_the_request_is_written(make):
    """It is taken; the connection, with half a request on it, is not used again."""

    async def script(peer):
        await peer.head()
        await peer.send(answer(b"no need to go on", 413))
        await peer.reader.read()

    async with RawServer(script) as server:
        upstream = make()
        first, second = await ask(upstream, server, b"x" * 10_000_000), await ask(upstream, server, b"y")

        assert server.connections == 2
    assert (first.status, first.body, first.ended, second.ended) == (413, b"no need to go on", True, True)


async def test_the_sink_is_never_called_inside_send(make):
    """Not even with a refusal that is known at once."""
    listener = Listener()
    async with RawServer(saying(answer())) as server:
        make().send(request(server, headers=[(b"x", b"\n")]), listener)

        assert listener.calls == 0
        await listener.wait()
    assert listener.error is not None
