"""The part of a flusher's round that writes batches: each table's rows into the table, or into files of their own while the table does not take them.

Trouble with one table never holds up another, nor the journal. Batches that wait are tried again, at first after a second, then less and less often.
"""

import logging
from collections.abc import Iterable, Sequence

import msgspec

from headgate.core.audit_event import AUDIT_EVENTS
from headgate.core.clock import Clock
from headgate.storage.flusher import set_aside
from headgate.storage.flusher.audit_append import append_audit
from headgate.storage.flusher.table_append import REFUSED, Appended, append_batches, reason_of
from headgate.storage.flusher.table_care import TableCare
from headgate.storage.journal import segments, waiting_batches
from headgate.storage.journal.batch_frames import FramedBatch, read_batches
from headgate.storage.journal.flusher_status import WaitingTable
from headgate.storage.journal.segments import Frame, Segment

_RETRY_MAX_S = 60.0
_NS = 1_000_000_000
_LOG = logging.getLogger(__name__)


class BatchWriter:
    """Writes the batches of one journal. Only the flusher has one."""

    def __init__(self, journal: str, tables: TableCare, clock: Clock) -> None:
        self._journal = journal
        self._tables = tables
        self._clock = clock

    def write(self, frames: Iterable[Frame], app_id: str) -> Appended:
        """Write these frames. The rows count those that reached their table, the misfits are frames of which no row can be made."""
        tables, misfits = read_batches(frames)
        rows = 0
        for table, batches in tables.items():
            if waiting_batches.files(self._journal, table):
                waiting_batches.add(self._journal, batches, "", self._clock.wall_ns())
                continue
            try:
                appended = self._append(batches, app_id)
            except REFUSED as error:
                reason = reason_of(error)
                _LOG.error("rows for %s wait and are tried again: %s", batches[0].batch.name, reason)
                waiting_batches.add(self._journal, batches, reason, self._clock.wall_ns())
            else:
                rows += appended.rows
                misfits += appended.misfits
        return Appended(rows, misfits)

    def retry(self, app_id: str) -> int:
        """Try what waits and is due. Returns the number of rows that reached their table."""
        return sum(self._retry(table, app_id) for table in waiting_batches.tables(self._journal) if self._is_due(table))

    def waiting(self) -> list[WaitingTable]:
        """The tables that do not take their rows."""
        return waiting_batches.tables(self._journal)

    def _append(self, batches: Sequence[FramedBatch], app_id: str) -> Appended:
        batch = batches[0].batch
        self._tables.appending(batch.location, batch.name, managed=batch.managed)
        self._tables.before_append(batch.location)
        if batch.signal == AUDIT_EVENTS:
            return append_audit(batches, app_id, self._tables.data_dir)
        return append_batches(batches, app_id)

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
        except REFUSED as error:
            tried = {"reason": reason_of(error), "failures": table.failures + 1, "tried_ns": self._clock.wall_ns(), "bytes": 0}
            waiting_batches.note(self._journal, msgspec.structs.replace(table, **tried))
        else:
            _LOG.warning("%s takes its rows again", table.name)
        return rows

    def _retry_file(self, segment: Segment, app_id: str) -> int:
        tables, _ = read_batches(segments.read_segment(segment).frames)
        rows = 0
        for batches in tables.values():
            appended = self._append(batches, app_id)
            if appended.misfits:
                set_aside.keep(self._journal, segment.path)
            rows += appended.rows
        self._tables.sync()
        return rows
