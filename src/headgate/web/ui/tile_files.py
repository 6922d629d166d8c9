"""A tile's rows as files: CSV and JSON. A text that a spreadsheet would run as a formula is written so that it is one no longer."""

import csv
import io

import msgspec

from headgate.admin.page_queries import PageRows

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_bytes(rows: PageRows) -> bytes:
    """The rows as CSV with a head, in UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([_cell(column.name) for column in rows.columns])
    writer.writerows([_cell(value) for value in row] for row in rows.rows())
    return text.getvalue().encode()


def json_bytes(rows: PageRows) -> bytes:
    """The rows as a JSON list of objects."""
    return msgspec.json.format(msgspec.json.encode(list(rows.records())), indent=1)


def _cell(value: object) -> object:
    match value:
        case None | int() | float():
            return value
        case str():
            return f"'{value}" if value.startswith(_FORMULA) else value
        case _:
            return msgspec.json.encode(value).decode()
