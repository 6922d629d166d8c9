"""Files of a table to which a column was added."""

import duckdb
import pytest

from headgate.catalog import types
from headgate.storage.query import view_sql
from headgate.storage.query.file_columns import FileColumns
from headgate.storage.query.table_files import DataFile, TableVersion
from headgate.storage.query.worker_messages import View

COLUMNS = types.Structure(types.parse_columns("a: bigint, b: string, s: struct<x:int,y:int>"))
OLD, NEW = "SELECT 1::BIGINT AS a", "SELECT 2::BIGINT AS a, 'y' AS b, {'x': 1, 'y': 2} AS s"


def _view(tmp_path, *queries):
    files = []
    for number, query in enumerate(queries):
        path = str(tmp_path / f"{number}[1].parquet")
        duckdb.connect().execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
        files.append(DataFile(path))
    opened = TableVersion(0, COLUMNS, tuple(files))
    return View("v", "t", view_sql.view_text(opened), view_sql.view_text(opened, wide=True), scan=view_sql.scan(opened))


@pytest.mark.parametrize("queries", [(OLD, NEW), (NEW, OLD), (OLD,), (NEW,), (OLD, "SELECT 'z' AS b, 3::BIGINT AS a", NEW, OLD)], ids=len)
def test_every_set_of_columns_has_a_scan(tmp_path, queries):
    """The rows are those of the wide way, with no file opened beyond the first of a set when the text is bound."""
    view, connection = _view(tmp_path, *queries), duckdb.connect()

    text = FileColumns().wide(connection, view)

    assert "union_by_name" not in text
    assert text.count("read_parquet") == len(set(queries))
    assert sorted(connection.sql(text).fetchall(), key=repr) == sorted(connection.sql(view.wide).fetchall(), key=repr)
    assert connection.sql(text).columns == ["a", "b", "s"]
    assert connection.sql(text).types == connection.sql(view.wide).types


def test_another_type_is_read_the_wide_way(tmp_path):
    """As a structure to which a field was added."""
    view = _view(tmp_path, NEW, "SELECT 3::BIGINT AS a, {'x': 5} AS s")
    columns = FileColumns()

    assert columns.wide(duckdb.connect(), view) == view.wide
    assert columns.differ((view,))


def test_many_sets_are_read_the_wide_way(tmp_path, monkeypatch):
    """So that no text grows with the number of files."""
    monkeypatch.setattr("headgate.storage.query.file_columns._SCANS_MAX", 1)
    view = _view(tmp_path, OLD, NEW)

    assert FileColumns().wide(duckdb.connect(), view) == view.wide


def test_a_view_of_something_else_keeps_its_text():
    """Partitioned tables, and those without files."""
    view = View("v", "t", "SELECT 1", "SELECT 2")
    columns = FileColumns()

    assert columns.wide(duckdb.connect(), view) == "SELECT 2"
    assert not columns.differ((view,))
    assert view_sql.scan(TableVersion(0, COLUMNS, (), ())) is None


def test_files_that_lack_a_column_are_known_once_they_were_read(tmp_path):
    """So that the narrow way is not tried in vain."""
    view, columns = _view(tmp_path, OLD, NEW), FileColumns()

    assert not columns.differ((view,))
    columns.wide(duckdb.connect(), view)
    assert columns.differ((view,))


def test_no_more_files_are_remembered_than_a_bound(tmp_path, monkeypatch):
    """The one that was asked first is forgotten."""
    monkeypatch.setattr("headgate.storage.query.file_columns._FILES_MAX", 1)
    view, columns = _view(tmp_path, OLD, NEW), FileColumns()
    columns.wide(duckdb.connect(), view)
    assert not columns.differ((view,))
