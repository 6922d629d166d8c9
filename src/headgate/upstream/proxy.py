"""The HTTP proxy before the providers: who goes through it, and the `CONNECT` exchange that opens a tunnel. Reads no environment."""

import asyncio
import base64
import ipaddress
import re
from collections.abc import Sequence
from typing import cast
from urllib.parse import unquote, urlsplit

import msgspec

from headgate.core.secret import Secret
from headgate.upstream.origin import BadUrl, Origin, parse_base_url

_STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3})[ \r]")
_HEAD_MAX_BYTES = 16_384


class Proxy(msgspec.Struct, frozen=True):
    """An HTTP proxy. `authorization` is the header's value where it wants a user and password."""

    origin: Origin
    authorization: Secret | None = None

    @property
    def lines(self) -> bytes:
        """What the proxy itself must hear in a head, each line with its beginning."""
        return b"" if self.authorization is None else b"\r\nproxy-authorization: %b" % self.authorization.reveal().encode("ascii")


class ProxyRefused(Exception):
    """The proxy would not open the tunnel."""


def parse_proxy(url: Secret) -> Proxy:
    """Read `http://[user:password@]host:port`. Raises BadUrl."""
    scheme, _, rest = url.reveal().partition("://")
    userinfo, _, place = rest.rpartition("@")
    origin = parse_base_url(f"{scheme}://{place}")
    if origin.scheme != "http" or origin.path:
        raise BadUrl("a proxy is written http://host:port")
    if not userinfo:
        return Proxy(origin)
    parts = urlsplit(f"http://{userinfo}@h")
    credential = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}".encode()
    return Proxy(origin, Secret("Basic " + base64.b64encode(credential).decode("ascii")))


def bypasses(no_proxy: Sequence[str], origin: Origin) -> bool:
    """Whether a host is reached directly: `*`, a host or domain (with all below it), an address, a network, each perhaps with a port."""
    return any(_matches(pattern.strip().lower(), origin) for pattern in no_proxy)


def _matches(pattern: str, origin: Origin) -> bool:
    if pattern == "*":
        return True
    host = origin.host.lower().rstrip(".")
    network = _network(pattern)
    if network is not None:
        return _address_in(host, network)
    name, colon, port = pattern.rpartition(":")
    if colon and port.isdigit():
        return origin.port == int(port) and _matches(name.strip("[]"), origin)
    name = pattern.lstrip("*").strip(".")
    return bool(name) and (host == name or host.endswith("." + name))


def _network(pattern: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(pattern.strip("[]"), strict=False)
    except ValueError:
        return None


def _address_in(host: str, network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    try:
        return ipaddress.ip_address(host) in network
    except ValueError:
        return False


class Tunnel(asyncio.Protocol):
    """One `CONNECT`. `opened` is done once the proxy has agreed; from then on the transport belongs to TLS."""

    def __init__(self, proxy: Proxy, origin: Origin) -> None:
        self._proxy = proxy
        self.origin = origin
        self._received = b""
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the tunnel."""
        address = self.origin.address.encode("ascii")
        cast("asyncio.Transport", transport).write(b"CONNECT %b HTTP/1.1\r\nhost: %b%b\r\n\r\n" % (address, address, self._proxy.lines))

    def data_received(self, data: bytes) -> None:
        """Gather the proxy's head. A byte behind it would come before TLS has begun, so it is not taken."""
        self._received += data
        head, end, rest = self._received.partition(b"\r\n\r\n")
        if not end and len(self._received) <= _HEAD_MAX_BYTES:
            return
        status = _STATUS.match(head + b"\r")
        if not end or status is None or rest:
            self._refuse("its proxy does not speak HTTP/1.1")
        elif not status[1].startswith(b"2"):
            self._refuse(f"its proxy answered {status[1].decode('ascii')}")
        elif not self.opened.done():
            self.opened.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:  # ruff: ignore[unused-method-argument] -- asyncio calls it so
        """The proxy went away before it agreed."""
        self._refuse("its proxy closed the connection")

    def _refuse(self, reason: str) -> None:
        if not self.opened.done():
            self.opened.set_exception(ProxyRefused(reason))
            self.opened.exception()  # the caller has given up; its future must not log an unread exception
