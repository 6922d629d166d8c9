"""What was used within a sliding window of 60 parts. Pure: the time is an argument. Parts begin and end with whole seconds.

A part counts until no window of the stated length can hold any of it: for the length and the rest of its own part. So no window, wherever it begins,
holds more than what is counted, and an amount is held at most one part too long.

Requests change the totals alone. A part is what the totals grew by while it lasted, and is written down once, at its end.
"""

import math
from typing import Final

from headgate.core.limit import INPUT_TOKENS, MEASURES, OUTPUT_TOKENS, REQUESTS, TOKENS

PARTS: Final = 60
_FIELDS: Final = 4  # of a part: its number, requests, input and output
_REQUESTS: Final = MEASURES.index(REQUESTS)
_TOKENS: Final = MEASURES.index(TOKENS)
_INPUT: Final = MEASURES.index(INPUT_TOKENS)
_OUTPUT: Final = MEASURES.index(OUTPUT_TOKENS)

Totals = tuple[int, int, int, int, int]
"""How much of each measure, in the order of MEASURES."""

UNUSED: Totals = (0, 0, 0, 0, 0)

Bounds = tuple[tuple[int, int], ...]
"""Measures by their places in MEASURES, each with its maximum."""

Left = tuple[float, int, int, int]
"""Of the bound that is used most: the part of it, the measure, the maximum and the amount."""

NO_BOUNDS: Final[Left] = (-1.0, 0, 0, 0)


class Window:
    """The requests and tokens of one window, found by its `key`. What it counts is as of the latest `advance`.

    A caller must `advance` it once `part_ends_s` is reached, before it looks at what is counted.
    """

    __slots__ = ("_inputs_before", "_outputs_before", "_part_s", "_part_starts_s", "_parts", "_requests_before", "concurrent", "inputs", "key", "outputs",
                 "part_ends_s", "requests")  # fmt: skip

    def __init__(self, key: bytes, length_s: int) -> None:
        self.key = key
        self.requests = self.inputs = self.outputs = self.concurrent = 0
        self.part_ends_s = 0
        self._part_s = length_s // PARTS
        self._part_starts_s = 0
        self._requests_before = self._inputs_before = self._outputs_before = 0  # when the current part began
        self._parts: list[int] = []  # the fields of the parts that have ended, oldest first: one object, whatever it holds

    @property
    def used(self) -> Totals:
        """What is counted of each measure."""
        return (self.requests, self.inputs + self.outputs, self.inputs, self.outputs, self.concurrent)

    @property
    def idle(self) -> bool:
        """Whether nothing is counted."""
        return not (self.requests or self.inputs or self.outputs or self.concurrent)

    @property
    def parts(self) -> list[int]:
        """The fields of all parts that have something in them in a row, oldest first. A part whose requests were all taken out again has nothing."""
        every = [*self._parts, self._part_starts_s // self._part_s, *self._current()]
        return [field for at in range(0, len(every), _FIELDS) if any(every[at + 1 : at + _FIELDS]) for field in every[at : at + _FIELDS]]

    def advance(self, now_s: float) -> None:
        """Begin the part that this moment is in, and forget what no window that ends now can hold. Nothing happens before the current part ends."""
        if now_s < self.part_ends_s:
            return
        part_s, parts = self._part_s, self._parts
        requests, inputs, outputs = self._current()
        if requests or inputs or outputs:
            parts += (self._part_starts_s // part_s, requests, inputs, outputs)
        part = int(now_s) // part_s
        self._part_starts_s = part * part_s
        self.part_ends_s = self._part_starts_s + part_s
        if parts and parts[0] < part - PARTS:
            self._forget(part - PARTS)
        self._requests_before = self.requests
        self._inputs_before = self.inputs
        self._outputs_before = self.outputs

    def load(self, parts: list[int]) -> None:
        """Count what another window had in its parts, without those that did not count any more when the last one began. Called on a new window."""
        if not parts:
            return
        last, first = len(parts) - _FIELDS, 0
        while parts[first] < parts[last] - PARTS:
            first += _FIELDS
        self._parts = parts[first:last]
        self._requests_before = sum(parts[first + 1 : last : _FIELDS])
        self._inputs_before = sum(parts[first + 2 : last : _FIELDS])
        self._outputs_before = sum(parts[first + 3 : last : _FIELDS])
        self.requests = self._requests_before + parts[last + 1]
        self.inputs = self._inputs_before + parts[last + 2]
        self.outputs = self._outputs_before + parts[last + 3]
        self._part_starts_s = parts[last] * self._part_s
        self.part_ends_s = self._part_starts_s + self._part_s

    def with_request(self, input_tokens: int, output_tokens: int) -> Totals:
        """What would be used if one more request began."""
        inputs, outputs = self.inputs + input_tokens, self.outputs + output_tokens
        return (self.requests + 1, inputs + outputs, inputs, outputs, self.concurrent + 1)

    def hold(self, now_s: float, bounds: Bounds, input_tokens: int, output_tokens: int) -> Left | None:
        """Begin one more request, if there is room for it within these bounds. Returns what is left then; `None` where there is no room, and it is not begun."""
        if now_s >= self.part_ends_s:
            self.advance(now_s)
        requests, inputs, outputs = self.requests + 1, self.inputs + input_tokens, self.outputs + output_tokens
        most = -1.0
        left = NO_BOUNDS
        for measure, maximum in bounds:
            # A tuple of all measures would be made for each request.
            if measure == _REQUESTS:
                amount = requests
            elif measure == _TOKENS:
                amount = inputs + outputs
            elif measure == _INPUT:
                amount = inputs
            else:
                amount = outputs if measure == _OUTPUT else self.concurrent + 1
            if amount > maximum:
                return None
            part = amount / maximum
            if part > most:
                most = part
                left = (part, measure, maximum, amount)
        self.requests = requests
        self.inputs = inputs
        self.outputs = outputs
        self.concurrent += 1
        return left

    def settle(self, began_s: float, now_s: float, requests: int, inputs: int, outputs: int) -> None:
        """A request has ended that began then: correct what was counted, by differences of requests, input and output.

        Too little is counted now, as a debt; too much is taken out of the part in which it began, if that still counts.
        """
        if now_s >= self.part_ends_s:
            self.advance(now_s)
        if began_s < self._part_starts_s:
            requests, inputs, outputs = self._give_back(int(began_s) // self._part_s, requests, inputs, outputs)
        if requests:
            self.requests += requests
        self.inputs += inputs
        self.outputs += outputs
        self.concurrent -= 1

    def frees_at_s(self, measure: int, amount: int) -> float:
        """When at least this much of a measure is no longer counted, if nothing is added; infinite if so much is not counted."""
        parts, freed = self.parts, 0
        for at in range(0, len(parts), _FIELDS):
            freed += parts[at + 2] + parts[at + 3] if measure == _TOKENS else parts[at + _FIELD_OF[measure]]
            if freed >= amount:
                return float((parts[at] + PARTS + 1) * self._part_s)
        return math.inf

    def _add(self, requests: int, input_tokens: int, output_tokens: int) -> None:
        self.requests += requests
        self.inputs += input_tokens
        self.outputs += output_tokens

    def _current(self) -> tuple[int, int, int]:
        """The requests, input and output of the current part."""
        return self.requests - self._requests_before, self.inputs - self._inputs_before, self.outputs - self._outputs_before

    def _forget(self, oldest: int) -> None:
        parts = self._parts
        end = 0
        while end < len(parts) and parts[end] < oldest:
            requests, inputs, outputs = parts[end + 1 : end + _FIELDS]
            self._add(-requests, -inputs, -outputs)
            end += _FIELDS
        del parts[:end]

    def _give_back(self, part: int, requests: int, inputs: int, outputs: int) -> tuple[int, int, int]:
        """Take what is negative out of a part that has ended. Returns by how much the totals change: only by debts where that part does not count any more."""
        parts = self._parts
        at = len(parts) - _FIELDS
        if at < 0 or parts[at] != part:  # mostly it is the one that ended last
            at = self._place(part)
            if at < 0:
                return max(0, requests), max(0, inputs), max(0, outputs)
        if requests < 0:
            parts[at + 1] += requests
            self._requests_before += requests
        if inputs < 0:
            parts[at + 2] += inputs
            self._inputs_before += inputs
        if outputs < 0:
            parts[at + 3] += outputs
            self._outputs_before += outputs
        return requests, inputs, outputs

    def _place(self, part: int) -> int:
        """Where the fields of a part that has ended begin; -1 if it does not count any more."""
        parts = self._parts
        at = len(parts) - _FIELDS
        if at < 0 or part > parts[at]:
            return -1
        if part < parts[at]:
            # Only parts without amounts are left out, so it is at most as far from the end as its number is from the last one's.
            at = max(0, at - _FIELDS * (parts[at] - part))
            while parts[at] < part:
                at += _FIELDS
        return at if parts[at] == part else -1


_FIELD_OF = {_REQUESTS: 1, _INPUT: 2, _OUTPUT: 3}

HeldRoom = list[tuple[Window, int]]
"""The windows that a request is counted in, each with the output tokens that it holds there."""
