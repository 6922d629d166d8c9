"""Numbers and times as people read them on a page. Every function takes `None` for what is not known, and shows a dash."""

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal

UNKNOWN = "–"
Number = int | float | Decimal


def usd(value: Number | None) -> str:
    """Money: cents up to a thousand dollars, more digits for less than a cent: `$0.0042`, `$12.40`, `$1,596`."""
    if value is None:
        return UNKNOWN
    size = abs(float(value))
    if size >= 1000:
        return f"{_sign(value)}${size:,.0f}"
    digits = 2 if size >= 0.01 or size == 0 else 4 if size >= 0.0001 else 6
    return f"{_sign(value)}${size:.{digits}f}"


def count(value: Number | None) -> str:
    """A number of things, whole: `77,486`."""
    return UNKNOWN if value is None else f"{int(value):,}"


def short(value: Number | None) -> str:
    """A large number in three digits: `1.31B`, `77.5K`, `812`."""
    if value is None:
        return UNKNOWN
    size = abs(float(value))
    for unit, name in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K")):
        if size >= unit * 0.9995:
            part = size / unit
            return f"{_sign(value)}{part:.{2 if part < 9.995 else 1 if part < 99.95 else 0}f}{name}"
    return f"{_sign(value)}{size:.0f}" if size >= 10 or size == int(size) else f"{_sign(value)}{size:.1f}"


def percent(value: Number | None) -> str:
    """A share between 0 and 1: `82%`, `1.22%`."""
    if value is None:
        return UNKNOWN
    part = float(value) * 100
    return f"{part:.0f}%" if abs(part) >= 10 or part == 0 else f"{part:.1f}%" if abs(part) >= 2 else f"{part:.2f}%"


def ms(value: Number | None) -> str:
    """Milliseconds: `840 ms`, `2.4 s`, `3 min 20 s`."""
    if value is None:
        return UNKNOWN
    size = float(value)
    if size < 1000:
        return f"{size:.0f} ms"
    seconds = size / 1000
    if seconds < 60:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    return f"{whole // 60} min {whole % 60} s" if whole < 3600 else f"{whole // 3600} h {whole % 3600 // 60} min"


def byte_size(value: Number | None) -> str:
    """Bytes in binary units: `512 B`, `1.4 MB`."""
    if value is None:
        return UNKNOWN
    size = float(value)
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} TB"


def when(value: object) -> str:
    """A moment in UTC to the second: of a `datetime`, of ISO text, or of milliseconds since 1970."""
    moment = _moment(value)
    return UNKNOWN if moment is None else moment.strftime("%Y-%m-%d %H:%M:%S")


def iso(value: object) -> str:
    """The same as a `<time>` element has it."""
    moment = _moment(value)
    return "" if moment is None else moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _moment(value: object) -> dt.datetime | None:
    match value:
        case dt.datetime():
            return _utc(value)
        case bool():
            return None
        case int() | float():
            return dt.datetime.fromtimestamp(value / 1000, dt.UTC)
        case str() if value:
            return _utc(dt.datetime.fromisoformat(value))
        case _:
            return None


def _utc(moment: dt.datetime) -> dt.datetime:
    """A moment without a zone is one of UTC, as everywhere in Headgate's tables."""
    return moment.astimezone(dt.UTC) if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _sign(value: Number) -> str:
    return "-" if value < 0 else ""


FORMATS: Mapping[str, Callable[..., str]] = {
    "usd": usd,
    "count": count,
    "short": short,
    "percent": percent,
    "ms": ms,
    "byte_size": byte_size,
    "when": when,
    "iso": iso,
}
