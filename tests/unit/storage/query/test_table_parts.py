"""A table's snapshot in parts."""

import datetime as dt

import msgspec
import pyarrow as pa
import pytest

from headgate.admin.statement_ports import TablePart, TableSource
from headgate.catalog.types import Field, Structure, parse_text
from headgate.catalog.usage_table import USAGE
from headgate.core.errors import NotFound
from headgate.storage.delta.sum_files import SumFiles
from headgate.storage.query import file_skipping
from headgate.storage.query.bounds import ColumnComparison, Constant, ConstantStep
from headgate.storage.query.file_facts import DataFileFacts
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


def test_sums_are_of_the_time_of_their_data_file(tmp_path):
    """So that those of another time are left out as their file would be."""
    at = pa.array([dt.datetime(2026, 11, day, 8, 30, tzinfo=dt.UTC) for day in (1, 2)], pa.timestamp("us", "UTC"))
    facts = DataFileFacts(
        pa.table({"size_bytes": [1, 1], "num_records": [1, 1], "min.event_time": at, "max.event_time": at}), ["/t/a.parquet", "/t/b.parquet"]
    )
    sums = SumFiles(str(tmp_path))
    for file in ("a.parquet", "b.parquet"):
        sums.write("usage_hours", file, pa.table({"hour": at[:1]}))
    hours = TableSource(
        USAGE.name, "/t", Structure((Field("hour", parse_text("timestamp")),)), part=TablePart(USAGE.name, "summed", sums="usage_hours")
    )
    summed = TableParts(msgspec.structs.replace(OPENED, facts=facts), sums).of(hours)
    from_hour = ColumnComparison("hour", ">=", Constant("text", "2026-11-01T09:00:00Z", (ConstantStep("cast", "timestamp"),)))
    assert names(file_skipping.left(summed, from_hour, 0)) == [sums.path("usage_hours", "b.parquet")]
    until_hour = ColumnComparison("hour", "<", Constant("text", "2026-11-02T09:00:00Z", (ConstantStep("cast", "timestamp"),)))
    assert len(file_skipping.left(summed, until_hour, 0).files) == 2
