"""Verifies a backup: every file by its checksum, every table by opening it, the control state by SQLite's own check. Changes nothing."""

import os
from collections.abc import Iterator

from headgate.storage.backup.manifest import MANIFEST_FILE, Manifest
from headgate.storage.backup.pins import copy_problem
from headgate.storage.backup.state_copy import state_problem
from headgate.storage.backup.tree import read_file


def problems(folder: str, manifest: Manifest) -> list[str]:
    """What is wrong with the backup in a folder, in words; nothing if it is as it was made."""
    return [*_of_files(folder, manifest), *_of_content(folder, manifest)]


def _of_files(folder: str, manifest: Manifest) -> Iterator[str]:
    for place, expected in manifest.files.items():
        try:
            found = read_file(os.path.join(folder, place))
        except FileNotFoundError:
            yield f"{place}: the file is missing"
        except OSError as error:
            yield f"{place}: it cannot be read: {error.strerror}"
        else:
            if found != expected:
                yield f"{place}: it has other content than when it was copied ({found.bytes} bytes, {expected.bytes} then)"
    for path, _, names in os.walk(folder):
        for name in names:
            place = os.path.relpath(os.path.join(path, name), folder)
            if place not in manifest.files and place != MANIFEST_FILE:
                yield f"{place}: the file is not of this backup"


def _of_content(folder: str, manifest: Manifest) -> Iterator[str]:
    if problem := state_problem(os.path.join(folder, "state.db")):
        yield f"state.db: {problem}"
    for table in manifest.tables:
        if table.folder and (problem := copy_problem(os.path.join(folder, table.folder), table.version, table.files)):
            yield f"{table.name}: {problem}"
