"""Reads the rows of a Delta table on this machine's disks, file by file, in the thread of the caller. Only reads.

It starts no thread: a command that ends while a library's threads still run is ended by a signal.
"""

import datetime as dt
from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def batches(files: Sequence[str], columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """The rows of these files, with all columns or with those of these that a file has. Raises `OSError` or pyarrow's errors for a file that is none."""
    for path in files:
        with pq.ParquetFile(path) as file:
            had = [name for name in file.schema_arrow.names if columns is None or name in columns]
            yield from file.iter_batches(columns=had, use_threads=False)


def files_of(table: DeltaTable, column: str = "", from_us: int = 0, to_us: int = 0) -> list[str]:
    """The files of a table; of those whose own statistics tell about a column of times, only the ones that may have rows between two moments, both included.
    Those in the table's log are not used: of the usage table's times the library gives none.

    Raises `OSError` for a table with features that change what a file's rows mean, such as deletion vectors.
    """
    features = table.protocol().reader_features
    if features:
        raise OSError(f"the table has features that are not read here: {', '.join(features)}")
    paths = [path.removeprefix("file://") for path in table.file_uris()]
    if not column:
        return paths
    first, last = _EPOCH + dt.timedelta(microseconds=from_us), _EPOCH + dt.timedelta(microseconds=to_us)
    return [path for path in paths if _may_have(path, column, first, last)]


def file_with_most(files: Sequence[str], column: str) -> str:
    """The file with the highest value of a column, by the statistics in the files; empty without files."""
    return max(files, key=lambda path: _most(path, column), default="")


def has_times_before(path: str, column: str, moment: dt.datetime) -> bool:
    """Whether a file may have rows from before a moment, by the statistics in it."""
    statistics = _statistics(path, column)
    return any(found is None or found.min < moment for found in statistics)


def _may_have(path: str, column: str, first: dt.datetime, last: dt.datetime) -> bool:
    found = _statistics(path, column)
    return not found or any(each is None or (each.min <= last and each.max >= first) for each in found)


def _most(path: str, column: str) -> int:
    return max((found.max for found in _statistics(path, column) if found is not None), default=-1)


def _statistics(path: str, column: str) -> list[pq.Statistics | None]:
    """Those of a column in each row group of a file; `None` where there are none. Empty for a column that the file does not have."""
    with pq.ParquetFile(path) as file:
        metadata = file.metadata
        if file.schema_arrow.get_field_index(column) < 0:
            return []
        columns = [_column(metadata.row_group(group), column) for group in range(metadata.num_row_groups)]
    known = [found.statistics if found is not None else None for found in columns]
    return [found if found is not None and found.has_min_max else None for found in known]


def _column(group: pq.RowGroupMetaData, column: str) -> pq.ColumnChunkMetaData | None:
    """The column of a row group; places there count the parts of structures too."""
    return next((found for place in range(group.num_columns) if (found := group.column(place)).path_in_schema == column), None)
