"""The price book against the calculator of the package that its data comes from."""

import datetime as dt
from decimal import Decimal

import genai_prices
import pytest
from genai_prices.data_snapshot import get_snapshot

from headgate.core.price_rule import PriceRule
from headgate.core.usage import Usage
from headgate.metering.price import NS_PER_S, Sold, charge
from headgate.metering.price_data import PriceBook
from headgate.metering.price_rules import PriceRules

NOW = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
DIALECTS = {"anthropic": "anthropic", "openai": "openai", "google": "gemini"}
USAGES = [
    Usage(input_tokens=3, output_tokens=777),
    Usage(input_tokens=1_234, cache_read_tokens=90_001, output_tokens=1),
    Usage(input_tokens=10, cache_read_tokens=150_000, cache_write_5m_tokens=40_000, cache_write_1h_tokens=9_999, output_tokens=64_000),
    Usage(input_tokens=272_001, cache_read_tokens=1, output_tokens=5, reasoning_tokens=4),
]


@pytest.fixture(scope="module")
def book():
    """One loaded price book for the whole module."""
    return PriceBook.load()


def sale(dialect, price_as, *models, provider=""):
    """What was sold."""
    return Sold(provider, dialect, price_as, models)


def ns(moment):
    """A moment as the rows keep it."""
    return int(moment.timestamp()) * NS_PER_S


def theirs(provider_id, model, usage, moment):
    """The same answer priced by the package's own calculator."""
    writes = (usage.cache_write_5m_tokens or 0) + (usage.cache_write_1h_tokens or 0)
    counted = genai_prices.Usage(
        input_tokens=usage.all_input_tokens,
        cache_read_tokens=usage.cache_read_tokens or 0,
        cache_write_tokens=writes,
        cache_write_1h_tokens=usage.cache_write_1h_tokens or 0,
        output_tokens=usage.output_tokens,
    )
    return genai_prices.calc_price(counted, model, provider_id=provider_id, genai_request_timestamp=moment).total_price


def chat_models():
    """Every model of the three families that has a price for input and for output."""
    for provider in get_snapshot().providers:
        if provider.id in DIALECTS:
            for model in provider.models:
                price = model.get_prices(NOW)
                if price.input_mtok is not None and price.output_mtok is not None:
                    yield provider.id, model.id


def test_every_chat_model_costs_what_the_package_says(book):
    """A differential test over all chat models of three families, four sizes of answer, two dates."""
    compared = 0
    for provider_id, model in chat_models():
        for moment in (NOW, dt.datetime(2025, 6, 1, tzinfo=dt.UTC)):
            for usage in USAGES:
                try:
                    expected = theirs(provider_id, model, usage, moment)
                except LookupError:  # an id that its own provider does not match by name
                    continue
                rates = book.rates(sale(DIALECTS[provider_id], "", model), ns(moment), usage)
                assert charge(rates, usage) == expected, (provider_id, model, moment, usage)
                compared += 1
    assert compared > 1_000


@pytest.mark.parametrize(
    ("dialect", "model", "provider", "priced_as", "rates"),
    [
        ("anthropic", "claude-opus-4-6", "anthropic", "claude-opus-4-6", (5.0, 0.5, 6.25, 10.0, 25.0)),
        ("anthropic", "databricks-claude-opus-4-6", "anthropic", "claude-opus-4-6", (5.0, 0.5, 6.25, 10.0, 25.0)),
        ("anthropic", "claude-opus-4-6[1m]", "anthropic", "claude-opus-4-6", (5.0, 0.5, 6.25, 10.0, 25.0)),
        ("anthropic", "claude-haiku-4-5-20251001", "anthropic", "claude-haiku-4-5", (1.0, 0.1, 1.25, 2.0, 5.0)),
        ("anthropic", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "anthropic", "claude-sonnet-4-5", (3.0, 0.3, 3.75, 6.0, 15.0)),
        ("anthropic", "claude-3-haiku-20240307", "anthropic", "claude-3-haiku", (0.25, 0.03, 0.3, 0.5, 1.25)),
        ("openai", "gpt-5.2", "openai", "gpt-5.2", (1.75, 0.175, None, None, 14.0)),
        ("openai", "databricks-gpt-5-2", "openai", "gpt-5.2", (1.75, 0.175, None, None, 14.0)),
        ("openai", "gpt-5.2-2025-12-11", "openai", "gpt-5.2", (1.75, 0.175, None, None, 14.0)),
        ("openai", "gpt-4o", "openai", "gpt-4o", (2.5, 1.25, None, None, 10.0)),
        ("openai", "o3", "openai", "o3", (2.0, 0.5, None, None, 8.0)),
        ("openai", "databricks-claude-opus-4-6", "anthropic", "claude-opus-4-6", (5.0, 0.5, 6.25, 10.0, 25.0)),
        ("gemini", "gemini-2.5-flash", "google", "gemini-2.5-flash", (0.3, 0.03, None, None, 2.5)),
        ("gemini", "databricks-gemini-2-5-flash", "google", "gemini-2.5-flash", (0.3, 0.03, None, None, 2.5)),
        ("gemini", "models/gemini-2.5-flash", "google", "gemini-2.5-flash", (0.3, 0.03, None, None, 2.5)),
        ("openai", "databricks-meta-llama-3-3-70b-instruct", "databricks", "databricks-meta-llama-3-3-70b-instruct", (0.5, None, None, None, 1.5)),
    ],
)
def test_names_as_people_write_them_are_priced(book, dialect, model, provider, priced_as, rates):
    """Rates looked up by hand, for each way a model is named."""
    found = book.rates(sale(dialect, "", model), ns(NOW), USAGES[0])
    assert found is not None
    assert (found.provider, found.model) == (provider, priced_as)
    assert found.source.startswith("genai-prices 0.")
    assert (found.input_mtok, found.cache_read_mtok, found.cache_write_5m_mtok, found.cache_write_1h_mtok, found.output_mtok) == rates


def test_long_context_costs_more_for_every_token(book):
    """Above 200,000 tokens of input, fresh and cached together, the higher step holds for all classes."""
    usage = Usage(input_tokens=1, cache_read_tokens=200_000, output_tokens=1)
    low = book.rates(sale("gemini", "", "gemini-2.5-pro"), ns(NOW), Usage(input_tokens=200_000))
    high = book.rates(sale("gemini", "", "gemini-2.5-pro"), ns(NOW), usage)
    assert (low.input_mtok, low.output_mtok) == (1.25, 10.0)
    assert (high.input_mtok, high.output_mtok) == (2.5, 15.0)


def test_a_model_without_a_price_has_none(book):
    """Asked twice: the second answer is the remembered one."""
    for _ in range(2):
        assert book.rates(sale("openai", "", "qwen3-coder:30b"), ns(NOW), USAGES[0]) is None
        assert book.rates(sale("unheard-of", "nowhere", "gpt-5.2"), ns(NOW), USAGES[0]) is None


def test_price_as_names_the_price_list(book):
    """A cloud's own list is used where the provider is said to be that cloud; Databricks sells at the makers' price."""
    assert book.rates(sale("anthropic", "aws", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"), ns(NOW), USAGES[0]).provider == "aws"
    assert book.rates(sale("openai", "databricks", "databricks-claude-opus-4-6"), ns(NOW), USAGES[0]).provider == "anthropic"


def test_stated_prices_go_before_the_data(book):
    """Rates of one's own for whichever of its names; else the list price of the first name that has one, by the factor that is stated."""
    rules = PriceRules((
        PriceRule(model="our-*", input_mtok=4.0, output_mtok=20.0),
        PriceRule(provider="lab", factor=0.8),
    ))
    own = PriceBook.load(rules)
    found = own.rates(sale("openai", "", "gpt-5.2", "our-deployment"), ns(NOW), USAGES[0])
    assert (found.input_mtok, found.output_mtok, found.source, found.model) == (4.0, 20.0, "configuration", "our-*")
    cheaper = own.rates(sale("openai", "", "unheard-of", "gpt-5.2", provider="lab"), ns(NOW), USAGES[0])
    assert (cheaper.input_mtok, cheaper.cache_read_mtok, cheaper.output_mtok) == (1.4, 0.14, 11.2)
    assert cheaper.source == f"genai-prices {genai_prices.__version__} × 0.8"
    assert own.rates(sale("openai", "", "gpt-5.2"), ns(NOW), USAGES[0]) == book.rates(sale("openai", "", "gpt-5.2"), ns(NOW), USAGES[0])


def test_models_of_ones_own_machine_cost_nothing(book):
    """Unless the configuration says what they cost."""
    local = sale("openai", "ollama", "qwen3-coder:30b")
    assert charge(book.rates(local, ns(NOW), USAGES[0]), USAGES[0]) == Decimal(0)
    own = PriceBook.load(PriceRules((PriceRule(input_mtok=1.0, output_mtok=1.0),)))
    assert charge(own.rates(local, ns(NOW), USAGES[0]), USAGES[0]) > 0


def test_remembered_names_are_bounded(book, monkeypatch):
    """A client that invents names does not fill the memory."""
    monkeypatch.setattr("headgate.metering.price_data._KNOWN_MAX", 3)
    fresh = PriceBook(get_snapshot(), PriceRules(), "test")
    for n in range(10):
        fresh.rates(sale("openai", "", f"invented-{n}"), 0, USAGES[0])
    assert len(fresh._known) <= 3


@pytest.mark.parametrize("day", [dt.datetime(2025, 6, 1, tzinfo=dt.UTC), NOW.replace(hour=0)])
def test_prices_by_the_hour_agree(book, day):
    """A maker with cheap nights: each half hour of a day costs what the package says."""
    for model in ("deepseek-chat", "deepseek-reasoner"):
        for half_hours in range(48):
            moment = day + dt.timedelta(minutes=30 * half_hours)
            rates = book.rates(sale("openai", "deepseek", model), ns(moment), USAGES[1])
            assert charge(rates, USAGES[1]) == theirs("deepseek", model, USAGES[1], moment)
