"""What the flusher does to tables beside appending rows: it repairs them after a loss of power, syncs them, merges their files and deletes old rows."""

import glob
import logging
import os
import time
from collections.abc import Iterator

from headgate.catalog.statements import CreateTable
from headgate.catalog.system import TABLES
from headgate.catalog.usage_table import USAGE
from headgate.core.clock import Clock
from headgate.storage.delta import delta_table
from headgate.storage.delta.sum_files import clean_sums
from headgate.storage.flusher import retention, vacuums_due
from headgate.storage.flusher.mend import Mender
from headgate.storage.flusher.table_append import REFUSED, reason_of
from headgate.storage.journal import journal_dir, journals, waiting_batches
from headgate.storage.journal.fold import read_standing
from headgate.storage.state.stated_retention import read_retention

_EXPIRE_FIRST_S, _EXPIRE_EVERY_S = 60.0, 3600.0
_LOG = logging.getLogger(__name__)


class TableCare:
    """Knows the tables that got rows from any journal of one data directory. Only the flusher has one."""

    def __init__(self, data_dir: str, clock: Clock) -> None:
        self.usage = delta_table.table_path(data_dir, USAGE)
        self.data_dir = data_dir
        self._clock = clock
        self._mender = Mender()
        self._prepared = False
        self._managed: set[str] = set()  # our own tables that got rows
        self._unmerged: dict[str, str] = {}  # those that got rows since their files were last merged: location -> name
        self._unsynced: set[str] = set()  # places on this machine's disks that got rows since the last sync
        self._expire_at_s = clock.monotonic_s() + _EXPIRE_FIRST_S

    def prepare(self) -> None:
        """Before the first round: undo what a loss of power did to tables, so that they can be read before a row comes, and give Headgate's own tables of an
        earlier release their new columns, for the statements and views that read them.
        """
        if self._prepared:
            return
        for location in self._local():
            try:
                self.before_append(location)
            except REFUSED as error:
                _LOG.error("%s could not be examined after a loss of power: %s", location, reason_of(error))
        for table in TABLES:
            try:
                self._add_columns(table)
            except REFUSED as error:
                if table is USAGE:  # the rows of this one wait in the journal, and are tried again with it
                    raise
                _LOG.error("%s does not get its new columns before its next row: %s", table.name, reason_of(error))
        self._prepared = True

    def before_append(self, location: str) -> None:
        """Repair a table that this process has not appended to yet."""
        if self._mender.is_due(location):
            self._mender.before_append(location, self._first_unwritten(location))

    def appending(self, location: str, name: str, *, managed: bool) -> None:
        """Note that a table gets rows. Call it before: what fails halfway has been written too."""
        self._unsynced.add(location)
        if managed:
            self._unmerged[location] = name
            self._managed.add(location)

    def sync(self) -> None:
        """Make durable what was appended. Raises `OSError` if the kernel says that it is not."""
        places = [self.data_dir, *(location for location in self._unsynced if os.path.isdir(location))]
        by_device = {os.stat(place).st_dev: place for place in places}
        for place in by_device.values():
            delta_table.sync_filesystem(place)
        self._unsynced.clear()

    def care(self) -> None:
        """Merge and delete files of our own tables, where it is time."""
        started_s = time.monotonic()
        for name, done in self._merged():
            if done:
                _LOG.info("%s: %s, in %.1f s", name, ", ".join(done), time.monotonic() - started_s)

    def expire(self) -> None:
        """Once an hour: delete rows that their tables need not keep any longer."""
        now_s = self._clock.monotonic_s()
        if now_s < self._expire_at_s:
            return
        self._expire_at_s = now_s + _EXPIRE_EVERY_S
        for location in {*self._local(), *self._managed}:
            try:
                deleted = self._expired(location)
            except REFUSED as error:
                _LOG.error("what is too old in %s could not be deleted: %s", location, reason_of(error))
            else:
                if deleted:
                    _LOG.info("%d rows that were too old were deleted from %s", deleted, location)

        try:
            vacuums_due.work_off(self.data_dir, self._clock)
            clean_sums(self.data_dir)  # with the files that they were made from
        except REFUSED as error:
            _LOG.error("files with deleted rows could not be removed, and are tried again: %s", reason_of(error))

    def _expired(self, location: str) -> int:
        if location == self.usage:
            return retention.enforce_usage(location, self._clock.wall_ns(), read_retention(self.data_dir).usage_days)
        return retention.enforce(location, self._clock.wall_ns())

    def _merged(self) -> Iterator[tuple[str, list[str]]]:
        due, self._unmerged = {self.usage: str(USAGE.name)} | self._unmerged, {}
        for location, name in due.items():
            if delta_table.open_table(location) is not None:
                yield name, delta_table.care(location)

    def _add_columns(self, table: CreateTable) -> None:
        """Where the table is in the data directory. One in object storage gets its columns with its next row."""
        known = delta_table.open_table(delta_table.table_path(self.data_dir, table))
        if known is not None and (added := delta_table.add_columns(known, table)):
            _LOG.info("%s has new columns: %s", table.name, ", ".join(added))

    def _local(self) -> list[str]:
        """Where the tables of the data directory are."""
        return [os.path.dirname(log) for log in glob.glob(os.path.join(glob.escape(self.data_dir), "warehouse", "*", "*", "*", "_delta_log"))]

    def _first_unwritten(self, location: str) -> dict[str, int]:
        """For each journal, by the name of its transactions, the lowest frame number whose rows may not be in the table yet."""
        found = {}
        for journal in journals.list_journals(self.data_dir):
            app_id = journal_dir.read_app_id(journal)
            if app_id is not None:
                waiting = [
                    one
                    for table in waiting_batches.tables(journal)
                    if table.location == location
                    for one in waiting_batches.files(journal, table.table)
                ]
                found[app_id] = min([read_standing(journal).seq + 1, *(segment.first_seq for segment in waiting)])
        return found
