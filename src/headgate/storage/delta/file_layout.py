"""How the data files of tables are written: compression, and the encoding of each column by its type. The one place that says so.

Times, counts and amounts of money that grow or vary little from row to row are stored as differences (DELTA_BINARY_PACKED). A dictionary of them is
full after a few thousand rows, is given up on, and has then only been paid for: differences make a table of usage a fifth smaller, and a question over
a range of time reads it in two thirds of the time.

ZSTD makes files small that stay. A commit of few rows is merged with others soon, and preparing ZSTD for each of its columns takes longer than all else of its
compression: a fifth of what the commit costs.
"""

from typing import Final, Literal

import pyarrow as pa
from deltalake import ColumnProperties, WriterProperties

Compression = Literal["ZSTD", "SNAPPY"]

_COMPRESSION: Final = "ZSTD"
_DIFFERENCES = ColumnProperties(dictionary_enabled=False, encoding="DELTA_BINARY_PACKED")
# Rows are in order of time: a question over an hour reads the groups of that hour, and a core reads one group at a time.
_GROUP_ROWS = 65_536
_FEW_BYTES = 1 << 20  # in memory, before compression
_DECIMAL_DIGITS_MAX = 18  # what Parquet holds as an integer


def appending(rows: pa.Table) -> WriterProperties:
    """The options of delta-rs' writer for these rows, which are merged with others later."""
    return writer_properties(rows.schema, "SNAPPY" if rows.nbytes <= _FEW_BYTES else _COMPRESSION)


def writer_properties(schema: pa.Schema, compression: Compression = _COMPRESSION) -> WriterProperties:
    """The options of delta-rs' writer for files with these columns. Columns inside of others keep its defaults, and so do names with a dot, which mean those."""
    columns = {field.name: _DIFFERENCES for field in schema if "." not in field.name and _as_differences(field.type)}
    level = 1 if compression == "ZSTD" else None
    return WriterProperties(compression=compression, compression_level=level, max_row_group_size=_GROUP_ROWS, column_properties=columns or None)


def _as_differences(kind: pa.DataType) -> bool:
    if pa.types.is_decimal(kind):
        return bool(kind.precision <= _DECIMAL_DIGITS_MAX)
    return bool(pa.types.is_timestamp(kind) or pa.types.is_int64(kind))
