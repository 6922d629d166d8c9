"""The upstream port over aiohttp: the reference of right behaviour for the contract suite. Never shipped."""

import asyncio
import io
import ssl

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from headgate.core.errors import UpstreamFailed
from headgate.exchange.ports import Sink, UpstreamRequest
from headgate.upstream.origin import parse_base_url
from headgate.upstream.proxy import bypasses
from headgate.upstream.settings import UpstreamSettings
from headgate.upstream.tls import client_context


class _Late(Exception):
    pass


class _Call:
    def __init__(self, request: UpstreamRequest, sink: Sink) -> None:
        self.request = request
        self.sink: Sink | None = sink
        self.sent = True
        self.task: asyncio.Task[None] | None = None
        self.ready = asyncio.Event()
        self.ready.set()

    def pause(self) -> None:
        self.ready.clear()

    def resume(self) -> None:
        self.ready.set()

    def cancel(self) -> None:
        self.sink = None
        if self.task is not None:
            self.task.cancel()


class AiohttpUpstream:
    """Pulls each answer in a task of its own and pushes it into the sink."""

    def __init__(self, settings: UpstreamSettings) -> None:
        self._settings = settings
        self._session: aiohttp.ClientSession | None = None
        self._calls: set[_Call] = set()

    def send(self, request: UpstreamRequest, sink: Sink) -> _Call:
        call = _Call(request, sink)
        self._calls.add(call)
        call.task = asyncio.get_running_loop().create_task(self._run(call))
        call.task.add_done_callback(lambda _: self._calls.discard(call))
        return call

    async def close(self) -> None:
        calls = tuple(self._calls)
        for call in calls:
            sink, call.sink = call.sink, None
            if sink is not None:
                sink.fail(UpstreamFailed("closing", code="closing"))
            call.cancel()
        await asyncio.gather(*(call.task for call in calls if call.task is not None), return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            settings = self._settings
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=client_context(settings.extra_ca_file), limit=0, keepalive_timeout=settings.idle_connection_s),
                auto_decompress=False,
                skip_auto_headers=("accept", "accept-encoding", "user-agent", "content-type"),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None, connect=settings.connect_timeout_s),
                max_line_size=settings.max_header_bytes,
                max_field_size=settings.max_header_bytes,
            )
        return self._session

    async def _run(self, call: _Call) -> None:
        try:
            async with asyncio.timeout(call.request.deadlines.total_s):
                await self._exchange(call)
        except aiohttp.ConnectionTimeoutError as error:
            self._fail(call, UpstreamFailed(str(error), status=504, code="connect_timeout", sent=False))
        except _Late as error:
            self._fail(call, UpstreamFailed(str(error), status=504, code=str(error)))
        except TimeoutError:
            self._fail(call, UpstreamFailed("total", status=504, code="total_timeout"))
        except (aiohttp.ClientError, ValueError) as error:
            self._fail(call, _failure(error))

    async def _exchange(self, call: _Call) -> None:
        request = call.request
        try:
            async with asyncio.timeout(request.deadlines.first_byte_s):
                response = await self._request(request)
        except aiohttp.ConnectionTimeoutError:
            raise
        except TimeoutError:
            raise _Late("first_byte_timeout") from None
        async with response:
            if call.sink is not None:
                call.sink.head(response.status, [(name.lower(), value) for name, value in response.raw_headers])
            while True:
                chunk = await _next(response, request.deadlines.idle_s)
                await call.ready.wait()
                if call.sink is None:
                    return
                if not chunk:
                    break
                call.sink.data(chunk)
        sink, call.sink = call.sink, None
        if sink is not None:
            sink.end()

    async def _request(self, request: UpstreamRequest) -> aiohttp.ClientResponse:
        settings, base_url = self._settings, request.provider.base_url
        proxied = settings.proxy_url is not None and not bypasses(settings.no_proxy, parse_base_url(base_url))
        return await self._open_session().request(
            request.method,
            URL(base_url.rstrip("/") + request.target, encoded=True),
            headers=CIMultiDict((name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers),
            data=io.BytesIO(request.body) if request.body else None,
            allow_redirects=False,
            proxy=settings.proxy_url.reveal() if settings.proxy_url is not None and proxied else None,
        )

    def _fail(self, call: _Call, error: UpstreamFailed) -> None:
        sink, call.sink = call.sink, None
        if sink is not None:
            sink.fail(error)


async def _next(response: aiohttp.ClientResponse, timeout_s: float) -> bytes:
    try:
        async with asyncio.timeout(timeout_s):
            return await response.content.readany()
    except TimeoutError:
        raise _Late("idle_timeout") from None


def _failure(error: Exception) -> UpstreamFailed:
    match error:
        case aiohttp.ClientConnectorCertificateError():
            return UpstreamFailed(str(error), code="bad_certificate", sent=False)
        case aiohttp.ClientConnectorSSLError() | ssl.SSLError():
            return UpstreamFailed(str(error), code="tls_failed", sent=False)
        case aiohttp.ClientHttpProxyError():
            return UpstreamFailed(str(error), code="proxy_refused", sent=False)
        case aiohttp.ClientConnectorError():
            return UpstreamFailed(str(error), code="unreachable", sent=False)
        case aiohttp.ClientResponseError():
            return UpstreamFailed(str(error), code="bad_answer")
        case aiohttp.ClientPayloadError() if "TransferEncodingError" in str(error) and "Not enough data" not in str(error):
            return UpstreamFailed(str(error), code="bad_answer")
        case aiohttp.ClientError():
            return UpstreamFailed(str(error), code="cut")
    return UpstreamFailed(str(error), code="bad_request", sent=False)
