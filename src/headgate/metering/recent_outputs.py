"""How many output tokens an endpoint's answers had lately, for a reservation before the next one. Pure, bounded."""

from collections import deque

_ANSWERS = 100
_ENDPOINTS_MAX = 1_024
_FIRST_GUESS = 1_000  # for an endpoint that has not answered yet
_EVERY = 20  # answers between two sortings


class RecentOutputs:
    """The latest answers of each endpoint. `p95` is as of the latest sorting."""

    def __init__(self) -> None:
        self._of_name: dict[str, _Recent] = {}

    def add(self, endpoint: str, output_tokens: int) -> None:
        """Take note of an answer."""
        recent = self._of_name.get(endpoint)
        if recent is None:
            if len(self._of_name) >= _ENDPOINTS_MAX:
                self._of_name.clear()
            recent = self._of_name[endpoint] = _Recent()
        recent.answers.append(output_tokens)
        recent.seen += 1
        if recent.seen % _EVERY == 0 or recent.seen < _EVERY:
            recent.sort()

    def p95(self, endpoint: str) -> int:
        """What 95 of 100 answers do not exceed."""
        recent = self._of_name.get(endpoint)
        return _FIRST_GUESS if recent is None else recent.p95


class _Recent:
    """The latest answers of one endpoint."""

    __slots__ = ("answers", "p95", "seen")

    def __init__(self) -> None:
        self.answers: deque[int] = deque(maxlen=_ANSWERS)
        self.seen = 0
        self.p95 = 0

    def sort(self) -> None:
        """Find out what 95 of 100 do not exceed."""
        ordered = sorted(self.answers)
        self.p95 = ordered[min(len(ordered) - 1, len(ordered) * 95 // 100)]
