"""One version of a table: which files it has, and the part of its log that says so. Only reads.

A log is copied up to the version alone, so a copy never names a file that it does not have.
"""

import os
import re
from typing import NamedTuple
from urllib.parse import unquote

import msgspec
import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from headgate.storage.backup.manifest import CopiedTable
from headgate.storage.backup.state_copy import NamedTable
from headgate.storage.backup.tree import Tree, Vanished
from headgate.storage.delta import object_store

_LOG = "_delta_log"
_NUMBERED = re.compile(r"(\d{20})\.(json|crc|checkpoint\.parquet|checkpoint\.\d+\.\d+\.parquet)")
_LAST_CHECKPOINT = "_last_checkpoint"
_UNCOPIED = frozenset({"deletionVectors", "v2Checkpoint"})  # features with files of their own that are not in the list of data files


class Pin(NamedTuple):
    """A table at a version, and its files below its location."""

    table: CopiedTable
    files: tuple[str, ...] = ()


def pin(named: NamedTable, folder: str) -> Pin | None:
    """The newest version of a table; `None` if it has no files yet. `folder` is where a copy of it goes. Raises `Vanished`."""
    if object_store.is_remote(named.location):
        return Pin(_remote(named))
    location = named.location.removeprefix("file://")
    if not os.path.isdir(os.path.join(location, _LOG)):
        return None
    try:
        opened = DeltaTable(location)
        actions = pa.table(opened.get_add_actions())
    except (DeltaError, OSError) as error:
        raise Vanished(f"{named.name}: {str(error).splitlines()[0]}") from error
    files = tuple(unquote(path) for path in actions.column("path").to_pylist())
    sizes, counts = (sum(filter(None, actions.column(name).to_pylist())) for name in ("size_bytes", "num_records"))
    found = CopiedTable(name=named.name, location=location, version=opened.version(), rows=counts, bytes=sizes, files=len(files), folder=folder)
    reason = _unreadable(opened, files)
    return Pin(msgspec.structs.replace(found, folder="", left_out=reason)) if reason else Pin(found, files)


def copy_log(tree: Tree, table: CopiedTable) -> None:
    """Copy a table's log up to its version. Raises `Vanished`."""
    log = os.path.join(table.location, _LOG)
    last = table.version or 0
    for name in _listed(log):
        numbered = _NUMBERED.fullmatch(name)
        if numbered is not None and int(numbered[1]) <= last:
            tree.copy(os.path.join(log, name), os.path.join(table.folder, _LOG, name))
    checkpoint = _last_checkpoint(os.path.join(log, _LAST_CHECKPOINT))
    if checkpoint and msgspec.json.decode(checkpoint)["version"] <= last:
        tree.write(os.path.join(table.folder, _LOG, _LAST_CHECKPOINT), checkpoint)


def copy_problem(path: str, version: int | None, files: int) -> str:
    """What is wrong with a copy of a table; empty if it opens at its version and has as many files."""
    try:
        opened = DeltaTable(path)
        found = opened.version(), pa.table(opened.get_add_actions()).num_rows
    except (DeltaError, OSError) as error:
        return str(error).splitlines()[0]
    return "" if found == (version, files) else f"it is at version {found[0]} with {found[1]} files, not at version {version} with {files}"


def _listed(log: str) -> list[str]:
    try:
        return sorted(os.listdir(log))
    except FileNotFoundError as error:
        raise Vanished(log) from error


def _remote(named: NamedTable) -> CopiedTable:
    reason = "its files are in object storage"
    try:
        version = DeltaTable(named.location, storage_options=dict(object_store.OPTIONS)).version()
    except (DeltaError, OSError, ValueError) as error:
        told = object_store.explained(error, named.name) if isinstance(error, OSError) else None
        return CopiedTable(
            name=named.name, location=named.location, left_out=f"{reason}; {told.message if told else 'its version could not be read'}"
        )
    return CopiedTable(name=named.name, location=named.location, version=version, left_out=reason)


def _unreadable(opened: DeltaTable, files: tuple[str, ...]) -> str:
    features = _UNCOPIED & set(opened.protocol().reader_features or ())
    if features:
        return f"it uses {', '.join(sorted(features))}, which are not copied"
    if any("://" in path or path.startswith("/") or ".." in path.split("/") for path in files):
        return "it is a shallow clone: its files are elsewhere"
    return ""


def _last_checkpoint(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""
