"""Counts what requests use against their rate limits: finds room in all counts of a request, holds it, and settles it when the request has ended.

Pure: the time is an argument, and must never go backwards. It never blocks; its memory is bounded.
"""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice

import msgspec

from headgate.core.limit import CONCURRENT, MEASURES, OUTPUT_TOKENS, Limit, LimitState
from headgate.core.record import Reserved, Settled
from headgate.policy.limits import LIMIT_KEY_BYTES, SHARED_VALUE, Count, RequestCounts, length_s_of
from headgate.policy.window import Window

VALUES_MAX = 20_000  # counts of one limit; further values share one, since a client can invent tags
_CONCURRENT_WAIT_S = 5.0  # nothing says when a request ends; Codex asks five times more, and should not have given up by then
_SWEPT_MAX = 2_000
_SHOWN_MAX = 5_000  # counts that one look for people goes through
_UNUSED = (0,) * len(MEASURES)
_CONCURRENT, _OUTPUT = MEASURES.index(CONCURRENT), MEASURES.index(OUTPUT_TOKENS)

Room = list[tuple[Count, Window, int]]  # counts that have room for a request, with their windows and the part that it is now
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


class Amounts:
    """How much of each measure a request needs: of a limit that reserves what is likely, and of a hard one."""

    __slots__ = ("hard", "input_tokens", "likely")

    def __init__(self, input_tokens: int, output_tokens: int, output_bound: int) -> None:
        self.input_tokens = input_tokens
        self.likely = self.hard = (1, input_tokens + output_tokens, input_tokens, output_tokens, 1)  # in the order of MEASURES
        if output_bound != output_tokens:
            self.hard = (1, input_tokens + output_bound, input_tokens, output_bound, 1)


class Counters:
    """All counts of rate limits. They are found by their keys, so a limit keeps its counts when its numbers change."""

    def __init__(self) -> None:
        self._windows: dict[bytes, Window] = {}
        self._values: Counter[bytes] = Counter()  # of each limit, how many counts it has
        self._sweep: Iterator[bytes] = iter(())

    def __len__(self) -> int:
        return len(self._windows)

    def find_room(self, counts: RequestCounts, amounts: Amounts, now_s: float) -> tuple[Room, LimitState | None] | LimitDenial:
        """The counts in which the request is to be held, and what is left then of the limit with the least left; or why there is no room.

        Nothing is held yet.
        """
        room: Room = []
        nearest: tuple[Limit, int, int, int] | None = None
        least = math.inf
        following: Iterable[Count] = counts.needed
        if counts.either:
            fitting = self._fitting(counts, amounts, now_s)
            if fitting is None:
                return self._denial(counts, amounts, now_s)
            following = [*counts.needed, *fitting]
        windows = self._windows
        for count in following:
            window = windows.get(count.key) or self._made(count)
            room.append((count, window, window.advance(now_s)))
            asked, used = amounts.hard if count.hard else amounts.likely, window.used
            for measure, maximum in count.bounds:
                left = maximum - used[measure] - asked[measure]
                if left < least * maximum:
                    if left < 0:
                        return self._denial(counts, amounts, now_s)
                    least = left / maximum
                    nearest = (count.limit, measure, maximum, left)
        if nearest is None:
            return room, None
        limit, measure, maximum, left = nearest
        return room, LimitState(limit.key, MEASURES[measure], maximum, left)

    def hold(self, room: Room, amounts: Amounts) -> Held:
        """Count a request that begins, in the counts that were found a moment ago."""
        held: list[tuple[bytes, int]] = []
        for count, window, part in room:
            output_tokens = (amounts.hard if count.hard else amounts.likely)[_OUTPUT]
            window.open(part, amounts.input_tokens, output_tokens)
            held.append((window.key, output_tokens))
        return tuple(held)

    def hold_again(self, reserved: Reserved) -> None:
        """Count a request that began before this process did."""
        for key, output_tokens in reserved.counts:
            window = self._window_of(key)
            window.open(window.advance(reserved.at_s), reserved.input_tokens, output_tokens)

    def settle(self, reserved: Reserved, settled: Settled, now_s: float) -> None:
        """Replace what was held by what was used."""
        requests, input_tokens = settled.requests - 1, settled.input_tokens - reserved.input_tokens
        for key, output_tokens in reserved.counts:
            self._windows[key].settle(reserved.at_s, now_s, (requests, input_tokens, settled.output_tokens - output_tokens))

    def dump(self) -> dict[bytes, list[int]]:
        """What is counted, for `load`; to be written before anything else is counted."""
        return {key: window.parts for key, window in self._windows.items() if window.parts}

    def load(self, dumped: Mapping[bytes, list[int]], open_ones: Iterable[Reserved]) -> None:
        """Count what was dumped, and the requests that were under way then."""
        for key, parts in dumped.items():
            self._window_of(key).load(parts)
        for reserved in open_ones:
            for key, _ in reserved.counts:
                self._window_of(key).reopen()

    def used(self, counts: Iterable[Count], now_s: float) -> list[tuple[Count, tuple[int, ...]]]:
        """How much of each count is used, in the order of MEASURES. Changes nothing."""
        found = []
        for count in counts:
            window = self._windows.get(count.key)
            if window is not None:
                window.advance(now_s)
            found.append((count, tuple(window.used) if window is not None else _UNUSED))
        return found

    def used_of_limits(self, limit_keys: Collection[bytes], now_s: float) -> dict[bytes, tuple[int, ...]]:
        """How much of the counts of some limits is used, by the keys of the counts. It looks at a bounded number of counts."""
        found = {}
        for key, window in islice(self._windows.items(), _SHOWN_MAX):
            if key[:LIMIT_KEY_BYTES] in limit_keys:
                window.advance(now_s)
                found[key] = tuple(window.used)
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
        return self._window_of(count.key if self._values[limit_key] < VALUES_MAX else limit_key + SHARED_VALUE)

    def _window_of(self, key: bytes) -> Window:
        window = self._windows.get(key)
        if window is None:
            self._values[key[:LIMIT_KEY_BYTES]] += 1
            window = self._windows[key] = Window(key, length_s_of(key))
        return window

    def _fitting(self, counts: RequestCounts, amounts: Amounts, now_s: float) -> list[Count] | None:
        """Of each `either` the counts of all parts that have room; `None` if one has none."""
        found: list[Count] = []
        for parts in counts.either:
            fitting = [part for part in parts if self._lack_of(part, amounts, now_s) is None]
            if not fitting:
                return None
            found += [count for part in fitting for count in part]
        return found

    def _denial(self, counts: RequestCounts, amounts: Amounts, now_s: float) -> LimitDenial:
        """The denial of the count that keeps the request out longest. Where groups are full, the one with room first counts."""
        lacks = [self._lack_of((count,), amounts, now_s) for count in counts.needed]
        for parts in counts.either:
            of_parts = [self._lack_of(part, amounts, now_s) for part in parts]
            lacks.append(min((lack for lack in of_parts if lack is not None), key=_wait_of) if None not in of_parts else None)
        for count in (*counts.needed, *(count for parts in counts.either for part in parts for count in part)):
            self._forget_idle(count.key)
        return max((lack for lack in lacks if lack is not None), key=_wait_of)

    def _lack_of(self, counts: Sequence[Count], amounts: Amounts, now_s: float) -> LimitDenial | None:
        """What of these counts the request has no room in longest, if there is anything."""
        found: LimitDenial | None = None
        for count in counts:
            window = self._window(count)
            window.advance(now_s)
            asked, used = amounts.hard if count.hard else amounts.likely, window.used
            for measure, maximum in count.bounds:
                amount = asked[measure]
                if used[measure] + amount > maximum:
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
