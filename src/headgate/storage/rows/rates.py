"""The price of a sale for processes that make rows: the price book under what the configuration states, which is followed as it changes."""

import time
from importlib import resources
from typing import TYPE_CHECKING

from headgate.core.usage import Counts
from headgate.metering import price_overlay
from headgate.metering.price import Rates, RatesOf, Sold
from headgate.metering.price_rules import PriceRules
from headgate.storage.state import stated_prices

if TYPE_CHECKING:
    from headgate.metering.price_data import PriceBook


def lazy_rates(data_dir: str, look_every_s: float = 0.1) -> RatesOf:
    """Rates from the price book, which is loaded for the first row: that takes a second, and a start has better things to do."""
    return _Followed(data_dir, look_every_s).rates


def read_overlay() -> price_overlay.PriceOverlay:
    """Our own additions to the price list, as they are installed."""
    return price_overlay.parse(resources.files("headgate.metering").joinpath("price_overlay.toml").read_text(encoding="utf-8"))


class _Followed:
    """The price book, and the stated prices as they were when last looked at: not for every row, of which there are thousands at once."""

    def __init__(self, data_dir: str, look_every_s: float) -> None:
        self._data_dir = data_dir
        self._look_every_s = look_every_s
        self._book: PriceBook | None = None
        self._seen: tuple[int, int] | None = None
        self._look_at_s = 0.0

    def rates(self, sold: Sold, at_ns: int, usage: Counts) -> Rates | None:
        book = self._book
        now_s = time.monotonic()
        if book is None or now_s >= self._look_at_s:
            self._look_at_s = now_s + self._look_every_s
            book = self._look()
        return book.rates(sold, at_ns, usage)

    def _look(self) -> "PriceBook":
        if self._book is None:
            from headgate.metering.price_data import PriceBook  # ruff: ignore[import-outside-top-level] a price list, which takes long to load

            self._book = PriceBook.load(overlay=read_overlay())
        found = stated_prices.stamp(self._data_dir)
        if found != self._seen:
            self._seen = found
            self._book.rules = PriceRules(stated_prices.read_rules(self._data_dir))
        return self._book
