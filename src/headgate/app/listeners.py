"""Several listeners to exchanges as one. Knows nothing of what they do with what they hear."""

from collections.abc import Sequence

from headgate.core.record import Outcome
from headgate.exchange.ports import ExchangeListener


class Listeners:
    """Implements `ExchangeListener` for all of them, in their order."""

    def __init__(self, listeners: Sequence[ExchangeListener]) -> None:
        self._listeners = tuple(listeners)

    def exchange_ended(self, outcome: Outcome) -> None:
        """One exchange has been settled."""
        for listener in self._listeners:
            listener.exchange_ended(outcome)

    def tick(self) -> None:
        """Called about twice a second."""
        for listener in self._listeners:
            listener.tick()
