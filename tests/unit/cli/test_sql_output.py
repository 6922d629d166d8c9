"""Rows for a terminal and for programs."""

import datetime as dt
import json
from decimal import Decimal

import pyarrow as pa
import pytest

from headgate.admin.statement_result import Result
from headgate.catalog import types
from headgate.cli.sql_output import as_csv, as_json, as_table

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
    """Numbers end together, NULL is told, long values are cut where that was asked for, and nothing steers the terminal."""
    lines = as_table(result, 0)
    assert lines[1].startswith("  1  ")
    assert "NULL" in lines[2]
    evil = Result((types.Field("a", types.parse_text("string")),), pa.table({"a": ["\x1b[31mred\nline", "x" * 100]}))
    assert as_table(evil, 0)[1:] == [" [31mred line", "x" * 100]
    assert as_table(evil, 10)[2] == "x" * 9 + "…"
