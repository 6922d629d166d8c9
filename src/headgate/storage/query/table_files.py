"""A Delta table's snapshot as an exact list of files, opened by delta-rs outside the sandbox, and the guard that keeps what DuckDB would read wrongly from it.

Deletion vectors would give wrong counts and column mapping wrong names; such tables are refused by the name of the feature.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote

import msgspec
import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError, TableNotFoundError

from headgate.catalog import types
from headgate.catalog.types import Structure
from headgate.core.errors import BadRequest, NotFound
from headgate.storage.delta import object_store
from headgate.storage.query.compiled import AsOf
from headgate.storage.query.copies import RemoteFile, place
from headgate.storage.query.file_facts import DataFileFacts

READABLE_FEATURES = frozenset({"timestampNtz", "variantType", "variantType-preview"})


class DataFile(msgspec.Struct, frozen=True):
    """A data file: its path on this machine, the partition values that its rows lack, and where it comes from if the path is of a copy."""

    path: str
    partition: tuple[tuple[str, str | None], ...] = ()
    remote: RemoteFile | None = None


class TableVersion(msgspec.Struct, frozen=True):
    """A snapshot: which version, which columns, which files. `hive` says that the paths alone tell the partition values, `facts` what the log says of the
    files, `id` is the one in the table's log; empty for a table without one.
    """

    version: int
    schema: Structure
    files: tuple[DataFile, ...]
    partition_columns: tuple[str, ...] = ()
    hive: bool = True
    facts: DataFileFacts | None = None
    id: str = ""


def open_table(location: str, as_of: AsOf, copies: str, title: str = "the table") -> tuple[TableVersion, DeltaTable]:
    """The snapshot, and delta-rs' handle on it (for transaction versions). `copies` is the directory of the copies of files in object storage."""
    remote = object_store.is_remote(location)
    try:
        table = DeltaTable(location, version=as_of.version, storage_options=dict(object_store.OPTIONS) if remote else None)
        if as_of.timestamp:
            table.load_as_version(as_of.timestamp)
    except TableNotFoundError as error:
        raise NotFound("[DELTA_TABLE_NOT_FOUND] The table's files are missing.", code="DELTA_TABLE_NOT_FOUND") from error
    except (DeltaError, ValueError, OSError) as error:
        if remote and isinstance(error, OSError):
            raise object_store.explained(error, title) from error
        if as_of != AsOf():
            raise BadRequest(f"[DELTA_VERSION_NOT_FOUND] There is no such version: {_first_line(error)}", code="DELTA_VERSION_NOT_FOUND") from error
        raise BadRequest(f"[DELTA_CANNOT_OPEN] The table cannot be read: {_first_line(error)}", code="DELTA_CANNOT_OPEN") from error
    refuse_unreadable(table)
    opened = _opened_remote(table, location, copies) if remote else _opened(table)
    return msgspec.structs.replace(opened, id=str(table.metadata().id)), table


def refuse_unreadable(table: DeltaTable) -> None:
    """Refuse a table that needs more of its reader than DuckDB's Parquet reader does."""
    protocol = table.protocol()
    configuration = table.metadata().configuration
    missing = set(protocol.reader_features or ()) - READABLE_FEATURES
    if configuration.get("delta.columnMapping.mode", "none") != "none":
        missing.add("columnMapping")
    if protocol.min_reader_version > 1 and not protocol.reader_features and not missing and protocol.min_reader_version != 2:
        missing.add(f"reader version {protocol.min_reader_version}")
    if missing:
        names = ", ".join(sorted(missing))
        raise BadRequest(
            f"[DELTA_UNSUPPORTED_FEATURES_FOR_READ] The table uses {names}, which is not read here.", code="DELTA_UNSUPPORTED_FEATURES_FOR_READ"
        )


def _opened(table: DeltaTable) -> TableVersion:
    root = _local(table.table_uri).rstrip("/")
    return _version(table, lambda path, _size: (_inside(root, path), None))


def _opened_remote(table: DeltaTable, location: str, copies: str) -> TableVersion:
    def placed(path: str, size: int) -> tuple[str, RemoteFile]:
        key = _plain(path)
        here = place(copies, location, key)
        return here, RemoteFile(location, key, size, here)

    return _version(table, placed)


def _version(table: DeltaTable, placed: Callable[[str, int], tuple[str, RemoteFile | None]]) -> TableVersion:
    schema = types.from_delta_json(table.schema().to_json())
    columns = tuple(table.metadata().partition_columns)
    listed = pa.table(table.get_add_actions(flatten=True))
    actions = listed.select([name for name in listed.column_names if name in {"path", "size_bytes"} or name.startswith("partition.")]).to_pylist()
    files = []
    for action in actions:
        path, remote = placed(action["path"], action["size_bytes"])
        files.append(DataFile(path, _partition(action, columns), remote))
    facts = DataFileFacts(listed, [file.path for file in files])
    return TableVersion(table.version(), schema, tuple(files), columns, all(_told_by_path(file) for file in files), facts)


def _local(uri: str) -> str:
    path = uri.removeprefix("file://")
    if "://" in path:
        raise _elsewhere()
    return path


def _inside(root: str, path: str) -> str:
    return f"{root}/{_plain(path)}"


def _plain(path: str) -> str:
    """A file's name in its table."""
    decoded = unquote(path)
    if "://" in decoded or decoded.startswith("/") or ".." in decoded.split("/"):
        raise _elsewhere()
    return decoded


def _elsewhere() -> BadRequest:
    return BadRequest(
        "[DELTA_UNSUPPORTED_FEATURES_FOR_READ] The table is a shallow clone: its files lie elsewhere.", code="DELTA_UNSUPPORTED_FEATURES_FOR_READ"
    )


def _partition(action: Mapping[str, Any], columns: tuple[str, ...]) -> tuple[tuple[str, str | None], ...]:
    return tuple((column, _text(action.get(f"partition.{column}"))) for column in columns)


def _text(value: object) -> str | None:
    match value:
        case None | str():
            return value
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.isoformat(" ")
        case _:
            return str(value)


def _told_by_path(file: DataFile) -> bool:
    """Whether `column=value` folders say the same as the log."""
    folders = dict(segment.split("=", 1) for segment in file.path.split("/")[:-1] if "=" in segment)
    return all(
        (unquote(folders.get(column, "")) if value is not None else folders.get(column))
        == (value if value is not None else "__HIVE_DEFAULT_PARTITION__")
        for column, value in file.partition
    )


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
