"""The price of a sale for processes that make rows: the price book under what the configuration states, which is followed as it changes."""

from headgate.core.usage import Usage
from headgate.metering.price import Rates, RatesOf, Sold
from headgate.metering.price_data import PriceBook
from headgate.metering.price_rules import PriceRules
from headgate.storage import stated_prices


def lazy_rates(data_dir: str) -> RatesOf:
    """Rates from the price book, which is loaded for the first row: that takes a second, and a start has better things to do."""
    books: list[PriceBook] = []
    seen: list[tuple[int, int]] = []

    def rates_of(sold: Sold, at_ns: int, usage: Usage) -> Rates | None:
        now = stated_prices.stamp(data_dir)
        if not books:
            books.append(PriceBook.load())
        if seen != [now]:
            seen[:] = [now]
            books[0].rules = PriceRules(stated_prices.read_rules(data_dir))
        return books[0].rates(sold, at_ns, usage)

    return rates_of
