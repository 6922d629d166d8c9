"""The part of a flusher's round that carries batches: each table's rows into the table, or aside while it does not take them.

Trouble with one table never holds up another, nor the journal. What is aside is tried again, at first after a second, then less and less often.
"""

import glob
import logging
import os
from collections.abc import Iterable, Sequence

import msgspec
import pyarrow as pa
from deltalake.exceptions import DeltaError

from headgate.core.clock import Clock
from headgate.storage.delta import delta_table
from headgate.storage.flusher import retention, set_aside
from headgate.storage.flusher.mend import Mender
from headgate.storage.flusher.table_append import Appended, append_batches
from headgate.storage.journal import fold, segments, waiting_batches
from headgate.storage.journal.batch_frames import FramedBatch, read_batches
from headgate.storage.journal.flusher_status import WaitingTable
from headgate.storage.journal.segments import Frame, Segment
from headgate.storage.rows.batch_rows import TableUnfit

_RETRY_MAX_S = 60.0
_EXPIRE_FIRST_S, _EXPIRE_EVERY_S = 60.0, 3600.0
_NS = 1_000_000_000
_LOG = logging.getLogger(__name__)
# Whatever a table's place or format can answer with. A full disk among them shows again when the rows are put aside, and then fails the round.
_REFUSED = (TableUnfit, DeltaError, OSError, ValueError, pa.ArrowException)


class BatchCarrier:
    """Carries the batches of one journal. Only the flusher has one."""

    def __init__(self, journal: str, data_dir: str, clock: Clock, mender: Mender) -> None:
        self._journal = journal
        self._data_dir = data_dir
        self._clock = clock
        self._uncared: dict[str, str] = {}  # our own tables that got rows since their files were last looked after: location -> name
        self._mender = mender
        self._managed: set[str] = set()
        self._expire_at_s = clock.monotonic_s() + _EXPIRE_FIRST_S
        self._unsynced: set[str] = set()  # places on this machine's disks that got rows since the last sync

    def mend(self, app_id: str) -> None:
        """Undo what a loss of power did to tables of the data directory. A table where that fails is tried again before its next append."""
        aside = {one.location: one.table for one in self.waiting()}
        for location in self._local():
            try:
                self._mender.before_append(location, app_id, self._lowest_kept(aside.get(location, "")))
            except _REFUSED as error:
                _LOG.error("%s could not be examined after a loss of power: %s", location, _words(error))

    def carry(self, frames: Iterable[Frame], app_id: str) -> Appended:
        """Carry these frames. The rows count those that reached their table, the misfits are frames of which no row can be made."""
        tables, misfits = read_batches(frames)
        rows = 0
        for table, arrived in tables.items():
            if waiting_batches.files(self._journal, table):
                waiting_batches.add(self._journal, arrived, "", self._clock.wall_ns())
                continue
            try:
                appended = self._land(arrived, app_id)
            except _REFUSED as error:
                reason = _words(error)
                _LOG.error("rows for %s are kept aside, and tried again: %s", arrived[0].batch.name, reason)
                waiting_batches.add(self._journal, arrived, reason, self._clock.wall_ns())
            else:
                rows += appended.rows
                misfits += appended.misfits
        return Appended(rows, misfits)

    def sync(self) -> None:
        """Make durable what was appended. Raises `OSError` if the kernel says that it is not."""
        places = [self._data_dir, *(location for location in self._unsynced if os.path.isdir(location))]
        by_device = {os.stat(place).st_dev: place for place in places}
        for place in by_device.values():
            delta_table.sync_filesystem(place)
        self._unsynced.clear()

    def retry(self, app_id: str) -> int:
        """Try what is aside and due. Returns the number of rows that reached their table."""
        return sum(self._retry(table, app_id) for table in waiting_batches.tables(self._journal) if self._is_due(table))

    def waiting(self) -> list[WaitingTable]:
        """The tables that do not take their rows."""
        return waiting_batches.tables(self._journal)

    def care(self) -> Iterable[tuple[str, list[str]]]:
        """Merge and delete files of our own tables that got rows since last time. Yields what was done, in words."""
        due, self._uncared = self._uncared, {}
        for location, name in due.items():
            if delta_table.open_table(location) is not None:
                done = delta_table.care(location)
                if done:
                    yield name, done

    def expire(self) -> None:
        """Once an hour: delete rows that their tables need not keep any longer."""
        now_s = self._clock.monotonic_s()
        if now_s < self._expire_at_s:
            return
        self._expire_at_s = now_s + _EXPIRE_EVERY_S
        for location in {*self._local(), *self._managed}:
            try:
                deleted = retention.enforce(location, self._clock.wall_ns())
            except _REFUSED as error:
                _LOG.error("what is too old in %s could not be deleted: %s", location, _words(error))
            else:
                if deleted:
                    _LOG.info("%d rows that were too old were deleted from %s", deleted, location)

    def _land(self, arrived: Sequence[FramedBatch], app_id: str) -> Appended:
        batch = arrived[0].batch
        self._unsynced.add(batch.location)  # before: what fails halfway has been written too
        self._mender.before_append(batch.location, app_id, self._lowest_kept(batch.table))
        if batch.managed:
            self._uncared[batch.location] = batch.name
            self._managed.add(batch.location)
        return append_batches(arrived, app_id)

    def _local(self) -> list[str]:
        """Where the tables of the data directory lie."""
        return [os.path.dirname(log) for log in glob.glob(os.path.join(glob.escape(self._data_dir), "warehouse", "*", "*", "*", "_delta_log"))]

    def _lowest_kept(self, table: str) -> int:
        """The lowest frame number whose rows may not be in the table yet. `table` is empty for one that has nothing aside."""
        aside = waiting_batches.files(self._journal, table) if table else []
        return min([fold.read_standing(self._journal).seq + 1, *(segment.first_seq for segment in aside)])

    def _is_due(self, table: WaitingTable) -> bool:
        wait_s = min(2.0 ** min(table.failures, 10), _RETRY_MAX_S)
        waited_ns = self._clock.wall_ns() - (table.tried_ns or table.since_ns)
        return not 0 <= waited_ns < wait_s * _NS  # a time that is still to come was noted before the clock was set back

    def _retry(self, table: WaitingTable, app_id: str) -> int:
        rows = 0
        try:
            for segment in waiting_batches.files(self._journal, table.table):
                rows += self._retry_file(segment, app_id)
                waiting_batches.remove(self._journal, table.table, segment)
        except _REFUSED as error:
            now_ns = self._clock.wall_ns()
            waiting_batches.note(
                self._journal, msgspec.structs.replace(table, reason=_words(error), failures=table.failures + 1, tried_ns=now_ns, bytes=0)
            )
        else:
            _LOG.warning("%s takes its rows again", table.name)
        return rows

    def _retry_file(self, segment: Segment, app_id: str) -> int:
        tables, _ = read_batches(segments.read_segment(segment).frames)
        rows = 0
        for arrived in tables.values():
            appended = self._land(arrived, app_id)
            if appended.misfits:
                set_aside.keep(self._journal, segment.path)
            rows += appended.rows
        self.sync()
        return rows


def _words(error: Exception) -> str:
    if isinstance(error, TableUnfit):
        return str(error)
    return f"{type(error).__name__}: {error}".strip().splitlines()[0][:300]
