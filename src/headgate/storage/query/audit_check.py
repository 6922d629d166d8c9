"""Checks the chain of the audit table: reads every row of its files, whatever wrote them, and compares with the end that is kept beside the table. Only reads."""

import os
from collections.abc import Iterator

import msgspec
import pyarrow as pa

from headgate.catalog.audit_chain import AuditVerdict, Break, Head, Link, breaks, link_of
from headgate.catalog.audit_table import AUDIT
from headgate.core.errors import Unavailable
from headgate.storage.delta import delta_table, local_rows
from headgate.storage.journal.audit_head import AUDIT_HEAD_FILE, read_head
from headgate.storage.rows import audit_rows

_BREAKS_MAX = 100


def check_audit(data_dir: str, expected: Head | None = None) -> AuditVerdict:
    """Check the table of a data directory. `expected` is an end of the chain that was noted before. Raises Unavailable if the table cannot be read."""
    place = delta_table.table_path(data_dir, AUDIT)
    kept, damaged = _kept_head(
        data_dir
    )  # before the table, which may grow meanwhile: an end that is newer than the rows read would say that rows are missing
    try:
        links = list(_links(place))
    except (OSError, ValueError, pa.ArrowException) as error:
        raise Unavailable(f"The audit table at {place} cannot be read: {error}") from error
    found = [*damaged, *breaks(links, kept)]
    if expected is not None:
        found += [one for one in breaks(links, expected) if one not in found]
    last = max(links, default=None)
    head = Head(last.sequence, last.row_hash) if last is not None else Head()
    return AuditVerdict(len(links), head, tuple(found[:_BREAKS_MAX]))


def _kept_head(data_dir: str) -> tuple[Head, list[Break]]:
    try:
        return read_head(data_dir), []
    except msgspec.DecodeError:
        return Head(), [Break(0, f"the file {os.path.join(data_dir, AUDIT_HEAD_FILE)} is damaged")]


def _links(place: str) -> Iterator[Link]:
    table = delta_table.open_table(place)
    if table is not None:
        for batch in local_rows.batches(local_rows.files_of(table)):
            yield from map(link_of, audit_rows.rows_read(batch))
