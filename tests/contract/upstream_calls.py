"""What the upstream suites share: a sink that remembers, requests in one line, and marks for rows that the reference cannot pass."""

import asyncio

import pytest

from headgate.core.endpoint import Provider
from headgate.exchange.ports import USUAL_DEADLINES, UpstreamRequest

PATIENCE_S = 20.0


def ours_alone(reason):
    """A row that aiohttp cannot pass, and why."""
    return pytest.mark.parametrize("make", ["http1", pytest.param("aiohttp", marks=pytest.mark.skip(reason=reason))], indirect=True)


class Listener:
    """A sink that keeps what it hears, and complains about calls out of order."""

    def __init__(self, on_head=None, on_data=None):
        self.status = 0
        self.headers = []
        self.chunks = []
        self.ended = False
        self.error = None
        self.calls = 0
        self.over = asyncio.Event()
        self.heard = asyncio.Event()
        self._on_head = on_head
        self._on_data = on_data

    @property
    def body(self):
        return b"".join(self.chunks)

    def head(self, status, headers):
        assert not self.status
        self._hear()
        self.status, self.headers = status, headers
        if self._on_head:
            self._on_head()

    def data(self, chunk):
        assert self.status
        assert chunk
        self._hear()
        self.chunks.append(bytes(chunk))
        if self._on_data:
            self._on_data()

    def end(self):
        assert self.status
        self._hear()
        self.ended = True
        self.over.set()

    def fail(self, error):
        self._hear()
        self.error = error
        self.over.set()

    def _hear(self):
        assert not self.over.is_set(), "the sink is called after the end"
        self.calls += 1
        self.heard.set()

    async def wait(self):
        """Until the end, good or bad."""
        await soon(self.over.wait())
        return self

    async def wait_for(self, condition):
        """Until something is so after one of the calls."""
        while not condition(self):
            self.heard.clear()
            await soon(self.heard.wait())


async def soon(awaitable):
    """An upper bound for what must come at once, so that a mistake ends the run."""
    async with asyncio.timeout(PATIENCE_S):
        return await awaitable


def request(server, body=b"", *, headers=(), target="/v1/messages", method="POST", deadlines=USUAL_DEADLINES):
    """A request to a server (or a base URL) as provider `lab`."""
    base_url = server if isinstance(server, str) else server.base_url
    provider = Provider(name="lab", dialect="anthropic", base_url=base_url)
    return UpstreamRequest(provider=provider, method=method, target=target, headers=list(headers), body=body, deadlines=deadlines)


async def ask(upstream, *args, **kwargs):
    """Send, and wait for the end."""
    listener = Listener()
    upstream.send(request(*args, **kwargs), listener)
    return await listener.wait()


def answer(body=b"", status=200, *, headers=b""):
    """A plain answer with a length."""
    return b"HTTP/1.1 %d Whatever\r\n%bContent-Length: %d\r\n\r\n" % (status, headers, len(body)) + body


def chunk(data):
    """A piece of a chunked body."""
    return b"%x\r\n%b\r\n" % (len(data), data)


async def answering(peer):
    """A script that answers every request."""
    while True:
        await peer.request()
        await peer.send(answer(b"%d" % peer.number))


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


CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"
