"""The addresses of this machine by which others reach a gateway that listens on all of them. Nothing is sent to find out."""

import contextlib
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

_EVERYWHERE = {"0.0.0.0": ("192.0.2.1",), "::": ("192.0.2.1", "2001:db8::1")}  # and an address for documentation in each family (RFC 5737, RFC 3849)


def reachable_urls(url: str, host: str) -> tuple[str, ...]:
    """The URLs that others can use, of a gateway that listens on `host`; empty where `url` already says it."""
    port = urlsplit(url).port
    return tuple(f"http://[{each}]:{port}" if ":" in each else f"http://{each}:{port}" for each in _addresses(host))


def _addresses(host: str) -> Iterator[str]:
    """The address from which this machine would send to the outside, in each family."""
    for outside in _EVERYWHERE.get(host, ()):
        family = socket.AF_INET6 if ":" in outside else socket.AF_INET
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as asked:  # none without a network
            asked.connect((outside, 9))  # connecting a datagram socket only looks up the route
            found = str(asked.getsockname()[0])
            if not found.startswith("127.") and found != "::1":
                yield found
