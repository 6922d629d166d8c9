"""The networks that a token may be used from: how they are written, and whether a client's address is in one. Pure: the caller says the address."""

import ipaddress
from collections.abc import Iterable
from functools import lru_cache

from headgate.core.access_token import AccessToken, Network
from headgate.core.errors import Forbidden

_SHOWN_MAX = 45  # characters of an address: the longest form of IPv6


@lru_cache(4096)
def network_of(text: str) -> Network:
    """A network as it is written: `10.0.0.0/8`, `2001:db8::/32`, or one address. Raises ValueError for anything else.

    Remembered, because tokens are read again and again and many have the same networks.
    """
    network = ipaddress.ip_network(text, strict=False)
    mapped = getattr(network.network_address, "ipv4_mapped", None)
    return network if mapped is None else ipaddress.ip_network((mapped, network.prefixlen - 96))


def within(networks: Iterable[Network], others: Iterable[Network]) -> bool:
    """Whether every address of these networks is in one of the others."""
    others = tuple(others)
    return all(any(_is_in(network, other) for other in others) for network in networks)


def in_networks(address: str, written: Iterable[str]) -> bool:
    """Whether the client's address is in one of the networks, as they are written. An address that is unknown or none is in none."""
    try:
        client = network_of(address)
    except ValueError:
        return False
    return any(_is_in(client, network_of(text)) for text in written)


def require_network(token: AccessToken, address: str) -> None:
    """Raise Forbidden unless the client's address is in one of the token's networks. An address that is unknown or none is in none."""
    try:
        client = network_of(address)
    except ValueError:
        client = None
    if client is None or not any(_is_in(client, network) for network in token.networks):
        raise Forbidden(
            f"Token {token.name!r} may not be used from {address[:_SHOWN_MAX] or 'an unknown address'}; it allows {_shown(token.networks)}. "
            "Use it from there, or ask your Headgate administrator for another token.",
            code="network_not_allowed",
        )


def _is_in(network: Network, other: Network) -> bool:
    if isinstance(network, ipaddress.IPv4Network):
        return isinstance(other, ipaddress.IPv4Network) and network.subnet_of(other)
    return isinstance(other, ipaddress.IPv6Network) and network.subnet_of(other)


def _shown(networks: tuple[Network, ...]) -> str:
    more = len(networks) - 4
    return ", ".join(str(network) for network in networks[:4]) + (f" and {more} more" if more > 0 else "")
