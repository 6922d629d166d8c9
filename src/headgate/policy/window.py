"""What was used within a sliding window of 60 parts. Pure: the time is an argument.

A part counts until no window of the stated length can hold any of it: for the length and the rest of its own part. So no window, wherever it begins,
holds more than what is counted, and an amount is held at most one part too long.
"""

import math
from collections import deque

from headgate.core.limit import CONCURRENT, INPUT_TOKENS, OUTPUT_TOKENS, REQUESTS, TOKENS

PARTS = 60


class Window:
    """The requests and tokens of one window. `used` has what is counted of each measure, as of the latest `advance`; others only read it."""

    __slots__ = ("_part_s", "_parts", "used")

    def __init__(self, length_s: int) -> None:
        self._part_s = length_s // PARTS
        self._parts: deque[list[int]] = deque()  # of each part its number, requests, input and output; oldest first
        self.used = {REQUESTS: 0, TOKENS: 0, INPUT_TOKENS: 0, OUTPUT_TOKENS: 0, CONCURRENT: 0}

    @property
    def idle(self) -> bool:
        """Whether nothing is counted."""
        return not self._parts and not self.used[CONCURRENT]

    def advance(self, now_s: float) -> int:
        """Forget what no window that ends now can hold. The number of the current part."""
        part = int(now_s // self._part_s)
        parts, oldest = self._parts, part - PARTS
        while parts and parts[0][0] < oldest:
            _, requests, input_tokens, output_tokens = parts.popleft()
            self._count(-requests, -input_tokens, -output_tokens)
        return part

    def open(self, part: int, input_tokens: int, output_tokens: int) -> None:
        """Count a request that begins, in the part that `advance` returned last."""
        self.used[CONCURRENT] += 1
        self._add(part, 1, input_tokens, output_tokens)

    def settle(self, part: int, now_s: float, requests: int, input_tokens: int, output_tokens: int) -> None:
        """A request has ended: correct what was counted for it in a part by these differences.

        Too little is counted now, as a debt; too much is taken out of that part, if it still counts.
        """
        now = self.advance(now_s)
        self.used[CONCURRENT] -= 1
        if requests > 0 or input_tokens > 0 or output_tokens > 0:
            self._add(now, max(0, requests), max(0, input_tokens), max(0, output_tokens))
        if requests < 0 or input_tokens < 0 or output_tokens < 0:
            self._give_back(part, min(0, requests), min(0, input_tokens), min(0, output_tokens))

    def frees_at_s(self, measure: str, amount: int) -> float:
        """When at least this much of a measure is no longer counted, if nothing is added; infinite if so much is not counted."""
        freed = 0
        for entry in self._parts:
            freed += _of(entry, measure)
            if freed >= amount:
                return float((entry[0] + PARTS + 1) * self._part_s)
        return math.inf

    def _add(self, part: int, requests: int, input_tokens: int, output_tokens: int) -> None:
        parts = self._parts
        if parts and parts[-1][0] == part:
            latest = parts[-1]
            latest[1] += requests
            latest[2] += input_tokens
            latest[3] += output_tokens
        else:
            parts.append([part, requests, input_tokens, output_tokens])
        self._count(requests, input_tokens, output_tokens)

    def _give_back(self, part: int, requests: int, input_tokens: int, output_tokens: int) -> None:
        for entry in reversed(self._parts):
            if entry[0] == part:
                entry[1] += requests
                entry[2] += input_tokens
                entry[3] += output_tokens
                self._count(requests, input_tokens, output_tokens)
                return

    def _count(self, requests: int, input_tokens: int, output_tokens: int) -> None:
        used = self.used
        used[REQUESTS] += requests
        used[INPUT_TOKENS] += input_tokens
        used[OUTPUT_TOKENS] += output_tokens
        used[TOKENS] += input_tokens + output_tokens


def _of(entry: list[int], measure: str) -> int:
    if measure == TOKENS:
        return entry[2] + entry[3]
    return entry[{REQUESTS: 1, INPUT_TOKENS: 2, OUTPUT_TOKENS: 3}[measure]]
