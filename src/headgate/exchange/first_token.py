"""Streams of which an endpoint expects the first token within a stated time. Ticked from outside, about twice a second; decides nothing itself."""

import logging
from typing import Protocol

from headgate.core.clock import Clock

_log = logging.getLogger("headgate.exchange")


class Expecting(Protocol):
    """An exchange whose first token is expected."""

    def late(self) -> None:
        """The time is over."""


class FirstTokens:
    """The exchanges of a worker that wait for their first token, each until a moment."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until_s: dict[Expecting, float] = {}

    def expect(self, exchange: Expecting, within_s: float) -> None:
        """From now on it may take so long."""
        self._until_s[exchange] = self._clock.monotonic_s() + within_s

    def forget(self, exchange: Expecting) -> None:
        """The token is here, or the exchange has ended."""
        self._until_s.pop(exchange, None)

    def tick(self) -> None:
        """Tell those whose time is over, once."""
        now_s = self._clock.monotonic_s()
        for exchange in [each for each, until_s in self._until_s.items() if now_s >= until_s]:
            self.forget(exchange)
            try:
                exchange.late()
            except Exception:  # ruff: ignore[blind-except] - a bug in one exchange must not end the time of all others
                _log.exception("an exchange whose first token is late could not be looked after")
