"""Views over snapshots."""

import re

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from headgate.catalog import types
from headgate.storage.query import view_sql
from headgate.storage.query.table_files import DataFile, TableVersion


def _file(tmp_path, name, sql):
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    duckdb.connect().execute(f"COPY ({sql}) TO '{path}' (FORMAT parquet)")
    return str(path)


def _rows(opened, **options):
    return sorted(duckdb.connect().execute(view_sql.view_text(opened, **options)).fetchall(), key=repr)


COLUMNS = types.Structure(types.parse_columns("a: bigint, b: string"))


def test_exactly_the_files_are_read(tmp_path):
    """Also where a name looks like a pattern."""
    one = _file(tmp_path, "x[1]*?.parquet", "SELECT 1::BIGINT AS a, 'x' AS b")
    _file(tmp_path, "x1y.parquet", "SELECT 2::BIGINT AS a, 'y' AS b")

    assert _rows(TableVersion(0, COLUMNS, (DataFile(one),))) == [(1, "x")]


def test_no_files_are_no_rows():
    """With the columns all the same."""
    found = duckdb.connect().execute(view_sql.view_text(TableVersion(0, COLUMNS, ())))

    assert ([column[0] for column in found.description], found.fetchall()) == (["a", "b"], [])


def test_files_from_before_a_column_was_added(tmp_path):
    """A wide view fills the column with nulls, even if no file has it yet."""
    old = _file(tmp_path, "old.parquet", "SELECT 1::BIGINT AS a")
    new = _file(tmp_path, "new.parquet", "SELECT 2::BIGINT AS a, 'y' AS b")

    assert _rows(TableVersion(0, COLUMNS, (DataFile(old), DataFile(new))), wide=True) == [(1, None), (2, "y")]
    assert _rows(TableVersion(0, COLUMNS, (DataFile(old),)), wide=True) == [(1, None)]


@pytest.mark.parametrize("hive", [True, False])
def test_partition_values_come_from_paths_or_are_written_out(tmp_path, hive):
    """Whichever way, with the column's type."""
    schema = types.Structure(types.parse_columns("a: bigint, d: date"))
    first = _file(tmp_path, "d=2026-01-31/x.parquet", "SELECT 1::BIGINT AS a")
    second = _file(tmp_path, "d=__HIVE_DEFAULT_PARTITION__/x.parquet", "SELECT 2::BIGINT AS a")
    files = (DataFile(first, (("d", "2026-01-31"),)), DataFile(second, (("d", None),)))

    for wide in (True, False):
        assert [(a, str(d)) for a, d in _rows(TableVersion(0, schema, files, ("d",), hive), wide=wide)] == [(1, "2026-01-31"), (2, "None")]


def test_variants_are_made_readable_at_any_depth(tmp_path):
    """Top, in a struct, in a list."""
    schema = types.Structure(types.parse_columns("v: variant, s: struct<v:variant>, l: array<struct<v:variant>>"))
    raw = "{'metadata': '\\x11\\x00\\x00'::BLOB, 'value': '\\x0C\\x05'::BLOB}"
    path = _file(tmp_path, "v.parquet", f"SELECT {raw} AS v, {{'v': {raw}}} AS s, [{{'v': {raw}}}] AS l UNION ALL SELECT NULL, NULL, NULL")

    got = (
        duckdb
        .connect()
        .execute(f"SELECT v::INT, s.v::INT, l[1].v::INT FROM ({view_sql.view_text(TableVersion(0, schema, (DataFile(path),)))}) ORDER BY 1")
        .fetchall()
    )

    assert got == [(5, 5, 5), (None, None, None)]


def test_a_row_with_a_key_is_read_once(tmp_path):
    """It may be in the tail twice, and in the tail and in a file."""
    schema = types.Structure(types.parse_columns("a: bigint, b: string"))
    database = duckdb.connect()
    database.execute("CREATE TABLE rest AS SELECT * FROM (VALUES (9::BIGINT, 'x'), (2::BIGINT, 'y'), (2::BIGINT, 'y')) AS rows(a, b)")
    file = DataFile(_file(tmp_path, "one.parquet", "SELECT 1::BIGINT AS a, 'x' AS b"))

    def read(*files, wide):
        return sorted(database.execute(view_sql.view_text(TableVersion(0, schema, files), "rest", wide=wide, key="b")).fetchall())

    for wide in (True, False):
        assert read(file, wide=wide) == [(1, "x"), (2, "y")]
        assert read(wide=wide) == [(2, "y"), (9, "x")]


def test_floats_that_are_never_nan_are_read_as_they_are(tmp_path):
    """Hiding their statistics takes long, and is left out where it is for nothing, in whichever way the files are read."""
    path = str(tmp_path / "x.parquet")
    pq.write_table(pa.table({"s": [{"x": 5.0}, None]}), path)
    opened = TableVersion(0, types.Structure(types.parse_columns("s: struct<x: double>")), (DataFile(path),))
    for wide in (False, True):
        assert "TRY(" in view_sql.view_text(opened, wide=wide)
        assert "TRY(" not in view_sql.view_text(opened, wide=wide, finite=True)
        assert _rows(opened, wide=wide, finite=True) == _rows(opened, wide=wide) != []


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("x > 5", [2]),
        ("x >= 5", [1, 2]),
        ("x <> 5", [2]),
        ("x < 100", [1]),
        ("x = 5", [1]),
        ("x = 'NaN'::DOUBLE", [2]),
        ("x IN (7, 'NaN'::DOUBLE)", [2]),
        ("x BETWEEN 6 AND 'NaN'::DOUBLE", [2]),
        ("NOT (x <= 5)", [2]),
        ("isnan(x)", [2]),
        ("abs(x) > 5", [2]),
        ("x = (SELECT max(x) FROM v)", [2]),
    ],
)
def test_a_file_with_nan_is_read_although_its_statistics_leave_nan_out(tmp_path, condition, found):
    """NaN is the greatest number, and no Parquet writer counts it among the least and the greatest values: of columns, of the fields of structs and of what is in lists."""
    path = str(tmp_path / "x.parquet")
    numbers = [5.0, float("nan")]
    pq.write_table(
        pa.table({"a": [1, 2], "x": numbers, "s": [{"x": each, "t": {"x": each}} for each in numbers], "l": [[each] for each in numbers]}), path
    )
    columns = types.parse_columns("a: bigint, x: double, s: struct<x: double, t: struct<x: double>>, l: array<double>")
    connection = duckdb.connect()
    connection.execute(f"CREATE VIEW v AS {view_sql.view_text(TableVersion(0, types.Structure(columns), (DataFile(path),)))}")

    assert pq.read_metadata(path).row_group(0).column(1).statistics.max < 6
    for place in ("x", "s.x", "s.t.x", "l[1]"):
        of_place = re.sub(r"\bx\b", place, condition)
        assert connection.table("v").filter(of_place).order("a").project("a").fetchall() == [(a,) for a in found], of_place
