"""What is served, in raw bytes against a real server: the one way in which it can be read, and the connection that goes on."""

from collections.abc import Iterator

import pytest

from headgate.exchange.ports import ClientStream
from headgate.web.front import FrontLimits
from headgate.web.service import OnBody, Request
from tests.e2e.refused_rows import CHUNKED, POST, TAIL, get, host
from tests.fakes.front import FrontServer, wait_until

LIMITS = FrontLimits(body_bytes_max=200_000, linger_timeout_s=0.3, sweep_interval_s=0.05)


@pytest.fixture(scope="module")
def server() -> Iterator[FrontServer]:
    """One server for all rows."""
    with FrontServer(LIMITS) as running:
        yield running


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


def test_a_body_that_is_refused_mid_way_reaches_no_service() -> None:
    """Where the front refuses a body on its way, the service is never handed it."""
    bodies: list[bytes] = []

    class Keeping:
        """A service that keeps bodies."""

        def open(self, _request: Request, _stream: ClientStream) -> OnBody:
            """Everything."""
            return bodies.append

    with FrontServer(LIMITS, Keeping()) as server, server.connect() as client:
        client.send(CHUNKED + b"5\r\nabcde\r\n")
        client.send(b"zz\r\n")
        answer = client.answer()
        assert answer is not None
        assert answer.status == 400
        assert client.ended()

    assert bodies == []
