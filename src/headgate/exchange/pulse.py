"""What silence and time do to open exchanges: keep-alives, early headers, the end of draining. Ticked from outside, about twice a second."""

from headgate.core.clock import Clock
from headgate.core.errors import GatewayError
from headgate.exchange.relay import Relay
from headgate.exchange.settings import StreamLimits


class Pulse:
    """The open exchanges of a worker. One tick over all of them costs less than a timer for each."""

    def __init__(self, limits: StreamLimits, clock: Clock) -> None:
        self._limits = limits
        self._clock = clock
        self._open: dict[Relay, float] = {}

    def __len__(self) -> int:
        return len(self._open)

    def add(self, relay: Relay) -> None:
        """Watch an exchange until it ends."""
        self._open[relay] = self._clock.monotonic_s()

    def discard(self, relay: Relay) -> None:
        """Forget an exchange that has ended."""
        self._open.pop(relay, None)

    def tick(self) -> None:
        """Look at every open exchange once."""
        now_s = self._clock.monotonic_s()
        drains = sorted((relay.client_left_at_s, id(relay), relay) for relay in self._open if relay.client_left_at_s)
        for position, (left_at_s, _, relay) in enumerate(drains):
            over_cap = position < len(drains) - self._limits.drains_max  # the longest drain makes room
            if over_cap or now_s - left_at_s >= self._limits.drain_after_client_s:
                relay.close("client_gone")
        for relay, since_s in list(self._open.items()):
            if relay.client_left_at_s or relay.ended or not relay.asked.stream:
                continue
            if not relay.started and now_s - since_s >= self._limits.early_headers_s:
                relay.start_early()
            if relay.wrote:
                relay.wrote = False
                relay.last_write_at_s = now_s
            elif relay.started and now_s - relay.last_write_at_s >= self._limits.keep_alive_s:
                relay.keep_alive()

    def interrupt_all(self, error: GatewayError) -> None:
        """End every open exchange with an error the client can read."""
        for relay in list(self._open):
            relay.interrupt(error)
