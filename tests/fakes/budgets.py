"""Declared budgets for tests, and prices that need no price list."""

import datetime as dt
from zoneinfo import ZoneInfo

from headgate.core.budget import NANO_PER_USD, Budget, BudgetAction
from headgate.core.principal import Principal
from headgate.core.usage import Counts
from headgate.metering.price import Rates, Sold
from headgate.policy.budgets import BudgetTable, Share, Spender
from tests.fakes.principals import user

BLOCKS = BudgetAction(100.0, "block")
PRICES = {"claude-opus-4-6": (5.0, 25.0), "claude-haiku-4-5": (1.0, 5.0)}  # US dollars per million tokens of input and output


def budget(
    name: str = "all", per: str = "month", *, usd: float = 50.0, zone: str = "UTC", actions: str = "", tag: str = "", **values: object
) -> Budget:
    """A budget, as the configuration compiles it. `actions` are words such as `80 warn, 90 downgrade haiku`; by default it blocks."""
    found = []
    for written in filter(None, actions.split(", ")):
        percent, kind, *to = written.split()
        found.append(BudgetAction(float(percent), kind, *to))
    tag_key, _, tag_value = tag.partition("=")
    return Budget(
        name=name,
        nano_usd=nano(usd),
        per=per,
        zone=dt.UTC if zone == "UTC" else ZoneInfo(zone),
        zone_name=zone,
        actions=tuple(found) or (BLOCKS,),
        tag_key=tag_key,
        tag_value=tag_value,
        **values,  # type: ignore[arg-type] # fields of a budget
    )


def nano(usd: float) -> int:
    """An amount in nano-US-dollars."""
    return round(usd * NANO_PER_USD)


def at_ns(text: str) -> int:
    """A moment such as `2026-11-30T12:00:00+00:00`; without an offset it is UTC."""
    moment = dt.datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp()) * 1_000_000_000


def shares(*budgets: Budget, who: Principal | None = None, endpoint: str = "opus", **request: object) -> list[Share]:
    """The counts of a request in these budgets."""
    return BudgetTable(budgets).shares(Spender(who or user("ada"), endpoint, **request))  # type: ignore[arg-type] # fields of a spender


def rates_of(sold: Sold, _at_ns: int, _usage: Counts) -> Rates | None:
    """A price list with two models."""
    price = next((PRICES[model] for model in sold.models if model in PRICES), None)
    return None if price is None else Rates(price[0], None, None, None, price[1], sold.provider, sold.models[0], "test")
