"""Rows of INSERT, packed and unpacked."""

import pyarrow as pa
import pytest

from headgate.catalog import types
from headgate.catalog.types import Field, Primitive, Structure
from headgate.storage.rows import inserted_rows

NOW = types.to_delta_json(Structure((*types.parse_columns("a: bigint, b: string"), Field("c", Primitive("integer"), nullable=False))))


def rows(**columns: pa.Array) -> bytes:
    return inserted_rows.pack(pa.table(columns), "id-1")


def test_rows_of_several_statements():
    """In the table's columns and order, NULL where they lack one."""
    first, second = rows(c=pa.array([1], pa.int32()), a=pa.array([5])), rows(c=pa.array([2], pa.int32()), b=pa.array(["x"]))
    assert [inserted_rows.misfit(NOW, each) for each in (first, second)] == ["", ""]
    assert inserted_rows.table(NOW, [first, second]).to_pylist() == [{"a": 5, "b": None, "c": 1}, {"a": None, "b": "x", "c": 2}]
    assert inserted_rows.table_id_of(first) == "id-1"


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"c": pa.array([1], pa.int64())}, "no column c of the type int64"),
        ({"c": pa.array([1], pa.int32()), "d": pa.array([1])}, "no column d"),
        ({"a": pa.array([1])}, "column c is NOT NULL"),
    ],
)
def test_rows_for_other_columns(columns, says):
    """A table whose columns are others now is told why."""
    assert says in inserted_rows.misfit(NOW, rows(**columns))
