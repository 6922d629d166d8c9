"""Counts what requests use against their rate limits: holds room in all counts of a request, and settles it when the request has ended.

Pure: the time is an argument, and must never go backwards. It never blocks; its memory is bounded.
"""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice

import msgspec

from headgate.core.limit import CONCURRENT, MEASURES, Limit, LimitState
from headgate.core.record import Reserved, Settled
from headgate.policy.limits import LIMIT_KEY_BYTES, SHARED_VALUE, Count, length_s_of
from headgate.policy.wants import Wants
from headgate.policy.window import UNUSED, Totals, Window

VALUES_MAX = 20_000  # counts of one limit; further values share one, since a client can invent tags
_CONCURRENT_WAIT_S = 5.0  # nothing says when a request ends; Codex asks five times more, and should not have given up by then
_SWEPT_MAX = 2_000
_SHOWN_MAX = 5_000  # counts that one look for people goes through
_CONCURRENT = MEASURES.index(CONCURRENT)

Held = tuple[tuple[bytes, int], ...]  # what a request holds: of each count the key and the output


class LimitDenial(msgspec.Struct, frozen=True):
    """Why a request has no room: the limit that keeps it out longest. `wait_s` is infinite for a request that is larger than the limit."""

    limit: Limit
    value: str
    measure: str
    maximum: int
    used: int
    amount: int
    wait_s: float


class Counters:
    """All counts of rate limits. They are found by their keys, so a limit keeps its counts when its numbers change."""

    def __init__(self) -> None:
        self._windows: dict[bytes, Window] = {}
        self._values: Counter[bytes] = Counter()  # of each limit, how many counts it has
        self._sweep: Iterator[bytes] = iter(())

    def __len__(self) -> int:
        return len(self._windows)

    def hold(self, wants: Wants, now_s: float) -> tuple[Held, LimitState | None] | LimitDenial:
        """Count a request that begins: in all its counts, or in none.

        What it holds, and what is left of the limit with the least left; or why there is no room.
        """
        following: Sequence[Count] = wants.counts.needed
        if wants.counts.either:
            fitting = self._fitting(wants, now_s)
            if fitting is None:
                return self._denial(wants, now_s)
            following = [*following, *fitting]
        now, windows = int(now_s), self._windows
        held: Held = ()
        nearest: tuple[Limit, int, int, int] | None = None
        most = -1.0
        for count in following:
            window = windows.get(count.key) or self._made(count)
            if now >= window.part_ends_s:
                window.advance(now)
            output_tokens = wants.output_bound if count.hard else wants.output_tokens
            used = window.with_request(wants.input_tokens, output_tokens)
            for measure, maximum in count.bounds:
                amount = used[measure]
                if amount > maximum:
                    self._release(held, wants, now)
                    return self._denial(wants, now_s)
                part = amount / maximum
                if part > most:
                    most = part
                    nearest = (count.limit, measure, maximum, amount)
            window.used = used
            held += ((window.key, output_tokens),)
        if nearest is None:
            return held, None
        limit, measure, maximum, amount = nearest
        return held, LimitState(limit.key, MEASURES[measure], maximum, maximum - amount)

    def hold_again(self, reserved: Reserved) -> None:
        """Count a request that began before this process did."""
        for key, output_tokens in reserved.counts:
            window = self._window_of(key)
            window.advance(int(reserved.at_s))
            window.used = window.with_request(reserved.input_tokens, output_tokens)

    def settle(self, reserved: Reserved, settled: Settled, now_s: float) -> None:
        """Replace what was held by what was used."""
        began, now = int(reserved.at_s), int(now_s)
        requests, input_tokens, output_tokens = settled.requests - 1, settled.input_tokens - reserved.input_tokens, settled.output_tokens
        for key, held_tokens in reserved.counts:
            self._windows[key].settle(began, now, (requests, input_tokens, output_tokens - held_tokens))

    def _release(self, held: Held, wants: Wants, now: int) -> None:
        """Take back a request that was held a moment ago."""
        for key, output_tokens in held:
            self._windows[key].settle(now, now, (-1, -wants.input_tokens, -output_tokens))

    def dump(self) -> dict[bytes, list[int]]:
        """What is counted, for `load`; to be written before anything else is counted."""
        return {key: parts for key, window in self._windows.items() if (parts := window.parts)}

    def load(self, dumped: Mapping[bytes, list[int]], open_ones: Iterable[Reserved]) -> None:
        """Count what was dumped, and the requests that were under way then."""
        for key, parts in dumped.items():
            self._window_of(key).load(parts)
        for reserved in open_ones:
            for key, _ in reserved.counts:
                self._window_of(key).reopen()

    def used(self, counts: Iterable[Count], now_s: float) -> list[tuple[Count, Totals]]:
        """How much of each count is used, in the order of MEASURES. Changes nothing."""
        found = []
        for count in counts:
            window = self._windows.get(count.key)
            if window is not None:
                window.advance(int(now_s))
            found.append((count, window.used if window is not None else UNUSED))
        return found

    def used_of_limits(self, limit_keys: Collection[bytes], now_s: float) -> dict[bytes, Totals]:
        """How much of the counts of some limits is used, by the keys of the counts. It looks at a bounded number of counts."""
        found = {}
        for key, window in islice(self._windows.items(), _SHOWN_MAX):
            if key[:LIMIT_KEY_BYTES] in limit_keys:
                window.advance(int(now_s))
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
                window.advance(int(now_s))
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
        return self._window_of(count.key if self._values[limit_key] < VALUES_MAX else limit_key + SHARED_VALUE)

    def _window_of(self, key: bytes) -> Window:
        window = self._windows.get(key)
        if window is None:
            self._values[key[:LIMIT_KEY_BYTES]] += 1
            window = self._windows[key] = Window(key, length_s_of(key))
        return window

    def _fitting(self, wants: Wants, now_s: float) -> list[Count] | None:
        """Of each `either` the counts of all parts that have room; `None` if one has none."""
        found: list[Count] = []
        for parts in wants.counts.either:
            fitting = [part for part in parts if self._lack_of(part, wants, now_s) is None]
            if not fitting:
                return None
            found += [count for part in fitting for count in part]
        return found

    def _denial(self, wants: Wants, now_s: float) -> LimitDenial:
        """The denial of the count that keeps the request out longest. Where groups are full, the one with room first counts."""
        counts = wants.counts
        lacks = [self._lack_of((count,), wants, now_s) for count in counts.needed]
        for parts in counts.either:
            of_parts = [self._lack_of(part, wants, now_s) for part in parts]
            lacks.append(min((lack for lack in of_parts if lack is not None), key=_wait_of) if None not in of_parts else None)
        for count in (*counts.needed, *(count for parts in counts.either for part in parts for count in part)):
            self._forget_idle(count.key)
        return max((lack for lack in lacks if lack is not None), key=_wait_of)

    def _lack_of(self, counts: Sequence[Count], wants: Wants, now_s: float) -> LimitDenial | None:
        """What of these counts the request has no room in longest, if there is anything."""
        found: LimitDenial | None = None
        for count in counts:
            window = self._window(count)
            window.advance(int(now_s))
            used = window.used
            becoming = window.with_request(wants.input_tokens, wants.output_bound if count.hard else wants.output_tokens)
            for measure, maximum in count.bounds:
                if becoming[measure] > maximum:
                    amount = becoming[measure] - used[measure]
                    wait_s = _wait_s(window, measure, maximum, amount, now_s)
                    if found is None or wait_s > found.wait_s:
                        found = LimitDenial(count.limit, count.value, MEASURES[measure], maximum, used[measure], amount, wait_s)
        return found


def _wait_of(denial: LimitDenial) -> float:
    return denial.wait_s


def _wait_s(window: Window, measure: int, maximum: int, amount: int, now_s: float) -> float:
    """How long until there is room, if nothing else happens."""
    if amount > maximum:
        return math.inf
    if measure == _CONCURRENT:
        return _CONCURRENT_WAIT_S
    return window.frees_at_s(measure, window.used[measure] + amount - maximum) - now_s
