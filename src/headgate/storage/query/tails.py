"""Rows that are in a journal and not in their table yet, for the query gateway: usage, audit events, acknowledged telemetry, logged payloads, rows of INSERT.
Only reads.

It reads three things in this order: the flusher's position, the parked batches, the table's last transaction. A row is then either in the table or in the
tail, never in both; only an audit event may be journalled twice, and the view over table and tail reads it once (`view_sql`). A tail is bounded. Beyond the
bound the newest rows are left out, as if they had not arrived yet; but no row of usage is left out,
because usage is summed up to money, and none of INSERT, which the next statement must see: the query is refused instead.
"""

import functools
import os
from collections.abc import Callable, Sequence
from typing import NamedTuple

import pyarrow as pa

from headgate.admin.statement_ports import TableSource
from headgate.catalog import otel_tables, payload_tables, types
from headgate.catalog.audit_table import AUDIT
from headgate.catalog.types import Structure
from headgate.catalog.usage_table import USAGE
from headgate.core.batch import ROWS
from headgate.core.clock import Clock
from headgate.core.record import Outcome
from headgate.core.usage import Counts
from headgate.metering.price import RatesOf, Sold
from headgate.storage.delta.arrow_types import arrow_schema
from headgate.storage.journal import journal_dir, journals, segments, waiting_batches
from headgate.storage.journal.batch_frames import FramedBatch
from headgate.storage.journal.fold import Standing, read_standing
from headgate.storage.journal.tail import batches_for, outcomes_after
from headgate.storage.query.table_files import TableVersion
from headgate.storage.rows import inserted_rows
from headgate.storage.rows.batch_rows import TableUnfit, rows_of
from headgate.storage.rows.usage_rows import UsageRows

ROWS_MAX = 100_000
_NOTHING = Sold(provider="", dialect="", price_as="", models=())

_Committed = Callable[[str], int | None]
_Tail = Callable[[_Committed, TableVersion], bytes | None]


class _Noted(NamedTuple):
    """How far the flusher had come in one journal, and what waited for the table, when the query began."""

    journal: str
    standing: Standing
    waiting: Sequence[FramedBatch] = ()


class JournalTails:
    """Implements `Tails` for the journals of one data directory; prices the usage that it finds."""

    def __init__(self, data_dir: str, rates_of: RatesOf, clock: Clock) -> None:
        self._data_dir = data_dir
        self._usage = UsageRows(rates_of)
        self._rates_of = rates_of
        self._clock = clock

    def prepare(self) -> None:
        """Load the price list, which takes longer than a query, before a row has to be priced."""
        self._rates_of(_NOTHING, 0, Counts())

    def begin(self, source: TableSource) -> _Tail:
        """Note how far the flusher has come in each journal that may have rows for the table: those of INSERT for every table, the others for tables that they
        feed.
        """
        listed = journals.list_journals(self._data_dir)
        if source.name == USAGE.name:
            noted = [_Noted(journal, read_standing(journal)) for journal in listed]
            return lambda committed, _opened: self._usage_after(noted, committed)
        if not _is_fed(source.schema):
            listed = [] if source.made_on_write else journals.list_insert_journals(self._data_dir)
        noted = [_Noted(journal, read_standing(journal), _waiting(journal, source.location)) for journal in listed]
        return lambda committed, opened: _batches_after(source, noted, committed, opened)

    def _usage_after(self, noted: Sequence[_Noted], committed: _Committed) -> bytes | None:
        outcomes: list[Outcome] = []
        for journal, standing, _ in noted:
            app_id = journal_dir.read_app_id(journal)
            in_table = (committed(app_id) if app_id is not None else None) or 0
            outcomes += outcomes_after(journal, standing, max(standing.seq, in_table), self._clock.wall_ns())
        return _stream(self._usage.fitting(outcomes)[0]) if outcomes else None


def _batches_after(source: TableSource, noted: Sequence[_Noted], committed: _Committed, opened: TableVersion) -> bytes | None:
    found = [rows for each in noted if (rows := _batches_of(source, each, committed, opened)) is not None]
    return _stream(_completed(pa.concat_tables(found), source.schema)) if found else None


def _batches_of(source: TableSource, noted: _Noted, committed: _Committed, opened: TableVersion) -> pa.Table | None:
    """The rows of one journal."""
    app_id = journal_dir.read_app_id(noted.journal)
    if app_id is None:
        return None
    carried, in_table = noted.standing.seq, committed(app_id) or 0
    following = segments.segments_after(segments.list_segments(noted.journal), carried)
    journalled = batches_for(following, source.location, carried, whole=_is_inserted(noted.journal))
    by_seq = {one.frame.seq: one for one in (*noted.waiting, *journalled) if one.frame.seq > in_table and _is_meant(one, opened)}
    left = _first_rows([by_seq[seq] for seq in sorted(by_seq)])
    if not left:
        return None
    schema = opened.schema if left[0].batch.signal == ROWS else source.schema
    try:
        return rows_of(types.to_delta_json(schema), left, app_id)[0]
    except TableUnfit:  # they wait until the table is repaired
        return None


def _waiting(journal: str, location: str) -> list[FramedBatch]:
    """What the table did not take when its turn came."""
    tables = [table.table for table in waiting_batches.tables(journal) if table.location == location]
    whole = _is_inserted(journal)
    return [one for table in tables for one in batches_for(waiting_batches.files(journal, table), location, 0, whole=whole)]


def _is_inserted(journal: str) -> bool:
    """Whether a journal holds rows of INSERT. None of them may be missing in the next statement; the journal takes no more than are read."""
    return os.path.basename(journal) in journals.INSERT_WRITERS


def _is_meant(one: FramedBatch, opened: TableVersion) -> bool:
    """Whether the rows are for this very table, and not for one that it has replaced."""
    return one.batch.signal != ROWS or inserted_rows.table_id_of(one.batch.payload) == opened.id


def _first_rows(arrived: Sequence[FramedBatch]) -> list[FramedBatch]:
    """The oldest of them, up to the bound of rows; always one."""
    kept: list[FramedBatch] = []
    rows = 0
    for one in arrived:
        rows += one.batch.rows
        if kept and rows > ROWS_MAX and one.batch.signal != ROWS:
            break
        kept.append(one)
    return kept


@functools.lru_cache(maxsize=256)
def _is_fed(schema: Structure) -> bool:
    return schema == AUDIT.schema or otel_tables.recognise(schema) is not None or not payload_tables.misfit(schema)


def _completed(rows: pa.Table, schema: Structure) -> pa.Table:
    """The rows with every column that the table has; those that a user added are NULL."""
    for field in arrow_schema(schema):
        if field.name not in rows.column_names:
            rows = rows.append_column(field, pa.nulls(rows.num_rows, field.type))
    return rows


def _stream(rows: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        writer.write_table(rows)
    return bytes(sink.getvalue().to_pybytes())
