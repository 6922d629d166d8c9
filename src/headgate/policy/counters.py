"""Counts what requests use against their limits: reserved before a request is sent, all counts together or none, settled when it has ended.

Pure: the time is an argument, and one that goes backwards counts as the latest. It never blocks; its memory is bounded.
"""

import math
from collections.abc import Iterator, Sequence

import msgspec

from headgate.core.limit import CONCURRENT, OUTPUT_TOKENS, REQUESTS, TOKENS, WINDOWS_S, Limit, LimitState
from headgate.policy.limits import Scope, Scopes
from headgate.policy.window import Window

VALUES_MAX = 20_000  # counts of one limit; further values share one, since a client can invent tags
_SHARED = "\0"
_CONCURRENT_WAIT_S = 5.0  # nothing says when a request ends; Codex asks five times more, and should not have given up by then
_SWEPT_MAX = 2_000


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
        denials = [denial for scope in wants.scopes.needed if (denial := self._lack(scope, wants, now_s)) is not None]
        held = list(wants.scopes.needed)
        for parts in wants.scopes.either:
            lacks = [(part, self._first_lack(part, wants, now_s)) for part in parts]
            open_parts = [part for part, lack in lacks if lack is None]
            if open_parts:
                held.extend(scope for part in open_parts for scope in part)
            else:
                denials.append(min((lack for _, lack in lacks if lack is not None), key=lambda lack: lack.wait_s))
        if denials:
            return max(denials, key=lambda denial: denial.wait_s)
        return self._hold(held, wants, now_s)

    def settle(self, reservation: Reservation, used: Used, now_s: float) -> None:
        """Replace what was reserved by what was used. Called once."""
        now_s = self._now_s = max(now_s, self._now_s)
        held, reservation.held = reservation.held, []
        input_difference = used.input_tokens - reservation.input_tokens
        for window, part, output_tokens in held:
            window.open -= 1
            window.settle(part, now_s, (used.requests - 1, input_difference, used.output_tokens - output_tokens))

    def sweep(self, now_s: float) -> None:
        """Look at some counts, and forget those in which nothing is counted."""
        now_s = max(now_s, self._now_s)
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

    def _first_lack(self, scopes: Sequence[Scope], wants: Wants, now_s: float) -> Denial | None:
        lacks = [lack for scope in scopes if (lack := self._lack(scope, wants, now_s)) is not None]
        return max(lacks, key=lambda lack: lack.wait_s) if lacks else None

    def _lack(self, scope: Scope, wants: Wants, now_s: float) -> Denial | None:
        """What of this count the request has no room in longest, if there is anything."""
        limit, value = scope
        window = self._find(scope)
        if window is not None:
            window.advance(now_s)
        found: Denial | None = None
        for measure, maximum in limit.bounds:
            amount = _amount(limit, measure, wants)
            used = 0 if window is None else window.used(measure)
            if used + amount <= maximum:
                continue
            if amount > maximum:
                wait_s = math.inf
            elif measure == CONCURRENT or window is None:
                wait_s = _CONCURRENT_WAIT_S
            else:
                wait_s = window.frees_at_s(measure, used + amount - maximum) - now_s
            if found is None or wait_s > found.wait_s:
                found = Denial(limit, value, measure, maximum, used, amount, wait_s)
        return found

    def _hold(self, scopes: Sequence[Scope], wants: Wants, now_s: float) -> Reservation:
        held: list[tuple[Window, int, int]] = []
        nearest: LimitState | None = None
        least = math.inf
        for scope in scopes:
            limit = scope[0]
            window = self._find(scope) or self._made(scope)
            output_tokens = wants.output_bound if limit.hard else wants.output_tokens
            part = window.advance(now_s)
            window.open += 1
            window.add(part, 1, wants.input_tokens, output_tokens)
            held.append((window, part, output_tokens))
            for measure, maximum in limit.bounds:
                remaining = maximum - window.used(measure)
                if remaining < least * maximum:
                    least = remaining / maximum
                    nearest = LimitState(limit.key, measure, maximum, max(0, remaining))
        return Reservation(wants.input_tokens, held, nearest or LimitState("", "", 0, 0))


def _amount(limit: Limit, measure: str, wants: Wants) -> int:
    if measure in {REQUESTS, CONCURRENT}:
        return 1
    output_tokens = wants.output_bound if limit.hard else wants.output_tokens
    if measure == OUTPUT_TOKENS:
        return output_tokens
    return wants.input_tokens + output_tokens if measure == TOKENS else wants.input_tokens
