"""Values of an Arrow table as JSON that can be compared: the same code writes down Spark's answers and Headgate's.

Integers and booleans are JSON's own. Floating-point numbers are their shortest text, decimals keep their scale, bytes are hexadecimal, times are ISO 8601
(with a `Z` where they are moments), maps are lists of pairs in the order of their keys, structs are lists of values. Needs pyarrow and nothing else.
"""

import datetime as dt
import json
import math
import struct

import pyarrow as pa

_EPOCH = dt.datetime(1970, 1, 1)  # ruff: ignore[call-datetime-without-tzinfo] - the text gets its Z by the type
_DAY = dt.date(1970, 1, 1)


def rows(table: pa.Table) -> list[list[object]]:
    """Every row of a table."""
    columns = [_column(table.column(place)) for place in range(table.num_columns)]
    return [list(row) for row in zip(*columns, strict=True)] if columns else []


def text(value: object) -> str:
    """A canonical value as one line, which also puts values in an order."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _column(column: pa.ChunkedArray) -> list[object]:
    return [_value(item) for chunk in column.chunks for item in chunk]


def _value(item: pa.Scalar) -> object:
    if not item.is_valid:
        return None
    kind = item.type
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return [_value(each) for each in item.values]
    if pa.types.is_map(kind):
        return sorted(([_value(pair[0]), _value(pair[1])] for pair in item.values), key=text)
    if pa.types.is_struct(kind):
        return [_value(item[place]) for place in range(kind.num_fields)]
    return _scalar(item, kind)


def _scalar(item: pa.Scalar, kind: pa.DataType) -> object:
    if pa.types.is_timestamp(kind):
        return _moment(item.cast(pa.timestamp("us", kind.tz)).value) + ("Z" if kind.tz else "")
    if pa.types.is_date(kind):
        return _date(item.cast(pa.date32()).value)
    if pa.types.is_float32(kind):
        return _float(item.as_py(), single=True)
    if pa.types.is_floating(kind):
        return _float(item.as_py(), single=False)
    if pa.types.is_decimal(kind):
        return f"{item.as_py():f}"
    value = item.as_py()
    return value.hex() if isinstance(value, bytes) else value if isinstance(value, (bool, int, str)) else str(value)


def _moment(micros: int) -> str:
    try:
        return (_EPOCH + dt.timedelta(microseconds=micros)).isoformat()
    except OverflowError:
        return f"{micros} microseconds"


def _date(days: int) -> str:
    try:
        return (_DAY + dt.timedelta(days=days)).isoformat()
    except OverflowError:
        return f"{days} days"


def _float(value: float, *, single: bool) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if not single:
        return repr(value)
    for digits in range(1, 10):
        written = f"{value:.{digits}g}"
        if struct.pack("f", float(written)) == struct.pack("f", value):
            return repr(float(written))
    return repr(value)
