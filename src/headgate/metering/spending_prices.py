"""Prices as budgets use them, remembered for a minute, because a look-up costs more than all else that a budget does. Pure: the moment is an argument.

What is remembered is exact: no price changes within a minute, and a price that depends on the request's size or class is looked up each time.
"""

from headgate.core.endpoint import Target
from headgate.core.record import Intent, Outcome
from headgate.core.usage import Usage
from headgate.metering.price import Rates, RatesOf, Sold, sold, whole_nano_rates
from headgate.metering.spending import NO_COST, Cost, cost

_MINUTE_NS = 60_000_000_000
_SIZE_STEP = 10_000  # input tokens
_LARGE = 100_000_000  # input tokens that no request has
_KNOWN_MAX = 4_096

Whole = tuple[int, int, int, int, int]
"""What a token costs in nano-US-dollars: fresh input, read from a cache, written for five minutes, for an hour, output."""


class SpendingPrices:
    """Finds prices for estimates and for costs. `rates_of` has the prices of the usage table."""

    def __init__(self, rates_of: RatesOf) -> None:
        self.rates_of = rates_of
        self._estimates: dict[tuple[str, str, int], tuple[int, Rates | None]] = {}  # with the minute of the look-up
        self._whole: dict[tuple[str, str, str, str | None], tuple[int, Whole | None]] = {}

    def estimate_rates(self, target: Target, input_tokens: int, at_ns: int) -> Rates | None:
        """The rates of a target for a request: those of the largest of the requests that are about as large."""
        provider, size, minute = target.provider, input_tokens // _SIZE_STEP, at_ns // _MINUTE_NS
        key = (provider.name, target.model, size)
        known = self._estimates.get(key)
        if known is not None and known[0] == minute:
            return known[1]
        sale = Sold(provider.name, provider.dialect, provider.price_as, (target.model,))
        found = self.rates_of(sale, at_ns, Usage(input_tokens=(size + 1) * _SIZE_STEP, output_tokens=1))
        if len(self._estimates) >= _KNOWN_MAX:
            self._estimates.clear()
        self._estimates[key] = (minute, found)
        return found

    def cost(self, outcome: Outcome) -> Cost:
        """What an ended exchange has cost, as the usage table says."""
        usage, intent = outcome.usage, outcome.intent
        if usage is None:
            return NO_COST
        if usage.beside or intent.paid_by:
            return cost(outcome, self.rates_of)
        key = (intent.provider, outcome.model_served, intent.model_sent, usage.tier)
        known = self._whole.get(key)
        if known is None or known[0] != intent.started_at_ns // _MINUTE_NS:
            known = self._look_up(key, intent, outcome)
        whole = known[1]
        if whole is None:
            return cost(outcome, self.rates_of)
        fresh, read, written_5m, written_1h, output = whole
        nano_usd = (usage.input_tokens or 0) * fresh + (usage.output_tokens or 0) * output
        if usage.cache_read_tokens:
            nano_usd += usage.cache_read_tokens * read
        if usage.cache_write_5m_tokens:
            nano_usd += usage.cache_write_5m_tokens * written_5m
        if usage.cache_write_1h_tokens:
            nano_usd += usage.cache_write_1h_tokens * written_1h
        return Cost(nano_usd)

    def _look_up(self, key: tuple[str, str, str, str | None], intent: Intent, outcome: Outcome) -> tuple[int, Whole | None]:
        sale, at_ns = sold(outcome), intent.started_at_ns
        small, large = (self.rates_of(sale, at_ns, Usage(input_tokens=size, output_tokens=1)) for size in (1, _LARGE))
        if len(self._whole) >= _KNOWN_MAX:
            self._whole.clear()
        found = (at_ns // _MINUTE_NS, whole_nano_rates(small) if small is not None and small == large else None)
        self._whole[key] = found
        return found
