"""Secrets that were made a moment ago, each shown on one page, once. They are in memory alone: no address, no cookie and no file has them."""

from collections import OrderedDict

from headgate.core.clock import Clock

_WAIT_S = 120.0
_WAITING_MAX = 256


class ShownOnce:
    """Has each secret until it is shown, for two minutes at most. A secret is for the session that made it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: OrderedDict[tuple[str, str], tuple[float, str]] = OrderedDict()

    def put(self, session: str, name: str, secret: str) -> None:
        """Remember a secret of this name until the session's next page asks for it."""
        self._forget()
        self._waiting[session, name] = (self._clock.monotonic_s() + _WAIT_S, secret)
        while len(self._waiting) > _WAITING_MAX:
            self._waiting.popitem(last=False)

    def take(self, session: str, name: str) -> str:
        """The secret, which is forgotten with this call; empty if there is none."""
        self._forget()
        return self._waiting.pop((session, name), (0.0, ""))[1]

    def _forget(self) -> None:
        now_s = self._clock.monotonic_s()
        while self._waiting and next(iter(self._waiting.values()))[0] <= now_s:
            self._waiting.popitem(last=False)
