"""A copy of the control state while others write to it, by SQLite's own backup, and which tables it names."""

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import NamedTuple

from headgate.config.paths import DataDirectory
from headgate.core.errors import Unavailable

_PAGES = 4096  # copied at a time; other processes write between two such steps
_BUSY_S = 10.0


class NamedTable(NamedTuple):
    """A table of the catalog: its full name, and where its files are."""

    name: str
    location: str


def copy_state(data: DataDirectory, path: str) -> None:
    """Copy the database to a path, whole and as of one moment."""
    try:
        with _opened(str(data.state_file)) as source, _opened(path) as target:
            source.backup(target, pages=_PAGES)
    except sqlite3.Error as error:
        raise Unavailable(f"{data.state_file} cannot be copied: {error}.", code="state_unavailable") from error
    os.chmod(path, 0o600)


def frozen(path: str) -> str:
    """The URI by which SQLite opens a copy that no process writes to, and leaves no file beside it."""
    return f"{Path(path).absolute().as_uri()}?immutable=1"


def state_problem(path: str) -> str:
    """What is wrong with a copy; empty if nothing is."""
    try:
        with _opened(frozen(path)) as copy:
            [found] = copy.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        return str(error)
    return "" if found == "ok" else str(found)


def tables_of(path: str, warehouse: str) -> list[NamedTable]:
    """The tables with files that a copy names. `warehouse` is where the data directory that it is of has its tables."""
    with _opened(frozen(path)) as copy:
        rows = copy.execute(
            "SELECT id, parent_id, name, location, columns IS NOT NULL FROM securables LEFT JOIN table_facts ON id = securable_id"
        ).fetchall()
    named = {entry: (parent, name) for entry, parent, name, _, _ in rows}

    def full(entry: str) -> str:
        parent, name = named[entry]
        above = full(parent) if parent in named and named[parent][0] is not None else ""
        return f"{above}.{name}" if above else name

    return [NamedTable(full(entry), _absolute(location, warehouse)) for entry, _, _, location, is_table in rows if is_table and location]


def catalog_version(path: str) -> int:
    """Moves with each change of the catalog."""
    with _opened(path) as state:
        return int(state.execute("SELECT catalog_version FROM state_version").fetchone()[0])


def _absolute(location: str, warehouse: str) -> str:
    return location if "://" in location or os.path.isabs(location) else os.path.join(warehouse, location)


def _opened(path: str) -> "contextlib.closing[sqlite3.Connection]":
    return contextlib.closing(sqlite3.connect(path, timeout=_BUSY_S, uri=path.startswith("file:")))
