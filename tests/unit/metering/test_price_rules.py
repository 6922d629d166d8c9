"""Which of the stated prices holds."""

import pytest

from headgate.core.price_rule import PriceRule
from headgate.metering.price import Rates, Sold
from headgate.metering.price_rules import PriceRules

LISTED = Rates(5.0, 0.5, 6.25, None, 25.0, "anthropic", "claude-opus-4-6", "a list")
SALE = Sold("lab", "anthropic", "", ("claude-opus-4-6-20260101", "claude-opus-4-6"))


def rates(cost, model="*", **more):
    """A rule whose input costs so much."""
    return PriceRule(model=model, input_mtok=cost, output_mtok=2 * cost, **more)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([], None),
        ([rates(1.0, "claude-haiku-*")], None),
        ([rates(1.0, provider="house")], None),
        ([rates(1.0)], 1.0),
        ([rates(1.0, "claude-opus-4-6-2026*")], 1.0),  # the name that served
        ([rates(1.0, "claude-opus-4-6")], 1.0),  # the name that was sent
        ([rates(1.0, "claude-*"), rates(2.0, "claude-opus-*"), rates(3.0)], 2.0),  # the longer pattern
        ([rates(1.0, "claude-opus-4-6-20260*"), rates(2.0, "claude-opus-4-6")], 2.0),  # the exact name
        ([rates(1.0, "claude-opus-4-6"), rates(2.0, provider="lab")], 2.0),  # the provider
        ([rates(1.0, from_ns=100), rates(2.0)], 2.0),  # not yet
        ([rates(1.0, from_ns=10), rates(2.0, from_ns=40), rates(3.0, from_ns=51), rates(4.0)], 2.0),  # the latest that has begun
        ([rates(1.0, from_ns=50)], 1.0),  # from its first moment on
        ([rates(1.0, provider="lab", from_ns=51), rates(2.0)], 2.0),  # what has not begun stands in nobody's way
        ([PriceRule(factor=0.5, provider="lab")], None),  # is no rate
    ],
)
def test_the_rule_that_says_most_holds(rules, expected):
    """Provider, then model, then date; in any order of writing."""
    for order in (rules, rules[::-1]):
        found = PriceRules(order).rates(SALE, 50)
        assert (found and found.input_mtok) == expected


def test_stated_rates_say_where_they_come_from():
    """The provider, the rule's own name of the model, and that it was the configuration."""
    rule = PriceRule(model="claude-*", input_mtok=1.0, cache_read_mtok=0.1, cache_write_5m_mtok=1.25, cache_write_1h_mtok=2.0, output_mtok=5.0)
    assert PriceRules([rule]).rates(SALE, 0) == Rates(1.0, 0.1, 1.25, 2.0, 5.0, "lab", "claude-*", "configuration")


def test_a_factor_changes_the_list_price():
    """Every class that has one, to the last digit, and the source says so."""
    assert PriceRules([PriceRule(factor=0.7)]).changed(SALE, 0, LISTED) == Rates(
        3.5, 0.35, 4.375, None, 17.5, "anthropic", "claude-opus-4-6", "a list × 0.7"
    )
    assert PriceRules([PriceRule(factor=0.0)]).changed(SALE, 0, LISTED).input_mtok == 0
    for rules in ([], [PriceRule(factor=0.7, provider="house")], [PriceRule(factor=0.7, from_ns=1)], [rates(1.0)]):
        assert PriceRules(rules).changed(SALE, 0, LISTED) is LISTED


def test_what_is_remembered_is_bounded(monkeypatch):
    """A client that invents names does not fill the memory."""
    monkeypatch.setattr("headgate.metering.price_rules._KNOWN_MAX", 3)
    rules = PriceRules([rates(1.0)])
    for number in range(10):
        assert rules.rates(Sold("lab", "", "", (f"m-{number}",)), 0)
    assert len(rules._fitting) <= 3
