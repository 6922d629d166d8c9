"""The upstream client: sends a request to a provider over HTTP/1.1 and pushes the answer into a sink, with no task woken for an event.

A request is written once. What was written may have been billed, so a connection that is lost after it is a failure, never a second try; a connection known to be
closed is passed over before anything is written. Redirects are delivered, not followed: the credential goes to the configured host alone.
"""

import asyncio

from headgate.exchange.ports import Sink, UpstreamRequest
from headgate.upstream import failure
from headgate.upstream.call import Http1Call
from headgate.upstream.dial import Dialer
from headgate.upstream.origin import BadUrl
from headgate.upstream.proxy import ProxyRefused
from headgate.upstream.request_head import FRAMING, head_end
from headgate.upstream.resolve import Lookup, Resolver, system_lookup
from headgate.upstream.route import ProviderRoute, ProviderRoutes
from headgate.upstream.settings import UpstreamSettings
from headgate.wire.head import BadHead, HeadWriter
from headgate.wire.outbox import Outbox


class Http1Upstream:
    """Implements the `Upstream` port. Belongs to one event loop, from the first `send` on; `close` it before the loop ends."""

    def __init__(self, settings: UpstreamSettings | None = None, lookup: Lookup = system_lookup, outbox: Outbox | None = None) -> None:
        """`outbox` is the one of the whole event loop. Raises BadUrl for a proxy that cannot be used, OSError for a file of authorities that cannot be read."""
        self._settings = settings or UpstreamSettings()
        self._routes = ProviderRoutes(self._settings)
        self._heads = HeadWriter(FRAMING)
        self._dialer = Dialer(self._settings, Resolver(lookup), outbox or Outbox())
        self._active: set[Http1Call] = set()
        self._connecting: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ticker: asyncio.TimerHandle | None = None
        self._closed = False

    def send(self, request: UpstreamRequest, sink: Sink) -> Http1Call:
        """Write the request to an idle connection at once, or open one first. Never calls the sink before it has returned."""
        loop = self._loop
        if loop is None:
            loop = self._loop = asyncio.get_running_loop()
        call = Http1Call(request, sink, self._active)
        if self._ticker is None:
            self._ticker = loop.call_later(self._settings.tick_s, self._tick)
        base_url, method, target = request.provider.base_url, request.method, request.target
        try:
            route = self._routes.known.get(base_url) or self._routes.add(base_url)
            line = route.lines.get((method, target)) or route.add_line(method, target)
            end, known = head_end(method, len(request.body)), request.known
            if known is None:
                head = self._heads.write(line, request.headers, end)
            else:
                head = self._heads.write_known(line, known, request.headers, end)
        except BadUrl as error:
            loop.call_soon(call.fail, failure.misplaced(request.provider, str(error)))
            return call
        except BadHead as error:
            loop.call_soon(call.fail, failure.refused(request.provider, str(error)))
            return call
        connection = route.idle.take()
        if connection is not None:
            connection.start(call, head)
        elif self._closed:
            loop.call_soon(call.give_up)
        else:
            self._connect(call, route, head)
        return call

    async def close(self) -> None:
        """Give up what is under way (its sinks hear `fail`), close what is idle."""
        self._closed = True
        if self._ticker is not None:
            self._ticker.cancel()
        self._routes.close()
        for call in tuple(self._active):
            try:
                call.give_up()
            except Exception as error:  # ruff: ignore[blind-except] -- the others must hear it too
                asyncio.get_running_loop().call_exception_handler({"message": "The sink of an answer raised.", "exception": error})
        await asyncio.gather(*self._connecting, return_exceptions=True)

    def _connect(self, call: Http1Call, route: ProviderRoute, head: bytes) -> None:
        task = asyncio.get_running_loop().create_task(self._open(call, route, head))
        call.connecting = task
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    async def _open(self, call: Http1Call, route: ProviderRoute, head: bytes) -> None:
        """The one task of a call that found no idle connection; over before the request is written."""
        provider, address = call.request.provider, route.origin.address
        try:
            connection = await self._dialer.dial(route)
        except TimeoutError:
            error = failure.unconnected(provider, address, self._settings.connect_timeout_s)
        except (OSError, ProxyRefused) as reason:
            error = failure.unreachable(provider, address, reason)
        else:
            call.connecting = None
            connection.start(call, head)
            return
        call.connecting = None
        call.fail(error)

    def _tick(self) -> None:
        """Keep the deadlines and let idle connections go. Stops by itself when there is neither."""
        loop = asyncio.get_running_loop()
        now_s = loop.time()
        idle = self._routes.expire(now_s)
        # Armed before any sink is called: one that raises must not stop the clock of the others.
        self._ticker = loop.call_later(self._settings.tick_s, self._tick) if idle or self._active else None
        for call in tuple(self._active):
            try:
                call.check(now_s)
            except Exception as error:  # ruff: ignore[blind-except] -- one sink's bug must not cost the others their deadlines
                loop.call_exception_handler({"message": "The sink of an answer raised.", "exception": error})
