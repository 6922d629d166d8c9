"""The arithmetic of prices: scales, periods, stated rates and exact charges."""

from decimal import Decimal

import pytest

from headgate.core.usage import Usage
from headgate.metering.price import FREE, NS_PER_S, Period, Rates, Sold, charge, covers, rates_at, sold, whole_nano_rates
from tests.fakes.records import outcome

RATES = Rates(5.0, 0.5, 6.25, 10.0, 25.0, "anthropic", "claude-opus-4-6", "test")


def priced(input_mtok):
    """Rates of which only the price of input is known."""
    return Rates(input_mtok, None, None, None, None, "anthropic", "claude-opus-4-6", "test")


def test_charge_counts_each_class_at_its_own_rate():
    """Five classes, five rates, one exact sum."""
    usage = Usage(
        input_tokens=3, cache_read_tokens=90_001, cache_write_5m_tokens=1_000, cache_write_1h_tokens=200, output_tokens=777, reasoning_tokens=700
    )
    assert charge(RATES, usage) == Decimal("0.0726905")


def test_charge_is_exact_where_floats_are_not():
    """A rate of 0.1 and a count of 3 give 0.0000003 and no float's tail."""
    rates = Rates(0.1, None, None, None, 0.2, "p", "m", "test")
    assert charge(rates, Usage(input_tokens=3, output_tokens=0)) == Decimal("0.0000003")


def test_an_explicit_zero_is_charged_zero():
    """A provider that reports 0 tokens has a known charge of 0."""
    assert charge(RATES, Usage(input_tokens=0, output_tokens=0)) == Decimal(0)


@pytest.mark.parametrize("rates", [None, Rates(5.0, None, None, None, None, "p", "m", "test"), Rates(None, None, None, None, 1.0, "p", "m", "test")])
def test_what_has_no_price_has_no_charge(rates):
    """No rates, or none for a class that was used: the charge is unknown, never 0."""
    assert charge(rates, Usage(input_tokens=10, output_tokens=10)) is None


def test_what_was_not_reported_has_no_charge():
    """Nothing reported is not a charge of 0."""
    assert charge(RATES, Usage()) is None


def test_a_class_without_a_rate_is_charged_as_the_class_it_belongs_to():
    """One-hour writes fall back to five-minute writes, reads and writes to fresh input."""
    bare = Rates(2.0, None, None, None, 4.0, "p", "m", "test")
    written = Rates(2.0, None, 3.0, None, 4.0, "p", "m", "test")
    usage = Usage(cache_read_tokens=1_000_000, cache_write_5m_tokens=1_000_000, cache_write_1h_tokens=1_000_000)
    assert charge(bare, usage) == Decimal(6)
    assert charge(written, usage) == Decimal(8)


def test_rates_cover_what_was_used_and_nothing_more_is_asked_of_them():
    """A class without a price matters only where its tokens were used."""
    bare = Rates(2.0, None, None, None, None, "p", "m", "test")
    assert covers(bare, Usage(input_tokens=1, cache_write_1h_tokens=1, output_tokens=0))
    assert not covers(bare, Usage(input_tokens=1, output_tokens=1))


@pytest.mark.parametrize(("input_tokens", "expected"), [(0, 1.0), (200_000, 1.0), (200_001, 2.0), (400_001, 3.0)])
def test_a_scale_steps_above_its_threshold(input_tokens, expected):
    """The threshold itself is still the lower step."""
    steps = ((0, priced(1.0)), (200_000, priced(2.0)), (400_000, priced(3.0)))
    assert rates_at((Period(steps),), 0, input_tokens) == priced(expected)


def test_the_last_period_that_holds_wins():
    """A dated change holds from its first moment on; before all of them the first period holds."""
    old, new = priced(1.0), priced(2.0)
    periods = (Period(((0, old),)), Period(((0, new),), from_ns=1_000))
    assert rates_at(periods, 999, 0) is old
    assert rates_at(periods, 1_000, 0) is new
    assert rates_at((Period(((0, old),), from_ns=5), Period(((0, new),), from_ns=9)), 0, 0) is old


@pytest.mark.parametrize(("hour", "holds"), [(0, False), (1, True), (8, True), (9, False)])
def test_a_window_of_the_day(hour, holds):
    """A window includes its start and excludes its end, on any day."""
    at_ns = (20_000 * 86_400 + hour * 3_600) * NS_PER_S
    assert Period((), window_s=(3_600, 9 * 3_600)).holds(at_ns) is holds


@pytest.mark.parametrize(("hour", "holds"), [(22, True), (23, True), (0, True), (1, False), (12, False)])
def test_a_window_over_midnight(hour, holds):
    """A window whose end is before its start spans midnight."""
    assert Period((), window_s=(22 * 3_600, 3_600)).holds(hour * 3_600 * NS_PER_S) is holds


def test_a_local_model_costs_a_stated_nothing():
    """Zero is said, not assumed."""
    assert charge(FREE, Usage(input_tokens=1_000, output_tokens=1_000)) == Decimal(0)


def test_what_was_sold_bears_the_served_name_first():
    """Each name once, and none that is empty."""
    assert sold(outcome("a", model_served="claude-opus-4-6-20260101")).models == ("claude-opus-4-6-20260101", "claude-opus-4-6")
    assert sold(outcome("a", model_served="")).models == ("claude-opus-4-6",)
    assert sold(outcome("a")) == Sold("anthropic", "anthropic", "", ("claude-opus-4-6",))


def test_what_a_token_costs_in_nano_dollars():
    """By class, where each is a whole number; a class without a rate of its own has the more general one."""
    assert whole_nano_rates(Rates(5.0, 0.5, 6.25, 10.0, 25.0, "p", "m", "s")) == (5_000, 500, 6_250, 10_000, 25_000)
    assert whole_nano_rates(Rates(1.75, None, None, None, 14.0, "p", "m", "s")) == (1_750, 1_750, 1_750, 1_750, 14_000)
    assert whole_nano_rates(Rates(0.0375, None, None, None, 1.0, "p", "m", "s")) is None
    assert whole_nano_rates(Rates(5.0, None, None, None, None, "p", "m", "s")) is None
