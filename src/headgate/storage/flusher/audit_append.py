"""Appends audit events to their table, each once, as the next rows of its chain. The flusher is the only writer of rows, so the chain never forks.

An event may come twice: a process that is killed between the journal and the control state reads it from there again. The table says which it has.
"""

import logging
from collections.abc import Sequence
from operator import itemgetter

import msgspec
from deltalake import DeltaTable

from headgate.catalog.audit_chain import Head, chained
from headgate.catalog.audit_table import AUDIT
from headgate.core.audit_event import AuditEvent
from headgate.storage.delta import delta_table, local_rows
from headgate.storage.flusher.table_append import Appended
from headgate.storage.journal.audit_head import keep_head, read_head
from headgate.storage.journal.batch_frames import FramedBatch
from headgate.storage.rows import audit_rows

_CHAIN = ("chain_sequence", "row_hash")
_LOG = logging.getLogger(__name__)


def append_audit(batches: Sequence[FramedBatch], app_id: str, data_dir: str) -> Appended:
    """Append what the table does not have yet of these batches. Raises `OSError` or delta-rs' errors."""
    table = delta_table.ensure_table(batches[0].batch.location, AUDIT)
    carried = delta_table.carried_seq(table, app_id)
    events: dict[str, AuditEvent] = {}
    misfits = []
    for one in batches:
        if one.frame.seq <= carried:
            continue
        try:
            events |= {event.id: event for event in audit_rows.events_of([one.batch.payload]) if event.id not in events}
        except msgspec.DecodeError:
            misfits.append(one.frame.seq)
    known = _known(table, [event.at_ns // 1000 for event in events.values()]) if events else set()
    rows = [audit_rows.row_of(event) for event in events.values() if event.id not in known]
    if rows:
        linked = list(chained(rows, _head(table, data_dir)))
        delta_table.append(table, audit_rows.table(linked), app_id, batches[-1].frame.seq)
        keep_head(data_dir, Head(linked[-1]["chain_sequence"], linked[-1]["row_hash"]))
    return Appended(len(rows), misfits)


def _known(table: DeltaTable, times_us: Sequence[int]) -> set[str]:
    """The ids of the table's events from the time of these. An event that comes twice has the same time."""
    files = local_rows.files_of(table, "event_time", min(times_us), max(times_us))
    return {found for batch in local_rows.batches(files, ["event_id"]) for found in batch.column("event_id").to_pylist()}


def _head(table: DeltaTable, data_dir: str) -> Head:
    """The end of the chain: the table's, or the one that is kept beside it if the table has lost rows since. The gap then stays for everybody to see."""
    try:
        kept = read_head(data_dir)
    except msgspec.DecodeError as error:
        _LOG.error("the file with the end of the audit table's chain is damaged, and made anew: %s", error)
        kept = Head()
    last = local_rows.file_with_most(local_rows.files_of(table), "chain_sequence")
    rows = [row for batch in local_rows.batches([last] if last else [], _CHAIN) for row in batch.to_pylist() if row["chain_sequence"] is not None]
    end = max(rows, key=itemgetter("chain_sequence"), default=None)
    if end is None or end["chain_sequence"] < kept.sequence:
        return kept
    return Head(end["chain_sequence"], end["row_hash"])
