"""The arithmetic of prices: counts times dated rates, exact to the last digit. `bill` decides which lines an answer has.

It knows no price and loads none: `price_data` provides the rates. A model without a price has no charge, which differs from a charge of 0.
"""

from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache

import msgspec

from headgate.core.record import Outcome
from headgate.core.usage import Counts

MILLION = Decimal(1_000_000)
THOUSAND = Decimal(1_000)
NS_PER_S = 1_000_000_000
SECONDS_PER_DAY = 86_400


class Rates(msgspec.Struct, frozen=True):
    """What a million tokens of each class cost in USD, at one time and for one size of request. Stored on each row that is priced with it.

    `None` is unknown. A class of input without its own rate uses the rate of the more general class: a one-hour write that of a five-minute write, a
    read or a write that of fresh input.
    """

    input_mtok: float | None
    cache_read_mtok: float | None
    cache_write_5m_mtok: float | None
    cache_write_1h_mtok: float | None
    output_mtok: float | None
    provider: str
    model: str
    source: str
    use_kcount: float | None = None  # of a tool: what a thousand uses cost
    once: bool = False  # of a tool: all uses in one answer are charged as one


class Sold(msgspec.Struct, frozen=True):
    """What was sold: the provider, its dialect, its price list (empty for the dialect's own), and the model's names, the most certain first.

    `tier` is the service tier, empty for the standard one. `part` is a kind of tokens (`audio`, `image`, `video`) or a tool (`web_search`, …), empty for
    the model's ordinary tokens.
    """

    provider: str
    dialect: str
    price_as: str
    models: tuple[str, ...]
    tier: str = ""
    part: str = ""


def sold(outcome: Outcome) -> Sold:
    """What an exchange bought. The model that answered is looked up first, then the model that was asked for."""
    intent = outcome.intent
    tier = outcome.usage.tier or "" if outcome.usage is not None else ""
    return _sold(intent.provider, intent.provider_dialect, intent.price_as, (outcome.model_served, intent.model_sent), tier)


@lru_cache(maxsize=4096)  # a client may invent names
def _sold(provider: str, dialect: str, price_as: str, names: tuple[str, str], tier: str) -> Sold:
    return Sold(provider, dialect, price_as, tuple(name for name in dict.fromkeys(names) if name), tier)


RatesOf = Callable[[Sold, int, Counts], Rates | None]
"""Rates by what was sold, when (in nanoseconds), and the counts of the whole request that it was part of."""

MODALITIES = frozenset({"audio", "image", "video"})
FREE = Rates(0.0, 0.0, 0.0, 0.0, 0.0, "local", "", "local models cost nothing", 0.0)

Steps = tuple[tuple[int, Rates], ...]
"""Rates by the size of the whole input: `(0, base), (200_000, above 200,000), …`. The last step that the input exceeds applies to all tokens."""


class Period(msgspec.Struct, frozen=True):
    """When rates hold: from a moment on, and optionally only in a window of each UTC day (in seconds; it may span midnight)."""

    steps: Steps
    from_ns: int | None = None
    window_s: tuple[int, int] | None = None

    def holds(self, at_ns: int) -> bool:
        """Whether the rates hold at this moment."""
        if self.from_ns is not None and at_ns < self.from_ns:
            return False
        if self.window_s is None:
            return True
        start_s, end_s = self.window_s
        now_s = at_ns / NS_PER_S % SECONDS_PER_DAY
        if end_s < start_s:
            return now_s >= start_s or now_s < end_s
        return start_s <= now_s < end_s


def rates_at(periods: tuple[Period, ...], at_ns: int, input_tokens: int) -> Rates:
    """The rates of the last period that holds, or of the first one if none does, for a request with this much input, fresh and cached together."""
    if len(periods) == 1:
        return step_of(periods[0].steps, input_tokens)
    steps = next((period.steps for period in reversed(periods) if period.holds(at_ns)), periods[0].steps)
    return step_of(steps, input_tokens)


def step_of(steps: Steps, input_tokens: int) -> Rates:
    """The rates of the last step that the input exceeds."""
    rates = steps[0][1]
    for above, step_rates in steps[1:]:
        if input_tokens > above:
            rates = step_rates
    return rates


def covers(rates: Rates, usage: Counts) -> bool:
    """Whether every class of tokens with a count has a price."""
    mtoks = _mtoks(rates)
    return None not in mtoks or all(mtok is not None or not tokens for tokens, mtok in zip(_tokens(usage), mtoks, strict=True))


def charge(rates: Rates | None, usage: Counts) -> Decimal | None:
    """The exact cost of the usage in USD; `None` if tokens without a price were used, or if nothing was reported."""
    tokens = _tokens(usage)
    if rates is None or tokens == _NOT_REPORTED:
        return None
    mtoks = _mtoks(rates)
    picos = _pico_usd(mtoks)
    if picos is None:
        return _charge(mtoks, tokens)
    # Written out, because every row has a charge: a loop takes twice as long.
    fresh, read, written_5m, written_1h, output = tokens
    total = (fresh or 0) * picos[0] + (output or 0) * picos[4]
    if read:
        total += read * picos[1]
    if written_5m:
        total += written_5m * picos[2]
    if written_1h:
        total += written_1h * picos[3]
    return Decimal(total).scaleb(-_PICO_DIGITS)


def _charge(mtoks: "_Mtoks", tokens: "_Tokens") -> Decimal | None:
    """The same where a rate is unknown, or has more digits than integers hold."""
    total = Decimal(0)
    for count, mtok in zip(tokens, mtoks, strict=True):
        if count:
            if mtok is None:
                return None
            total += count * _exact(mtok)
    return total / MILLION


def whole_nano_rates(rates: Rates) -> tuple[int, int, int, int, int] | None:
    """What a token of each class costs in nano-US-dollars: fresh input, read, written for five minutes, for an hour, output.

    `None` unless all of them are known and whole numbers.
    """
    picos = _pico_usd(_mtoks(rates))
    if picos is None or any(pico % 1000 for pico in picos):
        return None
    return picos[0] // 1000, picos[1] // 1000, picos[2] // 1000, picos[3] // 1000, picos[4] // 1000


def use_charge(rates: Rates | None, uses: int) -> Decimal | None:
    """The exact cost of this many uses of a tool in USD; `None` if they have no price."""
    if rates is None or rates.use_kcount is None:
        return None
    return (min(uses, 1) if rates.once else uses) * _exact(rates.use_kcount) / THOUSAND


@lru_cache(maxsize=1024)  # the same for every row of a model
def changed(rates: Rates, factor: float, why: str) -> Rates:
    """The rates times a factor; the source names the factor. Multiplied as decimals, because floats would add digits."""

    def times(rate: float | None) -> float | None:
        return None if rate is None else float(_exact(rate) * _exact(factor))

    return msgspec.structs.replace(
        rates,
        input_mtok=times(rates.input_mtok),
        cache_read_mtok=times(rates.cache_read_mtok),
        cache_write_5m_mtok=times(rates.cache_write_5m_mtok),
        cache_write_1h_mtok=times(rates.cache_write_1h_mtok),
        output_mtok=times(rates.output_mtok),
        use_kcount=times(rates.use_kcount),
        source=f"{rates.source} × {factor:g}{why}",
    )


# By class: fresh input, read from a cache, written to one for five minutes, for an hour, output.
_Tokens = tuple[int | None, int | None, int | None, int | None, int | None]
_Mtoks = tuple[float | None, float | None, float | None, float | None, float | None]
_NOT_REPORTED: _Tokens = (None,) * 5
_PICO_DIGITS = 12  # as many as a charge has in the usage table


def _tokens(usage: Counts) -> _Tokens:
    return usage.input_tokens, usage.cache_read_tokens, usage.cache_write_5m_tokens, usage.cache_write_1h_tokens, usage.output_tokens


def _mtoks(rates: Rates) -> _Mtoks:
    """What a million tokens of each class cost."""
    fresh, read, write_5m, write_1h = rates.input_mtok, rates.cache_read_mtok, rates.cache_write_5m_mtok, rates.cache_write_1h_mtok
    if write_5m is None:
        write_5m = fresh
    return fresh, fresh if read is None else read, write_5m, write_5m if write_1h is None else write_1h, rates.output_mtok


@lru_cache(maxsize=1024)
def _pico_usd(mtoks: _Mtoks) -> tuple[int, ...] | None:
    """What a token of each class costs in units of 10^-12 US dollars; `None` unless all of them are known and whole numbers."""
    exact = [_exact(mtok).scaleb(_PICO_DIGITS - 6) for mtok in mtoks if mtok is not None]
    whole = tuple(int(pico) for pico in exact if pico == pico.to_integral_value())
    return whole if len(whole) == len(mtoks) else None


@lru_cache(maxsize=1024)
def _exact(mtok: float) -> Decimal:
    """A rate with exactly the digits that it was written with: `repr` returns them."""
    return Decimal(repr(mtok))
