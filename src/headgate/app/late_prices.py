"""The prices that budgets count in, loaded with the first one that is asked for, or by `load` before that."""

import importlib
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from headgate.core.price_rule import PriceRule
from headgate.core.usage import Counts
from headgate.metering.price import Rates, Sold
from headgate.metering.price_rules import PriceRules

if TYPE_CHECKING:
    from headgate.metering.price_data import PriceBook


class LatePrices:
    """The price book with these rules. It is not loaded at a start, because that takes as long as all the rest of it. Safe to use from several threads."""

    def __init__(self, rules: Sequence[PriceRule]) -> None:
        self._rules = PriceRules(rules)
        self._book: PriceBook | None = None
        self._loading = threading.Lock()

    def rates(self, sold: Sold, at_ns: int, usage: Counts) -> Rates | None:
        """What a sale costs, as the usage table says."""
        return (self._book or self._loaded()).rates(sold, at_ns, usage)

    def load(self) -> None:
        """Load the price book, unless that is done."""
        self._loaded()

    def _loaded(self) -> "PriceBook":
        with self._loading:
            if self._book is None:
                price_data = importlib.import_module("headgate.metering.price_data")
                rates = importlib.import_module("headgate.storage.rows.rates")
                self._book = price_data.PriceBook.load(self._rules, rates.read_overlay())
            return self._book
