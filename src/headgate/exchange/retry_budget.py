"""How many extra tries an endpoint may make, so that a provider in trouble is not buried under retries: a share of its requests, and a few beside.

As in Linkerd (https://linkerd.io/2/reference/retries/): 20 % and ten a second there. In memory, bounded.
"""

from headgate.core.clock import Clock

_WINDOW_S = 10
_FREE = 30  # extra tries within a window that need no requests
_ENDPOINTS_MAX = 1024


class _Window:
    """The requests and the extra tries of one endpoint, second by second."""

    __slots__ = ("at_s", "extra", "first")

    def __init__(self, at_s: int) -> None:
        self.at_s = at_s
        self.first = [0] * _WINDOW_S
        self.extra = [0] * _WINDOW_S

    def slot(self, at_s: int) -> int:
        """The place of a second; seconds that have left the window are emptied."""
        for passed in range(self.at_s + 1, min(at_s, self.at_s + _WINDOW_S) + 1):
            self.first[passed % _WINDOW_S] = self.extra[passed % _WINDOW_S] = 0
        self.at_s = max(self.at_s, at_s)
        return self.at_s % _WINDOW_S


class RetryBudgets:
    """The budgets of a worker's endpoints, each over the last ten seconds."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._windows: dict[str, _Window] = {}

    def request(self, endpoint: str) -> None:
        """A request of the endpoint gets its first try."""
        window = self._window(endpoint)
        window.first[window.slot(int(self._clock.monotonic_s()))] += 1

    def take(self, endpoint: str, percent: int) -> bool:
        """Whether one more extra try may be made, which is counted then."""
        window = self._window(endpoint)
        slot = window.slot(int(self._clock.monotonic_s()))
        if sum(window.extra) >= _FREE + sum(window.first) * percent / 100:
            return False
        window.extra[slot] += 1
        return True

    def _window(self, endpoint: str) -> _Window:
        window = self._windows.get(endpoint)
        if window is None:
            if len(self._windows) >= _ENDPOINTS_MAX:
                self._windows.clear()
            window = self._windows[endpoint] = _Window(int(self._clock.monotonic_s()))
        return window
