"""The upstream port: whom it trusts, and the way through a proxy. Every row runs over every implementation."""

import asyncio
import base64
import contextlib
import datetime as dt
import ssl

import pytest
import trustme
import uvloop

from headgate.core.secret import Secret
from tests.contract.upstream_calls import CHUNKED, LAST_CHUNK, Listener, answer, ask, chunk, ours_alone, request, soon
from tests.fakes.raw_server import RawServer


@pytest.fixture(scope="module")
def authority():
    """An authority that no system knows."""
    return trustme.CA()


@pytest.fixture
def ca_file(authority, tmp_path):
    """Its certificate, as a file that a setting can name."""
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


def serving(certificate):
    """A server's context."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["h2", "http/1.1"])
    certificate.configure_cert(context)
    return context


async def answering(peer):
    """A script that answers every request with what it can say of the connection."""
    while True:
        _, body = await peer.request()
        await peer.send(answer(body or (peer.writer.get_extra_info("ssl_object").selected_alpn_protocol() or "").encode()))


async def test_an_extra_authority(make, authority, ca_file):
    """What is handed in is trusted, for the right host; the connection speaks HTTP/1.1 and is used again."""
    async with RawServer(answering, serving(authority.issue_cert("127.0.0.1"))) as server:
        upstream = make(extra_ca_file=ca_file)
        first, second = await ask(upstream, server), await ask(upstream, server, b"x" * 3_000_000)

        assert server.connections == 1
    assert (first.body, first.ended) == (b"http/1.1", True)
    assert second.body == b"x" * 3_000_000


async def test_a_stream_over_tls(make, authority, ca_file):
    """Events come one by one here too, and a paused answer waits."""
    listener = Listener()

    async def script(peer):
        await peer.request()
        await peer.send(CHUNKED)
        for number in range(10):
            await peer.send(chunk(b"event %d" % number))
            await listener.wait_for(lambda sink, number=number: sink.body.endswith(b"event %d" % number))
        await peer.send(chunk(b"x" * 2_000_000), LAST_CHUNK)
        await peer.gone()

    async with RawServer(script, serving(authority.issue_cert("127.0.0.1"))) as server:
        upstream = make(extra_ca_file=ca_file)
        call = upstream.send(request(server), listener)
        await listener.wait_for(lambda sink: sink.body.endswith(b"9"))
        call.pause()
        await asyncio.sleep(0.1)

        assert not listener.over.is_set()
        call.resume()
        await listener.wait()
        await upstream.close()

    assert listener.ended
    assert len(listener.body) == 10 * 7 + 2_000_000


def _expired(authority):
    past = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    return authority.issue_cert("127.0.0.1", not_before=past - dt.timedelta(days=1), not_after=past)


@pytest.mark.parametrize(
    "issue",
    [
        pytest.param(lambda authority: authority.issue_cert("elsewhere.test"), id="of another host"),
        pytest.param(lambda _: trustme.CA().issue_cert("127.0.0.1"), id="of an unknown authority"),
        pytest.param(_expired, id="expired"),
    ],
)
async def test_a_certificate_that_is_not_accepted(make, authority, ca_file, issue):
    """Nothing is sent, and never is verification left out."""
    asked = []

    async def script(peer):
        asked.append(await peer.head())

    async with RawServer(script, serving(issue(authority))) as server:
        got = await ask(make(extra_ca_file=ca_file), server)

    assert (got.status, got.error.status, got.error.code, got.error.sent) == (0, 502, "bad_certificate", False)
    assert asked == []


async def test_the_system_does_not_know_the_authority(make, authority, ca_file, monkeypatch):
    """Without the setting it is refused, also when the environment names the file."""
    monkeypatch.setenv("SSL_CERT_FILE", ca_file)
    async with RawServer(answering, serving(authority.issue_cert("127.0.0.1"))) as server:
        got = await ask(make(), server)

    assert (got.error.code, got.error.sent) == ("bad_certificate", False)


async def test_a_server_without_tls(make):
    """A clear failure, and nothing sent."""

    async def script(peer):
        await peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await peer.reader.read()

    async with RawServer(script) as server:
        got = await ask(make(), f"https://127.0.0.1:{server.port}")

    assert (got.status, got.error.status, got.error.code, got.error.sent) == (0, 502, "tls_failed", False)


async def test_a_handshake_that_is_broken_off(make):
    """Closed right after the client's hello: unreachable, unsent."""

    async def script(peer):
        await peer.reader.read(1)
        peer.reset()

    async with RawServer(script) as server:
        got = await ask(make(), f"https://127.0.0.1:{server.port}")

    assert (got.status, got.error.status, got.error.sent) == (0, 502, False)


@ours_alone("takes it for the end of an answer that states none")
async def test_a_tls_connection_that_is_cut(make, authority, ca_file):
    """Without TLS's own goodbye, an answer that ends with its connection has not ended well: anyone on the way can close a connection."""
    if not isinstance(asyncio.get_running_loop(), uvloop.Loop):
        pytest.skip("the standard library's loop does not tell TLS's goodbye from a close of TCP")
    listener = Listener()

    async def script(peer):
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\n\r\nsome")
        await listener.wait_for(lambda sink: sink.body)
        peer.writer.transport.abort()

    async with RawServer(script, serving(authority.issue_cert("127.0.0.1"))) as server:
        make(extra_ca_file=ca_file).send(request(server), listener)
        await listener.wait()

    assert (listener.ended, listener.error.code) == (False, "cut")


class Proxy:
    """A forward proxy that knows one name: whatever is asked for, it goes to one port on loopback."""

    def __init__(self, port, refusal=b""):
        self.heads = []
        self._port = port
        self._refusal = refusal

    async def __call__(self, peer):
        head = await peer.head()
        self.heads.append(head.decode())
        if self._refusal:
            await peer.send(self._refusal)
            await peer.reader.read()
            return
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            if head.startswith(b"CONNECT "):
                await peer.send(b"HTTP/1.1 200 Connection established\r\nX-Proxy: p\r\n\r\n")
            else:
                writer.write(head)
            await asyncio.gather(_pump(peer.reader, writer), _pump(reader, peer.writer))
        finally:
            writer.close()


async def _pump(reader, writer):
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


def through(proxy_server, userinfo=""):
    """The settings of a client behind a proxy."""
    return {"proxy_url": Secret(f"http://{userinfo}127.0.0.1:{proxy_server.port}"), "no_proxy": ()}


async def test_a_tunnel(make, authority, ca_file):
    """The proxy learns the name and port, and nothing of request, credential or answer; the name is looked up by the proxy alone."""
    async with RawServer(answering, serving(authority.issue_cert("provider.test"))) as server:
        proxy = Proxy(server.port)
        async with RawServer(proxy) as proxy_server:
            upstream = make(extra_ca_file=ca_file, **through(proxy_server, "me:p%40ss@"))
            url = "https://provider.test:8443/v1"
            first = await ask(upstream, url, b"body", headers=[(b"x-api-key", b"geheim")])
            second = await ask(upstream, url, b"x" * 300_000)

            assert (server.connections, proxy_server.connections) == (1, 1)
            await upstream.close()

    assert (first.body, second.body) == (b"body", b"x" * 300_000)
    line, *fields = proxy.heads[0].rstrip().split("\r\n")
    assert line == "CONNECT provider.test:8443 HTTP/1.1"
    assert f"proxy-authorization: basic {base64.b64encode(b'me:p@ss').decode()}".lower() in [field.lower() for field in fields]
    assert "geheim" not in proxy.heads[0]


async def test_the_certificate_behind_a_tunnel(make, authority, ca_file):
    """It must be the provider's: a proxy cannot stand in for it."""
    async with RawServer(answering, serving(authority.issue_cert("127.0.0.1"))) as server, RawServer(Proxy(server.port)) as proxy_server:
        got = await ask(make(extra_ca_file=ca_file, **through(proxy_server)), "https://provider.test")

    assert (got.error.code, got.error.sent) == ("bad_certificate", False)


@pytest.mark.parametrize("refusal", [b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", b"HTTP/1.1 502 Bad\r\n\r\n"])
async def test_a_proxy_that_refuses(make, refusal):
    """A failure that was not sent; the proxy's answer is not taken for the provider's."""
    async with RawServer(Proxy(0, refusal)) as proxy_server:
        got = await ask(make(**through(proxy_server)), "https://provider.test")

    assert (got.status, got.error.status, got.error.code, got.error.sent) == (0, 502, "proxy_refused", False)


@ours_alone("takes some of these for an answer")
@pytest.mark.parametrize(
    "refusal", [b"SSH-2.0-x\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: " + b"a" * 20_000, b""]
)
async def test_a_proxy_that_is_none(make, refusal):
    """What speaks first, too much or not at all gets no request."""

    async def script(peer):
        await peer.head()
        await peer.send(refusal)
        if not refusal:
            peer.close()
        await peer.gone()

    async with RawServer(script) as proxy_server:
        got = await ask(make(**through(proxy_server)), "https://provider.test")

    assert (got.status, got.error.code, got.error.sent) == (0, "proxy_refused", False)


async def test_a_proxy_that_stalls(make):
    """It shares the connect timeout, and its connection is closed."""
    closed = asyncio.Event()

    async def script(peer):
        await peer.reader.read()
        closed.set()

    async with RawServer(script) as proxy_server:
        got = await ask(make(connect_timeout_s=0.2, **through(proxy_server)), "https://provider.test")
        await soon(closed.wait())

    assert (got.error.status, got.error.code, got.error.sent) == (504, "connect_timeout", False)


async def test_plain_http_through_a_proxy(make):
    """Without TLS there is no tunnel: the proxy reads the request, in absolute form."""
    async with RawServer(_echo) as server:
        proxy = Proxy(server.port)
        async with RawServer(proxy) as proxy_server:
            got = await ask(make(**through(proxy_server, "me:secret@")), "http://provider.test:81/base", target="/x?y", body=b"{}")

    assert (got.body, got.ended) == (b"{}", True)
    assert proxy.heads[0].startswith("POST http://provider.test:81/base/x?y HTTP/1.1\r\n")
    assert "host: provider.test:81\r\n" in proxy.heads[0].lower()
    assert "proxy-authorization: basic " in proxy.heads[0].lower()


async def _echo(peer):
    _, body = await peer.request()
    await peer.send(answer(body))


@pytest.mark.parametrize("no_proxy", [("127.0.0.1",), ("127.0.0.0/8",), ("*",)])
async def test_hosts_that_need_no_proxy(make, no_proxy):
    """They are reached directly."""
    async with RawServer(_echo) as server, RawServer(Proxy(0)) as proxy_server:
        got = await ask(make(**{**through(proxy_server), "no_proxy": no_proxy}), server, b"{}")

        assert proxy_server.connections == 0
    assert got.ended


async def test_a_proxy_in_the_environment_is_not_ours(make, monkeypatch):
    """Only what is handed in counts."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with RawServer(_echo) as server:
        got = await ask(make(), server, b"{}")

    assert got.ended
