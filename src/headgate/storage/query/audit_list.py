"""Reading audit events back, newest first: from the control state, the journals and the table, each once. Only reads; needs no gateway.

An event moves from the first to the last of these places, and they are read in that order: it is found in one of them, and known by its id in the next.
"""

import fnmatch
from collections.abc import Iterator
from operator import itemgetter
from typing import Any

import msgspec
import pyarrow as pa

from headgate.catalog.audit_table import AUDIT
from headgate.core.batch import Batch
from headgate.core.errors import Unavailable
from headgate.storage.delta import delta_table, local_rows
from headgate.storage.journal import journals, segments, waiting_batches
from headgate.storage.journal.fold import read_standing
from headgate.storage.journal.tail import batches_for
from headgate.storage.rows import audit_rows
from headgate.storage.state.audit_outbox import AuditOutbox

Row = dict[str, Any]

_LAST_US = 1 << 53  # later than any event


class AuditFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which events are asked for: by who acted and by the action, each a name or a pattern with *; by time in nanoseconds; and how many."""

    who: str = "*"
    action: str = "*"
    since_ns: int = 0
    limit: int = 100

    def takes(self, row: Row) -> bool:
        """Whether a row is asked for."""
        who = row["user_identity"]["email"] or ""
        return (
            row["event_time"] * 1000 >= self.since_ns
            and fnmatch.fnmatchcase(who, self.who)
            and fnmatch.fnmatchcase(row["action_name"] or "", self.action)
        )


def read_audit(data_dir: str, outbox: AuditOutbox, asked: AuditFilter) -> list[Row]:
    """The newest of the events that are asked for. Times are in microseconds; an event that is not in the table yet has no place in its chain.

    Raises Unavailable if the table cannot be read.
    """
    place = delta_table.table_path(data_dir, AUDIT)
    events = [one.event for one in outbox.waiting()]
    events += audit_rows.events_of([batch.payload for batch in _journalled(data_dir, place)])
    rows = {event.id: audit_rows.row_of(event) for event in events}
    try:
        rows |= {row["event_id"]: row for row in _of_table(place, asked.since_ns)}
    except (OSError, ValueError, pa.ArrowException) as error:
        raise Unavailable(f"The audit table at {place} cannot be read: {error}") from error
    found = sorted(filter(asked.takes, rows.values()), key=itemgetter("event_time", "event_id"), reverse=True)
    return [_plain(row) for row in found[: asked.limit]]


def _journalled(data_dir: str, place: str) -> Iterator[Batch]:
    for journal in journals.list_journals(data_dir):
        standing = read_standing(journal)
        parked = [table.table for table in waiting_batches.tables(journal) if table.location == place]
        for table in parked:
            yield from (one.batch for one in batches_for(waiting_batches.files(journal, table), place, 0))
        following = segments.segments_after(segments.list_segments(journal), standing.seq)
        yield from (one.batch for one in batches_for(following, place, standing.seq))


def _of_table(place: str, since_ns: int) -> Iterator[Row]:
    table = delta_table.open_table(place)
    if table is not None:
        for batch in local_rows.batches(local_rows.files_of(table, "event_time", since_ns // 1000, _LAST_US)):
            yield from audit_rows.rows_read(batch)


def _plain(row: Row) -> Row:
    """The row with every column of the table, and its map as one."""
    return {field.name: row.get(field.name) for field in AUDIT.schema.fields} | {"request_params": dict(row["request_params"] or ())}
