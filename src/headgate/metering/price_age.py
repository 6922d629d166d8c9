"""How old the price data is: the day of the latest price change that it knows. Reads no clock and no file."""

import datetime as dt

from genai_prices.data_snapshot import DataSnapshot


def latest_price_day(snapshot: DataSnapshot, today: dt.date) -> dt.date | None:
    """The latest day, up to today, on which a price of the data begins; `None` if no price has a day."""
    periods = (period for provider in snapshot.providers for model in provider.models if isinstance(model.prices, list) for period in model.prices)
    days = (getattr(period.constraint, "start_date", None) for period in periods)
    return max((day for day in days if day is not None and day <= today), default=None)
