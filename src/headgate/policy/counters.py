"""Counts what requests use against their rate limits: holds room in all counts of a request, and settles it when the request has ended.

Pure: the time is an argument, and must never go backwards. It never blocks; its memory is bounded.
"""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

from headgate.core.limit import CONCURRENT, MEASURES
from headgate.core.limit_state import LimitState
from headgate.core.record import Reserved, Settled
from headgate.policy.limit_denial import LimitDenial
from headgate.policy.limits import LIMIT_KEY_BYTES, SHARED_VALUE, Count, length_s_of
from headgate.policy.wants import Wants
from headgate.policy.window import NO_BOUNDS, UNUSED, HeldRoom, Totals, Window

VALUES_MAX = 20_000  # counts of one limit; further values share one, since a client can invent tags
_CONCURRENT_WAIT_S = 5.0  # nothing says when a request ends; Codex asks five times more, and should not have given up by then
_SWEPT_MAX = 2_000
_SHOWN_MAX = 5_000  # counts that one look for people goes through
_CONCURRENT: Final = MEASURES.index(CONCURRENT)

Held = tuple[HeldRoom, list[tuple[bytes, int]], LimitState | None]
"""What a request holds, the same by keys for its record, and what is left of the limit with the least left."""


class Counters:
    """All counts of rate limits. They are found by their keys, so a limit keeps its counts when its numbers change."""

    def __init__(self, values_max: int = VALUES_MAX) -> None:
        self._values_max = values_max
        self._windows: dict[bytes, Window] = {}
        self._values: Counter[bytes] = Counter()  # of each limit, how many counts it has
        self._sweep: Iterator[bytes] = iter(())

    def __len__(self) -> int:
        return len(self._windows)

    def hold(self, wants: Wants, now_s: float) -> Held | LimitDenial:
        """Count a request that begins: in all its counts, or in none. Returns what it holds, or why there is no room."""
        counts = self._fitting(wants, now_s) if wants.counts.either else wants.counts.needed
        if counts is None:
            return self._denial(wants, now_s)
        windows, input_tokens, likely = self._windows, wants.input_tokens, wants.output_tokens
        held: list[tuple[Window, int]] = []
        keys: list[tuple[bytes, int]] = []
        nearest: Count | None = None
        least = NO_BOUNDS
        for count in counts:
            window = windows.get(count.key)
            if window is None:
                window = self._made(count)
            output_tokens = wants.output_bound if count.hard else likely
            left = window.hold(now_s, count.bounds, input_tokens, output_tokens)
            if left is None:
                for each, held_tokens in held:
                    each.settle(now_s, now_s, -1, -input_tokens, -held_tokens)
                return self._denial(wants, now_s)
            if left[0] > least[0]:
                nearest, least = count, left
            held.append((window, output_tokens))
            keys.append((window.key, output_tokens))
        if nearest is None:
            return held, keys, None
        _, measure, maximum, used = least
        return held, keys, LimitState(nearest.limit.key, MEASURES[measure], maximum, maximum - used)

    def hold_again(self, reserved: Reserved) -> None:
        """Count a request that began before this process did."""
        for key, output_tokens in reserved.counts:
            window = self._window_of(key)
            window.hold(reserved.at_s, (), reserved.input_tokens, output_tokens)

    def settle_again(self, reserved: Reserved, settled: Settled, now_s: float) -> None:
        """Replace what was held by what was used, for a request that began before this process did."""
        settle([(self._windows[key], output_tokens) for key, output_tokens in reserved.counts], reserved, settled, now_s)

    def dump(self) -> dict[bytes, list[int]]:
        """What is counted, for `load`; to be written before anything else is counted."""
        return {key: parts for key, window in self._windows.items() if (parts := window.parts)}

    def load(self, dumped: Mapping[bytes, list[int]], open_ones: Iterable[Reserved]) -> None:
        """Count what was dumped, and the requests that were under way then."""
        for key, parts in dumped.items():
            self._window_of(key).load(parts)
        for reserved in open_ones:
            for key, _ in reserved.counts:
                self._window_of(key).concurrent += 1

    def used(self, counts: Iterable[Count], now_s: float) -> list[tuple[Count, Totals]]:
        """How much of each count is used, in the order of MEASURES. Changes nothing."""
        found = []
        for count in counts:
            window = self._windows.get(count.key)
            if window is not None:
                window.advance(now_s)
            found.append((count, window.used if window is not None else UNUSED))
        return found

    def used_of_limits(self, limit_keys: Collection[bytes], now_s: float) -> dict[bytes, Totals]:
        """How much of the counts of some limits is used, by the keys of the counts. It looks at a bounded number of counts."""
        found = {}
        for key, window in islice(self._windows.items(), _SHOWN_MAX):
            if key[:LIMIT_KEY_BYTES] in limit_keys:
                window.advance(now_s)
                found[key] = window.used
        return found

    def sweep(self, now_s: float) -> None:
        """Look at some counts, and forget those in which nothing is counted."""
        for _ in range(_SWEPT_MAX):
            key = next(self._sweep, None)
            if key is None:
                self._sweep = iter(list(self._windows))
                return
            window = self._windows.get(key)
            if window is not None:
                window.advance(now_s)
                self._forget_idle(key)

    def _forget_idle(self, key: bytes) -> None:
        window = self._windows.get(key)
        if window is None or not window.idle:
            return
        del self._windows[key]
        limit_key = key[:LIMIT_KEY_BYTES]
        self._values[limit_key] -= 1
        if not self._values[limit_key]:
            del self._values[limit_key]

    def _window(self, count: Count) -> Window:
        window = self._windows.get(count.key)
        return self._made(count) if window is None else window

    def _made(self, count: Count) -> Window:
        limit_key = count.key[:LIMIT_KEY_BYTES]
        return self._window_of(count.key if self._values[limit_key] < self._values_max else limit_key + SHARED_VALUE)

    def _window_of(self, key: bytes) -> Window:
        window = self._windows.get(key)
        if window is None:
            self._values[key[:LIMIT_KEY_BYTES]] += 1
            window = self._windows[key] = Window(key, length_s_of(key))
        return window

    def _fitting(self, wants: Wants, now_s: float) -> tuple[Count, ...] | None:
        """All that are needed, and of each `either` the counts of all parts that have room; `None` if one has none."""
        found = [*wants.counts.needed]
        for parts in wants.counts.either:
            fitting = [part for part in parts if self._lack_of(part, wants, now_s) is None]
            if not fitting:
                return None
            found += [count for part in fitting for count in part]
        return tuple(found)

    def _denial(self, wants: Wants, now_s: float) -> LimitDenial:
        """The denial of the count that keeps the request out longest. Where groups are full, the one with room first counts."""
        counts = wants.counts
        lacks = [self._lack_of((count,), wants, now_s) for count in counts.needed]
        for parts in counts.either:
            of_parts = [self._lack_of(part, wants, now_s) for part in parts]
            lacks.append(min((lack for lack in of_parts if lack is not None), key=_wait_of) if None not in of_parts else None)
        for count in counts.every:
            self._forget_idle(count.key)
        return max((lack for lack in lacks if lack is not None), key=_wait_of)

    def _lack_of(self, counts: Sequence[Count], wants: Wants, now_s: float) -> LimitDenial | None:
        """What of these counts the request has no room in longest, if there is anything."""
        found: LimitDenial | None = None
        for count in counts:
            window = self._window(count)
            window.advance(now_s)
            used = window.used
            becoming = window.with_request(wants.input_tokens, wants.output_bound if count.hard else wants.output_tokens)
            for measure, maximum in count.bounds:
                if becoming[measure] > maximum:
                    amount = becoming[measure] - used[measure]
                    wait_s = _wait_s(window, measure, maximum, amount, now_s)
                    if found is None or wait_s > found.wait_s:
                        found = LimitDenial(count.limit, count.value, MEASURES[measure], maximum, used[measure], amount, wait_s)
        return found


def settle(held: HeldRoom, reserved: Reserved, settled: Settled, now_s: float) -> None:
    """Replace what was held by what was used."""
    began_s, requests, output_tokens = reserved.at_s, settled.requests - 1, settled.output_tokens
    input_tokens = settled.input_tokens - reserved.input_tokens
    for window, held_tokens in held:
        window.settle(began_s, now_s, requests, input_tokens, output_tokens - held_tokens)


def _wait_of(denial: LimitDenial) -> float:
    return denial.wait_s


def _wait_s(window: Window, measure: int, maximum: int, amount: int, now_s: float) -> float:
    """How long until there is room, if nothing else happens."""
    if amount > maximum:
        return math.inf
    if measure == _CONCURRENT:
        return _CONCURRENT_WAIT_S
    return window.frees_at_s(measure, window.used[measure] + amount - maximum) - now_s
