"""What the demo's exchanges have spent of its budgets: by the prices of the usage table, added up by day."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable

import msgspec

from headgate.app.demo_month.budgets import team_budget
from headgate.app.demo_month.cast import GROUPS
from headgate.app.demo_month.timeline import day_of
from headgate.core.budget import NANO_PER_USD
from headgate.core.clock import midnight_ns
from headgate.core.record import REFUSED, Outcome
from headgate.metering.price import RatesOf
from headgate.metering.spending_prices import SpendingPrices


class SpentOfBudget(msgspec.Struct, frozen=True):
    """How much one count of a budget was used on a day. `value` and `who` are those of the count, `at_ns` is the day's beginning."""

    name: str
    value: str
    who: str
    at_ns: int
    nano_usd: int


class SpentMoney:
    """Adds up outcomes. `since` is the first day that any budget still counts."""

    def __init__(self, rates_of: RatesOf, since: dt.date) -> None:
        self._prices = SpendingPrices(rates_of)
        self._since_ns = midnight_ns(since)
        self._sums: Counter[tuple[int, str, str, str]] = Counter()

    def add(self, outcomes: Iterable[Outcome]) -> None:
        """Count what these cost."""
        for outcome in outcomes:
            intent = outcome.intent
            if intent.started_at_ns < self._since_ns or outcome.ended == REFUSED:
                continue
            nano_usd, at_ns = self._prices.cost(outcome).nano_usd, midnight_ns(day_of(intent.started_at_ns))
            for mark in intent.budgets:
                self._sums[at_ns, mark.name, mark.value, intent.requester if mark.value else ""] += nano_usd

    def sums(self) -> list[SpentOfBudget]:
        """What was spent, the oldest day first."""
        return [SpentOfBudget(name, value, who, at_ns, nano) for (at_ns, name, value, who), nano in sorted(self._sums.items())]

    def by_group(self) -> dict[str, float]:
        """What each group has spent, in US dollars."""
        of_team = Counter[str]()
        for (_, name, _, _), nano_usd in self._sums.items():
            of_team[name] += nano_usd
        return {group: of_team[team_budget(group)] / NANO_PER_USD for group in GROUPS}
