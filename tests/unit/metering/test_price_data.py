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
from headgate.storage.rows.rates import read_overlay

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
    ("word", "model", "provider"),
    [
        ("openai", "davinci", "openai"),
        ("openai_chat", "davinci", "openai"),
        ("openai_responses", "davinci", "openai"),
    ],
)
def test_a_providers_dialect_says_whose_list_is_looked_in_first(book, word, model, provider):
    """Here it decides alone: the models' names do not show their maker. A provider of one of OpenAI's formats has the list of one of both."""
    assert book.rates(sale(word, "", model), ns(NOW), USAGES[0]).provider == provider


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


AT = ns(NOW)
TIERED = Usage(input_tokens=1_000_000, cache_read_tokens=1_000_000, output_tokens=1_000_000)


@pytest.fixture(scope="module")
def whole():
    """The price book as it is installed: with our own additions."""
    return PriceBook.load(overlay=read_overlay())


def tiered(dialect, model, tier, price_as="", part=""):
    """A sale in a tier."""
    return Sold("", dialect, price_as, (model,), tier, part)


@pytest.mark.parametrize(
    ("dialect", "model", "tier", "expected"),
    [
        ("openai", "gpt-5.2", "flex", {"service_tier": "flex"}),
        ("openai", "gpt-5.2", "priority", {"service_tier": "priority"}),
        ("openai", "gpt-5.2", "batch", {"processing": "batch"}),
        ("anthropic", "claude-opus-4-8", "fast", {"speed": "fast"}),
        ("anthropic", "claude-opus-4-8", "batch", {"processing": "batch"}),
    ],
)
def test_a_tier_costs_what_the_package_says(whole, dialect, model, tier, expected):
    """By whichever of its names the package knows a tier; never what the ordinary one costs."""
    provider = {"openai": "openai", "anthropic": "anthropic"}[dialect]
    counted = genai_prices.Usage(input_tokens=2_000_000, cache_read_tokens=1_000_000, output_tokens=1_000_000)
    price = genai_prices.calc_price(counted, model, provider_id=provider, genai_request_timestamp=NOW, price_context=expected).total_price

    assert charge(whole.rates(tiered(dialect, model, tier), AT, TIERED), TIERED) == price
    assert price != charge(whole.rates(tiered(dialect, model, ""), AT, TIERED), TIERED)


@pytest.mark.parametrize(
    ("dialect", "model", "tier"),
    [
        ("anthropic", "claude-opus-4-8", "priority"),
        ("anthropic", "claude-sonnet-4-5", "fast"),
        ("openai", "gpt-5.2", "scale"),
        ("openai", "gpt-5.2", "flex+us"),
        ("gemini", "gemini-3.5-flash", "provisioned_throughput"),
        ("openai", "gpt-5.1-codex-mini", "flex"),
    ],
)
def test_a_tier_that_nobody_knows_has_no_price(whole, dialect, model, tier):
    """It is never charged as the ordinary one."""
    assert whole.rates(tiered(dialect, model, ""), AT, TIERED) is not None
    assert whole.rates(tiered(dialect, model, tier), AT, TIERED) is None


def test_our_own_factors_come_on_top(whole):
    """Inference in one region times whatever the tier costs; the source says what was made of what."""
    plain, fast = (whole.rates(tiered("anthropic", "claude-opus-4-8", tier), AT, TIERED) for tier in ("", "fast"))
    region, both = (whole.rates(tiered("anthropic", "claude-opus-4-8", tier), AT, TIERED) for tier in ("us", "fast+us"))

    assert (plain.input_mtok, fast.input_mtok, region.input_mtok, both.input_mtok) == (5.0, 10.0, 5.5, 11.0)
    assert region.source.startswith(f"genai-prices {genai_prices.__version__} × 1.1 (https://platform.claude.com/")
    others = (tiered("gemini", "gemini-3.5-flash", "flex"), tiered("anthropic", "claude-opus-4-6", "fast"))
    assert [whole.rates(one, AT, TIERED).output_mtok for one in others] == [4.5, 150.0]


def test_sound_costs_what_the_package_says(whole):
    """Where it is charged apart; pictures are charged as text there."""
    text, sound, pictures = (whole.rates(tiered("gemini", "gemini-2.5-flash", "", part=part), AT, TIERED) for part in ("", "audio", "image"))

    assert (text.input_mtok, sound.input_mtok, sound.cache_read_mtok, sound.output_mtok) == (0.3, 1.0, 0.1, 2.5)
    assert pictures == text


@pytest.mark.parametrize(
    ("dialect", "price_as", "model", "tool", "kcount", "once"),
    [
        ("anthropic", "", "claude-opus-4-8", "web_search", 10.0, False),
        ("openai", "", "gpt-5.2", "web_search", 10.0, False),
        ("openai", "", "gpt-5.3-codex", "web_search", 10.0, False),  # by our own entry
        ("openai", "", "gpt-5.2", "file_search", 2.5, False),
        ("gemini", "", "gemini-3.5-flash", "web_search", 14.0, False),
        ("gemini", "", "gemini-2.5-pro", "web_search", 35.0, True),
        ("openai", "x-ai", "grok-4.5", "x_search", 5.0, False),
        ("openai", "x-ai", "grok-of-tomorrow", "web_search", 5.0, False),
        ("openai", "ollama", "qwen3", "web_search", 0.0, False),
        ("openai", "", "gpt-5.2", "telepathy", None, False),
        ("openai", "deepseek", "deepseek-chat", "web_search", None, False),
    ],
)
def test_tools_are_priced_by_the_use(whole, dialect, price_as, model, tool, kcount, once):
    """As the package says or, where it is silent, our own entries; else not at all."""
    found = whole.rates(tiered(dialect, model, "", price_as, tool), AT, Usage())

    assert (found and found.use_kcount) == kcount
    assert (found.once if found else False) == once


def test_stated_prices_of_tiers_and_tools_go_first():
    """Rates hold for the ordinary tier unless they name another; a factor changes every price that the lists give."""
    rules = PriceRules((
        PriceRule(model="gpt-5.2", input_mtok=1.0, output_mtok=2.0),
        PriceRule(model="gpt-5.2", tier="scale", input_mtok=3.0, output_mtok=4.0, uses_kcount={"web_search": 8.0}),
        PriceRule(factor=0.5),
    ))
    own = PriceBook.load(rules, read_overlay())

    found = {tier: own.rates(tiered("openai", "gpt-5.2", tier), AT, TIERED) for tier in ("", "scale", "flex", "ultrafast")}
    assert [each and each.input_mtok for each in found.values()] == [1.0, 3.0, 0.4375, None]
    tools = [tiered("openai", "gpt-5.2", "", part=tool) for tool in ("web_search", "file_search")]
    assert [own.rates(tool, AT, Usage()).use_kcount for tool in tools] == [8.0, 1.25]
