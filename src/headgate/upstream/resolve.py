"""Host names to addresses, off the event loop. Keeps the last good answer for when the name server is away, and for nothing else."""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable

Lookup = Callable[[str, int], Awaitable[list[str]]]

_KEPT_S = 300.0  # how long the last good answer is used instead
_ADDRESSES_MAX = 8
_NAMES_MAX = 1024


async def system_lookup(host: str, port: int) -> list[str]:
    """The system's own resolver, in a thread. Raises socket.gaierror."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(info[4][0]) for info in found]


class Resolver:
    """Every connection asks anew, so that a changed answer is heeded at once. A lookup that fails or takes too long falls back on the last good answer."""

    def __init__(self, lookup: Lookup = system_lookup) -> None:
        self._lookup = lookup
        self._good: dict[str, tuple[float, list[str]]] = {}

    async def addresses(self, host: str, port: int, timeout_s: float) -> list[str]:
        """Addresses in the order to try them, at least one. Raises OSError (TimeoutError and socket.gaierror are)."""
        if _is_address(host):
            return [host]
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout_s):
                found = list(dict.fromkeys(await self._lookup(host, port)))[:_ADDRESSES_MAX]
            if not found:
                raise socket.gaierror(socket.EAI_NONAME, "no address")
        except OSError:
            found_s, kept = self._good.get(host, (0.0, []))
            if kept and loop.time() - found_s <= _KEPT_S:
                return kept
            raise
        if len(self._good) >= _NAMES_MAX:
            self._good.clear()
        self._good[host] = (loop.time(), found)
        return found


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
