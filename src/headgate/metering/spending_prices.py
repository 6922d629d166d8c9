"""Prices as budgets use them, remembered for a minute, because a look-up costs more than all else that a budget does. Pure: the moment is an argument.

What is remembered is exact: no price changes within a minute, and a price that depends on the request's size or class is looked up each time.
"""

from headgate.core.endpoint import Target
from headgate.core.record import Intent, Outcome
from headgate.core.usage import Usage
from headgate.metering.price import Rates, RatesOf, Sold, sold, whole_nano_rates
from headgate.metering.spending import Cost, cost, estimate

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
        self._estimates: dict[tuple[str, str, int], tuple[int, int, Whole | None, Rates | None]] = {}  # with the minute's begin and end
        self._whole: dict[tuple[str, str, str, str | None], tuple[int, int, Whole | None]] = {}

    def estimate(self, target: Target, input_tokens: int, output_tokens: int, at_ns: int) -> int | None:
        """What so many tokens of a target cost in nano-US-dollars, input as fresh input; `None` without a price."""
        known = self._estimates.get((target.provider.name, target.model, input_tokens // _SIZE_STEP))
        if known is None or not known[0] <= at_ns < known[1]:
            known = self._look_up_estimate(target, input_tokens, at_ns)
        whole = known[2]
        if whole is not None:
            return input_tokens * whole[0] + output_tokens * whole[4]
        rates = known[3]
        return None if rates is None else estimate(rates, input_tokens, output_tokens)

    def estimate_rates(self, target: Target, input_tokens: int, at_ns: int) -> Rates | None:
        """The rates of a target for a request: those of the largest of the requests that are about as large."""
        known = self._estimates.get((target.provider.name, target.model, input_tokens // _SIZE_STEP))
        if known is None or not known[0] <= at_ns < known[1]:
            known = self._look_up_estimate(target, input_tokens, at_ns)
        return known[3]

    def whole_cost(self, outcome: Outcome) -> int | None:
        """What an ended exchange has cost in nano-US-dollars, where its prices are whole numbers of them; `None` where `cost` has to say it."""
        usage, intent = outcome.usage, outcome.intent
        if usage is None:
            return 0
        if usage.beside or intent.paid_by:
            return None
        key = (intent.provider, outcome.model_served, intent.model_sent, usage.tier)
        known = self._whole.get(key)
        if known is None or not known[0] <= intent.started_at_ns < known[1]:
            known = self._look_up(key, intent, outcome)
        whole = known[2]
        if whole is None:
            return None
        # Each count is read once: to read one costs as much as all the rest.
        fresh, output = usage.input_tokens, usage.output_tokens
        read, written_5m, written_1h = usage.cache_read_tokens, usage.cache_write_5m_tokens, usage.cache_write_1h_tokens
        nano_usd = (fresh or 0) * whole[0] + (output or 0) * whole[4]
        if read:
            nano_usd += read * whole[1]
        if written_5m:
            nano_usd += written_5m * whole[2]
        if written_1h:
            nano_usd += written_1h * whole[3]
        return nano_usd

    def cost(self, outcome: Outcome) -> Cost:
        """What an ended exchange has cost, as the usage table says."""
        whole = self.whole_cost(outcome)
        return cost(outcome, self.rates_of) if whole is None else Cost(whole)

    def _look_up_estimate(self, target: Target, input_tokens: int, at_ns: int) -> tuple[int, int, Whole | None, Rates | None]:
        provider, size = target.provider, input_tokens // _SIZE_STEP
        sale = Sold(provider.name, provider.dialect, provider.price_as, (target.model,))
        found = self.rates_of(sale, at_ns, Usage(input_tokens=(size + 1) * _SIZE_STEP, output_tokens=1))
        if len(self._estimates) >= _KNOWN_MAX:
            self._estimates.clear()
        known = (*_minute_of(at_ns), None if found is None else whole_nano_rates(found), found)
        self._estimates[provider.name, target.model, size] = known
        return known

    def _look_up(self, key: tuple[str, str, str, str | None], intent: Intent, outcome: Outcome) -> tuple[int, int, Whole | None]:
        sale, at_ns = sold(outcome), intent.started_at_ns
        small, large = (self.rates_of(sale, at_ns, Usage(input_tokens=size, output_tokens=1)) for size in (1, _LARGE))
        if len(self._whole) >= _KNOWN_MAX:
            self._whole.clear()
        found = (*_minute_of(at_ns), whole_nano_rates(small) if small is not None and small == large else None)
        self._whole[key] = found
        return found


def _minute_of(at_ns: int) -> tuple[int, int]:
    """When the minute begins and ends that a moment is in: to compare with both costs less than to divide."""
    begins_ns = at_ns - at_ns % _MINUTE_NS
    return begins_ns, begins_ns + _MINUTE_NS
