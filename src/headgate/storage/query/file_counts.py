"""What a query reads of its tables' data files, and what it leaves out: counted for those tables that its principal may read."""

from collections.abc import Iterable

import msgspec

from headgate.admin.statement_ports import FileCounts, Relations
from headgate.core.errors import GatewayError
from headgate.storage.query.compiled import TableRead
from headgate.storage.query.table_files import DataFile, TableVersion


class FilesRead(msgspec.Struct, frozen=True):
    """A snapshot that is read, by which names, and which of its files."""

    reads: tuple[TableRead, ...]
    opened: TableVersion
    files: tuple[DataFile, ...]


def counted(read: Iterable[FilesRead], relations: Relations) -> FileCounts:
    """The sums. Those of a table that may only be read through a view could tell what is in rows that the view leaves out."""
    total = FileCounts()
    for each in read:
        if any(_may_read(one, relations) for one in each.reads):
            total = _plus(total, each)
    return total


def _may_read(read: TableRead, relations: Relations) -> bool:
    try:
        relations.resolve(read.source.whole.name)
    except GatewayError:
        return False
    return True


def _plus(total: FileCounts, each: FilesRead) -> FileCounts:
    facts = each.opened.facts
    if facts is None:
        return total
    places = {facts.places[file.path] for file in each.files if file.path in facts.places}
    read_bytes = sum(facts.sizes[place] for place in places)
    rows = [facts.rows[place] for place in places]
    known = None if total.rows_read is None or None in rows else total.rows_read + sum(row or 0 for row in rows)
    return FileCounts(
        files_read=total.files_read + len(places),
        files_skipped=total.files_skipped + len(facts.places) - len(places),
        bytes_read=total.bytes_read + read_bytes,
        bytes_skipped=total.bytes_skipped + sum(facts.sizes) - read_bytes,
        rows_read=known,
    )
