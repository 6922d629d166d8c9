"""Counts what requests use against their limits: reserved before a request is sent, all counts together or none, settled when it has ended.

Pure: the time is an argument, and one that goes backwards counts as the latest. It never blocks; its memory is bounded.
"""

import math
from collections.abc import Iterator, Sequence

import msgspec

from headgate.core.limit import CONCURRENT, INPUT_TOKENS, OUTPUT_TOKENS, REQUESTS, TOKENS, WINDOWS_S, Limit, LimitState
from headgate.policy.limits import Scope, Scopes
from headgate.policy.window import Window

VALUES_MAX = 20_000  # counts of one limit; further values share one, since a client can invent tags
_SHARED = "\0"
_CONCURRENT_WAIT_S = 5.0  # nothing says when a request ends; Codex asks five times more, and should not have given up by then
_SWEPT_MAX = 2_000
_UNUSED = {REQUESTS: 0, TOKENS: 0, INPUT_TOKENS: 0, OUTPUT_TOKENS: 0, CONCURRENT: 0}


class Wants(msgspec.Struct, frozen=True):
    """What a request needs room for. `output_bound` is the most that it can be answered with, for hard limits."""

    scopes: Scopes
    input_tokens: int = 0
    output_tokens: int = 0
    output_bound: int = 0


class Used(msgspec.Struct, frozen=True):
    """What a request really used."""

    requests: int = 1
    input_tokens: int = 0
    output_tokens: int = 0


NOTHING = Used(requests=0)


class Reservation(msgspec.Struct):
    """What is reserved for one request: of each count the window, the part and the output. `nearest` is the limit with the least left."""

    input_tokens: int
    held: list[tuple[Window, int, int]]
    nearest: LimitState


class Denial(msgspec.Struct, frozen=True):
    """Why a request has no room: the limit that keeps it out longest. `wait_s` is infinite for a request that is larger than the limit."""

    limit: Limit
    value: str
    measure: str
    maximum: int
    used: int
    amount: int
    wait_s: float


class Counters:
    """All counts of a worker. They are found by the id of their limit, so a limit keeps its counts when its numbers change."""

    def __init__(self) -> None:
        self._windows: dict[str, dict[str, Window]] = {}
        self._now_s = -math.inf
        self._sweep: Iterator[tuple[str, str]] = iter(())

    def __len__(self) -> int:
        return sum(len(windows) for windows in self._windows.values())

    def reserve(self, wants: Wants, now_s: float) -> Reservation | Denial:
        """Reserve in all counts, or in none."""
        now_s = self._now_s = max(now_s, self._now_s)
        scopes, asked = wants.scopes, _Asked(wants)
        denials: list[Denial] = []
        held: Sequence[Scope] = scopes.needed
        for scope in scopes.needed:
            lack = self._lack(scope, asked, now_s)
            if lack is not None:
                denials.append(lack)
        for parts in scopes.either:
            lacks = [(part, self._first_lack(part, asked, now_s)) for part in parts]
            open_parts = [part for part, lack in lacks if lack is None]
            if open_parts:
                held = [*held, *(scope for part in open_parts for scope in part)]
            else:
                denials.append(min((lack for _, lack in lacks if lack is not None), key=lambda lack: lack.wait_s))
        if denials:
            return max(denials, key=lambda denial: denial.wait_s)
        return self._hold(held, asked, now_s)

    def settle(self, reservation: Reservation, used: Used, now_s: float) -> None:
        """Replace what was reserved by what was used. Called once."""
        now_s = self._now_s = max(now_s, self._now_s)
        held, reservation.held = reservation.held, []
        requests, input_tokens = used.requests - 1, used.input_tokens - reservation.input_tokens
        for window, part, output_tokens in held:
            window.settle(part, now_s, requests, input_tokens, used.output_tokens - output_tokens)

    def sweep(self, now_s: float) -> None:
        """Look at some counts, and forget those in which nothing is counted."""
        now_s = self._now_s = max(now_s, self._now_s)
        for _ in range(_SWEPT_MAX):
            found = next(self._sweep, None)
            if found is None:
                self._sweep = iter([(limit_id, value) for limit_id, windows in self._windows.items() for value in windows])
                return
            self._forget_idle(*found, now_s)

    def _forget_idle(self, limit_id: str, value: str, now_s: float) -> None:
        windows = self._windows.get(limit_id, {})
        window = windows.get(value)
        if window is None:
            return
        window.advance(now_s)
        if window.idle:
            del windows[value]
            if not windows:
                del self._windows[limit_id]

    def _find(self, scope: Scope) -> Window | None:
        windows = self._windows.get(scope[0].id)
        if windows is None:
            return None
        window = windows.get(scope[1])
        return windows.get(_SHARED) if window is None and len(windows) >= VALUES_MAX else window

    def _made(self, scope: Scope) -> Window:
        limit, value = scope
        windows = self._windows.setdefault(limit.id, {})
        return windows.setdefault(value if len(windows) < VALUES_MAX else _SHARED, Window(WINDOWS_S[limit.per]))

    def _first_lack(self, scopes: Sequence[Scope], asked: "_Asked", now_s: float) -> Denial | None:
        lacks = [lack for scope in scopes if (lack := self._lack(scope, asked, now_s)) is not None]
        return max(lacks, key=lambda lack: lack.wait_s) if lacks else None

    def _lack(self, scope: Scope, asked: "_Asked", now_s: float) -> Denial | None:
        """What of this count the request has no room in longest, if there is anything."""
        limit, value = scope
        window = self._find(scope)
        used = _UNUSED
        if window is not None:
            window.advance(now_s)
            used = window.used
        amounts = asked.hard if limit.hard else asked.likely
        found: Denial | None = None
        for measure, maximum in limit.bounds:
            amount = amounts[measure]
            if used[measure] + amount > maximum:
                denial = Denial(limit, value, measure, maximum, used[measure], amount, _wait_s(window, measure, maximum, amount, now_s))
                if found is None or denial.wait_s > found.wait_s:
                    found = denial
        return found

    def _hold(self, scopes: Sequence[Scope], asked: "_Asked", now_s: float) -> Reservation:
        held: list[tuple[Window, int, int]] = []
        nearest: tuple[Limit, str, int, int] | None = None
        least = math.inf
        for scope in scopes:
            limit = scope[0]
            window = self._find(scope) or self._made(scope)
            amounts = asked.hard if limit.hard else asked.likely
            output_tokens = amounts[OUTPUT_TOKENS]
            part = window.advance(now_s)
            window.open(part, asked.input_tokens, output_tokens)
            held.append((window, part, output_tokens))
            for measure, maximum in limit.bounds:
                remaining = maximum - window.used[measure]
                if remaining < least * maximum:
                    least = remaining / maximum
                    nearest = (limit, measure, maximum, remaining)
        if nearest is None:
            return Reservation(asked.input_tokens, held, LimitState("", "", 0, 0))
        limit, measure, maximum, remaining = nearest
        return Reservation(asked.input_tokens, held, LimitState(limit.key, measure, maximum, max(0, remaining)))


class _Asked:
    """How much of each measure a request needs: of a limit that reserves what is likely, and of a hard one."""

    __slots__ = ("hard", "input_tokens", "likely")

    def __init__(self, wants: Wants) -> None:
        self.input_tokens = wants.input_tokens
        self.likely = _amounts(wants.input_tokens, wants.output_tokens)
        self.hard = self.likely if wants.output_bound == wants.output_tokens else _amounts(wants.input_tokens, wants.output_bound)


def _amounts(input_tokens: int, output_tokens: int) -> dict[str, int]:
    return {REQUESTS: 1, CONCURRENT: 1, TOKENS: input_tokens + output_tokens, INPUT_TOKENS: input_tokens, OUTPUT_TOKENS: output_tokens}


def _wait_s(window: Window | None, measure: str, maximum: int, amount: int, now_s: float) -> float:
    """How long until there is room, if nothing else happens."""
    if amount > maximum or window is None:
        return math.inf
    if measure == CONCURRENT:
        return _CONCURRENT_WAIT_S
    return window.frees_at_s(measure, window.used[measure] + amount - maximum) - now_s
