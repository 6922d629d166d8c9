"""Every framing row, in raw bytes against a real server: refused and closed, or served in the one way it can be read."""

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from headgate.web.connection_limits import FrontLimits
from tests.fakes.front import FrontServer, wait_until

LIMITS = FrontLimits(body_bytes_max=200_000, linger_timeout_s=0.3, sweep_interval_s=0.05)


@pytest.fixture(scope="module")
def server() -> Iterator[FrontServer]:
    """One server for all rows: what one row does to it, the next would show."""
    with FrontServer(LIMITS) as running:
        yield running


POST = b"POST /a HTTP/1.1\r\nHost: x\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
TAIL = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"


def get(target: bytes, *headers: bytes) -> bytes:
    """A request without body."""
    return b"GET %b HTTP/1.1\r\nHost: x\r\n%b\r\n" % (target, b"".join(header + b"\r\n" for header in headers))


def host(value: bytes) -> bytes:
    """A request for a host."""
    return b"GET /admin HTTP/1.1\r\nHost: %b\r\n\r\n" % value


REFUSED: list[tuple[str, bytes, int]] = [
    ("T1 content-length with transfer-encoding", POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + TAIL, 400),
    ("T1 transfer-encoding with content-length", POST + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + TAIL, 400),
    ("T2 two different content-lengths", POST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400),
    ("T3 two equal content-lengths", POST + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400),
    ("T3 a list of equal content-lengths", POST + b"Content-Length: 3, 3\r\n\r\nabc", 400),
    ("T4 content-length with a sign", POST + b"Content-Length: +3\r\n\r\nabc", 400),
    ("T4 content-length in hexadecimal", POST + b"Content-Length: 0x3\r\n\r\nabc", 400),
    ("T4 content-length with an underscore", POST + b"Content-Length: 1_0\r\n\r\nabcdefghij", 400),
    ("T4 content-length with a space after it", POST + b"Content-Length: 3 \r\n\r\nabc", 400),
    ("T4 content-length below zero", POST + b"Content-Length: -1\r\n\r\nabc", 400),
    ("T4 content-length of 30 nines", POST + b"Content-Length: " + b"9" * 30 + b"\r\n\r\nabc", 400),
    ("T4 content-length of 30 digits", POST + b"Content-Length: " + b"0" * 29 + b"3\r\n\r\nabc", 400),
    ("T4 content-length that is empty", POST + b"Content-Length: \r\n\r\nabc", 400),
    ("T5 transfer-encoding xchunked", POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400),
    ("T5 transfer-encoding chunked, identity", POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", 400),
    ("T5 transfer-encoding identity, chunked", POST + b"Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n", 400),
    ("T5 transfer-encoding gzip, chunked", POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400),
    ("T5 transfer-encoding identity", POST + b"Transfer-Encoding: identity\r\n\r\n", 400),
    ("T5 two transfer-encodings", POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("T5 transfer-encoding with a vertical tab", POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n", 400),
    ("T5 transfer-encoding with a space before the colon", POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400),
    ("T5 transfer-encoding in quotes", POST + b'Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n', 400),
    ("T6 chunked in HTTP/1.0", b"POST /a HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("T7 folded header", get(b"/a", b"X-A: b\r\n c"), 400),
    ("T7 header folded with a tab", get(b"/a", b"X-A: b\r\n\tc"), 400),
    ("T7 first header folded", b"GET /a HTTP/1.1\r\n Host: x\r\n\r\n", 400),
    ("T8 bare LF throughout", b"GET /a HTTP/1.1\nHost: x\n\n", 400),
    ("T8 bare LF after a header", b"GET /a HTTP/1.1\r\nHost: x\nX-A: b\r\n\r\n", 400),
    ("T8 bare LF at the end of the head", b"GET /a HTTP/1.1\r\nHost: x\r\n\n", 400),
    ("T8 bare CR in a value", get(b"/a", b"X-A: b\rc"), 400),
    ("T8 two CR at the end of a header", get(b"/a", b"X-A: b\r"), 400),
    ("T8 NUL in a value", get(b"/a", b"X-A: b\0c"), 400),
    ("T8 control character in a value", get(b"/a", b"X-A: b\x01c"), 400),
    ("T8 DEL in a value", get(b"/a", b"X-A: b\x7fc"), 400),
    ("T8 a name outside ASCII", get(b"/a", "X-Ä: b".encode()), 400),
    ("T8 a name with a space", get(b"/a", b"X A: b"), 400),
    ("T8 an empty name", get(b"/a", b": b"), 400),
    ("T8 a header without a colon", get(b"/a", b"X-A"), 400),
    ("T8 a credential outside ASCII", get(b"/a", b"Authorization: Bearer \xff"), 400),
    ("T9 chunk size in 0x notation", CHUNKED + b"0x2\r\nab\r\n0\r\n\r\n", 400),
    ("T9 bare LF in a chunk extension", CHUNKED + b"2;a\nxx\r\nab\r\n0\r\n\r\n", 400),
    ("T9 bare CR in a chunk extension", CHUNKED + b"2;a\rxx\r\nab\r\n0\r\n\r\n", 400),
    ("T9 NUL in a chunk extension", CHUNKED + b"2;a\0\r\nab\r\n0\r\n\r\n", 400),
    ("T9 chunk size below zero", CHUNKED + b"-1\r\nab\r\n0\r\n\r\n", 400),
    ("T9 chunk size with a plus", CHUNKED + b"+2\r\nab\r\n0\r\n\r\n", 400),
    ("T9 chunk size of 17 zeros and digits", CHUNKED + b"0" * 16 + b"2\r\nab\r\n0\r\n\r\n", 400),
    ("T9 chunk size of 17 digits", CHUNKED + b"f" * 17 + b"\r\nab\r\n0\r\n\r\n", 400),
    ("T9 chunk size with a space before it", CHUNKED + b" 2\r\nab\r\n0\r\n\r\n", 400),
    ("T9 chunk size with a space after it", CHUNKED + b"2 \r\nab\r\n0\r\n\r\n", 400),
    ("T9 chunk size that is empty", CHUNKED + b"\r\n\r\n", 400),
    ("T9 chunk size ended by LF", CHUNKED + b"2\nab\r\n0\r\n\r\n", 400),
    ("T9 chunk longer than its size", CHUNKED + b"2\r\nabc\r\n0\r\n\r\n", 400),
    ("T9 chunk extension of 20 KB", CHUNKED + b"2;" + b"a" * 20_000 + b"\r\nab\r\n0\r\n\r\n", 400),
    ("T9 20 KB of small chunk extensions", CHUNKED + (b"1;" + b"a" * 500 + b"\r\nx\r\n") * 40 + b"0\r\n\r\n", 400),
    ("T9 a body of chunks of one byte", CHUNKED + b"1\r\nx\r\n" * 20_000 + b"0\r\n\r\n", 400),
    ("T10 trailers of 20 KB", CHUNKED + b"0\r\n" + b"X-A: bbbbbbbb\r\n" * 1500 + b"\r\n", 400),
    ("T10 content-length as a trailer", CHUNKED + b"0\r\nContent-Length: 5\r\n\r\n" + TAIL, 400),
    ("T10 a folded trailer", CHUNKED + b"0\r\nX-A: b\r\n c\r\n\r\n", 400),
    ("T11 no host", b"GET /a HTTP/1.1\r\n\r\n", 400),
    ("T11 no host in HTTP/1.0", b"GET /a HTTP/1.0\r\n\r\n", 400),
    ("T11 two hosts", get(b"/a", b"Host: y"), 400),
    ("T11 two equal hosts", get(b"/a", b"Host: x"), 400),
    ("T11 an empty host", host(b""), 400),
    ("T12 host with a path and query", host(b"x/health?"), 400),
    ("T12 host with a fragment", host(b"x#"), 400),
    ("T12 host with user information", host(b"a@x"), 400),
    ("T12 host with a space", host(b"x y"), 400),
    ("T12 host with two ports", host(b"x:1:2"), 400),
    ("T12 host with a word for a port", host(b"x:http"), 400),
    ("T12 a list of hosts", host(b"x, y"), 400),
    ("T12 a host outside ASCII", host("ä".encode()), 400),
    ("T12 half an IPv6 host", host(b"[::1"), 400),
    ("T13 absolute target", get(b"http://evil/health"), 400),
    ("T13 absolute target of this host", get(b"http://x/health"), 400),
    ("T14 target without a slash", get(b"@google.com"), 400),
    ("T14 target of a word", get(b"health"), 400),
    ("T14 target of an asterisk", b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("T14 CONNECT to an authority", b"CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n", 405),
    ("T14 CONNECT to a path", b"CONNECT /a HTTP/1.1\r\nHost: x\r\n\r\n", 405),
    ("T14 TRACE", b"TRACE /a HTTP/1.1\r\nHost: x\r\n\r\n", 405),
    ("T14 a WebDAV method", b"PROPFIND /a HTTP/1.1\r\nHost: x\r\n\r\n", 405),
    ("T14 unknown method", b"FROBNICATE /a HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("T14 method in lower case", b"get /a HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("T14 HTTP/0.9", b"GET /a\r\n\r\n", 505),
    ("T14 HTTP/2.0", b"GET /a HTTP/2.0\r\nHost: x\r\n\r\n", 505),
    ("T14 HTTP/1.2", b"GET /a HTTP/1.2\r\nHost: x\r\n\r\n", 400),
    ("T14 RTSP", b"SETUP rtsp://x RTSP/1.0\r\nHost: x\r\n\r\n", 405),
    ("T14 HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    ("T14 TLS hello", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    ("T14 empty lines alone", b"\r\n\r\n", 400),
    ("T15 two slashes at the start", get(b"//admin"), 400),
    ("T15 two slashes inside", get(b"/a//b"), 400),
    ("T15 two dots", get(b"/gemini/../admin"), 400),
    ("T15 two dots at the end", get(b"/gemini/.."), 400),
    ("T15 two dots before the query", get(b"/gemini/..?a=b"), 400),
    ("T15 one dot", get(b"/./admin"), 400),
    ("T15 encoded dots", get(b"/%2e%2e/admin"), 400),
    ("T15 encoded dots in upper case", get(b"/%2E%2E/admin"), 400),
    ("T15 encoded slash", get(b"/gemini%2f..%2fadmin"), 400),
    ("T15 encoded backslash", get(b"/gemini%5c..%5cadmin"), 400),
    ("T15 double encoding", get(b"/%252e%252e/admin"), 400),
    ("T15 semicolon", get(b"/;/admin"), 400),
    ("T15 encoded semicolon", get(b"/%3b/admin"), 400),
    ("T15 encoded NUL", get(b"/admin%00"), 400),
    ("T15 encoded line break", get(b"/admin%0d%0aX-A:%20b"), 400),
    ("T15 overlong UTF-8", get(b"/%c0%ae%c0%ae/admin"), 400),
    ("T15 overlong slash", get(b"/a%c0%afb"), 400),
    ("T15 encoded surrogate", get(b"/%ed%a0%80"), 400),
    ("T15 a single byte that is not UTF-8", get(b"/%ff"), 400),
    ("T15 half an escape", get(b"/a%2"), 400),
    ("T15 an escape that is none", get(b"/a%zz"), 400),
    ("T15 backslash", get(b"/gemini\\..\\admin"), 400),
    ("T15 fragment", get(b"/a#b"), 400),
    ("T15 angle brackets", get(b"/<script>"), 400),
    ("T15 path outside ASCII", get("/ä".encode()), 400),
    ("T15 control character in the query", get(b"/a?b=\x01"), 400),
    ("T17 websocket protocol outside ASCII", get(b"/a", b"Connection: Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Protocol: \xff"), 400),
    ("T20 an expectation that we cannot meet", POST + b"Expect: 200-ok\r\nContent-Length: 3\r\n\r\n", 417),
    ("T28 header of 70 KB", get(b"/a", b"X-A: " + b"a" * 70_000), 431),
    ("T28 header of 17 KB", get(b"/a", b"X-A: " + b"a" * 17_000), 431),
    ("T28 headers of 70 KB together", get(b"/a", *[b"X-%d: " % number + b"a" * 1000 for number in range(70)]), 431),
    ("T28 500 headers", get(b"/a", *[b"X-%d: a" % number for number in range(500)]), 431),
    ("T28 101 headers", get(b"/a", *[b"X-%d: a" % number for number in range(100)]), 431),
    ("T28 target of 20 KB", get(b"/" + b"a" * 20_000), 414),
    ("T28 query of 20 KB", get(b"/?" + b"a" * 20_000), 414),
    ("T29 content-length over the limit", POST + b"Content-Length: 200001\r\n\r\n", 413),
    ("T29 content-length of an exabyte", POST + b"Content-Length: 1000000000000000000\r\n\r\n", 413),
    ("T30 one chunk over the limit", CHUNKED + b"30D41\r\n", 413),
    ("T30 a chunk of 16 digits", CHUNKED + b"f" * 16 + b"\r\nab\r\n", 413),
    ("T30 many chunks over the limit", CHUNKED + (b"4000\r\n" + b"a" * 0x4000 + b"\r\n") * 13, 413),
]


@pytest.mark.parametrize(("request_bytes", "status"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_is_refused_and_closed(server: FrontServer, request_bytes: bytes, status: int, caplog: pytest.LogCaptureFixture) -> None:
    """One small answer that repeats no input, then the end of the connection; no application is given a whole request; one line is logged."""
    server.seen.clear()
    with caplog.at_level(logging.INFO, "headgate.web"), server.connect() as client:
        client.send(request_bytes)
        answer = client.answer()
        assert answer is not None
        assert answer.status == status
        assert answer.headers["connection"] == "close"
        assert set(answer.json()["error"]) == {"message", "type"}
        assert client.ended()

    assert server.seen == []
    assert len(caplog.messages) == 1
    assert "refused" in caplog.messages[0]


@pytest.mark.parametrize(("request_bytes", "status"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_is_refused_however_it_is_split(server: FrontServer, request_bytes: bytes, status: int) -> None:
    """The same in two pieces, split in the middle of the first kilobyte."""
    server.seen.clear()
    middle = min(len(request_bytes), 1000) // 2
    with server.connect() as client:
        client.send(request_bytes[:middle])
        client.send(request_bytes[middle:])
        answer = client.answer()
        assert answer is not None
        assert answer.status == status
        assert client.ended()

    assert server.seen == []


SERVED: list[tuple[str, bytes, dict[str, object]]] = [
    ("content-length body", POST + b"Content-Length: 3\r\n\r\nabc", {"path": "/a", "body": "abc", "method": "POST"}),
    ("empty body", POST + b"Content-Length: 0\r\n\r\n", {"body": ""}),
    ("POST without body", POST + b"\r\n", {"body": ""}),
    ("chunked body", CHUNKED + b'2\r\nab\r\n1;ext="y"\r\nc\r\n0\r\n\r\n', {"body": "abc"}),
    ("chunked body in capitals", POST + b"Transfer-Encoding: CHUNKED\r\n\r\nA\r\nabcdefghij\r\n000\r\n\r\n", {"body": "abcdefghij"}),
    ("empty chunked body", CHUNKED + b"0\r\n\r\n", {"body": ""}),
    ("body with content-length at the limit", POST + b"Content-Length: 200000\r\n\r\n" + b"a" * 200_000, {"body": 200_000}),
    ("chunked body at the limit", CHUNKED + (b"61a8\r\n" + b"a" * 25_000 + b"\r\n") * 8 + b"0\r\n\r\n", {"body": 200_000}),
    ("body with what looks like a request", POST + b"Content-Length: 35\r\n\r\n" + TAIL, {"body": TAIL.decode()}),
    ("host with a port", host(b"x:8484"), {"path": "/admin"}),
    ("IPv4 host", host(b"127.0.0.1:8484"), {"path": "/admin"}),
    ("IPv6 host", host(b"[::1]:8484"), {"path": "/admin"}),
    ("IPv6 host without port", host(b"[2001:db8::1]"), {"path": "/admin"}),
    ("host with an underscore", host(b"head_gate.internal."), {"path": "/admin"}),
    ("path and query", get(b"/gemini/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse&key=a%2Fb"), {
        "path": "/gemini/v1beta/models/gemini-2.5-pro:streamGenerateContent", "query": "alt=sse&key=a%2Fb",
    }),
    ("path of the root", get(b"/"), {"path": "/"}),
    ("path with a slash at its end", get(b"/a/"), {"path": "/a/"}),
    ("path with dots in a name", get(b"/a..b/.well-known/..."), {"path": "/a..b/.well-known/..."}),
    ("path with harmless escapes", get(b"/a%40b/%C3%BC%20"), {"path": "/a@b/ü ", "raw_path": "/a%40b/%C3%BC%20"}),
    ("T15 path in capitals is another path", get(b"/ADMIN"), {"path": "/ADMIN"}),
    ("dots and slashes in the query", get(b"/a?b=../..//%2e%00;"), {"query": "b=../..//%2e%00;"}),
    ("an empty query", get(b"/a?"), {"path": "/a", "query": ""}),
    ("one empty line before the request", b"\r\n" + get(b"/a"), {"path": "/a"}),
    ("header of 16 KB", get(b"/a", b"X-A: " + b"a" * 16_000), {"path": "/a"}),
    ("100 headers", get(b"/a", *[b"X-%d: a" % number for number in range(99)]), {"path": "/a"}),
    ("target of 8 KB", get(b"/" + b"a" * 8000), {"path": "/" + "a" * 8000}),
    ("T8 a value outside ASCII in a header that may", get(b"/a", b"X-Name: J\xfcrgen"), {"headers": [["host", "x"], ["x-name", "J\xfcrgen"]]}),
    ("PUT", b"PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx", {"method": "PUT", "body": "x"}),
    ("PATCH", b"PATCH /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx", {"method": "PATCH", "body": "x"}),
    ("DELETE", b"DELETE /a HTTP/1.1\r\nHost: x\r\n\r\n", {"method": "DELETE"}),
    ("OPTIONS", b"OPTIONS /a HTTP/1.1\r\nHost: x\r\n\r\n", {"method": "OPTIONS"}),
    ("T10 trailers are dropped", CHUNKED + b"1\r\na\r\n0\r\nAuthorization: Bearer X\r\nX-Api-Key: X\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n", {
        "body": "a", "headers": [["host", "x"], ["transfer-encoding", "chunked"]],
    }),
    ("T10 an upgrade in the trailers is dropped", CHUNKED + b"0\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", {"body": ""}),
    ("T16 h2c upgrade is ignored", get(b"/a", b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABk"), {"path": "/a"}),
    (
        "T16 h2c upgrade with a body",
        POST + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nContent-Length: 3\r\n\r\nabc",
        {"body": "abc"},
    ),
    (
        "T16 h2c upgrade with a chunked body",
        POST + b"Connection: Upgrade\r\nUpgrade: h2c\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        {"body": "abc"},
    ),
    (
        "T17 websocket upgrade is a plain GET with its headers",
        get(b"/a", b"Connection: Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Version: 13", b"Sec-WebSocket-Key: x"),
        {"method": "GET", "headers": [
            ["host", "x"], ["connection", "Upgrade"], ["upgrade", "websocket"], ["sec-websocket-version", "13"], ["sec-websocket-key", "x"],
        ]},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("request_bytes", "expected"), [row[1:] for row in SERVED], ids=[row[0] for row in SERVED])
def test_is_served_and_the_connection_goes_on(server: FrontServer, request_bytes: bytes, expected: dict[str, object]) -> None:
    """The application gets what was sent, and the next request of the connection, sent ahead, gets its own answer."""
    with server.connect() as client:
        client.send(request_bytes + get(b"/next"))
        answer = client.answer()
        following = client.answer()

    assert answer is not None
    assert answer.status == 200
    assert {key: answer.json()[key] for key in expected} == expected
    assert following is not None
    assert following.json()["path"] == "/next"


@pytest.mark.parametrize("request_bytes", [row[1] for row in SERVED if len(row[1]) < 500], ids=[row[0] for row in SERVED if len(row[1]) < 500])
def test_is_served_byte_by_byte(server: FrontServer, request_bytes: bytes) -> None:
    """The same answer when each byte comes alone."""
    with server.connect() as client:
        client.send(request_bytes)
        whole = client.answer()
        for byte in request_bytes:
            client.send(bytes([byte]))
        split = client.answer()

    assert whole is not None
    assert split is not None
    assert split.body == whole.body


def test_head_is_answered_without_body(server: FrontServer) -> None:
    """HEAD gets the head of an answer, and the connection goes on."""
    with server.connect() as client:
        client.send(b"HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n" + get(b"/next"))
        answer = client.answer(to_head=True)
        following = client.answer()

    assert answer is not None
    assert int(answer.headers["content-length"]) > 0
    assert following is not None
    assert following.status == 200


def test_http_1_0_is_served_and_closed(server: FrontServer) -> None:
    """HTTP/1.0 gets its answer and the end of the connection."""
    with server.connect() as client:
        client.send(b"GET /a HTTP/1.0\r\nHost: x\r\n\r\n" + get(b"/next"))
        answer = client.answer()
        assert answer is not None
        assert answer.status == 200
        assert client.ended()


def test_connection_close_is_kept(server: FrontServer) -> None:
    """What is sent after a request that closes its connection is not served."""
    server.seen.clear()
    with server.connect() as client:
        client.send(get(b"/a", b"Connection: close") + get(b"/next"))
        answer = client.answer()
        assert answer is not None
        assert answer.headers["connection"] == "close"
        assert client.ended()

    assert [seen["path"] for seen in server.seen] == ["/a"]


def test_an_application_may_close(server: FrontServer) -> None:
    """An answer with `connection: close` ends the connection."""
    with server.connect() as client:
        client.send(get(b"/close"))
        assert client.answer() is not None
        assert client.ended()


def test_t18_a_thousand_requests_sent_ahead(server: FrontServer) -> None:
    """They are served one by one, in their order."""
    with server.connect() as client:
        client.send(b"".join(get(b"/%d" % number) for number in range(1000)))
        paths = [answer.json()["path"] for answer in (client.answer() for _ in range(1000)) if answer is not None]

    assert paths == [f"/{number}" for number in range(1000)]


def test_t18_what_is_sent_ahead_is_bounded(server: FrontServer) -> None:
    """While one request is answered the rest stays in the client's own buffers."""
    with server.connect() as client:
        client.send(get(b"/slow"))
        client.timeout(0.1)
        sent = client.send_as_much_as_fits(get(b"/a") * 100, 64 * 1024 * 1024)
        client.timeout(10)

        assert sent < 32 * 1024 * 1024
        assert client.answer() is not None


def test_t20_the_body_is_asked_for_when_it_is_read(server: FrontServer) -> None:
    """100 Continue comes once the application reads, then the answer."""
    with server.connect() as client:
        client.send(POST + b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        interim = client.answer()
        client.send(b"abc")
        answer = client.answer()

    assert interim is not None
    assert interim.status == 100
    assert answer is not None
    assert answer.json()["body"] == "abc"


def test_t20_an_answer_instead_of_100_closes(server: FrontServer) -> None:
    """Where the application answers without reading, no body is asked for and nothing is read after it."""
    server.seen.clear()
    with server.connect() as client:
        client.send(b"POST /early HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 36\r\n\r\n")
        answer = client.answer()
        client.send(TAIL + TAIL)
        assert answer is not None
        assert answer.status == 200
        assert client.ended()

    assert [seen["path"] for seen in server.seen] == ["/early"]


def test_an_early_answer_leaves_the_connection_usable(server: FrontServer) -> None:
    """A body that nobody reads is read off, and the next request is served."""
    with server.connect() as client:
        client.send(b"POST /early HTTP/1.1\r\nHost: x\r\nContent-Length: 150000\r\n\r\n")
        early = client.answer()
        client.send(b"a" * 150_000 + get(b"/next"))
        following = client.answer()

    assert early is not None
    assert following is not None
    assert following.json()["path"] == "/next"


def test_f21_half_closed_is_still_served(server: FrontServer) -> None:
    """A client that closed its sending side gets its answers, also those it asked for ahead; then the connection ends."""
    with server.connect() as client:
        client.send(get(b"/slow") + get(b"/next"))
        client.half_close()
        first, second = client.answer(), client.answer()
        assert first is not None
        assert second is not None
        assert second.json()["path"] == "/next"
        assert client.ended()


@pytest.mark.parametrize("half", [b"", b"GET /a HT", POST + b"Content-Length: 3\r\n\r\na", CHUNKED + b"2\r\na"])
def test_half_closed_inside_a_request_ends(server: FrontServer, half: bytes) -> None:
    """There is nothing to answer where the rest of the request can never come."""
    server.seen.clear()
    with server.connect() as client:
        client.send(half)
        client.half_close()
        assert client.ended()

    assert server.seen == []


def test_t29_a_refused_upload_still_hears_why(server: FrontServer) -> None:
    """A client that writes its whole body before it reads gets the 413, not a reset connection."""
    with server.connect() as client:
        client.send(POST + b"Content-Length: 3000000\r\n\r\n" + b"a" * 3_000_000)
        answer = client.answer()

    assert answer is not None
    assert answer.status == 413


def test_t31_the_budget_of_bodies() -> None:
    """Bodies that are held together may not pass the budget: the next gets 503 with Retry-After, and what was held is given back."""
    limits = FrontLimits(held_body_bytes_max=150_000, sweep_interval_s=0.05, linger_timeout_s=0.3)
    with FrontServer(limits) as server, server.connect() as first, server.connect() as second, server.connect() as third:
        first.send(POST + b"Content-Length: 100001\r\n\r\n" + b"a" * 100_000)
        wait_until(lambda: server.front.held_body_bytes == 100_000)
        second.send(POST + b"Content-Length: 60000\r\n\r\n")
        refused = second.answer()
        third.send(CHUNKED + b"EA60\r\n" + b"a" * 60_000 + b"\r\n0\r\n\r\n")
        also_refused = third.answer()
        first.send(b"a")
        served = first.answer()
        wait_until(lambda: server.front.held_body_bytes == 0)

    assert refused is not None
    assert (refused.status, refused.headers["retry-after"]) == (503, "5")
    assert also_refused is not None
    assert also_refused.status == 503
    assert served is not None
    assert served.json()["body"] == 100_001


def test_t12_only_the_hosts_that_are_served() -> None:
    """With a list of hosts, any other name is refused, whatever its port."""
    with FrontServer(FrontLimits(hosts=frozenset({"gate.example", "[::1]"}))) as server:
        statuses = []
        for name in (b"gate.example", b"Gate.Example:8484", b"[::1]:1", b"evil.example", b"gate.example.evil", b"127.0.0.1"):
            with server.connect() as client:
                client.send(host(name))
                answer = client.answer()
                statuses.append(answer and answer.status)

    assert statuses == [200, 200, 200, 400, 400, 400]


def test_an_application_that_refuses_mid_body_is_told() -> None:
    """Where the front refuses a body on its way, the application that reads it sees a disconnect and nothing else."""
    heard: list[str] = []

    async def app(scope: dict[str, Any], receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
        message = await receive()
        while message["type"] == "http.request":
            message = await receive()
        heard.append(message["type"])
        await send({"type": "http.response.start", "status": 200, "headers": []})

    with FrontServer(LIMITS, app) as server, server.connect() as client:
        client.send(CHUNKED + b"5\r\nabcde\r\n")
        client.send(b"zz\r\n")
        answer = client.answer()
        assert answer is not None
        assert answer.status == 400
        assert client.ended()

    assert heard == ["http.disconnect"]
