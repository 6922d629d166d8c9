"""Formats rows for a terminal and for programs: as a table, JSON or CSV. Pure."""

import base64
import csv
import datetime as dt
import io
import math
from collections.abc import Sequence
from decimal import Decimal
from itertools import starmap

from headgate.admin.result_text import data_array
from headgate.admin.statement_ports import FileCounts
from headgate.admin.statement_result import Result
from headgate.catalog.types import Decimal as DecimalType
from headgate.catalog.types import Map, Primitive, Structure, Type
from headgate.cli.output import fitted, json_text, printable, size, table

_NUMBERS = {"long", "integer", "short", "byte", "double", "float"}
_TIMES = {"date", "timestamp", "timestamp_ntz"}


def as_table(result: Result, line_chars: int) -> list[str]:
    """Aligned columns. If a line would be longer than `line_chars`, the longest texts are cut, but never to less than a few characters. 0 means no limit.
    No number or time is ever cut.
    """
    head: Sequence[str] = [_line(field.name) for field in result.columns]
    rows: Sequence[Sequence[str]] = [["NULL" if value is None else _line(value) for value in row] for row in _texts(result)]
    whole = [place for place, field in enumerate(result.columns) if _is_whole(field.type)]
    head, rows = fitted(head, rows, whole, line_chars)
    return table(head, rows, right=frozenset(place for place, field in enumerate(result.columns) if _is_number(field.type)))


def as_csv(result: Result) -> str:
    """A header and rows; NULL is an empty field."""
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
    return json_text(rows)


def files_line(files: FileCounts) -> str:
    """What was read of the data files of the tables."""
    every = files.files_read + files.files_skipped
    rows = "" if files.rows_read is None else f", {files.rows_read:,} row{'' if files.rows_read == 1 else 's'}"
    of_bytes = f"{size(files.bytes_read)} of {size(files.bytes_read + files.bytes_skipped)}"
    return f"Read {files.files_read:,} of {every:,} file{'' if every == 1 else 's'}: {of_bytes}{rows}."


def _texts(result: Result) -> Sequence[Sequence[str | None]]:
    return data_array([column.to_pylist() for column in result.table.columns], [field.type for field in result.columns])


def _line(value: str) -> str:
    """One line, without control characters."""
    return printable(value, max(1, len(value)))


def _is_whole(kind: Type) -> bool:
    """Whether a value must not be cut, because half of it would be another value: numbers and times."""
    return _is_number(kind) or (isinstance(kind, Primitive) and kind.name in _TIMES)


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
