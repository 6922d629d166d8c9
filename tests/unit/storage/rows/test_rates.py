"""The price of a sale."""

from headgate.core.price_rule import PriceRule
from headgate.core.usage import Usage
from headgate.metering.price import Sold
from headgate.metering.price_data import PriceBook
from headgate.storage.rows import rates
from headgate.storage.state.stated_prices import write_rules

SALE = Sold("lab", "anthropic", "", ("claude-opus-4-6",))
USAGE = Usage(input_tokens=1, output_tokens=1)


def test_prices_are_loaded_with_the_first_row(tmp_path, monkeypatch):
    """A start does not wait for them, and they are loaded once."""
    loaded = []
    real = PriceBook.load
    monkeypatch.setattr(PriceBook, "load", lambda **given: loaded.append(1) or real(**given))
    rates_of = rates.lazy_rates(str(tmp_path))
    assert loaded == []
    for _ in range(2):
        assert rates_of(SALE, 0, USAGE).model == "claude-opus-4-6"
    assert loaded == [1]


def test_the_stated_prices_are_not_looked_at_for_every_row(tmp_path, monkeypatch):
    """A round prices thousands of rows at once."""
    looks = []
    monkeypatch.setattr(rates.stated_prices, "stamp", lambda _: looks.append(1) or (0, 0))
    rates_of = rates.lazy_rates(str(tmp_path), look_every_s=3600)
    for _ in range(5):
        rates_of(SALE, 0, USAGE)
    assert looks == [1]


def test_stated_prices_are_followed(tmp_path):
    """As they change, and when they go."""
    rates_of = rates.lazy_rates(str(tmp_path), look_every_s=0.0)
    seen = []
    for rules in ((), (PriceRule(input_mtok=4.0, output_mtok=1.0),), (PriceRule(factor=0.5),), ()):
        write_rules(str(tmp_path), rules)
        seen.append(rates_of(SALE, 0, USAGE).input_mtok)
    assert seen == [5.0, 4.0, 2.5, 5.0]
