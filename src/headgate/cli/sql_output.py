"""Rows for a terminal and for programs: a table, JSON with values as JSON has them, CSV. Pure."""

import base64
import csv
import datetime as dt
import io
import json
import math
from collections.abc import Sequence
from decimal import Decimal
from itertools import starmap

from headgate.admin.result_text import data_array
from headgate.admin.statement_result import Result
from headgate.catalog.types import Decimal as DecimalType
from headgate.catalog.types import Map, Primitive, Structure, Type
from headgate.cli.text import printable, table

_NUMBERS = {"long", "integer", "short", "byte", "double", "float"}
CELL_CHARS = 60


def as_table(result: Result, cell_chars: int) -> list[str]:
    """Aligned columns; long values are cut at `cell_chars`, 0 cuts none."""
    head = [printable(field.name, cell_chars or 10_000) for field in result.columns]
    rows = [["NULL" if value is None else _cell(value, cell_chars) for value in row] for row in _texts(result)]
    return table(head, rows, right=frozenset(place for place, field in enumerate(result.columns) if _is_number(field.type)))


def as_csv(result: Result) -> str:
    """A head and rows; NULL is nothing."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([field.name for field in result.columns])
    writer.writerows([["" if value is None else value for value in row] for row in _texts(result)])
    return out.getvalue()


def as_json(result: Result) -> str:
    """An array of objects. Numbers are numbers, nested values nested; times are ISO 8601 texts."""
    columns = [column.to_pylist() for column in result.table.columns]
    kinds = [field.type for field in result.columns]
    names = [field.name for field in result.columns]
    rows = [dict(zip(names, starmap(_plain, zip(row, kinds, strict=True)), strict=True)) for row in zip(*columns, strict=True)]
    return json.dumps(rows, ensure_ascii=False)


def _texts(result: Result) -> Sequence[Sequence[str | None]]:
    return data_array([column.to_pylist() for column in result.table.columns], [field.type for field in result.columns])


def _cell(value: str, cell_chars: int) -> str:
    """One line that cannot steer a terminal."""
    return printable(value, cell_chars or max(1, len(value)))


def _is_number(kind: Type) -> bool:
    return isinstance(kind, DecimalType) or (isinstance(kind, Primitive) and kind.name in _NUMBERS)


def _plain(value: object, kind: Type) -> object:
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case Decimal():
            return float(value)
        case bytes():
            return base64.b64encode(value).decode()
        case dt.datetime():
            return value.isoformat().replace("+00:00", "Z")
        case dt.date() | dt.time():
            return value.isoformat()
        case _:
            return _nested(value, kind)


def _nested(value: object, kind: Type) -> object:
    if isinstance(kind, Map) and isinstance(value, list):
        return {str(key): _plain(item, kind.value) for key, item in value}
    if isinstance(kind, Structure) and isinstance(value, dict):
        return {field.name: _plain(value.get(field.name), field.type) for field in kind.fields}
    element = getattr(kind, "element", kind)
    return [_plain(item, element) for item in value] if isinstance(value, list) else str(value)
