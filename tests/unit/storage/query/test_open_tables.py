"""Which opened tables are used again."""

import os
import shutil

import pyarrow as pa
import pytest
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake

from headgate.core.errors import BadRequest, NotFound
from headgate.storage.query import open_tables
from headgate.storage.query.compiled import AsOf
from headgate.storage.query.open_tables import OpenTables

NEWEST = AsOf()


def _append(path, value: int = 1) -> None:
    properties = CommitProperties(app_transactions=[Transaction("journal", value)])
    write_deltalake(str(path), pa.table({"a": [value]}), mode="append", commit_properties=properties)


@pytest.fixture
def opens(monkeypatch):
    """The tables that were really opened."""
    seen = []
    real = open_tables.open_table

    def noted(location, snapshot, *rest):
        seen.append((os.path.basename(location), snapshot))
        return real(location, snapshot, *rest)

    monkeypatch.setattr(open_tables, "open_table", noted)
    return seen


def test_a_table_that_has_not_moved_is_opened_once(tmp_path, opens):
    """The second query reads the same version, the same files, the same transaction."""
    _append(tmp_path / "t", 7)
    tables = OpenTables("")
    first, committed = tables.open(str(tmp_path / "t"), NEWEST, "t")
    second, again = tables.open(str(tmp_path / "t"), NEWEST, "t")

    assert first is second
    assert (committed("journal"), again("journal"), again("other")) == (7, 7, None)
    assert len(opens) == 1


def test_a_commit_is_seen_at_once(tmp_path, opens):
    """Whoever asked before keeps the version that was opened for it."""
    _append(tmp_path / "t", 1)
    tables = OpenTables("")
    old, old_committed = tables.open(str(tmp_path / "t"), NEWEST, "t")
    for value in (2, 3):
        _append(tmp_path / "t", value)
        opened, committed = tables.open(str(tmp_path / "t"), NEWEST, "t")
        assert (len(opened.files), opened.version, committed("journal")) == (value, value - 1, value)

    assert (len(old.files), old_committed("journal")) == (1, 1)
    assert len(opens) == 3


def test_another_table_at_the_same_place(tmp_path, opens):
    """It has a version of the same number, and is another table."""
    for value in (1, 2):
        _append(tmp_path / "t", value)
    tables = OpenTables("")
    tables.open(str(tmp_path / "t"), NEWEST, "t")
    shutil.rmtree(tmp_path / "t")
    with pytest.raises((NotFound, BadRequest)):
        tables.open(str(tmp_path / "t"), NEWEST, "t")
    for value in (8, 9):
        _append(tmp_path / "t", value)

    assert tables.open(str(tmp_path / "t"), NEWEST, "t")[1]("journal") == 9


def test_a_log_that_was_cleaned(tmp_path, opens):
    """Where the file of the version is gone nothing tells whether there is a later one, so the table is opened each time."""
    _append(tmp_path / "t")
    DeltaTable(str(tmp_path / "t")).create_checkpoint()
    os.unlink(tmp_path / "t" / "_delta_log" / f"{0:020d}.json")
    tables = OpenTables("")
    tables.open(str(tmp_path / "t"), NEWEST, "t")
    tables.open(str(tmp_path / "t"), NEWEST, "t")

    assert len(opens) == 2


def test_other_versions_are_not_kept(tmp_path, opens):
    """Travel in time is rare, and never wrong."""
    for value in (1, 2):
        _append(tmp_path / "t", value)
    tables = OpenTables("")

    assert [len(tables.open(str(tmp_path / "t"), snapshot, "t")[0].files) for snapshot in (NEWEST, AsOf(0), NEWEST, AsOf(0))] == [2, 1, 2, 1]
    assert len(opens) == 3


def test_the_number_of_tables_is_bounded(tmp_path, opens, monkeypatch):
    """The one that was opened longest ago makes room."""
    monkeypatch.setattr(open_tables, "_KEPT_MAX", 2)
    tables = OpenTables("")
    for name in ("a", "b", "c"):
        _append(tmp_path / name)
    for name in ("a", "b", "c", "c", "b", "a"):
        tables.open(str(tmp_path / name), NEWEST, "t")

    assert [name for name, _ in opens] == ["a", "b", "c", "a"]
