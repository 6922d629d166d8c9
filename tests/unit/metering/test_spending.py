"""What requests cost in a budget: before they are sent, and when they have ended."""

import pytest

from headgate.core.budget import FallbackRate
from headgate.core.client_credential import PAID_BY_REQUESTER
from headgate.core.usage import Usage, UsageLine
from headgate.metering.price import Rates
from headgate.metering.spending import Cost, at_rate, cost, dearest, estimate
from tests.fakes.budgets import rates_of
from tests.fakes.records import intent, outcome

RATES = Rates(5.0, 0.5, 6.25, 10.0, 25.0, "lab", "opus", "a test")
RATE = FallbackRate(1.0, 4.0)
USAGE = Usage(input_tokens=1_000, cache_read_tokens=10_000, output_tokens=100)


def ended(usage, model="claude-opus-4-6", **values):
    """An exchange with a model that has a price, or another."""
    return outcome("r", usage=usage, model_served=model, intent=intent("r", model_sent=model, **values))


def test_an_estimate_is_never_too_low_by_rounding():
    """Nano-dollars, rounded up."""
    assert estimate(RATES, 1_000, 100) == 7_500_000
    assert estimate(Rates(0.0001, None, None, None, 0.0001, "", "", ""), 1, 0) == 1
    assert at_rate(RATE, 1_000, 100) == 1_400_000


def test_the_dearest_class_of_input():
    """An hour's write to a cache, where that has a price."""
    assert dearest(RATES, 1_000, 100) == 12_500_000
    assert dearest(Rates(5.0, 0.5, None, None, 25.0, "", "", ""), 1_000, 100) == 7_500_000


def test_a_cost_is_the_charge_of_the_usage_table():
    """To the nano-dollar; nothing where nothing was used, and where the requester's own account paid."""
    assert cost(ended(USAGE), rates_of) == Cost(57_500_000)
    assert cost(ended(None), rates_of) == Cost(0)
    assert cost(ended(Usage()), rates_of) == Cost(0)
    assert cost(ended(USAGE, paid_by=PAID_BY_REQUESTER), rates_of) == Cost(0)


@pytest.mark.parametrize(("rate", "counted"), [(None, 0), (RATE, 11_400_000)])
def test_a_model_without_a_price_counts_at_the_rate_of_the_budget(rate, counted):
    """All its tokens; nothing without a rate."""
    assert cost(ended(USAGE, "unknown"), rates_of).of(rate) == counted


def test_what_has_a_price_counts_where_something_else_has_none():
    """A tool whose uses have no price, or a tier: then the standard price is the best guess."""

    def rates(sold, at_ns, usage):
        return None if sold.part or sold.tier else rates_of(sold, at_ns, usage)

    searched = Usage(input_tokens=1_000, output_tokens=100, beside=(UsageLine(kind="web_search", uses=1),))
    assert cost(ended(searched), rates).of(None) == 7_500_000
    assert cost(ended(Usage(input_tokens=1_000, output_tokens=100, tier="priority")), rates).of(None) == 7_500_000
