"""`DATE'2026-01-31'`, `TIMESTAMP'…'` and `TIMESTAMP_NTZ'…'`: read here, so that a wrong one is an error of the statement and the name is Spark's.

The forms: https://docs.databricks.com/en/sql/language-manual/data-types/timestamp-type.html
"""

import calendar
import datetime as dt
import re

from headgate.catalog.types import Type
from headgate.storage.query.analysis import kinds
from headgate.storage.query.analysis.value import NAMELESS, Value, refused
from headgate.storage.query.duckdb_text import literal

_DAY = re.compile(r"([+-]?)(\d{4,7})(?:-(\d{1,2})(?:-(\d{1,2})(?:[ T](.*))?)?)?", re.DOTALL)
_CLOCK = re.compile(r"(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:\.(\d*))?)?)?\s*(.*)", re.DOTALL)
_OFFSET = re.compile(r"(?:UTC|GMT|UT)?([+-])(\d{1,2})(?::?(\d{2}))?(?::?(\d{2}))?")
_REGION = re.compile(r"[A-Za-z]{3,}(/[A-Za-z_+\-0-9]+)*")
_WORDS: dict[Type, str] = {kinds.DATE: "DATE", kinds.TIMESTAMP: "TIMESTAMP", kinds.TIMESTAMP_NTZ: "TIMESTAMP_NTZ"}
_OFFSET_HOURS_MAX = 18
_Moment = tuple[int, int, int, int, int, int, int]


def value(written: str, kind: Type) -> Value:
    """The day or moment that a typed literal is. Raises for a text that is none."""
    found = _DAY.fullmatch(written.strip())
    if found is None:
        raise _invalid(written, kind)
    year = int(found[2]) * (-1 if found[1] == "-" else 1)
    month, day = int(found[3] or 1), int(found[4] or 1)
    if not 1 <= month <= 12 or not 1 <= day <= _days(year, month):
        raise _invalid(written, kind)
    if kind == kinds.DATE:
        return _shown(f"{_year(year)}-{month:02}-{day:02}", kind)
    clock = _CLOCK.fullmatch((found[5] or "0").strip())
    if clock is None:
        raise _invalid(written, kind)
    hour, minute, second = (int(clock[place] or 0) for place in (1, 2, 3))
    if hour > 23 or minute > 59 or second > 59:
        raise _invalid(written, kind)
    moment = (year, month, day, hour, minute, second, int((clock[4] or "")[:6].ljust(6, "0")))
    return _shown(_text(moment), kind) if kind == kinds.TIMESTAMP_NTZ or not clock[5] else _zoned(moment, clock[5].strip(), written)


def _zoned(moment: _Moment, zone: str, written: str) -> Value:
    """A moment of another time zone. Only DuckDB knows the regions, and Spark's name is the moment in UTC."""
    offset = _OFFSET.fullmatch(zone)
    if zone in {"Z", "UTC", "GMT", "UT"} or offset is not None:
        return _shown(_text(_in_utc(moment, offset, written)), kinds.TIMESTAMP)
    if _REGION.fullmatch(zone) is None:
        raise _invalid(written, kinds.TIMESTAMP)
    text = f"databricks_zoned({literal(zone)}, CAST({literal(_text(moment))} AS TIMESTAMP))"
    return Value(text=text, kind=kinds.TIMESTAMP, name=f"TIMESTAMP '{written}'{NAMELESS}")


def _in_utc(moment: _Moment, offset: re.Match[str] | None, written: str) -> _Moment:
    if offset is None:
        return moment
    hours, minutes, seconds = (int(offset[place] or 0) for place in (2, 3, 4))
    if hours > _OFFSET_HOURS_MAX or minutes > 59 or seconds > 59:
        raise _invalid(written, kinds.TIMESTAMP)
    ahead = dt.timedelta(hours=hours, minutes=minutes, seconds=seconds)
    try:
        start = dt.datetime(*moment)  # ruff: ignore[call-datetime-without-tzinfo] - a clock's reading, which is moved to UTC
        there = start + ahead if offset[1] == "-" else start - ahead
    except (ValueError, OverflowError) as error:
        raise refused(f"The literal TIMESTAMP {written[:60]!r} has an offset at the ends of time; write it in UTC.") from error
    return there.year, there.month, there.day, there.hour, there.minute, there.second, there.microsecond


def _days(year: int, month: int) -> int:
    return 29 if month == 2 and calendar.isleap(year) else 28 if month == 2 else 30 if month in {4, 6, 9, 11} else 31


def _year(year: int) -> str:
    return f"-{-year:04}" if year < 0 else f"+{year}" if year > 9999 else f"{year:04}"


def _text(moment: _Moment) -> str:
    year, month, day, hour, minute, second, micros = moment
    fraction = f".{micros:06}".rstrip("0") if micros else ""
    return f"{_year(year)}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}{fraction}"


def _shown(text: str, kind: Type) -> Value:
    return Value(text=f"CAST({literal(text.removeprefix('+'))} AS {kinds.duckdb(kind)})", kind=kind, name=f"{_WORDS[kind]} '{text}'")


def _invalid(written: str, kind: Type) -> Exception:
    return refused(f"The value of the typed literal {_WORDS[kind]} is invalid: {written[:60]!r}.", "INVALID_TYPED_LITERAL")
