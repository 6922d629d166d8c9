"""How old the price data is."""

import datetime as dt
from types import SimpleNamespace

from genai_prices.data_snapshot import get_snapshot

from headgate.metering.price_age import latest_price_day


def test_the_latest_day_that_has_come():
    """A price of the future does not count, and one without a day neither."""

    def model(*days):
        return SimpleNamespace(prices=[SimpleNamespace(constraint=day and SimpleNamespace(start_date=dt.date.fromisoformat(day))) for day in days])

    models = [model("2026-01-01", None), model("2026-05-01", "2027-01-01"), SimpleNamespace(prices="one price")]
    snapshot = SimpleNamespace(providers=[SimpleNamespace(models=models)])
    assert latest_price_day(snapshot, dt.date(2026, 11, 30)) == dt.date(2026, 5, 1)
    assert latest_price_day(snapshot, dt.date(2020, 1, 1)) is None


def test_the_installed_data():
    """Has days."""
    assert latest_price_day(get_snapshot(), dt.date(2026, 11, 30)) is not None
