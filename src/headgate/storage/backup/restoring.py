"""Makes a data directory from a backup. It refuses a directory that holds anything, and checks each file as it copies it.

In the end it writes what the backup's journal holds to the tables, and gives the journals new names in the tables' transactions. A table in object
storage then never takes rows of the restored gateway for rows of the one that the backup is of.
"""

import os
from typing import NamedTuple

from headgate.config.paths import DataDirectory
from headgate.core.clock import Clock
from headgate.core.errors import BadRequest, Unavailable
from headgate.storage.backup import relocating
from headgate.storage.backup.manifest import ELSEWHERE, CopiedTable, Manifest, require_backup
from headgate.storage.backup.tree import copy_file, owners_alone, remove_tree
from headgate.storage.delta import delta_table
from headgate.storage.flusher import offline
from headgate.storage.journal import journal_dir, journals

_RESTORING = ".restoring"
_IGNORED = frozenset({_RESTORING, "lost+found"})


class Restored(NamedTuple):
    """What was restored. `rows` were in the journal and not in a table, `left_alone` are tables whose place has files, `waiting` says what the next start writes."""

    manifest: Manifest
    rows: int
    left_alone: tuple[CopiedTable, ...]
    waiting: str


def restore(place: str, data: DataDirectory, clock: Clock) -> Restored:
    """Restore the backup of a directory. Raises `NotFound`, `BadRequest`, `Unavailable` or `OSError`; nothing is restored then."""
    folder, manifest = require_backup(place)
    _refuse_used(data)
    with owners_alone():
        return _restore(folder, manifest, str(data.root), clock)


def _restore(folder: str, manifest: Manifest, root: str, clock: Clock) -> Restored:
    elsewhere = {table.folder: table for table in manifest.tables if table.folder.startswith(f"{ELSEWHERE}/")}
    left_alone = tuple(table for table in elsewhere.values() if os.path.isdir(table.location) and os.listdir(table.location))
    half = os.path.join(root, _RESTORING)
    remove_tree(half)
    try:
        os.makedirs(half, mode=0o700)
        _copy(folder, half, manifest)
        relocating.relocate(half, manifest.source, root)
        delta_table.sync_filesystem(half)
        for table in elsewhere.values():
            if table not in left_alone:
                _put_elsewhere(os.path.join(half, table.folder), table.location)
        remove_tree(os.path.join(half, ELSEWHERE))
    except BaseException:
        remove_tree(half)
        raise
    for name in sorted(os.listdir(half), key=lambda name: name == "state.db"):  # last: with it, the directory is a store
        os.rename(os.path.join(half, name), os.path.join(root, name))
    os.rmdir(half)
    journal_dir.sync_dir(root)
    rows, waiting = _write_journals(root, clock)
    return Restored(manifest, rows, left_alone, waiting)


def _refuse_used(data: DataDirectory) -> None:
    root = str(data.root)
    if not os.path.isdir(root) or not set(os.listdir(root)) - _IGNORED:
        return
    if any(map(journal_dir.writer_is_alive, journals.list_journals(root))):
        raise BadRequest(f"A gateway runs on {root}. Stop it, and restore into a new or an empty directory.")
    raise BadRequest(f"{root} is not empty. Restore into a new or an empty directory: move this one away first, or name another with --data.")


def _copy(folder: str, half: str, manifest: Manifest) -> None:
    for place, expected in manifest.files.items():
        if place != os.path.normpath(place) or os.path.isabs(place) or place.startswith(".."):
            raise BadRequest(f"The backup names a file outside of it: {place!r}.")
        path = os.path.join(half, place)
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        try:
            found = copy_file(os.path.join(folder, place), path)
        except FileNotFoundError as error:
            raise Unavailable(f"The backup is damaged: {place} is missing. Nothing was restored.") from error
        if found != expected:
            raise Unavailable(f"The backup is damaged: {place} has other content than when it was copied. Nothing was restored.")


def _put_elsewhere(source: str, location: str) -> None:
    """A table that was not below the data directory, at its place. Its disk may be another one."""
    half = f"{location}{_RESTORING}"
    remove_tree(half)
    for place, _, names in os.walk(source):
        folder = os.path.join(half, os.path.relpath(place, source))
        os.makedirs(folder, mode=0o700, exist_ok=True)
        for name in names:
            copy_file(os.path.join(place, name), os.path.join(folder, name))
    delta_table.sync_filesystem(half)
    if os.path.isdir(location):
        os.rmdir(location)
    os.rename(half, location)


def _write_journals(root: str, clock: Clock) -> tuple[int, str]:
    """Write the journals to the tables. Returns the number of rows, and why some wait, if they do."""
    lock_fd = offline.lock_flusher(root)
    if lock_fd is None:
        return 0, "another process has begun to write them"
    try:
        rows, trouble = offline.write_all(root, clock)
        for journal in journals.list_journals(root) if not trouble else ():
            journal_dir.remove_app_id(journal)
            journal_dir.ensure_app_id(journal)
    finally:
        os.close(lock_fd)
    return rows, trouble
