"""Rows of an INSERT as they are journalled: an Arrow stream in the table's columns, which says which table its rows are for by the id in the table's log.

A table that is replaced gets another id, so rows that were on their way to it are not in the new one; nor are those of a table that was dropped.
"""

import functools
from collections.abc import Sequence

import pyarrow as pa

from headgate.catalog import types
from headgate.storage.delta.arrow_types import arrow_schema

_TABLE_ID = b"headgate.table_id"


def pack(rows: pa.Table, table_id: str) -> bytes:
    """The rows of one statement for one table."""
    return stream(rows.replace_schema_metadata({_TABLE_ID: table_id.encode()}))


def stream(rows: pa.Table) -> bytes:
    """Rows as an Arrow stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        writer.write_table(rows)
    return bytes(sink.getvalue().to_pybytes())


def table_id_of(payload: bytes) -> str:
    """The id of the table that the rows are for."""
    with pa.ipc.open_stream(payload) as reader:
        return bytes((reader.schema.metadata or {}).get(_TABLE_ID, b"")).decode()


def misfit(schema_json: str, payload: bytes) -> str:
    """Why rows do not fit the columns that a table has now; empty if they do. Columns that were added since are NULL in them."""
    columns = _columns(schema_json)
    with pa.ipc.open_stream(payload) as reader:
        have = reader.schema
    for field in have:
        if field.name not in columns.names or columns.field(field.name).type != field.type:
            return f"it has no column {field.name} of the type {field.type}"
    lacking = next((field.name for field in columns if not field.nullable and field.name not in have.names), "")
    return f"column {lacking} is NOT NULL, and the rows lack it" if lacking else ""


def table(schema_json: str, payloads: Sequence[bytes]) -> pa.Table:
    """The rows of several statements in the columns of a table, in its order."""
    columns = _columns(schema_json)
    return pa.concat_tables([_completed(pa.ipc.open_stream(payload).read_all(), columns) for payload in payloads])


def _completed(rows: pa.Table, columns: pa.Schema) -> pa.Table:
    arrays = [
        rows.column(field.name) if field.name in rows.column_names else pa.chunked_array([pa.nulls(rows.num_rows, field.type)]) for field in columns
    ]
    return pa.Table.from_arrays(arrays, schema=columns)


@functools.lru_cache(maxsize=256)
def _columns(schema_json: str) -> pa.Schema:
    return arrow_schema(types.from_delta_json(schema_json))
