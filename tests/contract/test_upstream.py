"""The upstream port: requests as they are written, answers as they are pushed, and what is refused. Every row runs over every implementation."""

import asyncio
import hashlib

import pytest

from tests.contract.upstream_calls import CHUNKED, LAST_CHUNK, Listener, answer, ask, chunk, ours_alone, request, soon
from tests.fakes.raw_server import RawServer


def saying(*pieces, then=None):
    """A script that takes each request whole and answers it with the same bytes."""

    async def script(peer):
        while True:
            await peer.request()
            await peer.send(*pieces)
            if then:
                then(peer)
                return

    return script


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
        "accept: */*", "content-length: 14", f"host: 127.0.0.1:{server.port}", "x-api-key: secret",
    ]
    assert body == b'{"model": "m"}'
    assert (got.status, got.body, got.ended) == (200, b'{"ok": true}', True)
    assert got.headers == [(b"content-type", b"application/json"), (b"x-request-id", b"a b"), (b"content-length", b"12")]


@pytest.mark.parametrize(("path", "target", "line"), [
    ("", "/v1/messages", "/v1/messages"),
    ("/", "/v1/messages", "/v1/messages"),
    ("/v1", "/chat/completions?a=%2F&b", "/v1/chat/completions?a=%2F&b"),
    ("/a%20b/v1/", "/models/x:generateContent", "/a%20b/v1/models/x:generateContent"),
])
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


@ours_alone("skips interim answers without end")
async def test_a_flood_of_interim_answers_is_refused(make):
    """Seventeen are too many."""
    async with RawServer(saying(b"HTTP/1.1 100 Continue\r\n\r\n" * 16 + answer(b"good"), b"")) as server:
        assert (await ask(make(), server)).ended
    async with RawServer(saying(b"HTTP/1.1 100 Continue\r\n\r\n" * 17 + answer(b"bad"))) as server:
        got = await ask(make(), server)

    assert (got.status, got.error.status, got.error.code) == (0, 502, "bad_answer")


@pytest.mark.parametrize("end", ["close", "reset"])
@pytest.mark.parametrize("start", [
    pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345", id="short of its length"),
    pytest.param(CHUNKED + chunk(b"12345"), id="between chunks"),
    pytest.param(CHUNKED + b"a\r\n12345", id="inside a chunk"),
])
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
    async with RawServer(saying(version + b" 200 OK\r\nContent-Type: text/plain\r\n\r\n", b"some", b"thing", then=lambda peer: peer.close())) as server:
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


LENIENT = "reads on where llhttp's strict rules or ours stop"
BAD_ANSWERS = {
    "no HTTP at all": b"<html>hello</html>\r\n\r\n",
    "no status line": b"\r\n\r\ncontent\r\n\r\n",
    "a status of two digits": b"HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n",
    "a header without a colon": b"HTTP/1.1 200 OK\r\nnonsense\r\nContent-Length: 0\r\n\r\n",
    "a space before the colon": b"HTTP/1.1 200 OK\r\nX : y\r\nContent-Length: 0\r\n\r\n",
    "NUL in a header": b"HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n",
    "both kinds of length": b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a length that is no number": b"HTTP/1.1 200 OK\r\nContent-Length: 3x\r\n\r\nabc",
    "a negative length": b"HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\nabc",
    "a chunk size that is no number": CHUNKED + b"zz\r\nabc\r\n0\r\n\r\n",
    "a chunk longer than its size": CHUNKED + b"3\r\nabcX\r\n0\r\n\r\n",
}
BAD_FOR_US = {
    "HTTP/0.9 in words": b"HTTP/0.9 200 OK\r\nContent-Length: 0\r\n\r\n",
    "HTTP/2 in words": b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
    "a status below 100": b"HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n",
    "a status above 599": b"HTTP/1.1 600 OK\r\nContent-Length: 0\r\n\r\n",
    "an upgrade nobody asked for": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\nabc",
    "an upgrade to nothing": b"HTTP/1.1 101 Switching Protocols\r\n\r\nabc",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
    "a list of lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 3, 3\r\n\r\nabc",
    "bare line feeds": b"HTTP/1.1 200 OK\nContent-Length: 0\n\n",
    "a bare carriage return": b"HTTP/1.1 200 OK\r\nX: a\rb\r\nContent-Length: 0\r\n\r\n",
    "a folded header": b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n",
    "a coding that we did not ask for": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "a coding that is not chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc",
    "a chunk size that overflows": CHUNKED + b"fffffffffffffffff\r\nabc",
}


@pytest.mark.parametrize("said", [pytest.param(said, id=name) for name, said in BAD_ANSWERS.items()])
async def test_malformed_answers_are_refused(make, said):
    """502 `bad_answer`, nothing of it repeated, and the connection is closed."""
    await refuses(make(), said)


@ours_alone(LENIENT)
@pytest.mark.parametrize("said", [pytest.param(said, id=name) for name, said in BAD_FOR_US.items()])
async def test_doubtful_answers_are_refused(make, said):
    """Also what others let pass: where framing is in doubt, there is no answer."""
    await refuses(make(), said)


async def refuses(upstream, said):
    """Asks, and expects `bad_answer`."""
    closed = asyncio.Event()

    async def script(peer):
        await peer.request()
        await peer.send(said)
        await peer.gone()
        closed.set()

    async with RawServer(script) as server:
        got = await ask(upstream, server)
        await soon(closed.wait())

    assert not got.ended
    assert (got.error.status, got.error.code, got.error.sent) == (502, "bad_answer", True)


@pytest.mark.parametrize("said", [
    pytest.param(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 9000 + b"\r\nContent-Length: 0\r\n\r\n", id="one long header"),
    pytest.param(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 9000, id="a header without end"),
])
async def test_headers_have_a_limit(make, said):
    """Past it the answer is refused, whether or not the head ever ends."""
    await refuses(make(max_header_bytes=8000), said)


@ours_alone("limits single fields, not the head; drops trailers and chunk extensions without a limit")
@pytest.mark.parametrize("said", [
    pytest.param(b"HTTP/1.1 200 OK\r\n" + b"X: aaaaaaaa\r\n" * 1000 + b"Content-Length: 0\r\n\r\n", id="many headers"),
    pytest.param(b"HTTP/1.1 103 Hints\r\nX: " + b"a" * 7000 + b"\r\n\r\nHTTP/1.1 200 OK\r\nX: " + b"a" * 7000, id="over two heads"),
    pytest.param(CHUNKED + chunk(b"abc") + b"0\r\nX: " + b"a" * 600_000, id="a trailer"),
    pytest.param(CHUNKED + b"3;x=" + b"a" * 600_000, id="a chunk extension"),
])
async def test_all_that_is_not_body_has_a_limit(make, said):
    """Nothing can be gathered without end; what comes in one read with a piece of body is counted with the next."""
    await refuses(make(max_header_bytes=8000), said)


@ours_alone("has no limit on answers")
@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", CHUNKED.replace(b"text/event-stream", b"application/json")])
async def test_an_answer_has_a_limit(make, head):
    """A declared length is refused before anything is passed on, another one where it crosses the limit."""

    async def script(peer):
        await peer.request()
        await peer.send(head + chunk(b"a" * 500) + chunk(b"b" * 501))
        await peer.gone()

    async with RawServer(script) as server:
        got = await ask(make(max_answer_bytes=1000), server)

    assert (got.error.status, got.error.code, got.error.sent) == (502, "answer_too_large", True)
    assert len(got.body) <= 1000
    assert bool(got.status) == (b"chunked" in head)


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


@pytest.mark.parametrize("header", [
    (b"x-a", b"b\r\nx-c: d"), (b"x-a", b"b\nx-c: d"), (b"x-a", b"b\rx"), (b"x-a", b"b\0"), (b"x-a\r\nx-c", b"d"),
])
async def test_headers_that_would_break_out_are_not_sent(make, header):
    """Nothing is written: the refusal says so, and repeats no value."""
    async with RawServer(saying(answer())) as server:
        got = await ask(make(), server, headers=[header])

    assert (got.status, got.error.sent, got.error.code) == (0, False, "bad_request")


@ours_alone("sends them")
@pytest.mark.parametrize("header", [
    (b"content-length", b"3"), (b"Transfer-Encoding", b"chunked"), (b"host", b"elsewhere"), (b"connection", b"authorization"), (b"upgrade", b"h2c"),
    (b"x a", b"b"), (b"x:a", b"b"), (b"", b"b"), ("xä".encode(), b"b"), (b"x-a", b"\x01"),
])
async def test_headers_of_the_client_itself_are_not_taken(make, header):
    """Framing and host are set in one place."""
    async with RawServer(saying(answer())) as server:
        got = await ask(make(), server, headers=[header])

        assert server.connections == 0
    assert (got.error.sent, got.error.code) == (False, "bad_request")


@ours_alone("cleans targets up instead of refusing them")
@pytest.mark.parametrize("target", [
    "", "v1", "/a b", "/a\r\nx: y", "/ä", "/a#b", "/a/../b", "/..", "/a/%2e%2E/b", "/./a", "/..%2fadmin", "/models/..?x", "//host/../a",
])
async def test_targets_that_would_break_out_are_not_sent(make, target):
    """The provider's credential goes below its base URL, nowhere else."""
    async with RawServer(saying(answer())) as server:
        got = await ask(make(), server, target=target)

        assert server.connections == 0
    assert (got.error.sent, got.error.code) == (False, "bad_request")


@ours_alone("has no base URL of its own")
async def test_a_base_url_that_cannot_be_used(make):
    """The refusal names the provider and not the URL, which may hold a secret."""
    got = await ask(make(), "http://user:geheim@127.0.0.1/")

    assert (got.error.status, got.error.code, got.error.sent) == (502, "bad_base_url", False)
    assert got.error.message == "Provider lab cannot be reached: its base_url is wrong, it must not hold a user or password."


async def test_the_sink_is_never_called_inside_send(make):
    """Not even with a refusal that is known at once."""
    listener = Listener()
    async with RawServer(saying(answer())) as server:
        make().send(request(server, headers=[(b"x", b"\n")]), listener)

        assert listener.calls == 0
        await listener.wait()
    assert listener.error is not None
