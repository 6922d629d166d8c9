"""The files of sums: there once they are whole, and gone with their data file."""

import os

import pyarrow as pa
import pyarrow.parquet as pq

from headgate.storage.delta.sum_files import SumFiles

ROWS = pa.table({"requests": [3]})


def test_written_and_known(tmp_path):
    """The sums of a data file are known by its name once they are written."""
    files = SumFiles(str(tmp_path))
    assert files.known("usage_hours") == frozenset()
    files.write("usage_hours", "a.parquet", ROWS)
    assert files.known("usage_hours") == {"a.parquet"}
    assert files.known("line_hours") == frozenset()
    assert pq.read_table(files.path("usage_hours", "a.parquet")) == ROWS


def test_what_was_begun_is_no_sum(tmp_path):
    """A file that a loss of power left behind, or that is being written, is not read; it goes with its data file."""
    files = SumFiles(str(tmp_path))
    files.write("usage_hours", "a.parquet", ROWS)
    begun = files.path("usage_hours", "b.parquet.tmp")
    with open(begun, "wb"):
        pass
    assert files.known("usage_hours") == {"a.parquet"}
    assert files.clean({"a.parquet", "b.parquet"}) == 0
    assert files.clean({"a.parquet"}) == 1
    assert not os.path.exists(begun)


def test_they_go_with_their_data_file_and_their_definition(tmp_path):
    """Sums of a file that is gone are deleted, and those that another release has made."""
    files = SumFiles(str(tmp_path))
    for name in ("a.parquet", "b.parquet"):
        files.write("usage_hours", name, ROWS)
    older = tmp_path / "usage_hours-0"
    older.mkdir()
    (older / "a.parquet").touch()
    assert files.clean({"a.parquet"}) == 2
    assert files.known("usage_hours") == {"a.parquet"}
    assert not list(older.iterdir())
