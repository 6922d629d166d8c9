"""Work on one table's files, with rows in them."""

import pyarrow as pa
import pytest
from deltalake import DeltaTable, QueryBuilder, write_deltalake

from headgate.admin.catalog_ports import NewFiles
from headgate.catalog import otel_tables, types
from headgate.catalog.names import Name
from headgate.catalog.types import Structure
from headgate.core.errors import BadRequest
from headgate.storage.delta import table_work

NAME = Name(("main", "default", "t"))


def made(tmp_path, text: str = "a: bigint, b: string", **changed):
    location = str(tmp_path / "t")
    table_work.create(NewFiles(location=location, columns=types.to_delta_json(Structure(types.parse_columns(text))), name=NAME, **changed))
    return location


def write(location: str, *values: int) -> None:
    for value in values:
        write_deltalake(location, pa.table({"a": [value], "b": [str(value)]}), mode="append")


def rows(location: str) -> list[dict]:
    """All rows; not through delta-rs' dataset, which may abort the process at its end (https://github.com/delta-io/delta-rs/issues/2184)."""
    return pa.table(QueryBuilder().register("t", DeltaTable(location)).execute("SELECT * FROM t ORDER BY a").read_all()).to_pylist()


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("signal", otel_tables.SIGNALS)
def test_every_otel_table_can_be_made(tmp_path, signal, version):
    """The columns that a table's log has are those that were asked for, VARIANT and all."""
    asked = otel_tables.creation(NAME, signal, version)
    new = NewFiles(location=str(tmp_path / "t"), columns=types.to_delta_json(asked.schema), name=NAME, properties=asked.properties)
    found = table_work.create(new)
    assert types.from_delta_json(found.columns) == asked.schema
    assert found.properties == asked.properties
    assert found.features == (("variantType",) if version == "v2" else ())


def test_files_are_counted(tmp_path):
    """What the catalog tells of a table is what lies there."""
    location = made(tmp_path)
    write(location, 1, 2)
    found = table_work.inspect(location)
    assert (found.version, found.files) == (2, 2)
    assert found.size_bytes == sum(path.stat().st_size for path in (tmp_path / "t").glob("*.parquet"))
    assert found.modified_at_ms >= found.created_at_ms > 0


def test_optimize_and_vacuum(tmp_path):
    """Small files become one; the old ones stay until a vacuum, which keeps what is young."""
    location = made(tmp_path)
    write(location, *range(5))
    assert table_work.optimize(location, ()) == {"numFilesAdded": 1, "numFilesRemoved": 5, "partitionsOptimized": 1}
    assert table_work.vacuum(location, 1.0, dry_run=False) == ()
    assert len(table_work.vacuum(location, 0.0, dry_run=True)) == 5
    assert len(table_work.vacuum(location, 0.0, dry_run=False)) == 5
    assert len(list((tmp_path / "t").glob("*.parquet"))) == 1
    assert [row["a"] for row in rows(location)] == list(range(5))


def test_zorder(tmp_path):
    """Rows are brought together by the columns that were named."""
    location = made(tmp_path)
    write(location, 3, 1, 2)
    assert table_work.optimize(location, ["a"])["numFilesAdded"] == 1


def test_replace_forgets_rows_and_keeps_history(tmp_path):
    """The new version is empty; the old one can still be read."""
    location = made(tmp_path)
    write(location, 1)
    table_work.replace(NewFiles(location=location, columns=types.to_delta_json(Structure(types.parse_columns("z: date"))), name=NAME))
    assert DeltaTable(location).file_uris() == []
    assert len(DeltaTable(location, version=1).file_uris()) == 1
    steps = table_work.history(location, 10)
    assert [(step.version, step.operation) for step in steps] == [(2, "CREATE OR REPLACE TABLE"), (1, "WRITE"), (0, "CREATE TABLE")]
    assert steps[1].metrics["num_added_rows"] == "1"


def test_nothing_is_made_on_top_of_other_files(tmp_path):
    """A place that holds something else is refused, and left as it is by a deletion too."""
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "precious").write_text("x")
    with pytest.raises(BadRequest) as taken:
        made(tmp_path)
    assert taken.value.status == 409
    with pytest.raises(BadRequest):
        table_work.delete(str(tmp_path / "t"))
    assert (tmp_path / "t" / "precious").exists()


def test_deletion_cleans_up_what_a_crash_left(tmp_path):
    """A table that was set aside and not deleted goes with the next one."""
    location = made(tmp_path)
    (tmp_path / ".dropped-other-1").mkdir()
    for _ in range(2):
        table_work.delete(location)
        assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")) == ["t", "t/_dropped"]


def test_new_columns_read_as_nothing_in_old_rows(tmp_path):
    """Rows from before a column was added have none of it."""
    location = made(tmp_path)
    write(location, 1)
    table_work.add_columns(location, types.to_delta_json(Structure(types.parse_columns("c: array<string>"))))
    assert rows(location) == [{"a": 1, "b": "1", "c": None}]
