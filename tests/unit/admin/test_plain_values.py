"""Values as JSON takes them."""

import datetime as dt
from decimal import Decimal

import pytest

from headgate.admin.plain_values import plain


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (dt.datetime(2026, 11, 30, 9, 0, 0, 5, tzinfo=dt.timezone(dt.timedelta(hours=1))), "2026-11-30T08:00:00.000005Z"),
        (dt.date(2026, 11, 30), "2026-11-30"),
        (Decimal("1.25"), 1.25),
        ({"a": [Decimal(1)], "b": None}, {"a": [1.0], "b": None}),
        (("x", True, 7), ("x", True, 7)),
    ],
)
def test_each_kind(value, expected):
    """Moments in UTC, decimals as numbers, nested values nested."""
    assert plain(value) == expected
