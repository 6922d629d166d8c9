"""One query in one DuckDB."""

import duckdb
import pyarrow as pa

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
