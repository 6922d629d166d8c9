"""What was used within a sliding window of 60 parts. Pure: the time is an argument.

A part counts until no window of the stated length can hold any of it: for the length and the rest of its own part. So no window, wherever it begins,
holds more than what is counted, and an amount is held at most one part too long.
"""

import math
from collections import deque

from headgate.core.limit import CONCURRENT, INPUT_TOKENS, OUTPUT_TOKENS, REQUESTS, TOKENS

PARTS = 60


class Window:
    """The requests and tokens of one window. `open` counts the reservations that are not settled."""

    __slots__ = ("_part_s", "_parts", "_totals", "open")

    def __init__(self, length_s: int) -> None:
        self._part_s = length_s // PARTS
        self._parts: deque[list[int]] = deque()  # of each part its number, requests, input and output; oldest first
        self._totals = [0, 0, 0]
        self.open = 0

    @property
    def idle(self) -> bool:
        """Whether nothing is counted."""
        return not self._parts and not self.open

    def advance(self, now_s: float) -> int:
        """Forget what no window that ends now can hold. The number of the current part."""
        part = int(now_s // self._part_s)
        parts, oldest = self._parts, part - PARTS
        while parts and parts[0][0] < oldest:
            self._subtract(parts.popleft())
        return part

    def add(self, part: int, requests: int, input_tokens: int, output_tokens: int) -> None:
        """Count an amount in the part that `advance` returned last."""
        parts = self._parts
        if not parts or parts[-1][0] < part:
            parts.append([part, 0, 0, 0])
        latest, totals = parts[-1], self._totals
        latest[1] += requests
        latest[2] += input_tokens
        latest[3] += output_tokens
        totals[0] += requests
        totals[1] += input_tokens
        totals[2] += output_tokens

    def settle(self, part: int, now_s: float, differences: tuple[int, int, int]) -> None:
        """Correct what was added in a part: too little is added now, as a debt, too much is taken out of that part, if it still counts."""
        now = self.advance(now_s)
        debt = [max(0, difference) for difference in differences]
        if any(debt):
            self.add(now, debt[0], debt[1], debt[2])
        if min(differences) < 0:
            for entry in self._parts:
                if entry[0] == part:
                    self._give_back(entry, differences)
                    break

    def used(self, measure: str) -> int:
        """How much of a measure is counted, as of the latest `advance`."""
        totals = self._totals
        if measure == REQUESTS:
            return totals[0]
        if measure == CONCURRENT:
            return self.open
        return totals[1] + totals[2] if measure == TOKENS else totals[1 if measure == INPUT_TOKENS else 2]

    def frees_at_s(self, measure: str, amount: int) -> float:
        """When at least this much of a measure is no longer counted, if nothing is added; infinite if so much is not counted."""
        freed = 0
        for entry in self._parts:
            freed += _of(entry, measure)
            if freed >= amount:
                return float((entry[0] + PARTS + 1) * self._part_s)
        return math.inf

    def _give_back(self, entry: list[int], differences: tuple[int, int, int]) -> None:
        for index, difference in enumerate(differences):
            if difference < 0:
                entry[index + 1] += difference
                self._totals[index] += difference

    def _subtract(self, entry: list[int]) -> None:
        totals = self._totals
        totals[0] -= entry[1]
        totals[1] -= entry[2]
        totals[2] -= entry[3]


def _of(entry: list[int], measure: str) -> int:
    if measure == TOKENS:
        return entry[2] + entry[3]
    return entry[{REQUESTS: 1, INPUT_TOKENS: 2, OUTPUT_TOKENS: 3}[measure]]
