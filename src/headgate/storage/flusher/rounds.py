"""One round of the flusher: finished segments of the journal become rows of tables, exactly once, and are released.

A round keeps nothing in memory for the next one. It folds what follows the flusher's standing, appends what the table does not have yet as one
transaction, syncs the file system, moves the standing, and only then releases the segments. It may die between any two of these steps:

- before the commit, nothing has happened;
- after it, the table's transaction number says which outcomes to skip;
- after the standing, the segments are released again.

A segment is finished when a later one exists, or when no process holds the writer's lock. Segments are always listed before the lock is looked at: what
was listed before a lock that is free belongs to writers that are dead, whatever starts meanwhile.
"""

import logging
import os
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from headgate.catalog.usage_table import USAGE
from headgate.core.clock import Clock
from headgate.storage.delta import delta_table
from headgate.storage.flusher import set_aside
from headgate.storage.flusher.batch_writer import BatchWriter
from headgate.storage.flusher.table_append import Appended
from headgate.storage.flusher.table_care import TableCare
from headgate.storage.journal import journal_dir, segments
from headgate.storage.journal.appender import begin_log, marker
from headgate.storage.journal.charge_sums import ChargeSums
from headgate.storage.journal.checkpoint import checkpointed_seq
from headgate.storage.journal.flusher_status import WaitingTable
from headgate.storage.journal.fold import Fold, read_standing, write_standing
from headgate.storage.journal.journals import WRITER_NAMES
from headgate.storage.journal.segments import Segment
from headgate.storage.rows.usage_rows import UsageRows, charges_of

_LOG = logging.getLogger(__name__)


class FlusherSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`parent_pid` is the supervisor, whose end is the flusher's too; `None` for one that is run by hand. Between two rounds are `interval_s`, or three times
    as long while rows come, but few.
    """

    data_dir: str
    parent_pid: int | None = None
    interval_s: float = 4.0
    batch_bytes: int = 32 << 20
    keep_released_s: float = 900.0  # how long released segments stay, to recognise a client's repeated export


class Round(NamedTuple):
    """What a round did. `lost` counts frames that could not be read or fit no row; their segments are set aside."""

    segments: int = 0
    rows: int = 0
    lost: int = 0
    seq: int = 0
    more: bool = False


class _Read(NamedTuple):
    """What was folded, where something is damaged, and how many records that cost, as far as is known."""

    fold: Fold
    damaged: list[str]
    lost: int


class JournalRounds:
    """The rounds of one journal. Only a process that holds the flusher's lock may have one."""

    def __init__(self, directory: str, settings: FlusherSettings, tables: TableCare, rows: UsageRows, clock: Clock, charges: ChargeSums) -> None:
        self.directory = directory
        self.tables = tables
        self._settings = settings
        self._rows = rows
        self._clock = clock
        self._charges = charges
        self._batches = BatchWriter(directory, tables, clock)

    def round(self) -> Round:
        """Write the next finished segments, up to the batch's size. Raises `OSError` or delta-rs' errors; the next round begins anew."""
        self.tables.prepare()
        listed = segments.list_segments(self.directory) if os.path.isdir(self.directory) else []
        finished = listed[:-1] if journal_dir.writer_is_alive(self.directory) else listed
        waiting = [segment for segment in finished if not segment.released]
        batch = self._batch(waiting)
        if not batch:
            return Round()
        read = self._fold(listed[: listed.index(batch[-1]) + 1])
        rows, misfits = self._commit(read.fold)
        appended = self._batches.write(read.fold.batches, self._app_id()) if read.fold.batches else Appended(0, [])
        misfits += [f"of frame {seq}" for seq in appended.misfits]
        self._release(batch, read, misfits)
        return Round(len(batch), rows + appended.rows, read.lost + len(misfits), read.fold.seq, more=len(waiting) > len(batch))

    def retry(self) -> int:
        """Try again what a table did not take. Only after a round that has gone well. Returns the number of rows that it takes now."""
        return self._batches.retry(self._app_id()) if self._batches.waiting() else 0

    def waiting(self) -> list[WaitingTable]:
        """The tables that do not take their rows now."""
        return self._batches.waiting()

    def end_dead_writer(self) -> bool:
        """State in the journal that its writer is dead, if it is and has left exchanges open: their rows come with the next round.

        The statement is a frame like any other, written under the writer's lock, so that a writer that starts at the same moment comes either
        before it or after it. Returns whether one was written.
        """
        if not os.path.isdir(self.directory):
            return False
        lock_fd = journal_dir.try_lock(os.path.join(self.directory, journal_dir.WRITER_LOCK))
        if lock_fd is None:
            return False
        try:
            if not self._fold(segments.list_segments(self.directory)).fold.open_count:
                return False
            log = begin_log(self.directory, marker("flusher", self._clock))
            os.fsync(log.fd)
            os.close(log.fd)
            journal_dir.sync_dir(self.directory)
        finally:
            os.close(lock_fd)
        return True

    def tidy(self) -> None:
        """Delete released segments that are old enough, and that no start needs any more because a checkpoint contains them.

        The newest segment stays whatever it is: its name keeps numbers from being given again.
        """
        if not os.path.isdir(self.directory):
            return
        listed = segments.list_segments(self.directory)
        writer = os.path.basename(self.directory)
        checkpointed = checkpointed_seq(self._settings.data_dir, writer) if writer in WRITER_NAMES else None
        needed = [] if checkpointed is None else segments.segments_after(listed, checkpointed)
        for segment in listed[:-1]:
            if segment.released and segment not in needed and os.stat(segment.path).st_mtime < self.released_before_s:
                os.unlink(segment.path)

    @property
    def released_before_s(self) -> float:
        """Segments that were released before this time are old enough to be deleted."""
        return self._clock.wall_ns() / 1e9 - self._settings.keep_released_s

    def _batch(self, waiting: Sequence[Segment]) -> list[Segment]:
        batch: list[Segment] = []
        size = 0
        for segment in waiting:
            size += segments.segment_bytes(segment)
            if batch and size > self._settings.batch_bytes:
                break
            batch.append(segment)
        return batch

    def _fold(self, listed: list[Segment]) -> _Read:
        """Fold onto the standing what follows it."""
        standing = read_standing(self.directory)
        fold = Fold(standing)
        damaged = []
        lost = 0
        for segment in segments.segments_after(listed, standing.seq):
            content = segments.read_segment(segment)
            known = len(fold.unreadable)
            fold.take(content.frames)
            stretches = [damage for damage in content.damage if not damage.torn]
            if stretches or len(fold.unreadable) > known:
                damaged.append(segment.path)
                lost += len(stretches) + len(fold.unreadable) - known
                where = [f"{damage.length} bytes from {damage.offset} on are damaged" for damage in stretches]
                _LOG.error("%s is kept aside: %s", segment.path, "; ".join([*where, *fold.unreadable[known:]]))
        return _Read(fold, damaged, lost)

    def _commit(self, fold: Fold) -> tuple[int, list[str]]:
        """Append what the table does not have, except exchanges whose endpoint wants no rows. Returns the number of rows, and the request ids of outcomes that fit no row."""
        if not fold.ended:
            return 0, []
        app_id = self._app_id()
        self.tables.before_append(self.tables.usage)
        table = delta_table.ensure_table(self.tables.usage, USAGE)
        carried = delta_table.carried_seq(table, app_id)
        outcomes = [ended.outcome for ended in fold.ended if ended.seq > carried and not ended.outcome.intent.untracked]
        if not outcomes:
            return 0, []
        rows, misfits = self._rows.fitting(outcomes)
        delta_table.append(table, rows, app_id, fold.seq)
        self._charges.add(charges_of(rows))
        return rows.num_rows, misfits

    def _app_id(self) -> str:
        app_id = journal_dir.read_app_id(self.directory)
        if app_id is None:
            raise FileNotFoundError(f"{self.directory} has lost its writer_id; the next start of the gateway makes a new one")
        return app_id

    def _release(self, batch: Sequence[Segment], read: _Read, misfits: Sequence[str]) -> None:
        keep = set(read.damaged)
        if misfits:
            _LOG.error("no row could be made of %s; their journal segments are kept", ", ".join(misfits))
            keep |= {segment.path for segment in batch}
        try:
            self.tables.sync()
        except OSError:
            # What the kernel failed to write it may have dropped, and a second sync would not say so.
            _LOG.exception("the rows just written may not be on the disk; their journal segments are kept")
            keep |= {segment.path for segment in batch}
        for path in keep:
            set_aside.keep(self.directory, path)
        write_standing(self.directory, read.fold.standing())
        for segment in batch:
            os.utime(segment.path)  # its age counts from here
            os.rename(segment.path, segments.released_path(segment))
