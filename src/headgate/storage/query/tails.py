"""Rows that are journalled and not in their table yet, for the query gateway: usage, acknowledged telemetry, logged payloads. Only reads.

It reads three things in this order: the flusher's position, the parked batches, the table's last transaction. A row is then either in the table or in the
tail, never in both. A tail is bounded. Beyond the bound the newest rows are left out, as if they had not arrived yet; but no row of usage is left out,
because usage is summed up to money: the query is refused instead.
"""

import functools
import os
from collections.abc import Callable, Iterator, Sequence

import pyarrow as pa

from headgate.admin.statement_ports import TableSource
from headgate.catalog import otel_tables, payload_tables, types
from headgate.catalog.tables import USAGE
from headgate.catalog.types import Structure
from headgate.core.clock import Clock
from headgate.metering.price import RatesOf
from headgate.storage.delta.arrow_types import arrow_schema
from headgate.storage.journal import journal_dir, segments, waiting_batches
from headgate.storage.journal.batch_frames import FramedBatch
from headgate.storage.journal.fold import Standing, read_standing
from headgate.storage.journal.tail import batches_for, outcomes_after
from headgate.storage.rows.batch_rows import TableUnfit, rows_of
from headgate.storage.rows.usage_rows import UsageRows

ROWS_MAX = 100_000

_Committed = Callable[[str], int | None]
_Tail = Callable[[_Committed], bytes | None]


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

    def _batches_after(self, source: TableSource, carried: int, aside: Sequence[FramedBatch], committed: _Committed) -> bytes | None:
        app_id = journal_dir.read_app_id(self._directory)
        if app_id is None:
            return None
        in_table = committed(app_id) or 0
        by_seq = {one.frame.seq: one for one in (*aside, *self._journalled(source.location, carried)) if one.frame.seq > in_table}
        left = _first_rows([by_seq[seq] for seq in sorted(by_seq)])
        if not left:
            return None
        try:
            rows, _ = rows_of(types.to_delta_json(source.schema), left, app_id)
        except TableUnfit:  # they wait until somebody mends the table
            return None
        return None if rows is None else _stream(_completed(rows, source.schema))

    def _aside(self, location: str) -> list[FramedBatch]:
        """What the table did not take when its turn came."""
        waiting = [table.table for table in waiting_batches.tables(self._directory) if table.location == location]
        return [one for table in waiting for one in batches_for(waiting_batches.files(self._directory, table), location, 0)]

    def _journalled(self, location: str, carried: int) -> Iterator[FramedBatch]:
        following = segments.segments_after(segments.list_segments(self._directory), carried)
        return batches_for(following, location, carried)


def _first_rows(arrived: Sequence[FramedBatch]) -> list[FramedBatch]:
    """The oldest of them, up to the bound of rows; always one."""
    kept: list[FramedBatch] = []
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
