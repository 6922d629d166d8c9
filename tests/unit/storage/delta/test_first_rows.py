"""The rows that a table is replaced with: one commit has them, the columns and the properties."""

import datetime as dt
import os
from decimal import Decimal

import pyarrow as pa
import pytest
from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError

from headgate.admin.catalog_ports import NewFiles
from headgate.catalog import types
from headgate.catalog.names import Name
from headgate.catalog.types import Structure
from headgate.storage.delta import first_rows, table_work
from headgate.storage.delta.arrow_types import arrow_schema
from headgate.storage.rows import inserted_rows

SCHEMA = Structure(
    types.parse_columns("team: string, at: timestamp, usd: decimal(10,2), tags: map<string,bigint>, s: struct<a:int>, n: timestamp_ntz")
)
ROWS = [
    {
        "team": team,
        "at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        "usd": Decimal("1.50"),
        "tags": [("k", 1)],
        "s": {"a": 1},
        "n": dt.datetime(2026, 1, 1, tzinfo=dt.UTC).replace(tzinfo=None),
    }
    for team in ("core", "50% of a/b ä", None)
]


def new(location, columns: Structure, rows=(), **changed) -> NewFiles:
    stream = inserted_rows.stream(pa.Table.from_pylist(list(rows), schema=arrow_schema(columns))) if rows else b""
    return NewFiles(location=str(location), columns=types.to_delta_json(columns), name=Name(("main", "default", "t")), rows=stream, **changed)


def rows_of(location, version=None) -> list[dict]:
    return DeltaTable(str(location), version=version).to_pyarrow_table().to_pylist()


def parquet_files(location) -> list[str]:
    return [f"{folder}/{name}" for folder, _, names in os.walk(location) for name in names if name.endswith(".parquet")]


OLD = Structure(types.parse_columns("a: bigint"))


def test_one_commit_has_everything(tmp_path):
    """Columns, partitions, rows, comment and Delta's own properties; older versions stay, and nothing but its files is left of what was written beside."""
    table_work.create(new(tmp_path / "t", OLD, [{"a": 1}]))
    wanted = new(tmp_path / "t", SCHEMA, ROWS, partitioned_by=("team",), comment="new", properties={"delta.checkpointInterval": "50", "own": "1"})
    made = table_work.replace(wanted)

    assert (made.version, made.partitioned_by, made.comment, made.properties) == (3, ("team",), "new", wanted.properties)
    assert [each.operation for each in table_work.history(str(tmp_path / "t"), 9)] == [
        "SET TBLPROPERTIES", "CREATE OR REPLACE TABLE", "WRITE", "CREATE TABLE",
    ]  # fmt: skip
    found = sorted(rows_of(tmp_path / "t", 2), key=lambda row: str(row["team"]))
    assert found == sorted(ROWS, key=lambda row: str(row["team"]))
    assert rows_of(tmp_path / "t", 1) == [{"a": 1}]
    assert len(parquet_files(tmp_path / "t")) == 4
    assert all("_delta_log" not in folder for folder, _, _ in os.walk(tmp_path / "t") if "replacement-" in folder)
    assert table_work.optimize(str(tmp_path / "t"), ())["numFilesRemoved"] == 0


def test_statistics_come_along(tmp_path):
    """The commit has the bounds of each file, by which questions leave files out."""
    table_work.create(new(tmp_path / "t", OLD))
    table_work.replace(new(tmp_path / "t", OLD, [{"a": 3}, {"a": 7}]))
    (row,) = pa.table(DeltaTable(str(tmp_path / "t")).get_add_actions(flatten=True)).to_pylist()
    assert (row["num_records"], row["min.a"], row["max.a"], row["null_count.a"]) == (2, 3, 7, 0)


def test_rows_that_fail_leave_the_old_table(tmp_path):
    """A stream that cannot be read, here for its columns: the table is as it was, and has no files that no version knows."""
    table_work.create(new(tmp_path / "t", OLD, [{"a": 1}]))
    broken = new(tmp_path / "t", SCHEMA, ROWS)
    with pytest.raises(pa.ArrowException):
        table_work.replace(NewFiles(location=broken.location, columns=broken.columns, name=broken.name, rows=broken.rows[:200]))
    assert rows_of(tmp_path / "t") == [{"a": 1}]
    assert len(parquet_files(tmp_path / "t")) == 1


def test_a_commit_between_is_seen(tmp_path, monkeypatch):
    """Another writer was first: the replacement is tried again and has none of that writer's rows. Tried in vain, the table is as it was."""
    table_work.create(new(tmp_path / "t", OLD, [{"a": 1}]))
    replace_with, times = first_rows.replace_with, []

    def late(wanted, adds):
        times.append(1)
        if len(times) < 3:
            first_rows.append(DeltaTable(wanted.location), new(tmp_path / "t", OLD, [{"a": 2}]).rows)
            raise CommitFailedError("another one was first")
        replace_with(wanted, adds)

    monkeypatch.setattr(first_rows, "replace_with", late)
    table_work.replace(new(tmp_path / "t", OLD, [{"a": 9}]))
    assert rows_of(tmp_path / "t") == [{"a": 9}]

    monkeypatch.setattr(first_rows, "replace_with", lambda wanted, adds: (_ for _ in ()).throw(CommitFailedError("always")))
    with pytest.raises(CommitFailedError):
        table_work.replace(new(tmp_path / "t", OLD, [{"a": 10}]))
    assert rows_of(tmp_path / "t") == [{"a": 9}]


def test_vacuum_finds_what_was_left_beside(tmp_path):
    """The files of a replacement that was killed before its commit, and the log that they had meanwhile."""
    table_work.create(new(tmp_path / "t", OLD, [{"a": 1}]))
    table_work.create(new(tmp_path / "t" / "replacement-0", OLD, [{"a": 2}]))
    gone = table_work.vacuum(str(tmp_path / "t"), 0, dry_run=False)
    assert len(parquet_files(tmp_path / "t")) == 1
    assert any(name.endswith(".parquet") for name in gone)
    assert not [name for _, _, names in os.walk(tmp_path / "t" / "replacement-0") for name in names]
    assert rows_of(tmp_path / "t") == [{"a": 1}]
