"""Rows for a terminal and for programs."""

import datetime as dt
import json
from decimal import Decimal

import pyarrow as pa
import pytest

from headgate.admin.statement_ports import FileCounts
from headgate.admin.statement_result import Result
from headgate.catalog import types
from headgate.cli.sql_output import as_csv, as_json, as_table, files_line

AT = dt.datetime(2026, 1, 31, 12, 0, 0, 250_000, dt.UTC)
COLUMNS = {
    "n": ("bigint", [1, -20], pa.int64()),
    "x": ("double", [float("nan"), 1e300], pa.float64()),
    "d": ("decimal(38,18)", [Decimal("0.1"), None], pa.decimal128(38, 18)),
    "t": ("timestamp", [AT, None], pa.timestamp("us", "UTC")),
    "b": ("binary", [b"\x00\xff", b""], pa.binary()),
    "m": ("map<string,array<int>>", [[("k", [1, None])], []], pa.map_(pa.string(), pa.list_(pa.int32()))),
    "s": ("struct<a:string,b:boolean>", [{"a": "é", "b": True}, None], pa.struct([("a", pa.string()), ("b", pa.bool_())])),
}


@pytest.fixture
def result():
    """Two rows of every kind of value."""
    fields = tuple(types.Field(name, types.parse_text(kind)) for name, (kind, _, _) in COLUMNS.items())
    arrays = [pa.array(values, kind) for _, values, kind in COLUMNS.values()]
    return Result(fields, pa.Table.from_arrays(arrays, names=list(COLUMNS)))


def test_json(result):
    """Numbers are numbers, nested values nested, what JSON lacks is text."""
    first, second = json.loads(as_json(result))
    assert first == {
        "n": 1, "x": "nan", "d": 0.1, "t": "2026-01-31T12:00:00.250000Z", "b": "AP8=", "m": {"k": [1, None]}, "s": {"a": "é", "b": True}
    }  # fmt: skip
    assert second == {"n": -20, "x": 1e300, "d": None, "t": None, "b": "", "m": {}, "s": None}


def test_csv(result):
    """Exact values, nested ones as JSON, NULL as nothing."""
    lines = as_csv(result).splitlines()
    assert lines[0] == "n,x,d,t,b,m,s"
    assert lines[1] == '1,NaN,0.100000000000000000,2026-01-31T12:00:00.250Z,AP8=,"{""k"":[1,null]}","{""a"":""é"",""b"":true}"'
    assert lines[2].startswith("-20,1e+300,,,,{},")


def test_table(result):
    """Numbers end together, NULL is told, and nothing steers the terminal."""
    lines = as_table(result, 0)
    assert lines[1].startswith("  1  ")
    assert "NULL" in lines[2]
    evil = Result((types.Field("a", types.parse_text("string")),), pa.table({"a": ["\x1b[31mred\nline", "x" * 100]}))
    assert as_table(evil, 0)[1:] == [" [31mred line", "x" * 100]
    assert as_table(evil, 10)[2] == "x" * 9 + "…"


@pytest.mark.parametrize(
    ("line_chars", "lengths"),
    [
        (400, [5, 40, 200]),  # all fits
        (140, [5, 40, 47]),  # the longest gives way first
        (120, [5, 33, 33]),
        (80, [5, 13, 13]),
        (20, [5, 8, 8]),  # a few characters are always told, though the line does not fit
    ],
)
def test_a_table_fits_its_terminal(line_chars, lengths):
    """The longest texts are cut, with an ellipsis; short ones, numbers and times stay whole."""
    columns = {"short": ["abc"], "text": ["y" * 40], "json": ["z" * 200], "number": [10**15], "time": [AT]}
    kinds = ("string", "string", "string", "bigint", "timestamp")
    result = Result(tuple(types.Field(name, types.parse_text(kind)) for name, kind in zip(columns, kinds, strict=True)), pa.table(columns))
    head, row = as_table(result, line_chars)

    assert [row.count("y"), row.count("z")] == [length - (length != whole) for length, whole in zip(lengths[1:], (40, 200), strict=True)]
    assert row.startswith("abc  ")
    assert f"  {10**15}  2026-01-31T12:00:00.250Z" in row
    assert head.split() == ["short", "text", "json", "number", "time"]
    assert len(row) <= max(line_chars, 5 + 8 + 8 + 16 + 24 + 4 * 2)


def test_a_table_of_no_columns_to_cut():
    """Numbers alone, or nothing at all, are as wide as they are."""
    result = Result((types.Field("n", types.parse_text("bigint")),), pa.table({"n": [10**15]}))

    assert as_table(result, 4) == ["               n", str(10**15)]


def test_what_was_read():
    """Rows only if they were counted."""
    files = FileCounts(files_read=1, files_skipped=364, bytes_read=2048, bytes_skipped=3 << 20, rows_read=1_000)
    assert files_line(files) == "Read 1 of 365 files: 2.0 KiB of 3.0 MiB, 1,000 rows."
    assert files_line(FileCounts(files_read=1, bytes_read=5, rows_read=None)) == "Read 1 of 1 file: 5 B of 5 B."
