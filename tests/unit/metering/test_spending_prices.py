"""Prices that are remembered: never others than those of the usage table."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.core.client_credential import PAID_BY_REQUESTER
from headgate.core.endpoint import Provider, target_of
from headgate.core.usage import Usage, UsageLine
from headgate.metering.price import Rates
from headgate.metering.price_data import PriceBook
from headgate.metering.spending import cost
from headgate.metering.spending_prices import SpendingPrices
from headgate.storage.rows.rates import read_overlay
from tests.fakes.budgets import rates_of
from tests.fakes.records import AT_NS, intent, outcome

MINUTE_NS = 60_000_000_000
BOOK = PriceBook.load(overlay=read_overlay())
PRICES = SpendingPrices(BOOK.rates)
COUNTS = st.none() | st.integers(0, 400_000)
USAGES = st.builds(
    Usage,
    input_tokens=COUNTS,
    cache_read_tokens=COUNTS,
    cache_write_5m_tokens=COUNTS,
    cache_write_1h_tokens=COUNTS,
    output_tokens=COUNTS,
    tier=st.sampled_from([None, "", "priority", "unheard-of"]),
    beside=st.sampled_from([(), (UsageLine(kind="web_search", uses=2),)]),
)
MODELS = st.sampled_from(["claude-opus-4-6", "claude-haiku-4-5", "gpt-5.2", "gemini-2.5-pro", "gemini-3-pro-preview", "qwen", ""])


@given(USAGES, MODELS, st.integers(0, 400), st.sampled_from(["", PAID_BY_REQUESTER]))
def test_a_cost_is_that_of_the_usage_table(usage, model, days, paid_by):
    """Whatever was used, of whichever model, size, tier and day."""
    made = intent("r", model_sent=model, provider_dialect="openai", started_at_ns=AT_NS - days * 1_440 * MINUTE_NS, paid_by=paid_by)
    ended = outcome("r", usage=usage, model_served=model, intent=made)

    assert PRICES.cost(ended) == cost(ended, BOOK.rates)


@pytest.mark.parametrize("minutes", [1, -1])
def test_a_price_is_looked_up_anew_in_another_minute(minutes):
    """Within one, what is remembered is used."""
    factor = 1.0

    def changing(sold, at_ns, usage):
        found = rates_of(sold, at_ns, usage)
        return Rates(found.input_mtok * factor, None, None, None, found.output_mtok, "p", "m", "s")

    prices = SpendingPrices(changing)
    used = Usage(input_tokens=1_000, output_tokens=0)

    def charged(at_ns):
        return prices.cost(outcome("r", usage=used, model_served="claude-opus-4-6", intent=intent("r", started_at_ns=at_ns))).nano_usd

    assert charged(AT_NS) == 5_000_000
    factor = 2.0
    assert charged(AT_NS) == 5_000_000
    assert charged(AT_NS + minutes * MINUTE_NS) == 10_000_000


def test_an_estimate_uses_the_rates_of_larger_requests():
    """So that a price that rises with the size is not missed."""
    asked = []

    def prices_of(sold, at_ns, usage):
        asked.append((at_ns // MINUTE_NS, usage.input_tokens))
        return rates_of(sold, at_ns, usage)

    prices, target = SpendingPrices(prices_of), target_of(Provider("lab", "anthropic", "http://lab"), "claude-opus-4-6")
    for size, minute in ((0, 1), (9_999, 1), (10_000, 1), (10_000, 2), (5, 2)):
        assert prices.estimate_rates(target, size, minute * MINUTE_NS).input_mtok == pytest.approx(5)

    assert asked == [(1, 10_000), (1, 20_000), (2, 20_000), (2, 10_000)]


def test_an_estimate_is_what_the_tokens_cost():
    """In whole nano-US-dollars where the prices are, rounded up where they are not, and nothing where there is no price."""
    fractional = Rates(0.00025, None, None, None, 0.0, "p", "m", "s")
    target = target_of(Provider("lab", "anthropic", "http://lab"), "claude-opus-4-6")

    assert SpendingPrices(rates_of).estimate(target, 1_000, 100, AT_NS) == 1_000 * 5_000 + 100 * 25_000
    assert SpendingPrices(lambda *_: fractional).estimate(target, 3, 100, AT_NS) == 1
    assert SpendingPrices(lambda *_: None).estimate(target, 3, 100, AT_NS) is None


def test_a_cost_is_whole_only_where_its_prices_are():
    """Lines beside an answer's own have prices of their own, and what has no usage costs nothing."""
    prices = SpendingPrices(rates_of)
    used, line = Usage(input_tokens=1_000, output_tokens=10), UsageLine(kind="web_search", uses=1)

    assert prices.whole_cost(outcome("r", usage=used, model_served="claude-opus-4-6")) == 1_000 * 5_000 + 10 * 25_000
    assert prices.whole_cost(outcome("r", usage=msgspec.structs.replace(used, beside=(line,)), model_served="claude-opus-4-6")) is None
    assert prices.whole_cost(outcome("r", usage=None)) == 0
