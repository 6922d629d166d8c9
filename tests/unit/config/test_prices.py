"""Prices as they are written."""

import datetime as dt

import pytest

from headgate.config.load import load
from headgate.config.problems import ConfigError
from headgate.core.price_rule import PriceRule

LAB = '[[providers]]\nname = "lab"\ndialect = "anthropic"\nbase_url = "http://127.0.0.1:9000"\n'


@pytest.fixture
def prices(tmp_path):
    """The rules of a file with one provider."""

    def loaded(text):
        file = tmp_path / "headgate.toml"
        file.write_text(LAB + text)
        return load(str(file), {"HOME": str(tmp_path)}, probe=lambda _address: None).prices

    return loaded


def test_rates_and_factors(prices):
    """As written, with the day as the moment that it begins in UTC; a day may stand in quotes."""
    midnight = int(dt.datetime(2026, 1, 31, tzinfo=dt.UTC).timestamp()) * 1_000_000_000
    rates = '[[prices]]\nmodel = "claude-*"\nprovider = "lab"\nfrom = {}\ninput_mtok = 4\ncache_read_mtok = 0.4\noutput_mtok = 20.5\n'
    rule = PriceRule(model="claude-*", provider="lab", from_ns=midnight, input_mtok=4.0, cache_read_mtok=0.4, output_mtok=20.5)

    assert prices("") == ()
    assert prices(rates.format("2026-01-31")) == prices(rates.format('"2026-01-31"')) == (rule,)
    assert prices('[[prices]]\nprovider = "lab"\nfactor = 0.8\n') == (PriceRule(provider="lab", factor=0.8),)


def test_the_demo_beside_real_providers_is_free(prices):
    """Nothing of it adds to real sums."""
    assert prices('[[providers]]\nname = "demo"\ndialect = "gemini"\nbase_url = "demo:"\n') == (
        PriceRule(provider="demo", input_mtok=0.0, output_mtok=0.0),
    )


def test_tiers_and_tools(prices):
    """A tier has rates of its own beside those of the ordinary one; tools may be all that is stated."""
    rates = "[[prices]]\ninput_mtok = 4\noutput_mtok = 20\n"
    tiers = f'{rates}tier = "flex"\n{rates}[[prices]]\nuses_kcount = {{ web_search = 8, "x_search" = 0 }}\n'

    assert prices(tiers) == (
        PriceRule(tier="flex", input_mtok=4.0, output_mtok=20.0),
        PriceRule(input_mtok=4.0, output_mtok=20.0),
        PriceRule(uses_kcount={"web_search": 8.0, "x_search": 0.0}),
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("input_mtok = 1.0", "5: prices[0]: a price needs input_mtok and output_mtok, or a factor on the list price; output_mtok missing"),
        ('model = "m"', "5: prices[0]: a price needs input_mtok and output_mtok, or a factor on the list price; input_mtok and output_mtok missing"),
        (
            "factor = 0.5\noutput_mtok = 1.0",
            "6: prices[0].factor: a price is a factor on the list price or rates of its own, not both: leave out factor or output_mtok",
        ),
        ('factor = 1.0\nprovider = "lob"', "7: prices[0].provider: no provider is named 'lob' — did you mean 'lab'?"),
        ('factor = 1.0\nmodel = "a model"', "7: prices[0].model: 'a model' is no model name and no pattern of one"),
        ("factor = -1.0", "6: prices[0].factor: must be"),
        ('input_mtok = "4"', "6: prices[0].input_mtok: must be"),
        ('from = "yesterday"', "6: prices[0].from: must be"),
        ("from = 5", "6: prices[0].from: must be"),
        ("form = 2026-01-31", "6: prices[0].form: unknown key — did you mean 'from'?"),
        ("from_date = 2026-01-31", "6: prices[0].from_date: unknown key"),
        ("factor = 1.0\nuses_kcount = { web_search = 1.0 }", "6: prices[0].factor: a factor changes the list price of tools too"),
        ("uses_kcount = { web_search = -1.0 }", "6: prices[0].uses_kcount"),
        ('uses_kcount = { "a tool" = 1.0 }', "6: prices[0].uses_kcount: 'a tool' is no name"),
        ('tier = "a tier"\nfactor = 1.0', "6: prices[0].tier: 'a tier' is no name"),
        ("uses_kcount = { web_search = 1.0 }\noutput_mtok = 1.0", "5: prices[0]: a price needs input_mtok and output_mtok"),
        (
            "uses_kcount = { web_search = 1.0, x_search = 1.0 }\n[[prices]]\nuses_kcount = { x_search = 2.0 }",
            "7: prices[1]: states what prices[0] states already",
        ),
        ("factor = 1.0\n[[prices]]\nfactor = 2.0", "7: prices[1]: states what prices[0] states already: the same model, provider and date"),
    ],
)
def test_mistakes_are_told_with_their_line(prices, text, told):
    """In words, and nothing of the file is taken."""
    with pytest.raises(ConfigError) as refused:
        prices(f"[[prices]]\n{text}\n")
    assert told in str(refused.value)


def test_a_rate_and_a_factor_for_one_model_may_stand_side_by_side(prices):
    """As may the same rates from two days on."""
    text = "[[prices]]\nfactor = 0.8\n[[prices]]\ninput_mtok = 1\noutput_mtok = 2\n[[prices]]\nfrom = 2026-06-01\ninput_mtok = 2\noutput_mtok = 3\n"
    assert len(prices(text)) == 3
