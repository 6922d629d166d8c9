"""The upstream port: answers that are no answers, and requests that are not written. Every row runs over every implementation."""

import asyncio

import pytest

from tests.contract.upstream_calls import CHUNKED, answer, ask, chunk, ours_alone, saying, soon
from tests.fakes.raw_server import RawServer


@ours_alone("skips interim answers without end")
async def test_a_flood_of_interim_answers_is_refused(make):
    """Seventeen are too many."""
    async with RawServer(saying(b"HTTP/1.1 100 Continue\r\n\r\n" * 16 + answer(b"good"), b"")) as server:
        assert (await ask(make(), server)).ended
    async with RawServer(saying(b"HTTP/1.1 100 Continue\r\n\r\n" * 17 + answer(b"bad"))) as server:
        got = await ask(make(), server)

    assert (got.status, got.error.status, got.error.code) == (0, 502, "bad_answer")


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


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 9000 + b"\r\nContent-Length: 0\r\n\r\n", id="one long header"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 9000, id="a header without end"),
    ],
)
async def test_headers_have_a_limit(make, said):
    """Past it the answer is refused, whether or not the head ever ends."""
    await refuses(make(max_header_bytes=8000), said)


@ours_alone("limits single fields, not the head; drops trailers and chunk extensions without a limit")
@pytest.mark.parametrize(
    "said",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\n" + b"X: aaaaaaaa\r\n" * 1000 + b"Content-Length: 0\r\n\r\n", id="many headers"),
        pytest.param(b"HTTP/1.1 103 Hints\r\nX: " + b"a" * 7000 + b"\r\n\r\nHTTP/1.1 200 OK\r\nX: " + b"a" * 7000, id="over two heads"),
        pytest.param(CHUNKED + chunk(b"abc") + b"0\r\nX: " + b"a" * 600_000, id="a trailer"),
        pytest.param(CHUNKED + b"3;x=" + b"a" * 600_000, id="a chunk extension"),
    ],
)
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


@pytest.mark.parametrize(
    "header",
    [
        (b"x-a", b"b\r\nx-c: d"),
        (b"x-a", b"b\nx-c: d"),
        (b"x-a", b"b\rx"),
        (b"x-a", b"b\0"),
        (b"x-a\r\nx-c", b"d"),
    ],
)
async def test_headers_that_would_break_out_are_not_sent(make, header):
    """Nothing is written: the refusal says so, and repeats no value."""
    async with RawServer(saying(answer())) as server:
        got = await ask(make(), server, headers=[header])

    assert (got.status, got.error.sent, got.error.code) == (0, False, "bad_request")


@ours_alone("sends them")
@pytest.mark.parametrize(
    "header",
    [
        (b"content-length", b"3"),
        (b"Transfer-Encoding", b"chunked"),
        (b"host", b"elsewhere"),
        (b"connection", b"authorization"),
        (b"upgrade", b"h2c"),
        (b"x a", b"b"),
        (b"x:a", b"b"),
        (b"", b"b"),
        ("xä".encode(), b"b"),
        (b"x-a", b"\x01"),
    ],
)
async def test_headers_of_the_client_itself_are_not_taken(make, header):
    """Framing and host are set in one place."""
    async with RawServer(saying(answer())) as server:
        got = await ask(make(), server, headers=[header])

        assert server.connections == 0
    assert (got.error.sent, got.error.code) == (False, "bad_request")


@ours_alone("cleans targets up instead of refusing them")
@pytest.mark.parametrize(
    "target",
    [
        "",
        "v1",
        "/a b",
        "/a\r\nx: y",
        "/ä",
        "/a#b",
        "/a/../b",
        "/..",
        "/a/%2e%2E/b",
        "/./a",
        "/..%2fadmin",
        "/models/..?x",
        "//host/../a",
    ],
)
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
