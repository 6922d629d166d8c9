"""Rows as files to download: CSV and JSON. A CSV cell that a spreadsheet would take for a formula begins with an apostrophe."""

import csv
import io
from collections.abc import Iterable, Sequence

import msgspec

from headgate.web.ui.answers import PageAnswer, download

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_file(name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> PageAnswer:
    """A CSV file with a line of column names. What is NULL is empty."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([_cell(column) for column in columns])
    writer.writerows([_cell(value) for value in row] for row in rows)
    return download(text.getvalue().encode(), "text/csv; charset=utf-8", f"{name}.csv")


def json_file(name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> PageAnswer:
    """A JSON file: one object for each row."""
    body = msgspec.json.encode([dict(zip(columns, row, strict=True)) for row in rows])
    return download(body, "application/json", f"{name}.json")


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case int() | float():
            return str(value)
        case str():
            text = value
        case _:
            text = msgspec.json.encode(value).decode()
    return f"'{text}" if text.startswith(_FORMULA) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    """Whether text is a plain number: a leading minus sign makes it no formula."""
    digits = text.removeprefix("-")
    whole, _, part = digits.partition(".")
    return whole.isascii() and whole.isdigit() and (not part or (part.isascii() and part.isdigit()))
