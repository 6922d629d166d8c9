"""Reverse proxies in front of Headgate: whose forwarding headers count, what they say of the client, and the address that links are made with.

Only a peer inside the configured networks is believed. Everybody else's `X-Forwarded-For`, `X-Forwarded-Proto` and `Forwarded` are ignored.
"""

import ipaddress
import re
from collections.abc import Iterable
from typing import Final

from headgate.core.headers import Headers
from headgate.exchange.headers import value_of
from headgate.web.service import Request

_HOPS_MAX: Final = 20  # a longer list is cut at the end that is farther away
# RFC 7239 4: `for=192.0.2.60;proto=https`, with a quoted value for IPv6 and ports.
_PAIR = re.compile(r'\s*([A-Za-z]+)=("[^"]*"|[^\s";,]*)\s*')
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Proxies:
    """The networks that may say who the client is. Immutable."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        self._networks = [ipaddress.ip_network(each, strict=False) for each in networks]

    def trusts(self, peer: str) -> bool:
        """Whether this peer is one of our proxies."""
        return bool(self._networks) and self._is_ours(_address(peer))

    def client(self, headers: Headers, peer: str) -> str:
        """The client's address as a trusted peer reports it: the last hop that is not a trusted proxy. The peer's own where it reports none."""
        found = peer
        for hop in reversed(_hops(headers)[-_HOPS_MAX:]):
            address = _address(hop)
            if address is None:
                break  # entries further left were written by an unknown sender
            found = str(address)
            if not self._is_ours(address):
                break
        return found

    def _is_ours(self, address: _Address | None) -> bool:
        return address is not None and any(address in network for network in self._networks)


def client_scheme(headers: Headers) -> str:
    """`https` or `http`: how the client reached the first proxy, as a trusted peer reports it. `http` where it does not say."""
    said = value_of(headers, b"x-forwarded-proto").decode("latin-1").partition(",")[0]
    if not said:
        said = next(iter(_forwarded(headers, "proto")), "")
    return "https" if said.strip().lower() == "https" else "http"


def base_url(request: Request, public_url: str, listening: str = "") -> str:
    """The address for links and configurations: the configured one, else the one that this client used, else where Headgate listens."""
    host = value_of(request.headers, b"host").decode("latin-1")
    return public_url or (f"{request.scheme}://{host}" if host else listening)


def _hops(headers: Headers) -> list[str]:
    """The addresses in the order of the way. `X-Forwarded-For` wins: a proxy that sets it may pass a client's own `Forwarded` on."""
    listed = b",".join(value for name, value in headers if name == b"x-forwarded-for").decode("latin-1")
    return listed.split(",") if listed else _forwarded(headers, "for")


def _forwarded(headers: Headers, key: str) -> list[str]:
    """One parameter of each element of `Forwarded`."""
    found: list[str] = []
    for element in b",".join(value for name, value in headers if name == b"forwarded").decode("latin-1").split(","):
        for part in element.split(";"):
            pair = _PAIR.fullmatch(part)
            if pair is not None and pair[1].lower() == key:
                found.append(pair[2].strip('"'))
    return found


def _address(text: str) -> _Address | None:
    """An address as proxies write it: plain, with a port, or in brackets. IPv4 inside IPv6 becomes plain IPv4."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
