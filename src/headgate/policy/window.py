"""What was used within a sliding window of 60 parts. Pure: the time is an argument.

A part counts until no window of the stated length can hold any of it: for the length and the rest of its own part. So no window, wherever it begins,
holds more than what is counted, and an amount is held at most one part too long.
"""

import math

from headgate.core.limit import CONCURRENT, INPUT_TOKENS, MEASURES, OUTPUT_TOKENS, REQUESTS, TOKENS

PARTS = 60
_FIELDS = 4  # of a part: its number, requests, input and output
_REQUESTS, _TOKENS, _INPUT, _OUTPUT, _CONCURRENT = (MEASURES.index(name) for name in (REQUESTS, TOKENS, INPUT_TOKENS, OUTPUT_TOKENS, CONCURRENT))


class Window:
    """The requests and tokens of one window, found by its `key`. `used` has what is counted of each measure, in their order, as of the latest `advance`.

    Others only read `used` and `parts`.
    """

    __slots__ = ("_part_s", "key", "parts", "used")

    def __init__(self, key: bytes, length_s: int) -> None:
        self.key = key
        self._part_s = length_s // PARTS
        self.parts: list[int] = []  # the fields of all parts in a row, oldest first: one object, whatever it holds
        self.used = [0] * len(MEASURES)

    @property
    def idle(self) -> bool:
        """Whether nothing is counted."""
        return not self.parts and not self.used[_CONCURRENT]

    def advance(self, now_s: float) -> int:
        """Forget what no window that ends now can hold. The number of the current part."""
        part = int(now_s) // self._part_s
        parts = self.parts
        if parts and parts[0] < part - PARTS:
            self._forget(part - PARTS)
        return part

    def load(self, parts: list[int]) -> None:
        """Count what another window had in its parts."""
        for at in range(0, len(parts), _FIELDS):
            self._add(*parts[at : at + _FIELDS])

    def open(self, part: int, input_tokens: int, output_tokens: int) -> None:
        """Count a request that begins, in the part that `advance` returned last."""
        parts, used = self.parts, self.used
        if parts and parts[-4] == part:
            parts[-3] += 1
            parts[-2] += input_tokens
            parts[-1] += output_tokens
        else:
            parts += (part, 1, input_tokens, output_tokens)
        used[_REQUESTS] += 1
        used[_TOKENS] += input_tokens + output_tokens
        used[_INPUT] += input_tokens
        used[_OUTPUT] += output_tokens
        used[_CONCURRENT] += 1

    def reopen(self) -> None:
        """A request is under way that the parts count already."""
        self.used[_CONCURRENT] += 1

    def settle(self, begun_s: float, now_s: float, differences: tuple[int, int, int]) -> None:
        """A request has ended: correct what was counted when it began, by differences of requests, input and output.

        Too little is counted now, as a debt; too much is taken out of the part in which it began, if that still counts.
        """
        requests, input_tokens, output_tokens = differences
        parts, used = self.parts, self.used
        part, now = int(begun_s) // self._part_s, int(now_s) // self._part_s
        used[_CONCURRENT] -= 1
        if now == part and parts and parts[-4] == part:  # most requests end in the part in which they began
            parts[-3] += requests
            parts[-2] += input_tokens
            parts[-1] += output_tokens
            used[_REQUESTS] += requests
            used[_TOKENS] += input_tokens + output_tokens
            used[_INPUT] += input_tokens
            used[_OUTPUT] += output_tokens
            return
        self.advance(now_s)
        if requests > 0 or input_tokens > 0 or output_tokens > 0:
            self._add(now, max(0, requests), max(0, input_tokens), max(0, output_tokens))
        if requests < 0 or input_tokens < 0 or output_tokens < 0:
            self._give_back(part, min(0, requests), min(0, input_tokens), min(0, output_tokens))

    def frees_at_s(self, measure: int, amount: int) -> float:
        """When at least this much of a measure is no longer counted, if nothing is added; infinite if so much is not counted."""
        parts, freed = self.parts, 0
        for at in range(0, len(parts), _FIELDS):
            freed += parts[at + 2] + parts[at + 3] if measure == _TOKENS else parts[at + _FIELD_OF[measure]]
            if freed >= amount:
                return float((parts[at] + PARTS + 1) * self._part_s)
        return math.inf

    def _add(self, part: int, requests: int, input_tokens: int, output_tokens: int) -> None:
        parts, used = self.parts, self.used
        if parts and parts[-4] == part:
            parts[-3] += requests
            parts[-2] += input_tokens
            parts[-1] += output_tokens
        else:
            parts += (part, requests, input_tokens, output_tokens)
        used[_REQUESTS] += requests
        used[_TOKENS] += input_tokens + output_tokens
        used[_INPUT] += input_tokens
        used[_OUTPUT] += output_tokens

    def _forget(self, oldest: int) -> None:
        parts = self.parts
        end = 0
        while end < len(parts) and parts[end] < oldest:
            self._take(*parts[end + 1 : end + _FIELDS])
            end += _FIELDS
        del parts[:end]

    def _give_back(self, part: int, requests: int, input_tokens: int, output_tokens: int) -> None:
        parts = self.parts
        for at in range(len(parts) - _FIELDS, -1, -_FIELDS):
            if parts[at] == part:
                parts[at + 1] += requests
                parts[at + 2] += input_tokens
                parts[at + 3] += output_tokens
                self._take(-requests, -input_tokens, -output_tokens)
                return

    def _take(self, requests: int, input_tokens: int, output_tokens: int) -> None:
        used = self.used
        used[_REQUESTS] -= requests
        used[_TOKENS] -= input_tokens + output_tokens
        used[_INPUT] -= input_tokens
        used[_OUTPUT] -= output_tokens


_FIELD_OF = {_REQUESTS: 1, _INPUT: 2, _OUTPUT: 3}
