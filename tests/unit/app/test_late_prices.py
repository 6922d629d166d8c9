"""The prices that budgets count in, loaded when they are needed."""

import subprocess
import sys

import pytest

from headgate.app.late_prices import LatePrices
from headgate.core.price_rule import PriceRule
from headgate.core.usage import Usage
from headgate.metering.price import Sold

USED = Usage(input_tokens=1, output_tokens=1)


def test_the_first_price_loads_the_list():
    """A price of the list and one of the configuration, without a `load` before."""
    prices = LatePrices((PriceRule(model="qwen", input_mtok=3.0, output_mtok=4.0),))
    assert prices.rates(Sold("lab", "anthropic", "", ("claude-opus-4-6",)), 1_700_000_000_000_000_000, USED).input_mtok == pytest.approx(5)
    assert prices.rates(Sold("lab", "openai_chat", "", ("qwen",)), 1_700_000_000_000_000_000, USED).output_mtok == pytest.approx(4)


def test_nothing_is_loaded_before_that():
    """The price list is a serving process's largest import."""
    program = (
        "import sys; from headgate.app.late_prices import LatePrices; prices = LatePrices(()); before = 'genai_prices' in sys.modules;"
        "prices.load(); prices.load(); print(before, 'genai_prices' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["False", "True"]
