"""Queries in an in-memory DuckDB, a database for each principal, with every way out of DuckDB switched off. Runs inside the worker, which the system sandboxes once more."""

import hashlib
import json
import re
from collections import OrderedDict
from typing import NamedTuple

import duckdb
import pyarrow as pa

from headgate.storage.query import duckdb_tree, macros, result_types
from headgate.storage.query.duckdb_text import literal
from headgate.storage.query.file_columns import FileColumns
from headgate.storage.query.worker_messages import Job, JobAnswer, View

_BATCH_ROWS = 2048
_CHECKED_MAX = 1024  # texts whose tree has passed
_KEPT_MAX = 4  # databases: the tiles of a page read a few sets of files by turns, and a new database reads the footers of its files again
# Moments of a page's range are other ones every minute. A constant is a constant whatever its text, so the trees are checked alike.
_MOMENT = re.compile(r"'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ'")
_CTE = re.compile(r'"?\bheadgate_[0-9a-f]{16}_c\d+\b"?')
_LOCKED = (
    "SET parquet_metadata_cache = true",
    "SET TimeZone = 'UTC'",
    "SET temp_directory = ''",
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)


class _Key(NamedTuple):
    """What a database is for. Another query may use it if it is of the same principal over the very same files. They are Delta's data files, which never
    change.
    """

    owner: str
    paths: tuple[str, ...]
    wide: bool  # the files have not all the same columns


class _Database:
    """A database in memory that reads these files for one principal, and nothing else. Views and rows of a query are taken out of it after the query."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, key: _Key) -> None:
        self.connection = connection
        self.key = key
        self._locked = False
        self._macros: set[str] = set()
        self._views: list[View] = []

    def furnish(self, job: Job, columns: FileColumns) -> None:
        """Put in what the query reads, and lock the rest out."""
        self.clear()
        for statement in macros.statements(job.sql):
            if statement not in self._macros:
                self.connection.execute(statement)
                self._macros.add(statement)
        for view in job.views:
            self._views.append(view)
            _create(self.connection, view, columns.wide(self.connection, view) if self.key.wide else view.text)
        if not self._locked:
            self.connection.execute(f"SET allowed_paths = [{', '.join(literal(path) for path in job.paths)}]")
            for statement in _LOCKED:
                self.connection.execute(statement)
            self._locked = True

    def clear(self) -> None:
        """Take out what the last query read."""
        for view in self._views:
            self.connection.execute(f"DROP VIEW IF EXISTS {view.name}")
            if view.tail:
                self.connection.unregister(view.tail_name)
        self._views.clear()


class Engine:
    """Answers jobs, each in a database of its principal's own. One is opened ahead of time, and a used one closed later: either takes longer than many a
    query. The databases of the last jobs stay for those of the same principal over the same files, as the tiles of a dashboard are.
    """

    def __init__(self, memory_mb: int, threads: int) -> None:
        self._memory_mb = memory_mb
        self._threads = threads
        self._spare: duckdb.DuckDBPyConnection | None = None
        self._current: _Database | None = None  # the last job's
        self._kept: OrderedDict[_Key, _Database] = OrderedDict()
        self._used: list[_Database] = []
        self._checked: set[bytes] = set()
        self._columns = FileColumns()

    def prepare(self) -> None:
        """Clear up after the last job and open the next one's database, before the next job arrives."""
        while self._used:
            self._used.pop().connection.close()
        if self._current is not None:
            self._current.clear()
        if self._spare is None:
            self._spare = self._open()

    def answer(self, job: Job) -> JobAnswer:
        """The rows, or what went wrong."""
        answer = self._answered(job)
        if answer.failure:
            self._retire()
        return answer

    def _answered(self, job: Job) -> JobAnswer:
        try:
            return self._answer(job)
        except duckdb_tree.Disallowed as error:
            return JobAnswer(failure="refused", message=f"{error} is not taken in a query")
        except RecursionError:
            return JobAnswer(failure="refused", message="An expression of so many levels is not taken in a query")
        except (duckdb.OutOfMemoryException, MemoryError, pa.ArrowMemoryError):
            return JobAnswer(failure="memory", message=f"the query needs more than {self._memory_mb} MB of memory")
        except (duckdb.InternalException, duckdb.FatalException, duckdb.IOException, duckdb.PermissionException) as error:
            return JobAnswer(failure="internal", message=_shown(error, job))
        except (duckdb.Error, pa.ArrowException) as error:
            return JobAnswer(failure="statement", message=_shown(error, job))
        except OSError as error:  # what a stream of Arrow makes of DuckDB's errors while rows come
            return JobAnswer(failure="internal" if "IO Error" in str(error) else "statement", message=_shown(error, job))

    def _answer(self, job: Job) -> JobAnswer:
        if _Key(job.owner, job.paths, wide=True) in self._kept or self._columns.differ(job.views):
            return self._run(job, wide=True)
        try:
            return self._run(job, wide=False)
        except (duckdb.BinderException, duckdb.InvalidInputException, duckdb.IOException) as error:
            # A column was added after some file was written: DuckDB notices when it binds or scans.
            if not job.views or not _files_differ(error):
                raise
        self._retire()
        return self._run(job, wide=True)

    def _run(self, job: Job, *, wide: bool) -> JobAnswer:
        connection = self._database(job, wide=wide)
        self._check(connection, job)
        return _rows(connection, job)

    def _check(self, connection: duckdb.DuckDBPyConnection, job: Job) -> None:
        """Check the statement as DuckDB parses it. The same text over the same views has the same tree, except for the moments in it: a page asks it
        again and again.
        """
        views = [view.name for view in job.views]
        text = hashlib.sha256("\0".join((_MOMENT.sub("''", job.sql), *views)).encode()).digest()
        if text in self._checked:
            return
        tree = connection.execute("SELECT json_serialize_sql(?)", [job.sql]).fetchall()[0][0]
        duckdb_tree.check(json.loads(tree), views)
        if len(self._checked) >= _CHECKED_MAX:
            self._checked.clear()
        self._checked.add(text)

    def _database(self, job: Job, *, wide: bool) -> duckdb.DuckDBPyConnection:
        key = _Key(job.owner, job.paths, wide)
        database = self._kept.pop(key, None)
        if database is None:
            connection, self._spare = self._spare or self._open(), None
            database = _Database(connection, key)
        if self._current is not None and not self._current.key.owner:
            self._retire()
        self._current = database
        if key.owner:
            self._kept[key] = database
            while len(self._kept) > _KEPT_MAX:
                self._used.append(self._kept.popitem(last=False)[1])
        database.furnish(job, self._columns)
        return database.connection

    def _retire(self) -> None:
        """Use the last job's database no more."""
        if self._current is not None:
            self._kept.pop(self._current.key, None)
            self._used.append(self._current)
            self._current = None

    def _open(self) -> duckdb.DuckDBPyConnection:
        return duckdb.connect(
            ":memory:", config={"python_enable_replacements": "false", "threads": self._threads, "memory_limit": f"{self._memory_mb}MB"}
        )


def _files_differ(error: duckdb.Error) -> bool:
    text = str(error)
    return "schema mismatch" in text.lower() or "union_by_name" in text or "not found in FROM clause" in text


def _create(connection: duckdb.DuckDBPyConnection, view: View, text: str) -> None:
    if view.tail:
        connection.register(view.tail_name, pa.ipc.open_stream(view.tail).read_all())
    connection.execute(f"CREATE VIEW {view.name} AS {text}")


def _rows(connection: duckdb.DuckDBPyConnection, job: Job) -> JobAnswer:
    relation = connection.sql(job.sql)
    names, kinds = relation.columns, relation.types
    exported = result_types.projection(job.sql, names, kinds)
    if not job.row_limit:  # the columns alone are asked for
        exported = f"SELECT * FROM ({exported}) LIMIT 0"  # ruff: ignore[hardcoded-sql-expression] - the statement has passed its checks
    # Binding a long query takes as long as parsing it: what needs no cast is not bound once more.
    reader = (relation if exported == job.sql else connection.sql(exported)).to_arrow_reader(_BATCH_ROWS)
    batches, rows, size, truncated = [], 0, 0, False
    for batch in reader:
        room = job.row_limit - rows
        if batch.num_rows > room or size > job.byte_limit:
            truncated = True
            if room <= 0 or size > job.byte_limit:
                break
            batch = batch.slice(0, room)  # ruff: ignore[redefined-loop-name]
        batches.append(batch)
        rows += batch.num_rows
        size += batch.nbytes
    schema = reader.schema
    reader.close()
    # A subquery gives columns of one name other names.
    table = result_types.narrowed(pa.Table.from_batches(batches, schema), kinds).rename_columns(names)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema.remove_metadata()) as writer:
        writer.write_table(table)
    return JobAnswer(arrow=sink.getvalue().to_pybytes(), row_count=rows, truncated=truncated)


def _shown(error: BaseException, job: Job) -> str:
    """DuckDB's own words, with our view's names as the tables' and without paths of this machine."""
    text = str(error)
    for view in sorted(job.views, key=lambda item: -len(item.name)):
        text = text.replace(f'"{view.name}"', view.title).replace(view.name, view.title)
    for path in job.paths:
        text = text.replace(path, "a data file")
    text = _CTE.sub("a common table expression", text)
    return text[:2000]
