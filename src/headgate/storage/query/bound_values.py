"""The constants of bounds as values that a column's statistics can be compared with. Each becomes a range that surely holds the value.

Only spellings that every engine reads alike are read; any other gives no value. Times are microseconds since 1970 in UTC, and so are dates, at midnight.
"""

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Literal, NamedTuple

from headgate.storage.query.bounds import Constant, ConstantStep

Kind = Literal["text", "whole", "number", "boolean", "date", "time"]
Scalar = str | int | Decimal | bool
DAY_US = 86_400_000_000

# A query runs a moment after its bounds are applied, and a clock may be set meanwhile.
_NOW_SLACK_US = 2 * 3_600_000_000
_EPOCH = dt.datetime(1970, 1, 1)  # ruff: ignore[call-datetime-without-tzinfo] all are in UTC
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?)?(Z|[+-]\d\d:\d\d)?", re.ASCII)
_WHOLE = re.compile(r"-?\d{1,18}", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,25}(\.\d{1,25})?([eE][+-]?\d{1,2})?", re.ASCII)
_UNITS_US = {
    "MICROSECOND": 1,
    "MILLISECOND": 1000,
    "SECOND": 1_000_000,
    "MINUTE": 60_000_000,
    "HOUR": 3_600_000_000,
    "DAY": DAY_US,
    "WEEK": 7 * DAY_US,
}
_MONTHS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}


class ValueRange(NamedTuple):
    """A value, between two ends that may be it. `typed` says that the constant names its type, `zoned` that its text names a time zone."""

    kind: Kind
    low: Scalar
    high: Scalar
    typed: bool = False
    zoned: bool = False


def span(constant: Constant, now_us: int) -> ValueRange | None:
    """The constant's value, as of a moment."""
    try:
        found = _base(constant, now_us)
        for step in constant.steps:
            found = _step(found, step) if found is not None else None
    except (ValueError, OverflowError, ArithmeticError):  # beyond the calendar
        return None
    return found


def date_us(text: str) -> int | None:
    """A date's midnight."""
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    try:
        return _us(dt.datetime(*map(int, found.groups())))  # type: ignore[arg-type]  # ruff: ignore[call-datetime-without-tzinfo] all are in UTC
    except ValueError:
        return None


def time_us(text: str) -> tuple[int, bool] | None:
    """A moment, and whether the text names a time zone."""
    found = _TIME.fullmatch(text)
    day = date_us(found[1]) if found is not None else None
    if found is None or day is None or (found[4] and not found[2]):
        return None
    hours, minutes, seconds = map(int, (found[2] or "00:00:00").split(":"))
    if hours > 23 or minutes > 59 or seconds > 59:
        return None
    zone = found[4] or "Z"
    offset = 0 if zone == "Z" else (int(zone[1:3]) * 60 + int(zone[4:6])) * (-1 if zone[0] == "-" else 1)
    micros = int((found[3] or "0").ljust(6, "0"))
    return day + (hours * 3600 + (minutes - offset) * 60 + seconds) * 1_000_000 + micros, bool(found[4])


def _base(constant: Constant, now_us: int) -> ValueRange | None:
    match constant.kind:
        case "text":
            return ValueRange("text", constant.text, constant.text)
        case "number":
            return _number(constant.text)
        case "now":
            return ValueRange("time", now_us - _NOW_SLACK_US, now_us + _NOW_SLACK_US, typed=True)
        case _:
            return as_date(ValueRange("time", now_us - _NOW_SLACK_US, now_us + _NOW_SLACK_US))


def _number(text: str) -> ValueRange | None:
    if _WHOLE.fullmatch(text):
        return ValueRange("whole", int(text), int(text))
    if _NUMBER.fullmatch(text):
        return ValueRange("number", Decimal(text), Decimal(text))
    return None


def _step(value: ValueRange, step: ConstantStep) -> ValueRange | None:
    if step.kind == "cast":
        return _CASTS[step.unit](value)
    if value.kind not in {"date", "time"}:
        return None
    if step.unit == "DATE_DAY":
        return _both(value, lambda us: us + step.count * DAY_US) if value.kind == "date" else None
    if step.kind == "trunc":
        moved = _both(value, lambda us: _truncated(us, step.unit))
    elif step.unit in _MONTHS:
        moved = _both(value, lambda us: _months_later(us, step.count * _MONTHS[step.unit]))
    else:
        moved = _both(value, lambda us: us + step.count * _UNITS_US[step.unit])
    return moved._replace(kind="time")


def _both(value: ValueRange, act: Callable[[int], int]) -> ValueRange:
    """The value moved: each of these moves keeps the order of moments."""
    low, high = act(int(value.low)), act(int(value.high))
    _moment(low), _moment(high)
    return value._replace(low=low, high=high)


def as_date(value: ValueRange) -> ValueRange | None:
    """The value cast to a date."""
    if value.kind == "text":
        us = date_us(str(value.low))
        return None if us is None else ValueRange("date", us, us, typed=True)
    if value.kind not in {"date", "time"}:
        return None
    return _both(value, lambda us: us - us % DAY_US)._replace(kind="date", typed=True)


def as_time(value: ValueRange) -> ValueRange | None:
    """The value cast to a timestamp."""
    if value.kind == "text":
        found = time_us(str(value.low))
        return None if found is None else ValueRange("time", found[0], found[0], typed=True, zoned=found[1])
    return value._replace(kind="time", typed=True) if value.kind in {"date", "time"} else None


def as_local_time(value: ValueRange) -> ValueRange | None:
    """The value cast to a timestamp without a time zone."""
    found = as_time(value)
    # What becomes of a text's time zone differs.
    return None if found is None or found.zoned else found


def _as_text(value: ValueRange) -> ValueRange | None:
    return value._replace(typed=True) if value.kind == "text" else None


def _as_whole(value: ValueRange) -> ValueRange | None:
    if value.kind == "text" and _WHOLE.fullmatch(str(value.low)):
        return ValueRange("whole", int(value.low), int(value.low), typed=True)
    return value._replace(typed=True) if value.kind == "whole" else None


def _as_number(value: ValueRange) -> ValueRange | None:
    found = _number(str(value.low)) if value.kind == "text" else value
    if found is None or found.kind not in {"whole", "number"}:
        return None
    return ValueRange("number", Decimal(found.low), Decimal(found.high), typed=True)


def _as_boolean(value: ValueRange) -> ValueRange | None:
    if value.kind == "boolean":
        return value
    truth = str(value.low).lower()
    return ValueRange("boolean", truth == "true", truth == "true", typed=True) if value.kind == "text" and truth in {"true", "false"} else None


def _us(moment: dt.datetime) -> int:
    return (moment - _EPOCH) // dt.timedelta(microseconds=1)


def _moment(us: int) -> dt.datetime:
    return _EPOCH + dt.timedelta(microseconds=us)


def _months_later(us: int, months: int) -> int:
    """On the same day of the month, or on its last one."""
    moment = _moment(us)
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    following = dt.date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return _us(moment.replace(year=year, month=month + 1, day=min(moment.day, (following - dt.timedelta(days=1)).day)))


def _truncated(us: int, unit: str) -> int:
    if unit == "WEEK":
        return us - (us - 4 * DAY_US) % (7 * DAY_US)  # 1970-01-05 was a Monday
    if unit in _UNITS_US:
        return us - us % _UNITS_US[unit]
    moment = _moment(us).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    months = _MONTHS[unit]
    return _us(moment.replace(month=(moment.month - 1) // months * months + 1))


_CASTS: dict[str, Callable[[ValueRange], ValueRange | None]] = {
    "date": as_date,
    "timestamp": as_time,
    "timestamp_ntz": as_local_time,
    "string": _as_text,
    "long": _as_whole,
    "double": _as_number,
    "boolean": _as_boolean,
}
