"""Queries that are compiled and answered in the test's own process, over rows that the test gives: what `QueryGateway` does, without processes and files."""

import pyarrow as pa

from headgate.admin.insert_ports import InsertTarget
from headgate.admin.statement_ports import QueryResult
from headgate.catalog import types
from headgate.core.errors import BadRequest, Unavailable
from headgate.core.principal import HEADGATE
from headgate.storage.delta.arrow_types import arrow_schema
from headgate.storage.query import view_sql
from headgate.storage.query.compile import compile_query
from headgate.storage.query.engine import Engine
from headgate.storage.query.table_files import TableVersion
from headgate.storage.query.worker_messages import Job, View
from headgate.storage.rows import inserted_rows


class HereQueries:
    """Implements `Queries`. `rows` has the rows of tables by their dotted names, as dictionaries; a table without any reads as empty."""

    def __init__(self):
        self.rows = {}
        self._engine = Engine(256, 1)

    async def run(self, query, relations):
        """The rows of a query."""
        compiled = compile_query(query, relations)
        views = tuple(self._view(read, relations) for read in compiled.reads)
        job = Job(sql=compiled.sql, views=views, paths=(), row_limit=query.row_limit, byte_limit=query.byte_limit)
        answer = self._engine.answer(job)
        if answer.failure:
            raise BadRequest(answer.message, code="BAD_REQUEST")
        return QueryResult(compiled.columns, answer.arrow, answer.row_count, answer.truncated)

    def _view(self, read, relations):
        rows = self.rows.get(str(read.source.name), [])
        if read.source.part is not None and read.source.part.kind == "catalog":
            names = [field.name for field in read.source.schema.fields]
            rows = [dict(zip(names, row, strict=True)) for row in relations.rows(read.source.name)]
        table = pa.Table.from_pylist(rows, schema=arrow_schema(read.source.schema))
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        opened, tail = TableVersion(0, read.source.schema, ()), f"{read.view}_tail"
        text = view_sql.view_text(opened, tail)
        return View(name=read.view, title=str(read.source.name), text=text, wide=text, tail_name=tail, tail=sink.getvalue().to_pybytes())


class HereRows:
    """Implements `RowStore`: what is kept is in the rows of `HereQueries` at once."""

    def __init__(self, queries, files):
        self.is_full = False
        self._queries = queries
        self._files = files
        files.on_rows = self._begin

    async def target(self, entry):
        """The table as the files in memory have it."""
        found = await self._files.inspect(HEADGATE, entry.location)
        return InsertTarget(types.from_delta_json(found.columns), found.id)

    async def keep(self, entry, target, rows):
        """Keep rows, with NULL in the columns that they lack."""
        if self.is_full:
            raise Unavailable("The journal takes no rows.", code="TEMPORARILY_UNAVAILABLE")
        whole = [dict.fromkeys(field.name for field in target.schema.fields) | row for row in rows.to_pylist(maps_as_pydicts="lossy")]
        self._queries.rows.setdefault(str(entry.name), []).extend(whole)

    def stream(self, schema, rows):
        """Rows as a stream."""
        return inserted_rows.stream(rows)

    def _begin(self, new):
        """The first rows of a table, or those in the place of others."""
        rows = pa.ipc.open_stream(new.rows).read_all().to_pylist(maps_as_pydicts="lossy") if new.rows else []
        self._queries.rows[str(new.name)] = rows
