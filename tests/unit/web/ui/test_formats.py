"""Numbers and times as pages show them."""

import datetime as dt
from decimal import Decimal

import pytest

from headgate.web.ui import formats


@pytest.mark.parametrize(
    ("format_name", "value", "shown"),
    [
        ("usd", Decimal("12.399"), "$12.40"),
        ("usd", 0, "$0.00"),
        ("usd", 0.0042, "$0.0042"),
        ("usd", 0.0000421, "$0.000042"),
        ("usd", 1596.4, "$1,596"),
        ("usd", -3, "-$3.00"),
        ("count", 77486, "77,486"),
        ("short", 812, "812"),
        ("short", 77486, "77.5K"),
        ("short", 1_310_000_000, "1.31B"),
        ("short", 999_999, "1.00M"),
        ("short", 0.5, "0.5"),
        ("percent", 0.82, "82%"),
        ("percent", 0.0122, "1.22%"),
        ("percent", 0, "0%"),
        ("ms", 840, "840 ms"),
        ("ms", 2400, "2.4 s"),
        ("ms", 200_000, "3 min 20 s"),
        ("ms", 7_260_000, "2 h 1 min"),
        ("byte_size", 512, "512 B"),
        ("byte_size", 1_468_006, "1.4 MB"),
        ("when", "2026-11-30T09:10:11.5Z", "2026-11-30 09:10:11"),
        ("when", dt.datetime(2026, 11, 30, 10, tzinfo=dt.timezone(dt.timedelta(hours=1))), "2026-11-30 09:00:00"),
        ("when", "2026-11-30 09:10:11", "2026-11-30 09:10:11"),
        ("when", dt.datetime(2026, 11, 30, 9, tzinfo=dt.UTC).replace(tzinfo=None), "2026-11-30 09:00:00"),
        ("when", 1_000, "1970-01-01 00:00:01"),
        ("iso", 1_000, "1970-01-01T00:00:01Z"),
    ],
)
def test_values(format_name: str, value: object, shown: str) -> None:
    """A few digits, with a unit, and times in UTC."""
    assert formats.FORMATS[format_name](value) == shown


@pytest.mark.parametrize("format_name", [name for name in formats.FORMATS if name != "iso"])
def test_what_is_not_known(format_name: str) -> None:
    """It is a dash, never a zero."""
    assert formats.FORMATS[format_name](None) == formats.UNKNOWN
