"""What silence and time do to open exchanges: keep-alives, early headers, the end of draining, of requests that are held. Ticked from outside, about twice a second.

An exchange that fails here costs itself and no other.
"""

import logging
from collections.abc import Callable
from typing import Protocol

from headgate.core.clock import Clock
from headgate.core.errors import GatewayError
from headgate.exchange.phase import Phase
from headgate.exchange.relay import Relay
from headgate.exchange.settings import StreamLimits

_READ_BYTES_A_TICK = 8 << 20

_log = logging.getLogger("headgate.exchange")


class HoldsRequest(Protocol):
    """Holds the request of an open exchange."""

    def release_request(self, relay: Relay, now_s: float, readable_bytes: int) -> int | None:
        """Let go of it once nothing needs it: how many bytes were read to do without it, or `None` if it is not time yet."""


class Pulse:
    """The open exchanges of a worker. One tick over all of them costs less than a timer for each."""

    def __init__(self, limits: StreamLimits, clock: Clock) -> None:
        self._limits = limits
        self._clock = clock
        self._open: dict[Relay, HoldsRequest | None] = {}  # with what holds its request, until that is let go of; a dict keeps the order
        self._failed: set[Relay] = set()  # those of the open ones whose failure was logged

    def __len__(self) -> int:
        return len(self._open)

    def add(self, relay: Relay, holds: HoldsRequest | None = None) -> None:
        """Watch an exchange until it ends."""
        self._open[relay] = holds

    def discard(self, relay: Relay) -> None:
        """Forget an exchange that has ended."""
        self._open.pop(relay, None)
        self._failed.discard(relay)

    def tick(self) -> None:
        """Look at every open exchange once."""
        now_s, limits = self._clock.monotonic_s(), self._limits
        drains = sorted((relay.client_left_at_s, id(relay), relay) for relay in self._open if relay.phase is Phase.DRAINING)
        for position, (left_at_s, _, relay) in enumerate(drains):
            over_cap = position < len(drains) - limits.drains_max  # the longest drain makes room
            if over_cap or now_s - left_at_s >= limits.drain_after_client_s:
                self._alone(relay, Relay.stop_draining)
        readable = _READ_BYTES_A_TICK
        for relay, holds in list(self._open.items()):
            try:
                relay.tick(now_s, limits)
                if holds is not None:
                    readable -= self._release(relay, holds, now_s, readable)
            except Exception:  # ruff: ignore[blind-except] see `_alone`
                self._report(relay)

    def interrupt_all(self, error: GatewayError) -> None:
        """End every open exchange with an error the client can read."""
        for relay in list(self._open):
            self._alone(relay, lambda relay: relay.interrupt(error))

    def _alone(self, relay: Relay, act: Callable[[Relay], None]) -> None:
        """Act on one exchange. If that raises, it is logged once for this exchange. An exchange that has ended is watched no more, whatever failed."""
        try:
            act(relay)
        except Exception:  # ruff: ignore[blind-except] a bug in one exchange must not end the time of all others
            self._report(relay)
        if relay.phase is Phase.ENDED:
            self.discard(relay)

    def _release(self, relay: Relay, holds: HoldsRequest, now_s: float, readable_bytes: int) -> int:
        read = holds.release_request(relay, now_s, readable_bytes)
        if read is not None and relay in self._open:
            self._open[relay] = None
        return read or 0

    def _report(self, relay: Relay) -> None:
        if relay not in self._failed:
            self._failed.add(relay)
            _log.exception("an open exchange could not be looked after")
        if relay.phase is Phase.ENDED:
            self.discard(relay)
