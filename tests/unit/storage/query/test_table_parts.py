"""A table's snapshot in parts."""

import pyarrow as pa
import pytest

from headgate.admin.statement_ports import TablePart, TableSource
from headgate.catalog.types import Field, Structure, parse_text
from headgate.catalog.usage_table import USAGE
from headgate.core.errors import NotFound
from headgate.storage.delta.sum_files import SumFiles
from headgate.storage.query.table_files import DataFile, TableVersion
from headgate.storage.query.table_parts import TableParts

OPENED = TableVersion(3, USAGE.schema, (DataFile("/t/a.parquet"), DataFile("/t/b.parquet")))
OTHER = Structure((Field("requests", parse_text("bigint")),))


def source(kind=None, **more):
    part = TablePart(USAGE.name, kind, **more) if kind else None
    return TableSource(USAGE.name, "/t", OTHER, made_on_write=True, part=part)


def names(opened):
    return [file.path for file in opened.files]


def test_a_file_is_in_one_of_two_parts(tmp_path):
    """A file with sums is read by these, one without by itself; both parts stay as they were when the first one was asked for."""
    sums = SumFiles(str(tmp_path))
    sums.write("usage_hours", "a.parquet", pa.table({"requests": [1]}))
    parts = TableParts(OPENED, sums)
    summed = parts.of(source("summed", sums="usage_hours"))
    sums.write("usage_hours", "b.parquet", pa.table({"requests": [1]}))
    assert names(summed) == [sums.path("usage_hours", "a.parquet")]
    assert names(parts.of(source("rest", sums="usage_hours"))) == ["/t/b.parquet"]
    assert names(parts.of(source("rest", sums="line_hours"))) == ["/t/a.parquet", "/t/b.parquet"]
    assert (summed.version, summed.schema) == (3, OTHER)


def test_one_file_alone(tmp_path):
    """It must still be part of the table."""
    parts = TableParts(OPENED, SumFiles(str(tmp_path)))
    assert names(parts.of(source("file", file="b.parquet"))) == ["/t/b.parquet"]
    with pytest.raises(NotFound, match=r"no data file c\.parquet any more"):
        parts.of(source("file", file="c.parquet"))


def test_the_whole(tmp_path):
    """It is the snapshot; a table that is not made yet has the columns that are asked for."""
    assert TableParts(OPENED, SumFiles(str(tmp_path))).of(source()) is OPENED
    missing = TableVersion(-1, USAGE.schema, ())
    assert TableParts(missing, SumFiles(str(tmp_path))).of(source()).schema == OTHER
