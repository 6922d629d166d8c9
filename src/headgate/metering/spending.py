"""What a request costs in a budget, in nano-US-dollars: an estimate before it is sent, and its bill when it has ended. Pure.

The bill is the one of the usage table. Where that has no amount because something has no price, the budget counts what it can, or its own rate.
"""

import math
from decimal import ROUND_HALF_EVEN, Decimal

import msgspec

from headgate.core.budget import NANO_PER_USD, FallbackRate
from headgate.core.record import Outcome
from headgate.core.usage import Counts
from headgate.metering.bill import bill
from headgate.metering.price import Rates, RatesOf, charge, sold

_NANO_PER_MTOK = NANO_PER_USD // 1_000_000  # nano-dollars a token, for each dollar a million tokens


def estimate(rates: Rates, input_tokens: int, output_tokens: int) -> int:
    """What so many tokens cost: input as fresh input."""
    return math.ceil((input_tokens * (rates.input_mtok or 0.0) + output_tokens * (rates.output_mtok or 0.0)) * _NANO_PER_MTOK)


def dearest(rates: Rates, input_tokens: int, output_tokens: int) -> int:
    """The most that so many tokens can cost: input at its dearest class."""
    classes = (rates.input_mtok, rates.cache_read_mtok, rates.cache_write_5m_mtok, rates.cache_write_1h_mtok)
    input_mtok = max((mtok for mtok in classes if mtok is not None), default=0.0)
    return math.ceil((input_tokens * input_mtok + output_tokens * (rates.output_mtok or 0.0)) * _NANO_PER_MTOK)


def at_rate(rate: FallbackRate, input_tokens: int, output_tokens: int) -> int:
    """What so many tokens of a model without a price count as."""
    return math.ceil((input_tokens * rate.input_mtok + output_tokens * rate.output_mtok) * _NANO_PER_MTOK)


class Cost(msgspec.Struct, frozen=True):
    """What an exchange has cost. `unpriced` are its tokens if something has no price; `nano_usd` is then what is known."""

    nano_usd: int
    unpriced: Counts | None = None

    def of(self, rate: FallbackRate | None) -> int:
        """What a budget with this fallback rate counts."""
        if self.unpriced is None or rate is None:
            return self.nano_usd
        return at_rate(rate, self.unpriced.all_input_tokens or 0, self.unpriced.output_tokens or 0)


NO_COST = Cost(0)


def cost(outcome: Outcome, rates_of: RatesOf) -> Cost:
    """What an ended exchange has cost, as the usage table says."""
    usage = outcome.usage
    if usage is None:
        return NO_COST
    billed = bill(outcome, rates_of)
    if billed.charge is not None:
        return Cost(_nano(billed.charge))
    if billed.status == "none":
        return NO_COST
    if billed.lines:
        known = sum((line.charge for line in billed.lines if line.charge is not None), Decimal(0))
    else:  # a tier without a price, perhaps: the standard one is the best guess
        sale = msgspec.structs.replace(sold(outcome), tier="")
        known = charge(rates_of(sale, outcome.intent.started_at_ns, usage), usage) or Decimal(0)
    return Cost(_nano(known), usage.totals)


def _nano(usd: Decimal) -> int:
    return int((usd * NANO_PER_USD).to_integral_value(ROUND_HALF_EVEN))
