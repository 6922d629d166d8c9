"""`INSERT INTO` and `CREATE TABLE … AS`: a query's rows, made fit for a table and kept for it. Decides who may, and which value a column takes.

The query is asked for its columns first, then for its rows with the casts that their columns need. The rows of a statement are kept all or none.
"""

import msgspec
import pyarrow as pa

from headgate.admin.catalog import CatalogAdmin, refuse_system
from headgate.admin.insert_ports import InsertTarget, RowStore
from headgate.admin.inserted_columns import Pair, check_not_null, pairs, projection, stored
from headgate.admin.query_shapes import QueryShapes
from headgate.admin.statement_ports import Query, Rows
from headgate.admin.tables import TableAdmin, refuse_view
from headgate.catalog import otel_tables, payload_tables, privileges, types
from headgate.catalog.column_names import check_column, check_partitions
from headgate.catalog.entries import Entry
from headgate.catalog.names import Name
from headgate.catalog.statements import CreateTableAs, InsertRows
from headgate.catalog.types import Field, Structure
from headgate.core.errors import BadRequest

ROWS_MAX = 500_000
BYTES_MAX = 24 << 20
_ANSWER = types.parse_columns("num_affected_rows: bigint, num_inserted_rows: bigint")


class Inserts:
    """The use-cases over one catalog and one place for rows."""

    def __init__(self, catalog: CatalogAdmin, tables: TableAdmin, shapes: QueryShapes, store: RowStore) -> None:
        self._catalog = catalog
        self._tables = tables
        self._shapes = shapes
        self._store = store

    async def insert(self, asked: InsertRows, query: Query) -> Rows:
        """Put a query's rows into a table. `query` is the statement, with its principal, defaults and parameters."""
        entry = (await self._catalog.snapshot()).require(query.principal, privileges.MODIFY, asked.name)
        refuse_system(asked.name)
        refuse_view(entry)
        target = await self._store.target(entry)
        _refuse_telemetry(target.schema, entry.name)
        alone = msgspec.structs.replace(query, text=asked.text)
        found = await self._shapes.columns(alone)
        return await self._fill(entry, target, pairs(asked, target.schema, found), alone)

    async def create(self, asked: CreateTableAs, query: Query) -> Rows:
        """Make a table of a query's rows, or put it in the place of another. Where that fails, there is no new table, and the old one is as it was."""
        snapshot = await self._catalog.snapshot()
        there = snapshot.find(asked.table.name)
        if there is not None and asked.table.if_not_exists:
            snapshot.require(query.principal, privileges.CREATE_TABLE, asked.table.name.parent)
            return Rows(_ANSWER)
        if there is None or not asked.table.or_replace:
            self._catalog.may_create(snapshot, query.principal, asked.table.name)
        else:
            snapshot.require(query.principal, privileges.MANAGE, asked.table.name)
            refuse_view(there)
        alone = msgspec.structs.replace(query, text=asked.text)
        schema = _schema(await self._shapes.columns(alone))
        check_partitions(schema.fields, asked.table.partitioned_by)
        _refuse_telemetry(schema, asked.table.name)
        rows = await self._rows([Pair(field, field.type, place) for place, field in enumerate(schema.fields)], alone)
        stream = self._store.stream(schema, rows) if rows.num_rows else b""
        await self._tables.create(query.principal, msgspec.structs.replace(asked.table, schema=schema), stream)
        return _kept(rows)

    async def _fill(self, entry: Entry, target: InsertTarget, found: list[Pair], query: Query) -> Rows:
        rows = await self._rows(found, query)
        check_not_null(target.schema, rows, entry.name)
        await self._keep(entry, target, rows)
        return _kept(rows)

    async def _rows(self, found: list[Pair], query: Query) -> pa.Table:
        limited = msgspec.structs.replace(query, text=projection(found, query.text), row_limit=ROWS_MAX, byte_limit=BYTES_MAX)
        answer = await self._shapes.rows(limited)
        if answer.truncated:
            raise BadRequest(
                f"[INSERT_TOO_LARGE] The query has more rows than one statement inserts: at most {ROWS_MAX} rows and {BYTES_MAX >> 20} MiB. "
                "Insert them in parts.",
                code="INSERT_TOO_LARGE",
            )
        return stored(found, pa.ipc.open_stream(answer.arrow).read_all())

    async def _keep(self, entry: Entry, target: InsertTarget, rows: pa.Table) -> None:
        if rows.num_rows:
            await self._store.keep(entry, target, rows)


def _kept(rows: pa.Table) -> Rows:
    return Rows(_ANSWER, ((rows.num_rows, rows.num_rows),))


def _schema(found: tuple[Field, ...]) -> Structure:
    seen: set[str] = set()
    for field in found:
        check_column(field)
        if field.name.lower() in seen:
            raise BadRequest(
                f"[COLUMN_ALREADY_EXISTS] The query has two columns {field.name}. Give one another name with AS.", code="COLUMN_ALREADY_EXISTS"
            )
        seen.add(field.name.lower())
    return Structure(tuple(Field(field.name, field.type) for field in found))


def _refuse_telemetry(schema: Structure, table: Name) -> None:
    """Rows of telemetry are redacted and checked on their way in, and the ledger counts them: INSERT would be a way around that."""
    names = {field.name.lower() for field in schema.fields}
    payloads = all(field.name in names for field in payload_tables.SCHEMA.fields)
    if otel_tables.recognise(schema) is not None or payloads:
        raise BadRequest(
            f"[UNSUPPORTED_FEATURE] {table.sql} has the columns of a table of {'logged requests' if payloads else 'telemetry'}, whose rows Headgate "
            "receives, checks and redacts by itself: INSERT takes none. Leave a column out, or give it another name.",
            code="UNSUPPORTED_FEATURE",
        )
