"""Headgate's answer to a statement, by its own path within this process: the compiler with a catalog of the corpus's tables, and the engine.

The answer has the shape of Spark's in `spark`: names, types and rows, or the error's code and text.
"""

import pyarrow as pa

from headgate.admin.statement_ports import Query, Relation, TableSource, ViewSource
from headgate.catalog import types
from headgate.catalog.names import Name
from headgate.catalog.types import Field, Structure
from headgate.core.errors import GatewayError, NotFound
from headgate.storage.delta.arrow_types import columns_of
from headgate.storage.query.compile import compile_query
from headgate.storage.query.engine import Engine
from headgate.storage.query.worker_messages import Job, JobAnswer, View
from headgate.storage.query.worker_pool import failure
from tests.fakes.principals import user
from tests.oracle import canonical, tables

_ANA = user("ana")
_BYTES_MAX = 1 << 26


class CorpusRelations:
    """A catalog in which everybody may read the corpus's tables, `main.default.<name>`, and there is nothing else."""

    def __init__(self) -> None:
        self._sources = {}
        for name, table in tables.tables().items():
            schema = Structure(columns_of(table.schema))
            self._sources[name] = TableSource(Name(("main", "default", name)), f"/nowhere/{name}", schema)

    def resolve(self, name: Name) -> Relation:
        """The table of this name."""
        if name.parts[:2] != ("main", "default") or name.leaf not in self._sources:
            raise NotFound(f"[TABLE_OR_VIEW_NOT_FOUND] {name}", code="TABLE_OR_VIEW_NOT_FOUND")
        return self._sources[name.leaf]

    def resolve_inside(self, view: ViewSource, name: Name) -> Relation:
        """The same: the corpus has no views."""
        del view
        return self.resolve(name)


class _KeptEngine(Engine):
    """Uses one database for all statements: opening the next one after each that fails would take most of the time."""

    def answer(self, job: Job) -> JobAnswer:
        """The rows, or what went wrong."""
        return self._answered(job)


class Ours:
    """Answers statements, one after the other, in one engine."""

    def __init__(self) -> None:
        self._relations = CorpusRelations()
        self._engine = _KeptEngine(1024, 1)
        self._tails = {name: _ipc(table) for name, table in tables.tables().items()}

    def answer(self, sql: str) -> dict[str, object]:
        """What Headgate gives."""
        try:
            table, fields = self._table(sql)
        except GatewayError as error:
            return {"error": error.code, "message": str(error)}
        except Exception as error:  # ruff: ignore[blind-except] - a bug in the compiler is a row of its own, not the end of the run
            return {"error": f"BUG {type(error).__name__}", "message": str(error)[:300]}
        kinds = [types.text(field.type).replace("`", "") for field in fields]  # Spark's simple texts of types have names without quotes
        return {"names": [field.name for field in fields], "types": kinds, "rows": canonical.rows(table)}

    def _table(self, sql: str) -> tuple[pa.Table, tuple[Field, ...]]:
        query = Query(text=sql, principal=_ANA, byte_limit=_BYTES_MAX)
        compiled = compile_query(query, self._relations)
        views = tuple(self._view(read.view, read.source) for read in compiled.reads)
        job = Job(owner=_ANA.name, sql=compiled.sql, views=views, paths=(), row_limit=query.row_limit, byte_limit=query.byte_limit)
        self._engine.prepare()
        answer = self._engine.answer(job)
        if answer.failure:
            raise failure(answer)
        return pa.ipc.open_stream(answer.arrow).read_all(), compiled.columns

    def _view(self, name: str, source: TableSource) -> View:
        text = f'SELECT * FROM "{name}_tail"'
        return View(name=name, title=str(source.name), text=text, wide=text, tail_name=f"{name}_tail", tail=self._tails[source.name.leaf])


def _ipc(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()
