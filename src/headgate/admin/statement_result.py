"""A statement's rows in the shapes of Databricks' statement interface: manifest, chunks of text rows, Arrow streams. Runs nothing."""

import base64
from collections.abc import Mapping, Sequence
from itertools import starmap

import msgspec
import pyarrow as pa

from headgate.admin.result_text import data_array
from headgate.admin.statement_ports import FileCounts, QueryResult, Rows
from headgate.catalog import types
from headgate.catalog.types import Decimal, Field

JSON_ARRAY = "JSON_ARRAY"
ARROW_STREAM = "ARROW_STREAM"
INLINE = "INLINE"
EXTERNAL_LINKS = "EXTERNAL_LINKS"
CHUNK_ROWS = 20_000


class Result(msgspec.Struct, frozen=True):
    """Rows that wait to be fetched. `files` says what was read for them, if they are a query's."""

    columns: tuple[Field, ...]
    table: pa.Table
    truncated: bool = False
    files: FileCounts | None = None

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        return int(self.table.num_rows)

    @property
    def size_bytes(self) -> int:
        """The memory that they use."""
        return int(self.table.nbytes)

    @property
    def chunk_count(self) -> int:
        """The number of chunks; 0 without rows."""
        return -(-self.row_count // CHUNK_ROWS)


def of_query(result: QueryResult) -> Result:
    """A query's rows."""
    return Result(result.columns, pa.ipc.open_stream(result.arrow).read_all(), result.truncated, result.files)


def of_rows(rows: Rows) -> Result:
    """A command's rows."""
    columns = [pa.array([row[place] for row in rows.rows]) for place in range(len(rows.columns))]
    # Names may repeat in a result, so the table is made of arrays and not of a dictionary.
    typed = [column.cast(pa.string()) if pa.types.is_null(column.type) else column for column in columns]
    return Result(rows.columns, pa.Table.from_arrays(typed, names=[field.name for field in rows.columns]))


def manifest(result: Result, form: str) -> dict[str, object]:
    """The manifest: columns, chunks, sizes, and what was read."""
    found: dict[str, object] = {
        "format": form,
        "schema": {"column_count": len(result.columns), "columns": list(starmap(_column, enumerate(result.columns)))},
        "total_chunk_count": result.chunk_count,
        "total_row_count": result.row_count,
        "total_byte_count": result.size_bytes,
        "truncated": result.truncated,
        "chunks": [_extent(result, chunk) for chunk in range(result.chunk_count)],
    }
    if result.files is not None:
        found["metrics"] = _metrics(result.files)
    return found


def _metrics(files: FileCounts) -> dict[str, object]:
    """By the names of Databricks' query metrics: https://docs.databricks.com/api/workspace/queryhistory/list. Clients pass over what they do not know."""
    return {
        "read_files_count": files.files_read,
        "pruned_files_count": files.files_skipped,
        "read_bytes": files.bytes_read,
        "pruned_bytes": files.bytes_skipped,
        "rows_read_count": files.rows_read,
    }


def files_of(metrics: Mapping[str, int | None]) -> FileCounts:
    """What was read, of the metrics in a manifest."""
    return FileCounts(
        files_read=metrics["read_files_count"] or 0,
        files_skipped=metrics["pruned_files_count"] or 0,
        bytes_read=metrics["read_bytes"] or 0,
        bytes_skipped=metrics["pruned_bytes"] or 0,
        rows_read=metrics["rows_read_count"],
    )


def rows_chunk(result: Result, chunk: int, path: str) -> dict[str, object]:
    """A chunk as rows of text. `path` is the statement's own address, for the link to the next chunk."""
    part = _slice(result, chunk)
    values: Sequence[Sequence[object]] = [column.to_pylist() for column in part.columns]
    rows = data_array(values, [field.type for field in result.columns])
    return _extent(result, chunk) | {"data_array": rows} | _next(result, chunk, path)


def arrow_chunk(result: Result, chunk: int, path: str) -> dict[str, object]:
    """A chunk as an Arrow stream inside the answer."""
    return _extent(result, chunk) | {"attachment": base64.b64encode(arrow_bytes(result, chunk)).decode()} | _next(result, chunk, path)


def linked_chunk(result: Result, chunk: int, path: str, expires_at: str) -> dict[str, object]:
    """A chunk as a link to an Arrow stream of this API."""
    link = _extent(result, chunk) | {
        "byte_count": _slice(result, chunk).nbytes,
        "external_link": f"{path}/result/arrow/{chunk}",
        "expiration": expires_at,
    }
    return {"external_links": [link | _next(result, chunk, path)]}


def arrow_bytes(result: Result, chunk: int) -> bytes:
    """A chunk's rows as an Arrow IPC stream."""
    part = _slice(result, chunk)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, part.schema) as writer:
        writer.write_table(part)
    return bytes(sink.getvalue().to_pybytes())


def _slice(result: Result, chunk: int) -> pa.Table:
    return result.table.slice(chunk * CHUNK_ROWS, CHUNK_ROWS)


def _extent(result: Result, chunk: int) -> dict[str, object]:
    offset = chunk * CHUNK_ROWS
    return {"chunk_index": chunk, "row_offset": offset, "row_count": min(CHUNK_ROWS, result.row_count - offset)}


def _next(result: Result, chunk: int, path: str) -> dict[str, object]:
    if chunk + 1 >= result.chunk_count:
        return {}
    return {"next_chunk_index": chunk + 1, "next_chunk_internal_link": f"{path}/result/chunks/{chunk + 1}?row_offset={(chunk + 1) * CHUNK_ROWS}"}


def _column(position: int, field: Field) -> dict[str, object]:
    column: dict[str, object] = {
        "name": field.name,
        "type_text": types.text(field.type).upper(),
        "type_name": types.type_name(field.type),
        "position": position,
    }
    if isinstance(field.type, Decimal):
        column |= {"type_precision": field.type.precision, "type_scale": field.type.scale}
    return column
