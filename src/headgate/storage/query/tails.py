"""Rows that are journalled and not in their table yet, for the query gateway: usage, acknowledged telemetry, logged payloads. Only reads.

It reads three things in this order: the flusher's position, the parked batches, the table's last transaction. A row is then either in the table or in the
tail, never in both. A tail is bounded. Beyond the bound the newest rows are left out, as if they had not arrived yet; but no row of usage is left out,
because usage is summed up to money: the query is refused instead.
"""

import functools
import os
from collections.abc import Callable, Iterator, Sequence

import msgspec
import pyarrow as pa

from headgate.admin.statement_ports import TableSource
from headgate.catalog import otel_tables, payload_tables, types
from headgate.catalog.tables import USAGE
from headgate.catalog.types import Structure
from headgate.core.batch import Batch
from headgate.core.clock import Clock
from headgate.core.errors import Unavailable
from headgate.core.record import Outcome
from headgate.metering.price import RatesOf
from headgate.storage.delta.arrow_types import arrow_schema
from headgate.storage.flusher import landing
from headgate.storage.flusher.landing import Arrived, TableUnfit
from headgate.storage.journal import journal_dir, segments, waiting_batches
from headgate.storage.journal.fold import Fold, Standing, read_standing
from headgate.storage.journal.segments import Kind, Segment
from headgate.storage.rows.usage_rows import UsageRows

ROWS_MAX = 100_000
BYTES_MAX = 64 << 20  # of the journal, read for one table
USAGE_BYTES_MAX = 512 << 20  # the same for the usage table, whose frames lie between those of all tables

_Committed = Callable[[str], int | None]
_Tail = Callable[[_Committed], bytes | None]


def outcomes_after(directory: str, standing: Standing, carried: int, now_ns: int) -> list[Outcome]:
    """What ended after the frames that are carried. Exchanges that a dead writer left open ended too; those of a living one are still going on.

    Raises `Unavailable` if that is more than one process should hold: the flusher is far behind.
    """
    if not os.path.isdir(directory):
        return []
    listed = segments.list_segments(directory)
    writer_is_alive = journal_dir.writer_is_alive(directory)
    fold = Fold(standing)
    found: list[Outcome] = []
    size, last_seq = 0, standing.seq
    for segment in segments.segments_after(listed, standing.seq):
        size += segments.segment_bytes(segment)
        if size > USAGE_BYTES_MAX:
            raise _behind(f"{USAGE_BYTES_MAX >> 20} MiB")
        frames = segments.read_segment(segment).frames
        last_seq = max(last_seq, frames[-1].seq if frames else 0)
        fold.take(frame for frame in frames if frame.kind != Kind.BATCH)  # rows of telemetry are large, and none of them is an exchange
        found += _beyond(fold, carried)
        if len(found) > ROWS_MAX:
            raise _behind(f"{ROWS_MAX} exchanges")
    if not writer_is_alive:
        fold.interrupt(now_ns, last_seq + 1)
    return found + _beyond(fold, carried)


def _beyond(fold: Fold, carried: int) -> list[Outcome]:
    ended = [ended.outcome for ended in fold.ended if ended.seq > carried]
    fold.ended.clear()
    return ended


def _behind(most: str) -> Unavailable:
    """Leaving the rest out would be a wrong sum of money, so it is an error."""
    return Unavailable(
        f"The newest usage is not in its table yet, and the journal holds too much of it to be read for a query: more than {most}. "
        "Headgate writes the journal to the table by itself; if this stays, /readyz and the log say why it cannot.",
        code="USAGE_IS_BEHIND",
        retry_after_s=60.0,
    )


class JournalTails:
    """Implements `Tails` for the journal of one data directory; prices the usage that it finds."""

    def __init__(self, data_dir: str, rates_of: RatesOf, clock: Clock) -> None:
        self._directory = journal_dir.journal_dir(data_dir)
        self._usage = UsageRows(rates_of)
        self._clock = clock

    def begin(self, source: TableSource) -> _Tail:
        """Note how far the journal has been carried; never any rows of a table that it does not feed."""
        if not os.path.isdir(self._directory):
            return lambda _committed: None
        if source.name == USAGE.name:
            standing = read_standing(self._directory)
            return lambda committed: self._usage_after(standing, committed)
        if not _is_fed(source.schema):
            return lambda _committed: None
        carried = read_standing(self._directory).seq
        aside = self._aside(source.location)
        return lambda committed: self._batches_after(source, carried, aside, committed)

    def _usage_after(self, standing: Standing, committed: _Committed) -> bytes | None:
        app_id = journal_dir.read_app_id(self._directory)
        carried = max(standing.seq, (committed(app_id) if app_id is not None else None) or 0)
        outcomes = outcomes_after(self._directory, standing, carried, self._clock.wall_ns())
        return _stream(self._usage.fitting(outcomes)[0]) if outcomes else None

    def _batches_after(self, source: TableSource, carried: int, aside: Sequence[Arrived], committed: _Committed) -> bytes | None:
        app_id = journal_dir.read_app_id(self._directory)
        if app_id is None:
            return None
        in_table = committed(app_id) or 0
        by_seq = {one.frame.seq: one for one in (*aside, *self._journalled(source.location, carried)) if one.frame.seq > in_table}
        left = _first_rows([by_seq[seq] for seq in sorted(by_seq)])
        if not left:
            return None
        try:
            rows, _ = landing.rows_of(types.to_delta_json(source.schema), left, app_id)
        except TableUnfit:  # they wait until somebody mends the table
            return None
        return None if rows is None else _stream(_completed(rows, source.schema))

    def _aside(self, location: str) -> list[Arrived]:
        """What the table did not take when its turn came."""
        waiting = [table.table for table in waiting_batches.tables(self._directory) if table.location == location]
        return [one for table in waiting for one in _of_place(waiting_batches.files(self._directory, table), location, 0)]

    def _journalled(self, location: str, carried: int) -> Iterator[Arrived]:
        following = segments.segments_after(segments.list_segments(self._directory), carried)
        return _of_place(following, location, carried)


def _of_place(listed: Sequence[Segment], location: str, carried: int) -> Iterator[Arrived]:
    """The batches in these segments for the table at a place, up to the bound of bytes."""
    decoder = msgspec.msgpack.Decoder(Batch)
    size = 0
    for segment in listed:
        size += segments.segment_bytes(segment)
        if size > BYTES_MAX:
            return
        for frame in segments.read_segment(segment).frames:
            if frame.kind != Kind.BATCH or frame.seq <= carried:
                continue
            try:
                batch = decoder.decode(frame.body)
            except msgspec.DecodeError:
                continue  # the flusher says so, and keeps the segment
            if batch.location == location:
                yield Arrived(frame, batch)


def _first_rows(arrived: Sequence[Arrived]) -> list[Arrived]:
    """The oldest of them, up to the bound of rows; always one."""
    kept: list[Arrived] = []
    rows = 0
    for one in arrived:
        rows += one.batch.rows
        if kept and rows > ROWS_MAX:
            break
        kept.append(one)
    return kept


@functools.lru_cache(maxsize=256)
def _is_fed(schema: Structure) -> bool:
    return otel_tables.recognise(schema) is not None or not payload_tables.misfit(schema)


def _completed(rows: pa.Table, schema: Structure) -> pa.Table:
    """The rows with every column that the table has; those that somebody added are NULL."""
    for field in arrow_schema(schema):
        if field.name not in rows.column_names:
            rows = rows.append_column(field, pa.nulls(rows.num_rows, field.type))
    return rows


def _stream(rows: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        writer.write_table(rows)
    return bytes(sink.getvalue().to_pybytes())
