"""Values of a query as people read them, by the format that a dashboard gives a column; and numbers in them, where there are some."""

import json
from collections.abc import Callable, Mapping

from headgate.web.ui import formats

_Number = int | float


def number(value: object) -> _Number | None:
    """The value as a number; `None` where it is none."""
    match value:
        case bool() | None:
            return None
        case int() | float():
            return value
        case str():
            try:
                return float(value)
            except ValueError:
                return None
        case _:
            return None


def written(value: object, how: str = "") -> str:
    """The value under a format of `dashboard.FORMATS`; as it is, where it does not fit the format or there is none."""
    if value is None:
        return formats.UNKNOWN
    if how in _NUMBERS:
        found = number(value)
        return as_text(value) if found is None else _NUMBERS[how](found)
    if how in _MOMENTS:
        try:
            return _MOMENTS[how](value)
        except (ValueError, OverflowError):
            return as_text(value)
    return as_text(value)


def as_text(value: object) -> str:
    """The value without any format: numbers with their digits, lists and structures as JSON."""
    match value:
        case None:
            return formats.UNKNOWN
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return f"{value:.12g}"
        case str():
            return value
        case _:
            return json.dumps(value, ensure_ascii=False)


def _plain_number(value: _Number) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.3g}"


_NUMBERS: Mapping[str, Callable[[_Number], str]] = {
    "usd": formats.usd,
    "count": formats.count,
    "tokens": formats.short,
    "percent": formats.percent,
    "ms": formats.ms,
    "s": lambda value: formats.ms(value * 1000),
    "bytes": formats.byte_size,
    "number": _plain_number,
}
_MOMENTS: Mapping[str, Callable[[object], str]] = {"time": lambda value: formats.when(value)[:16], "day": lambda value: formats.when(value)[:10]}
NUMERIC = frozenset(_NUMBERS)
