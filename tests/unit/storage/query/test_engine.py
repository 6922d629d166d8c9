"""One query in one DuckDB."""

import itertools

import duckdb
import msgspec
import pyarrow as pa
import pytest

from headgate.storage.query import engine as engine_module
from headgate.storage.query.engine import Engine
from headgate.storage.query.worker_messages import Job, View


def _ipc(table):
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def _job(sql, *views, paths=(), row_limit=100, byte_limit=1 << 20):
    return Job(sql=sql, views=views, paths=paths, row_limit=row_limit, byte_limit=byte_limit)


def _rows(answer):
    assert not answer.failure, answer.message
    return pa.ipc.open_stream(answer.arrow).read_all().to_pylist()


def _file(tmp_path, name, sql):
    path = str(tmp_path / name)
    duckdb.connect().execute(f"COPY ({sql}) TO '{path}' (FORMAT parquet)")
    return path


def test_files_and_the_journals_tail_are_one_table(tmp_path):
    """A row is seen before it is in any file."""
    path = _file(tmp_path, "a.parquet", "SELECT 1 AS a")
    view = View(
        "headgate_t0",
        "main.default.t",
        f"SELECT a FROM read_parquet(['{path}']) UNION ALL BY NAME SELECT a FROM tail",
        "",
        "tail",
        _ipc(pa.table({"a": pa.array([2], pa.int32())})),
    )

    assert _rows(Engine(256, 1).answer(_job("SELECT a FROM headgate_t0 ORDER BY a", view, paths=(path,)))) == [{"a": 1}, {"a": 2}]


def test_files_whose_columns_differ_are_read_the_wide_way(tmp_path):
    """A column that was added is null in older files, whichever file comes first."""
    old, new = _file(tmp_path, "o.parquet", "SELECT 1 AS a"), _file(tmp_path, "n.parquet", "SELECT 2 AS a, 'x' AS b")
    for files in ([old, new], [new, old]):
        view = View("headgate_t0", "t", f"SELECT a, b FROM read_parquet({files})", f"SELECT a, b FROM read_parquet({files}, union_by_name = true)")

        got = _rows(Engine(256, 1).answer(_job("SELECT a, b FROM headgate_t0 ORDER BY a", view, paths=tuple(files))))

        assert got == [{"a": 1, "b": None}, {"a": 2, "b": "x"}]


def test_a_database_opened_ahead_is_used_once():
    """Nothing of one query is there for the next."""
    engine = Engine(256, 1)
    engine.prepare()
    engine.prepare()
    view = View("headgate_t0", "t", "SELECT 1 AS a", "")

    assert _rows(engine.answer(_job("SELECT a FROM headgate_t0", view))) == [{"a": 1}]
    assert engine.answer(_job("SELECT a FROM headgate_t0")).failure == "refused"
    engine.prepare()
    assert engine.answer(_job("SELECT a FROM headgate_t0")).failure == "refused"


def test_a_principal_keeps_its_database_while_its_files_are_the_same(tmp_path):
    """What a query read is taken out of it: another query names its own views and rows, and cannot name those of the one before."""
    path, other = _file(tmp_path, "a.parquet", "SELECT 1 AS a"), _file(tmp_path, "b.parquet", "SELECT 2 AS a")
    engine = Engine(256, 1)
    tail = _ipc(pa.table({"a": pa.array([7], pa.int32())}))
    databases = []
    for number, (owner, file) in enumerate([("ada", path), ("ada", path), ("ada", other), ("ben", other), ("ben", other), ("", other), ("", other)]):
        engine.prepare()
        text = f"SELECT a FROM read_parquet(['{file}']) UNION ALL BY NAME SELECT a FROM rows{number}"
        view = View(f"headgate_{number}", "t", text, "", f"rows{number}", tail)
        job = msgspec.structs.replace(_job(f"SELECT sum(databricks_pmod(a, 10)) AS a FROM headgate_{number}", view, paths=(file,)), owner=owner)
        assert _rows(engine.answer(job)) == [{"a": 8 if file == path else 9}]
        databases.append(engine._current)
    assert [one is next_one for one, next_one in itertools.pairwise(databases)] == [True, False, False, True, False, False]

    engine.prepare()
    left = engine._current.connection.sql(
        "SELECT view_name FROM duckdb_views() WHERE view_name LIKE 'headgate%' OR view_name LIKE 'rows%'"
    ).fetchall()
    assert left == []


def test_the_databases_of_the_last_sets_of_files_are_kept(tmp_path):
    """A page reads a few sets of files by turns. Each has its database as long as few others came since; the others are closed."""
    engine = Engine(256, 1)
    databases = []
    for number in (0, 1, 0, 1, 2, 3, 4, 1, 0):
        path = _file(tmp_path, f"{number}.parquet", f"SELECT {number} AS a")
        view = View("headgate_t0", "t", f"SELECT a FROM read_parquet(['{path}'])", "")
        job = msgspec.structs.replace(_job("SELECT a FROM headgate_t0", view, paths=(path,)), owner="ada")
        engine.prepare()
        assert _rows(engine.answer(job)) == [{"a": number}]
        databases.append(engine._current)
    engine.prepare()
    assert databases[2:4] == databases[:2]
    assert databases[7] is databases[1]
    assert databases[8] is not databases[0]
    with pytest.raises(duckdb.ConnectionException):
        databases[0].connection.execute("SELECT 1")


def test_a_database_that_is_kept_reads_no_other_file(tmp_path):
    """It stays locked: only the files that it was opened for can be read, whatever a view says."""
    path, other = _file(tmp_path, "a.parquet", "SELECT 1 AS a"), _file(tmp_path, "b.parquet", "SELECT 2 AS a")
    engine = Engine(256, 1)
    for file, failure in ((path, ""), (other, "internal")):
        view = View("headgate_t0", "t", f"SELECT a FROM read_parquet(['{file}'])", f"SELECT a FROM read_parquet(['{file}'])")
        job = msgspec.structs.replace(_job("SELECT a FROM headgate_t0", view, paths=(path,)), owner="ada")
        assert engine.answer(job).failure == failure


def test_files_whose_columns_differ_are_known_the_next_time(tmp_path):
    """The database that reads them the wide way is kept, and not tried the narrow way again."""
    old, new = _file(tmp_path, "o.parquet", "SELECT 1 AS a"), _file(tmp_path, "n.parquet", "SELECT 2 AS a, 'x' AS b")
    files = [old, new]
    view = View("headgate_t0", "t", f"SELECT a, b FROM read_parquet({files})", f"SELECT a, b FROM read_parquet({files}, union_by_name = true)")
    job = msgspec.structs.replace(_job("SELECT b FROM headgate_t0 ORDER BY a", view, paths=tuple(files)), owner="ada")
    engine = Engine(256, 1)
    databases = []
    for _ in range(2):
        assert _rows(engine.answer(job)) == [{"b": None}, {"b": "x"}]
        databases.append(engine._current)
    assert databases[0] is databases[1]


def test_a_query_that_fails_leaves_its_database(tmp_path):
    """The next one has a fresh database, which knows nothing of what went wrong."""
    path = _file(tmp_path, "a.parquet", "SELECT 1 AS a")
    view = View("headgate_t0", "t", f"SELECT a FROM read_parquet(['{path}'])", "")
    engine = Engine(256, 1)
    for sql, failure in (("SELECT a FROM headgate_t0", ""), ("SELECT CAST('x' AS INTEGER) FROM headgate_t0", "statement")):
        job = msgspec.structs.replace(_job(sql, view, paths=(path,)), owner="ada")
        assert engine.answer(job).failure == failure
    assert engine._current is None


def test_limits_cut_rows_and_say_so():
    """By rows and by bytes."""
    few = Engine(256, 1).answer(_job("SELECT * FROM range(10)", row_limit=3))
    small = Engine(512, 1).answer(_job("SELECT repeat('x', 1000) FROM range(1000000)", row_limit=10**9, byte_limit=100_000))
    whole = Engine(256, 1).answer(_job("SELECT * FROM range(3)", row_limit=3))

    assert (few.row_count, few.truncated) == (3, True)
    assert small.truncated
    assert len(small.arrow) < 10_000_000
    assert (whole.row_count, whole.truncated) == (3, False)


def test_failures_are_told_apart(tmp_path):
    """A wrong statement, one that is not allowed, one that is too large."""
    path = _file(tmp_path, "a.parquet", "SELECT 1 AS a")
    view = View("headgate_t0", "main.default.t", f"SELECT a FROM read_parquet(['{path}'])", f"SELECT a FROM read_parquet(['{path}'])")

    wrong = Engine(256, 1).answer(_job("SELECT b FROM headgate_t0", view, paths=(path,)))
    division = Engine(256, 1).answer(_job("SELECT CAST('x' AS INT)"))
    forbidden = Engine(256, 1).answer(_job("SELECT * FROM read_text('/etc/hostname')"))
    large = Engine(64, 1).answer(_job("SELECT list(range) FROM range(1000000000)"))

    assert [wrong.failure, division.failure, forbidden.failure, large.failure] == ["statement", "statement", "refused", "memory"]
    assert "headgate_t0" not in wrong.message
    assert path not in wrong.message


def test_too_many_levels_are_a_refusal(monkeypatch):
    """The process that answers is not lost over them."""
    monkeypatch.setattr(engine_module.json, "loads", _endless)

    answer = Engine(256, 1).answer(_job("SELECT 1"))

    assert (answer.failure, answer.message) == ("refused", "An expression of so many levels is not taken in a query")


def _endless(text):
    return _endless(text)


def test_duckdb_itself_opens_no_other_file(tmp_path):
    """Even if a view named one: paths that are not the job's are refused."""
    path = _file(tmp_path, "a.parquet", "SELECT 1 AS a")
    view = View("headgate_t0", "t", f"SELECT * FROM read_parquet(['{path}'])", f"SELECT * FROM read_parquet(['{path}'])")

    assert Engine(256, 1).answer(_job("SELECT * FROM headgate_t0", view, paths=())).failure == "internal"


def test_a_text_over_the_same_views_is_checked_once(tmp_path, monkeypatch):
    """Its tree is the same. Over other views it is checked anew, and what is refused is refused each time."""
    checked = []
    real = engine_module.duckdb_tree.check
    monkeypatch.setattr(engine_module.duckdb_tree, "check", lambda tree, views: checked.append(list(views)) or real(tree, views))
    path = _file(tmp_path, "a.parquet", "SELECT 1 AS a")
    engine = Engine(256, 1)
    view = View("headgate_t0", "t", f"SELECT a FROM read_parquet(['{path}'])", "")
    for _ in range(2):
        assert _rows(engine.answer(_job("SELECT a FROM headgate_t0", view, paths=(path,)))) == [{"a": 1}]
    assert len(checked) == 1
    for _ in range(2):
        answer = engine.answer(_job("SELECT a FROM headgate_t0", msgspec.structs.replace(view, name="headgate_t1"), paths=(path,)))
        assert answer.failure == "refused"
    assert checked[1:] == [["headgate_t1"]] * 2


def test_a_text_with_other_moments_is_not_checked_again(monkeypatch):
    """A page's range moves every minute. Any other constant makes another text."""
    checked = []
    monkeypatch.setattr(engine_module.duckdb_tree, "check", lambda tree, views: checked.append(tree))
    engine = Engine(256, 1)
    for minute in (1, 2):
        moment = f"2026-11-30T10:0{minute}:00Z"
        assert _rows(engine.answer(_job(f"SELECT '{moment}' AS at"))) == [{"at": moment}]
    assert len(checked) == 1
    engine.answer(_job("SELECT '2026-11-30' AS at"))
    assert len(checked) == 2


def test_columns_alone():
    """A query for no rows tells its columns by the names that it gives them, also where two are the same, and computes nothing."""
    answer = Engine(256, 1).answer(_job("SELECT 1 AS a, 'x' AS a, CAST(sum(error('boom')::INT) AS BIGINT) AS b", row_limit=0))
    assert not answer.failure, answer.message
    assert [str(field.type) for field in pa.ipc.open_stream(answer.arrow).schema] == ["int32", "string", "int64"]
    assert pa.ipc.open_stream(answer.arrow).schema.names == ["a", "a", "b"]
