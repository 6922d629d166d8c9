"""Result values as text, the way Databricks' `JSON_ARRAY` format writes them: every value a string or null, nested values as JSON."""

import base64
import math
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal as DecimalNumber
from itertools import starmap

import msgspec

from headgate.catalog.types import Array, Map, Structure, Type


def texts(values: Sequence[object], kind: Type) -> list[str | None]:
    """One column's values."""
    if isinstance(kind, (Array, Map, Structure)):
        return [None if value is None else _nested(value, kind) for value in values]
    return [None if value is None else scalar_text(value) for value in values]


def data_array(columns: Sequence[Sequence[object]], kinds: Sequence[Type]) -> list[list[str | None]]:
    """Rows of text out of columns of values."""
    written = list(starmap(texts, zip(columns, kinds, strict=True)))
    return [list(row) for row in zip(*written, strict=True)]


def scalar_text(value: object) -> str:
    """One value that is not nested."""
    writer = _WRITERS.get(type(value))
    return writer(value) if writer else str(value)


def _nested(value: object, kind: Type) -> str:
    return msgspec.json.encode(_jsonable(value, kind)).decode()


def _jsonable(value: object, kind: Type) -> object:
    if value is None:
        return None
    match kind:
        case Array(element) if isinstance(value, list):
            return [_jsonable(item, element) for item in value]
        case Map(_, item_kind) if isinstance(value, (list, dict)):
            pairs = value.items() if isinstance(value, dict) else value
            return {key if isinstance(key, str) else scalar_text(key): _jsonable(item, item_kind) for key, item in pairs}
        case Structure(fields) if isinstance(value, dict):
            return {field.name: _jsonable(value.get(field.name), field.type) for field in fields}
        case _ if isinstance(value, (bool, int, str)) or (isinstance(value, float) and math.isfinite(value)):
            return value
        case _:
            return scalar_text(value)


def _float(value: float) -> str:
    if math.isfinite(value):
        return repr(value)
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _moment(value: datetime) -> str:
    """Milliseconds, or microseconds where there are any; UTC is written as Z."""
    precision = "microseconds" if value.microsecond % 1000 else "milliseconds"
    return value.isoformat(timespec=precision).replace("+00:00", "Z")


# Keyed by exact type: a datetime is also a date, a bool also an int.
_WRITERS: dict[type, Callable[..., str]] = {
    str: str,
    bool: lambda value: "true" if value else "false",
    int: str,
    float: _float,
    DecimalNumber: lambda value: f"{value:f}",
    bytes: lambda value: base64.b64encode(value).decode(),
    datetime: _moment,
    date: date.isoformat,
}
