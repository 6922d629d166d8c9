"""A data directory to back up: a control state whose catalog names a metrics table, a journal, a flusher, and where its backup goes."""

import os
import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from headgate.config.paths import DataDirectory
from headgate.storage.backup.restoring import Restored, restore
from headgate.storage.backup.taking import Taken, take
from headgate.storage.delta import delta_table
from headgate.storage.query.usage import read_usage
from headgate.storage.state import catalog_seed
from headgate.storage.state.store import open_state
from tests.fakes import exports
from tests.fakes.landing_place import LandingPlace
from tests.fakes.records import AT_NS, rates_of

_ADD_TABLE = """
INSERT INTO securables SELECT '{leaf}-id', s.id, '{leaf}', 'admins', '', '{location}', '{{}}', 1, 'test', 1, 'test', 'group', ''
FROM securables AS s JOIN securables AS c ON s.parent_id = c.id WHERE s.name = 'default' AND c.name = 'main'
"""


def unsynced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sync nothing: no test of backups loses power, and a sync waits for all that the machine writes."""
    monkeypatch.setattr(delta_table, "sync_filesystem", lambda _path: None)


class BackupPlace(LandingPlace):
    """Everything below one folder: `data` is backed up to `backup`."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "data")
        self.folder = folder
        self.data = DataDirectory(folder / "data")
        self.backup = str(folder / "backup")
        store, _ = open_state(self.data)
        catalog_seed.ensure(store.database, AT_NS)
        store.close()

    def add(self, leaf: str, location: str = "") -> None:
        """Name a table of `main.default` in the catalog, below the warehouse or elsewhere."""
        with sqlite3.connect(self.data.state_file) as state:
            state.execute(_ADD_TABLE.format(leaf=leaf, location=location or f"main/default/{leaf}"))
            state.execute(
                f"INSERT INTO table_facts (securable_id, table_type, columns, partitioned_by, view_text) VALUES ('{leaf}-id', 'MANAGED', '[]', '[]', '')"
            )
            state.execute("UPDATE state_version SET catalog_version = catalog_version + 1")
        state.close()

    def export(self, *marks: str, table: str = "m") -> None:
        """Journal a row for each mark in a finished segment."""
        self.put(*(self.batch(exports.metrics(mark, 1), table) for mark in marks))

    def take(self) -> Taken:
        """Make a backup."""
        return take(self.data, self.backup, self.clock)

    def restore(self, folder: str = "restored") -> tuple[Restored, "RestoredPlace"]:
        """Restore it into another folder."""
        root = self.folder / folder
        return restore(self.backup, DataDirectory(root), self.clock), RestoredPlace(root)


class RestoredPlace(LandingPlace):
    """A restored data directory."""

    def requests(self) -> Counter[object]:
        """How often each request is in the usage table."""
        return Counter(row["request_id"] for row in read_usage(self.data_dir, rates_of).rows())

    def files(self) -> list[str]:
        """The names at its top."""
        return sorted(os.listdir(self.data_dir))
