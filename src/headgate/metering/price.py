"""Usage times dated rates gives a charge: the arithmetic of prices, exact to the last digit.

Knows no price itself and loads none: `price_data` brings the tariffs. A model without a price has no charge, which is not a charge of 0.
"""

from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache

import msgspec

from headgate.core.record import Outcome
from headgate.core.usage import Usage

MILLION = Decimal(1_000_000)
NS_PER_S = 1_000_000_000
SECONDS_PER_DAY = 86_400


class Rates(msgspec.Struct, frozen=True):
    """What a million tokens of each class cost in USD, at one time and at one size of request. Kept on the row that was priced with it.

    `None` is unknown. A class of input without a rate of its own is charged like the class it is a special case of: a one-hour write like
    a five-minute write, a read or a write like fresh input.
    """

    input_mtok: float | None
    cache_read_mtok: float | None
    cache_write_5m_mtok: float | None
    cache_write_1h_mtok: float | None
    output_mtok: float | None
    provider: str
    model: str
    source: str


class Sold(msgspec.Struct, frozen=True):
    """What was sold: by which provider, in which dialect, from which price list (empty for the dialect's own), and the model's names, best known first."""

    provider: str
    dialect: str
    price_as: str
    models: tuple[str, ...]


def sold(outcome: Outcome) -> Sold:
    """What an exchange bought: the model that served it, which is looked up first, or else the one that was asked for."""
    intent = outcome.intent
    models = tuple(name for name in dict.fromkeys((outcome.model_served, intent.model_sent)) if name)
    return Sold(intent.provider, intent.provider_dialect, intent.price_as, models)


RatesOf = Callable[[Sold, int, Usage], Rates | None]
"""Rates by what was sold, when (in nanoseconds), and how much of it."""

FREE = Rates(0.0, 0.0, 0.0, 0.0, 0.0, "local", "", "local models cost nothing")

Scale = tuple[tuple[int, float], ...]
"""Rates by the size of the whole input: `(0, base), (200_000, above 200,000), …`. The last step that is exceeded holds for all tokens."""


class Named(msgspec.Struct, frozen=True):
    """Where a tariff comes from."""

    provider: str
    model: str
    source: str


class Tariff(msgspec.Struct, frozen=True):
    """The scales of one model in one period. An empty scale is a class without a price."""

    input: Scale = ()
    cache_read: Scale = ()
    cache_write_5m: Scale = ()
    cache_write_1h: Scale = ()
    output: Scale = ()

    def rates(self, input_tokens: int, named: Named) -> Rates:
        """The rates of a request with this much input, fresh and cached together."""
        return Rates(
            _step(self.input, input_tokens),
            _step(self.cache_read, input_tokens),
            _step(self.cache_write_5m, input_tokens),
            _step(self.cache_write_1h, input_tokens),
            _step(self.output, input_tokens),
            named.provider,
            named.model,
            named.source,
        )


class Period(msgspec.Struct, frozen=True):
    """When a tariff holds: from a moment on, and perhaps only in a window of each UTC day (seconds; it may span midnight)."""

    tariff: Tariff
    from_ns: int | None = None
    window_s: tuple[int, int] | None = None

    def holds(self, at_ns: int) -> bool:
        """Whether the tariff holds at this moment."""
        if self.from_ns is not None and at_ns < self.from_ns:
            return False
        if self.window_s is None:
            return True
        start_s, end_s = self.window_s
        now_s = at_ns / NS_PER_S % SECONDS_PER_DAY
        if end_s < start_s:
            return now_s >= start_s or now_s < end_s
        return start_s <= now_s < end_s


def tariff_at(periods: tuple[Period, ...], at_ns: int) -> Tariff:
    """The tariff of the last period that holds; of the first one if none does."""
    for period in reversed(periods):
        if period.holds(at_ns):
            return period.tariff
    return periods[0].tariff


def covers(rates: Rates, usage: Usage) -> bool:
    """Whether every class of tokens that was used has a price."""
    for tokens, mtok in _classes(rates, usage):  # ruff: ignore[reimplemented-builtin] - all() would build a generator for every row
        if tokens and mtok is None:
            return False
    return True


def charge(rates: Rates | None, usage: Usage) -> Decimal | None:
    """What the usage costs in USD, exactly; `None` where tokens were used that have no price, or where nothing was reported."""
    if rates is None or (usage.all_input_tokens is None and usage.output_tokens is None):
        return None
    total = Decimal(0)
    for tokens, mtok in _classes(rates, usage):
        if not tokens:
            continue
        if mtok is None:
            return None
        total += tokens * _exact(mtok)
    return total / MILLION


def _classes(rates: Rates, usage: Usage) -> tuple[tuple[int | None, float | None], ...]:
    """The tokens of each class, and what a million of them cost."""
    write_5m = _first(rates.cache_write_5m_mtok, rates.input_mtok)
    return (
        (usage.input_tokens, rates.input_mtok),
        (usage.cache_read_tokens, _first(rates.cache_read_mtok, rates.input_mtok)),
        (usage.cache_write_5m_tokens, write_5m),
        (usage.cache_write_1h_tokens, _first(rates.cache_write_1h_mtok, write_5m)),
        (usage.output_tokens, rates.output_mtok),
    )


@lru_cache(maxsize=1024)
def _exact(mtok: float) -> Decimal:
    """A rate with the digits that it was written with, which is what `repr` gives back."""
    return Decimal(repr(mtok))


def _step(scale: Scale, input_tokens: int) -> float | None:
    if not scale:
        return None
    rate = scale[0][1]
    for above, step_rate in scale[1:]:
        if input_tokens > above:
            rate = step_rate
    return rate


def _first(own: float | None, general: float | None) -> float | None:
    return general if own is None else own
