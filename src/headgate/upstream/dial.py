"""Opens connections: lookup, TCP, proxy, TLS, all within one deadline. Writes no byte of a request."""

import asyncio
import ssl

from headgate.upstream.connection import Connection
from headgate.upstream.proxy import Tunnel
from headgate.upstream.resolve import Resolver
from headgate.upstream.route import ProviderRoute
from headgate.upstream.settings import UpstreamSettings
from headgate.upstream.tls import Authorities
from headgate.wire.outbox import Outbox


class Dialer:
    """Knows the authorities and the resolver; one for a client."""

    def __init__(self, settings: UpstreamSettings, resolver: Resolver, outbox: Outbox) -> None:
        self._settings = settings
        self._outbox = outbox
        self._resolver = resolver
        self._authorities = Authorities(settings.extra_ca_file)

    async def dial(self, route: ProviderRoute) -> Connection:
        """A new connection, ready for a request. Raises TimeoutError after the connect timeout, OSError or ProxyRefused."""
        async with asyncio.timeout(self._settings.connect_timeout_s):
            connection = await self._dial(route)
        if not connection.usable():  # lost before its first request; without this it would go unnoticed
            raise ConnectionAbortedError
        return connection

    async def _dial(self, route: ProviderRoute) -> Connection:
        loop = asyncio.get_running_loop()
        due_s = loop.time() + self._settings.connect_timeout_s
        near = route.origin if route.proxy is None else route.proxy.origin
        addresses = await self._resolver.addresses(near.host, near.port, self._settings.connect_timeout_s / 2)
        for left in range(len(addresses) - 1, 0, -1):
            try:
                # An address that swallows packets leaves the next ones their share of the time.
                async with asyncio.timeout((due_s - loop.time()) / (left + 1)):
                    return await self._open(route, addresses[-left - 1], near.port)
            except ssl.SSLError:
                raise  # it answered, wrongly; another address of the same name is no better
            except OSError:
                continue
        return await self._open(route, addresses[-1], near.port)

    async def _open(self, route: ProviderRoute, address: str, port: int) -> Connection:
        connection = Connection(route.idle, self._settings, self._outbox)
        context = self._authorities.context(asyncio.get_running_loop().time()) if route.origin.scheme == "https" else None
        try:
            if context is not None and route.proxy is not None:
                await _open_tunnel(connection, Tunnel(route.proxy, route.origin), (address, port), context)
            else:
                loop, server_hostname = asyncio.get_running_loop(), route.origin.host if context else None
                await loop.create_connection(lambda: connection, address, port, ssl=context, server_hostname=server_hostname)
        except BaseException:
            connection.drop()
            raise
        return connection


async def _open_tunnel(connection: Connection, tunnel: Tunnel, near: tuple[str, int], context: ssl.SSLContext) -> None:
    """TCP to the proxy, `CONNECT`, then TLS with the provider itself: the proxy sees neither request nor answer."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_connection(lambda: tunnel, *near)
    try:
        await tunnel.opened
        secured = await loop.start_tls(transport, connection, context, server_hostname=tunnel.origin.host)
    except BaseException:
        transport.abort()
        raise
    if secured is None:
        raise ConnectionAbortedError
    connection.connection_made(secured)
