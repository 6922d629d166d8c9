"""What one connection may cost, and what the connections of one server share: the service, who is open, body bytes held, one sweeper for all waits.

No request arms a timer: the sweeper visits every open connection once a tick and each says what it waits for. It starts with the first connection and
stops with the last one.
"""

import asyncio
from typing import Protocol

import msgspec

from headgate.core.clock import SystemClock
from headgate.web.proxies import Proxies
from headgate.web.rare_log import RareLog
from headgate.web.refusal import Wording, plainly
from headgate.web.service import Service
from headgate.wire.head import HeadWriter
from headgate.wire.outbox import Outbox

KIB = 1024
MIB = 1024 * KIB


class FrontLimits(msgspec.Struct, frozen=True, kw_only=True):
    """The limits of the front. `hosts` are what a request's Host may name, in lower case, without port, IPv6 in brackets; empty means any host."""

    header_bytes_max: int = 16 * KIB
    head_bytes_max: int = 64 * KIB
    header_count_max: int = 100
    target_bytes_max: int = 16 * KIB  # the SQL page has its statement in its address, percent-encoded
    body_bytes_max: int = 64 * MIB
    held_body_bytes_max: int = 512 * MIB  # bodies of all requests that are held: until their answers stream, or to their ends
    connections_max: int = 10_000
    connections_per_address_max: int = 5_000
    turned_away_max: int = 256  # connections beyond those that are answered that there are too many; beyond these they are reset
    head_timeout_s: float = 10.0  # from the first byte (of a fresh connection: from its start) to the end of the headers
    keep_alive_timeout_s: float = 60.0
    body_grace_s: float = 10.0  # a body has this much time before its rate counts
    body_rate_min_bytes_per_s: float = 1024.0
    body_idle_timeout_s: float = 30.0
    write_idle_timeout_s: float = 120.0  # the send buffer is full and the client reads nothing
    linger_timeout_s: float = 2.0  # a refused client may still read its answer
    sweep_interval_s: float = 1.0
    hosts: frozenset[str] = frozenset()


class OpenFiles(msgspec.Struct, frozen=True):
    """How many files the process may have open (its soft limit). Each connection is one, each provider's too, and the journal must always get one more."""

    limit: int

    @property
    def reserve(self) -> int:
        """Files that no new connection may take: a quarter, and never more than 256."""
        return min(256, self.limit // 4)

    def within(self, limits: FrontLimits) -> FrontLimits:
        """The limits with connections of at most half of all files, and of one address half of those."""
        total = min(limits.connections_max, max(1, self.limit // 2))
        return msgspec.structs.replace(
            limits, connections_max=total, connections_per_address_max=min(limits.connections_per_address_max, max(1, total // 2))
        )

    def has_room(self, transport: asyncio.BaseTransport) -> bool:
        """Whether this connection leaves the reserve alone. The system gives a file the lowest free number, so all below it are in use."""
        socket = transport.get_extra_info("socket")
        return socket is None or socket.fileno() < self.limit - self.reserve


class Swept(Protocol):
    """A connection, as the sweeper sees it."""

    def sweep(self, elapsed_s: float) -> None:
        """Close if the client has been waited for too long; called once a tick."""


class Peers(msgspec.Struct, frozen=True):
    """Limits on connecting: the proxies that may name another client, and how many files connections share with all else; `None` where there is no limit."""

    proxies: Proxies = Proxies()
    open_files: OpenFiles | None = None


class OpenConnections:
    """The connections that are open, within their limits. Visits each of them once a tick."""

    def __init__(self, limits: FrontLimits, open_files: OpenFiles | None = None) -> None:
        self._limits = limits
        self._open_files = open_files
        self._addresses: dict[Swept, str] = {}
        self._per_address: dict[str, int] = {}
        self._swept_at_s = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._addresses)

    def enter(self, connection: Swept, address: str, loop: asyncio.AbstractEventLoop, transport: asyncio.BaseTransport | None = None) -> bool:
        """Count a connection in; False where there are too many, and it must be closed. An empty address has no limit of its own."""
        if self._open_files is not None and transport is not None and not self._open_files.has_room(transport):
            return False
        here = self._per_address.get(address, 0)
        if len(self._addresses) >= self._limits.connections_max or (address and here >= self._limits.connections_per_address_max):
            return False
        if self._timer is None:
            self._swept_at_s = loop.time()
            self._timer = loop.call_later(self._limits.sweep_interval_s, self._sweep, loop)
        self._addresses[connection] = address
        self._per_address[address] = here + 1
        return True

    def may_answer(self, transport: asyncio.BaseTransport) -> bool:
        """Whether a connection that was not let in can have an answer: that takes a file for a moment."""
        return self._open_files is None or self._open_files.has_room(transport)

    def leave(self, connection: Swept) -> None:
        """Count a connection out; nothing if it was never let in."""
        address = self._addresses.pop(connection, None)
        if address is None:
            return
        left = self._per_address[address] - 1
        if left:
            self._per_address[address] = left
        else:
            del self._per_address[address]
        if not self._addresses and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        interval_s = self._limits.sweep_interval_s
        self._timer = loop.call_later(interval_s, self._sweep, loop)
        now_s = loop.time()
        # A stall of our own is not the client's: it counts as two ticks at most.
        elapsed_s = min(now_s - self._swept_at_s, 2 * interval_s)
        self._swept_at_s = now_s
        for connection in tuple(self._addresses):
            connection.sweep(elapsed_s)


class Front:
    """What the connections of one server share: the service that requests go to, limits, and how the front words its own refusals.

    `outbox` is the one of the whole event loop.
    """

    def __init__(
        self,
        service: Service,
        limits: FrontLimits,
        worded: Wording = plainly,
        outbox: Outbox | None = None,
        peers: Peers | None = None,
    ) -> None:
        peers = peers or Peers()
        self.service = service
        self.limits = limits if peers.open_files is None else peers.open_files.within(limits)
        self.worded = worded
        self.outbox = outbox or Outbox()
        self.proxies = peers.proxies
        self.connections = OpenConnections(self.limits, peers.open_files)
        self.heads = HeadWriter()
        self.rare_log = RareLog(SystemClock())
        self.held_body_bytes = 0
        self.turned_away = 0  # connections that are being answered that there are too many
        self.resting = False  # another process takes over: no further request begins on these connections
