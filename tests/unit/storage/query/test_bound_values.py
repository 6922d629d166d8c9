"""Constants as values."""

import datetime as dt
from decimal import Decimal
from itertools import starmap

import pytest

from headgate.storage.query.bound_values import DAY_US, span
from headgate.storage.query.bounds import Constant, ConstantStep

HOUR_US = 3_600_000_000


def _us(year, month, day, hour=0, minute=0, second=0, micros=0):
    moment = dt.datetime(year, month, day, hour, minute, second, micros, tzinfo=dt.UTC)
    return (moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)


def _value(kind, text="", *steps):
    found = span(Constant(kind, text, tuple(starmap(ConstantStep, steps))), _us(2026, 3, 31, 12, 30))
    return None if found is None else (found.kind, found.low, found.high)


@pytest.mark.parametrize(
    ("text", "to", "expected"),
    [
        ("2026-01-31", "date", ("date", _us(2026, 1, 31))),
        ("2026-01-31", "timestamp", ("time", _us(2026, 1, 31))),
        ("2026-01-31T10:00:00.5Z", "timestamp", ("time", _us(2026, 1, 31, 10, 0, 0, 500_000))),
        ("2026-01-31 10:00:00+02:00", "timestamp", ("time", _us(2026, 1, 31, 8))),
        ("1969-12-31 23:59:59.999999", "timestamp_ntz", ("time", -1)),
        ("2026-01-31 10:00:00Z", "timestamp_ntz", None),
        ("2026-02-30", "date", None),
        ("2026-01-31 10:00:00", "date", None),
        ("2026-01-31 25:00:00", "timestamp", None),
        ("2026-01-31 10:00:00.1234567", "timestamp", None),
        ("31.1.2026", "timestamp", None),
        ("5", "long", ("whole", 5)),
        ("5.5", "long", None),
        (" 5", "long", None),
        ("1.5", "double", ("number", Decimal("1.5"))),
        ("NaN", "double", None),
        ("x", "string", ("text", "x")),
        ("TRUE", "boolean", ("boolean", True)),
        ("1", "boolean", None),
    ],
)
def test_texts(text, to, expected):
    """Only in spellings that all read alike."""
    assert _value("text", text, ("cast", to)) == (None if expected is None else (*expected, expected[1]))


def test_numbers():
    """Whole ones stay whole, until they are cast."""
    assert _value("number", "5") == ("whole", 5, 5)
    assert _value("number", "-1.5e3") == ("number", Decimal(-1500), Decimal(-1500))
    assert _value("number", "5", ("cast", "double")) == ("number", Decimal(5), Decimal(5))
    assert _value("number", "9" * 30) is None
    assert _value("number", "5", ("add", "DAY", 1)) is None


def test_the_time_of_the_query():
    """Is not known to the hour, as the query runs later and a clock may be set."""
    now = _us(2026, 3, 31, 12, 30)
    assert _value("now") == ("time", now - 2 * HOUR_US, now + 2 * HOUR_US)
    assert _value("today") == ("date", _us(2026, 3, 31), _us(2026, 3, 31))
    assert _value("now", "", ("add", "DAY", -7)) == ("time", now - 7 * DAY_US - 2 * HOUR_US, now - 7 * DAY_US + 2 * HOUR_US)
    assert _value("today", "", ("add", "DATE_DAY", -7)) == ("date", _us(2026, 3, 24), _us(2026, 3, 24))
    assert _value("now", "", ("add", "DATE_DAY", -7)) is None
    assert _value("now", "", ("add", "YEAR", 9000)) is None


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (("add", "MONTH", -1), _us(2026, 2, 28, 12, 30)),
        (("add", "YEAR", 1), _us(2027, 3, 31, 12, 30)),
        (("add", "QUARTER", 3), _us(2026, 12, 31, 12, 30)),
        (("add", "HOUR", 12), _us(2026, 4, 1, 0, 30)),
        (("trunc", "DAY"), _us(2026, 3, 31)),
        (("trunc", "WEEK"), _us(2026, 3, 30)),
        (("trunc", "MONTH"), _us(2026, 3, 1)),
        (("trunc", "QUARTER"), _us(2026, 1, 1)),
        (("trunc", "YEAR"), _us(2026, 1, 1)),
    ],
)
def test_moments_moved(step, expected):
    """By the calendar, in UTC."""
    assert _value("text", "2026-03-31 12:30:00", ("cast", "timestamp"), step) == ("time", expected, expected)
