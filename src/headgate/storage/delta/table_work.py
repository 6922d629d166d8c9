"""Work on the files of one Delta table, by delta-rs: make, replace, look, change, merge, clean, delete. For the process of `delta_task` alone.

What a commit replaces stays until a vacuum, and a vacuum begins by making everything durable, because delta-rs itself syncs nothing.
"""

import contextlib
import json
import math
import os
import secrets
import shutil
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.fs
from deltalake import CommitProperties, DeltaTable, Schema
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError

from headgate.admin.catalog_ports import Commit, NewFiles, TableFiles
from headgate.core.errors import BadRequest
from headgate.storage.delta import first_rows, places
from headgate.storage.delta.delta_table import DROPPED_MARK, sync_filesystem
from headgate.storage.delta.file_layout import writer_properties

_ATTEMPTS = 5
_SPILL_BYTES_MAX = 8 << 30
_TARGET_BYTES = 128 << 20
_DROPPED = ".dropped-"  # begins the name that a table is set aside under while it is deleted
_MARK = DROPPED_MARK
_MARKED = "A table was dropped here.\n"
_Result = TypeVar("_Result")


def create(new: NewFiles) -> TableFiles:
    """Create a table where there are no files and never was one: rows on their way to a dropped table must not find another one there."""
    if _is_taken(new.location):
        raise BadRequest("[DELTA_PATH_EXISTS] Something lies at that place already.", status=409, code="DELTA_PATH_EXISTS")
    if places.is_local(new.location):
        os.makedirs(new.location, mode=0o700, exist_ok=True)
    table = _write(new, "error")
    if new.rows:
        try:
            first_rows.append(table, new.rows)
        except (OSError, DeltaError):
            places.remove(new.location)
            raise
    return _made(table)


def replace(new: NewFiles) -> TableFiles:
    """Give the table that is there other columns and rows, in one commit. Older versions stay. Properties that are not Delta's follow in another."""
    if not new.rows:
        return _made(_again(lambda: _write(new, "overwrite")))
    with first_rows.written_beside(new) as adds:
        _sync(new.location)  # a commit must not outlive its files in a loss of power
        _again(lambda: first_rows.replace_with(new, adds))
    table = DeltaTable(new.location)
    others = first_rows.other_properties(new)
    if others:
        table.alter.set_table_properties(others, raise_if_not_exists=False)
    return _made(table)


def inspect(location: str) -> TableFiles | None:
    """The table that is there, if one is."""
    try:
        return _described(DeltaTable(location))
    except TableNotFoundError:
        return None


def history(location: str, limit: int) -> tuple[Commit, ...]:
    """Its steps, newest first; none of a table that does not exist yet."""
    try:
        return tuple(_commit(step) for step in DeltaTable(location).history(limit))
    except TableNotFoundError:
        return ()


def set_properties(location: str, properties: Mapping[str, str]) -> TableFiles:
    """Add properties, or give them other values."""
    table = DeltaTable(location)
    table.alter.set_table_properties(dict(properties), raise_if_not_exists=False)
    return _made(table)


def add_columns(location: str, columns: str) -> TableFiles:
    """Add nullable columns at the end."""
    table = DeltaTable(location)
    table.alter.add_columns(Schema.from_json(columns).fields)
    return _made(table)


def optimize(location: str, zorder_by: Sequence[str]) -> dict[str, int]:
    """Merge small files, ordered by some columns if any are given. A conflict with a writer is tried again."""

    def merge() -> Mapping[str, Any]:
        table = DeltaTable(location)
        settings: dict[str, Any] = {"target_size": _TARGET_BYTES, "writer_properties": writer_properties(pa.schema(table.schema().to_arrow()))}
        if zorder_by:
            return table.optimize.z_order(list(zorder_by), max_concurrent_tasks=1, max_spill_size=_SPILL_BYTES_MAX, **settings)
        return table.optimize.compact(max_concurrent_tasks=1, **settings)

    done = _again(merge)
    _sync(location)
    return {key: int(done[key]) for key in ("numFilesAdded", "numFilesRemoved", "partitionsOptimized") if key in done}


def vacuum(location: str, retain_hours: float, *, dry_run: bool) -> tuple[str, ...]:
    """Delete files that no version of the last hours needs, or only name them."""
    if not dry_run:
        _sync(location)
    return tuple(DeltaTable(location).vacuum(math.ceil(retain_hours), dry_run=dry_run, enforce_retention_duration=False, full=True))


def delete(location: str) -> None:
    """Delete the table's files at once, and leave a mark; what a crash leaves goes with the next deletion beside it."""
    if not places.is_local(location):
        _delete_remote(location)
        return
    parent = os.path.dirname(location)
    held = os.listdir(location) if os.path.isdir(location) else []
    if "_delta_log" in held:
        os.rename(location, os.path.join(parent, f"{_DROPPED}{os.path.basename(location)}-{secrets.token_hex(4)}"))
        os.mkdir(location, 0o700)
        with open(os.path.join(location, _MARK), "w", encoding="utf-8") as mark:
            mark.write(_MARKED)
    elif held not in ([], [_MARK]):
        raise BadRequest(
            "[DELTA_TABLE_NOT_FOUND] That place holds something that is not a Delta table; it is left alone.", code="DELTA_TABLE_NOT_FOUND"
        )
    if os.path.isdir(parent):
        for name in os.listdir(parent):
            if name.startswith(_DROPPED):
                shutil.rmtree(os.path.join(parent, name), ignore_errors=True)


def _delete_remote(location: str) -> None:
    filesystem, path = places.remote(location)
    with contextlib.suppress(FileNotFoundError):
        filesystem.delete_dir(path)
        with filesystem.open_output_stream(f"{path}/{_MARK}") as mark:
            mark.write(_MARKED.encode())


def _is_taken(location: str) -> bool:
    if places.is_local(location):
        return os.path.isdir(location) and bool(os.listdir(location))
    filesystem, path = places.remote(location)
    return bool(filesystem.get_file_info(f"{path}/{_MARK}").type == pa.fs.FileType.File)


def _write(new: NewFiles, mode: Any) -> DeltaTable:  # ruff: ignore[any-type] - one of delta-rs' literals
    return DeltaTable.create(
        new.location,
        Schema.from_json(new.columns),
        mode=mode,
        partition_by=list(new.partitioned_by) or None,
        name=str(new.name),
        description=new.comment or None,
        configuration=dict(new.properties),
        raise_if_key_not_exists=False,  # `otel.schemaVersion` is not one of Delta's own
        commit_properties=CommitProperties(max_commit_retries=0),  # a retry would leave rows in that another commit has added by then
    )


def _made(table: DeltaTable) -> TableFiles:
    """The table after a change that is durable."""
    table.update_incremental()
    _sync(table.table_uri)
    return _described(table)


def _described(table: DeltaTable) -> TableFiles:
    metadata, protocol = table.metadata(), table.protocol()
    sizes = pa.table(table.get_add_actions()).column("size_bytes").to_pylist()
    last = table.history(1)
    return TableFiles(
        version=table.version(),
        columns=table.schema().to_json(),
        partitioned_by=tuple(metadata.partition_columns),
        properties={key: value for key, value in metadata.configuration.items() if value is not None},
        id=str(metadata.id),
        name=metadata.name or "",
        comment=metadata.description or "",
        created_at_ms=int(metadata.created_time or 0),
        modified_at_ms=int(last[0].get("timestamp", 0)) if last else 0,
        files=len(sizes),
        size_bytes=sum(sizes),
        min_reader_version=protocol.min_reader_version,
        min_writer_version=protocol.min_writer_version,
        features=tuple(sorted({*(protocol.reader_features or ()), *(protocol.writer_features or ())})),
    )


def _commit(step: Mapping[str, Any]) -> Commit:
    read = step.get("readVersion")
    return Commit(
        version=int(step["version"]),
        at_ms=int(step.get("timestamp", 0)),
        operation=str(step.get("operation", "")),
        parameters=_texts(step.get("operationParameters")),
        metrics=_texts(step.get("operationMetrics")),
        engine=str(step.get("engineInfo", "")),
        read_version=int(read) if read is not None else None,
    )


def _texts(values: Mapping[str, Any] | None) -> dict[str, str]:
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in (values or {}).items()}


def _again(act: Callable[[], _Result]) -> _Result:
    for _ in range(_ATTEMPTS - 1):
        with contextlib.suppress(CommitFailedError):
            return act()
    return act()


def _sync(location: str) -> None:
    path = location.removeprefix("file://")
    if places.is_local(path):
        sync_filesystem(path)
