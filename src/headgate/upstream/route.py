"""How one provider is reached: its origin, the proxy before it if any, and the connections that are open to it."""

from typing import Final

from headgate.upstream.connection import Connection
from headgate.upstream.origin import Origin, parse_base_url
from headgate.upstream.pool import IdlePool
from headgate.upstream.proxy import Proxy, bypasses, parse_proxy
from headgate.upstream.request_head import request_line
from headgate.upstream.settings import UpstreamSettings

_LINES_MAX: Final = 4096  # Gemini has the model in its path
_ROUTES_MAX: Final = 1024


class ProviderRoute:
    """One base URL, read once. Routes of one origin share its pool."""

    __slots__ = ("idle", "lines", "origin", "proxy")

    def __init__(self, origin: Origin, proxy: Proxy | None, idle: IdlePool[Connection]) -> None:
        self.origin = origin
        self.proxy = proxy
        self.idle = idle
        self.lines: dict[tuple[str, str], bytes] = {}  # by method and target

    def add_line(self, method: str, target: str) -> bytes:
        """Write the request line, and what follows it for every request to this target, and keep it. Raises BadHead."""
        line = self._new_line(method, target)
        if len(self.lines) >= _LINES_MAX:
            self.lines.clear()
        self.lines[method, target] = line
        return line

    def _new_line(self, method: str, target: str) -> bytes:
        origin = self.origin
        host_lines = b"\r\nhost: %b" % origin.authority.encode("ascii")
        prefix = origin.path
        if self.proxy is not None and origin.scheme == "http":  # no tunnel: the proxy reads the request (RFC 9112 section 3.2.2)
            prefix = f"http://{origin.authority}{origin.path}"
            host_lines += self.proxy.lines
        return request_line(method, prefix, target, host_lines)


class ProviderRoutes:
    """The routes in use, by base URL, and their pools."""

    def __init__(self, settings: UpstreamSettings) -> None:
        self._settings = settings
        self._proxy = None if settings.proxy_url is None else parse_proxy(settings.proxy_url)
        self.known: dict[str, ProviderRoute] = {}  # by base URL
        self._pools: dict[tuple[str, str, int], IdlePool[Connection]] = {}

    def expire(self, now_s: float) -> int:
        """Close what has been idle for too long, and say how many connections are still idle."""
        for pool in self._pools.values():
            pool.expire(now_s, self._settings.idle_connection_s)
        return sum(map(len, self._pools.values()))

    def close(self) -> None:
        """Close all that is idle; what is given back later is closed too."""
        for pool in self._pools.values():
            pool.close()
        self._pools.clear()
        self.known.clear()

    def add(self, base_url: str) -> ProviderRoute:
        """The route to a base URL that is not known yet. Raises BadUrl."""
        origin = parse_base_url(base_url)
        if len(self.known) >= _ROUTES_MAX:
            self.close()
        key = (origin.scheme, origin.host, origin.port)
        if key not in self._pools:
            self._pools[key] = IdlePool(self._settings.max_idle_per_host)
        proxy = None if self._proxy is None or bypasses(self._settings.no_proxy, origin) else self._proxy
        route = self.known[base_url] = ProviderRoute(origin, proxy, self._pools[key])
        return route
