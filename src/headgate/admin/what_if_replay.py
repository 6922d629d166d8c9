"""Sends past requests through a limit or a budget that is not stored: the same code that decides about requests counts and refuses them here.

It reads nothing and knows no clock: it is handed the requests in the order in which they began. What a request used in the end is what its row says. A request
that is refused uses nothing, and is not repeated. One that is sent to another endpoint counts with what it cost at its own.
"""

import heapq
from collections import Counter
from typing import Any

import msgspec

from headgate.admin.what_if import PEOPLE_SHOWN, Counted, PersonCounted, WhatIfAnswer
from headgate.core.budget import DOWNGRADE, RATE, REFUSE, Budget, FallbackRate
from headgate.core.principal import Principal
from headgate.core.time_text import utc_text
from headgate.metering.price import Rates
from headgate.metering.recent_outputs import RecentOutputs
from headgate.metering.spending import at_rate, dearest, estimate
from headgate.policy.budget_counts import warning
from headgate.policy.budget_states import BudgetLack
from headgate.policy.budgets import BudgetTable, Share, Spender
from headgate.policy.limit_denial import LimitDenial
from headgate.policy.limits import NO_COUNTS, CountedFor, LimitTable, RequestCounts
from headgate.policy.reservation import Reservation, Used
from headgate.policy.reservations import Reservations
from headgate.policy.wants import WantedMoney, Wants

_SWEEP_EVERY = 1_000
REFUSED, WARNED, DOWNGRADED = "refused", "warned", "downgraded"


class PastRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One request as its row of the usage table says it was. `estimated_input` is what was reserved before it was sent. `nano_usd` is what it cost.

    `rates` are those of its model, if it has a price; `own_account` says that the requester paid for it. Times are wall-clock microseconds.
    """

    request_id: str
    begun_us: int
    ended_us: int
    principal: Principal
    endpoint: str
    token_id: str = ""
    agent: str = ""
    session_id: str = ""
    tags: dict[str, str] = {}
    estimated_input: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    nano_usd: int = 0
    rates: Rates | None = None
    unpriced: bool = False
    own_account: bool = False


class WhatIfReplay:
    """One replay, of one limit (in a table with the limits that may take its place for a principal) or of one budget."""

    def __init__(self, limits: LimitTable | None = None, limit_id: str = "", budgets: BudgetTable | None = None) -> None:
        self._limits = limits
        self._limit_id = limit_id
        self._budgets = budgets
        self._reservations = Reservations()
        self._outputs = RecentOutputs()
        self._open: list[tuple[int, int, PastRequest, Reservation, tuple[int, ...]]] = []
        self._found = _Found()

    def add(self, past: PastRequest) -> None:
        """The next request."""
        self._settle_until(past.begun_us)
        self._found.requests += 1
        if self._found.requests % _SWEEP_EVERY == 0:
            self._reservations.sweep(past.begun_us / 1e6, past.begun_us * 1000)
        counts, shares = self._counts(past), self._shares(past, past.endpoint)
        if counts is not NO_COUNTS or shares:
            self._found.count(past)
            self._decide(past, counts, shares)

    def answer(self) -> WhatIfAnswer:
        """What happened so far."""
        return self._found.answer()

    def _decide(self, past: PastRequest, counts: RequestCounts, shares: tuple[Share, ...]) -> None:
        downgraded = False
        while True:
            if past.unpriced and any(share.allowance.budget.unpriced == REFUSE for share in shares):
                self._found.note(REFUSED, past)
                return
            decision = self._reservations.reserve(self._wants(past, counts, shares, may_downgrade=not downgraded), past.begun_us / 1e6)
            if isinstance(decision, BudgetLack) and decision.action.kind == DOWNGRADE:
                downgraded, shares = True, self._shares(past, decision.action.to)
                continue
            break
        if isinstance(decision, LimitDenial | BudgetLack):
            self._found.note(REFUSED, past)
            return
        if downgraded:
            self._found.note(DOWNGRADED, past)
        elif warning(decision.money) is not None:
            self._found.note(WARNED, past)
        costs = tuple(_cost(past, share.allowance.budget) for share in shares)
        heapq.heappush(self._open, (past.ended_us, self._found.requests, past, decision, costs))

    def _settle_until(self, at_us: int) -> None:
        while self._open and self._open[0][0] <= at_us:
            ended_us, _, past, reservation, costs = heapq.heappop(self._open)
            self._reservations.settle(reservation, Used(1, past.input_tokens, past.output_tokens, costs), ended_us / 1e6)
            self._outputs.add(past.endpoint, past.output_tokens)

    def _counts(self, past: PastRequest) -> RequestCounts:
        """The counts of the limit that the request is in; with those of other groups, where one of them with room is enough."""
        if self._limits is None:
            return NO_COUNTS
        found = self._limits.counts(past.endpoint, CountedFor(past.principal, past.token_id, past.agent, past.tags))
        needed = tuple(count for count in found.needed if count.limit.id == self._limit_id)
        either = tuple(parts for parts in found.either if any(count.limit.id == self._limit_id for part in parts for count in part))
        return RequestCounts(needed, either) if needed or either else NO_COUNTS

    def _shares(self, past: PastRequest, endpoint: str) -> tuple[Share, ...]:
        if self._budgets is None or past.own_account:
            return ()
        return tuple(self._budgets.shares(Spender(past.principal, endpoint, past.agent, past.session_id, past.tags)))

    def _wants(self, past: PastRequest, counts: RequestCounts, shares: tuple[Share, ...], *, may_downgrade: bool) -> Wants:
        likely = self._outputs.p95(past.endpoint)
        amounts = [_reserved(past, share.allowance.budget, likely) for share in shares]
        money = WantedMoney(shares, amounts, past.begun_us * 1000, may_downgrade=may_downgrade) if shares else None
        return Wants(past.request_id, counts, past.estimated_input, likely, past.output_tokens, money)


class _Found:
    """What happened, added up."""

    def __init__(self) -> None:
        self.requests = 0
        self._totals: Counter[str] = Counter()
        self._people: dict[str, Counter[str]] = {}
        self._first_refused: dict[str, int] = {}
        self._firsts: dict[str, int] = {}
        self._by_day: Counter[str] = Counter()

    def count(self, past: PastRequest) -> None:
        """A request is counted."""
        self._totals["counted"] += 1
        self._people.setdefault(past.principal.name, Counter())["counted"] += 1

    def note(self, what: str, past: PastRequest) -> None:
        """Something would have happened to a request."""
        at_ms, who = past.begun_us // 1000, past.principal.name
        self._totals[what] += 1
        self._people[who][what] += 1
        self._firsts.setdefault(what, at_ms)
        if what == REFUSED:
            self._first_refused.setdefault(who, at_ms)
            self._by_day[utc_text(at_ms)[:10]] += 1

    def answer(self) -> WhatIfAnswer:
        """All of it."""
        touched = [(who, found) for who, found in self._people.items() if found.total() > found["counted"]]
        touched.sort(key=lambda each: (-each[1][REFUSED], -each[1][DOWNGRADED], -each[1][WARNED], each[0]))
        people = (PersonCounted(who, _counted(found), self._first_refused.get(who, 0)) for who, found in touched[:PEOPLE_SHOWN])
        return WhatIfAnswer(
            total=_counted(self._totals),
            requests=self.requests,
            people=tuple(people),
            people_touched=len(touched),
            firsts=self._firsts,
            by_day=dict(self._by_day),
        )


def _counted(found: Counter[str]) -> Counted:
    values: dict[str, Any] = {name: found[name] for name in Counted.__struct_fields__}
    return Counted(**values)


def _reserved(past: PastRequest, budget: Budget, likely: int) -> int:
    """What a budget reserves for a request before it is sent. A hard one reserves what the answer had: a row does not say what the request allowed."""
    if past.unpriced:
        return _at_own_rate(budget.rate if budget.unpriced == RATE else None, past.estimated_input, likely)
    if past.rates is None:
        return 0
    return dearest(past.rates, past.estimated_input, past.output_tokens) if budget.hard else estimate(past.rates, past.estimated_input, likely)


def _cost(past: PastRequest, budget: Budget) -> int:
    return _at_own_rate(budget.rate, past.input_tokens, past.output_tokens) if past.unpriced else past.nano_usd


def _at_own_rate(rate: FallbackRate | None, input_tokens: int, output_tokens: int) -> int:
    return at_rate(rate, input_tokens, output_tokens) if rate is not None else 0
