"""Counts failed authentications by client address: an address that tries many unknown tokens has to wait. Valid tokens are never checked here.

Stores only a hash of each credential, until the process ends. Each wrong credential counts once: an agent that repeats a revoked token gets 401 each time.
"""

import ipaddress
from typing import Final

from headgate.core.clock import Clock
from headgate.core.errors import LimitExceeded

GUESSES_MAX: Final = 30  # different unknown credentials
WINDOW_S: Final = 60.0
_SOURCES_MAX: Final = 4096  # beyond that the oldest is forgotten


class Guesses:
    """Counts, within a bound of memory. Requests without an address, as in a test, are not counted."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sources: dict[str, tuple[float, set[int]]] = {}  # by address: when its minute began, what it tried; in the order of time

    def check(self, address: str, credential: str) -> None:
        """Raise `LimitExceeded` where this address has tried too much and this credential is one more."""
        began_s, tried = self._sources.get(_source(address), (0.0, set()))
        left_s = began_s + WINDOW_S - self._clock.monotonic_s()
        if len(tried) >= GUESSES_MAX and left_s > 0 and hash(credential) not in tried:
            raise LimitExceeded(
                f"{GUESSES_MAX} unknown tokens came from this address within a minute, so it waits before it may try another one: {left_s:.0f} s. "
                "Tokens that work are not affected.",
                code="too_many_guesses",
                retry_after_s=left_s,
            )

    def failed(self, address: str, credential: str) -> None:
        """Count an unknown credential."""
        source, now_s = _source(address), self._clock.monotonic_s()
        if not source:
            return
        began_s, tried = self._sources.get(source, (now_s, set()))
        if now_s - began_s >= WINDOW_S:
            self._sources.pop(source, None)
            began_s, tried = now_s, set()
        tried.add(hash(credential))
        self._sources[source] = (began_s, tried)
        if len(self._sources) > _SOURCES_MAX:
            del self._sources[next(iter(self._sources))]


def _source(address: str) -> str:
    """The address, or for IPv6 its /64: a client with one address of it has them all."""
    if ":" not in address:
        return address
    try:
        return str(ipaddress.ip_network((address.partition("%")[0], 64), strict=False))
    except ValueError:
        return address
