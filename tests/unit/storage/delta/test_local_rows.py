"""Rows of a Delta table on this machine's disks."""

import datetime as dt

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from headgate.storage.delta import local_rows

DAY_US = 86_400_000_000


@pytest.fixture
def table(tmp_path):
    """Three files, each with the rows of one day; numbers rise."""
    path = str(tmp_path / "t")
    for day in range(3):
        moment = dt.datetime(1970, 1, 1 + day, 12, tzinfo=dt.UTC)
        rows = pa.table({"at": pa.array([moment], pa.timestamp("us", "UTC")), "n": [day * 10], "s": pa.array([{"n": 99}])})
        write_deltalake(path, rows, mode="append")
    return DeltaTable(path)


def numbers(files):
    """What is in the files."""
    return sorted(row["n"] for batch in local_rows.batches(files, ["n", "missing"]) for row in batch.to_pylist())


def test_rows_are_read_file_by_file(table):
    """All columns, or those of the asked ones that there are."""
    assert numbers(local_rows.files_of(table)) == [0, 10, 20]
    assert {name for batch in local_rows.batches(local_rows.files_of(table)) for name in batch.schema.names} == {"at", "n", "s"}


def test_files_are_chosen_by_time(table):
    """Both ends are included; a column without statistics excludes nothing."""
    assert numbers(local_rows.files_of(table, "at", DAY_US, DAY_US * 2)) == [10]
    assert numbers(local_rows.files_of(table, "at", DAY_US // 2, DAY_US * 3 // 2)) == [0, 10]
    assert numbers(local_rows.files_of(table, "at", DAY_US * 9, DAY_US * 9)) == []
    assert numbers(local_rows.files_of(table, "nothing", 1, 2)) == [0, 10, 20]


def test_the_file_with_the_highest_number(table):
    """By the column itself, not by one of that name within a structure."""
    assert numbers([local_rows.file_with_most(local_rows.files_of(table), "n")]) == [20]
    assert not local_rows.file_with_most([], "n")


def test_a_table_whose_files_mean_something_else_is_refused(table, monkeypatch):
    """A deletion vector takes rows away that the file still has."""
    monkeypatch.setattr(DeltaTable, "protocol", lambda _self: type("P", (), {"reader_features": ["deletionVectors"]}))
    with pytest.raises(OSError, match="deletionVectors"):
        local_rows.files_of(table)
