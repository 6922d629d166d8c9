"""The process that looks prices up."""

from pathlib import Path

from headgate.app.price_process import found_rates
from headgate.core.price_rule import PriceRule
from headgate.metering.price import Sold
from headgate.storage.state.stated_prices import write_rules


def test_stated_prices_count(tmp_path: Path) -> None:
    """Those of the configuration come before the price list."""
    write_rules(str(tmp_path), (PriceRule(provider="lab", model="m-*", input_mtok=1.5, output_mtok=3.0),))
    stated, unknown = found_rates(
        str(tmp_path), [Sold("lab", "openai", "", ("m-1",)), Sold("other", "openai", "", ("m-1",))], 1_800_000_000_000_000_000
    )
    assert stated is not None
    assert (stated.input_mtok, stated.output_mtok, stated.source) == (1.5, 3.0, "configuration")
    assert unknown is None
