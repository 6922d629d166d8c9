"""What is left of tables whose creation or replacement was interrupted: undone or finished before the next one begins, and when the process for statements starts.

A note is written before the first file, and removed when the catalog has the table. Of a table that the catalog does not know the files are deleted; of one
that it knows it gets the columns that the files have.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator

import msgspec

from headgate.admin.catalog import CatalogAdmin
from headgate.admin.catalog_ports import DeltaTables, TableFiles, TableWork, WorkNotes
from headgate.catalog.entries import MANAGED, Entry, TableFacts
from headgate.core.errors import BadRequest, GatewayError
from headgate.core.principal import HEADGATE

_log = logging.getLogger(__name__)


class Interrupted:
    """Over one catalog, the files of its tables, and the notes of one data directory."""

    def __init__(self, catalog: CatalogAdmin, files: DeltaTables, notes: WorkNotes) -> None:
        self._catalog = catalog
        self._files = files
        self._notes = notes

    @contextlib.asynccontextmanager
    async def noted(self, work: TableWork) -> AsyncGenerator[None]:
        """Note the work while it lasts. What fails keeps its note, and is looked at before the next work."""
        await self.settle()
        note = await asyncio.to_thread(self._notes.write, work)
        try:
            yield
            note.remove()
        except BadRequest:  # it was refused, and nothing of it is left
            note.remove()
            raise
        finally:
            note.close()

    async def settle(self) -> None:
        """Undo or finish what no living process works on any more. What cannot be reached now is left for the next time."""
        for note in await asyncio.to_thread(self._notes.left):
            try:
                await self._settle(note.work)
                note.remove()
            except GatewayError as error:
                _log.warning("what is left of the making of %s stays for now: %s", note.work.name, error.message)
            finally:
                note.close()

    async def _settle(self, work: TableWork) -> None:
        snapshot = await self._catalog.snapshot()
        taken = {entry.location: entry for entry in snapshot.tables()}
        for location in work.locations:
            found = await self._files.inspect(HEADGATE, location)
            if found is None or not _is_of(found, work):
                continue
            entry = taken.get(location)
            if entry is None:
                await self._files.delete(HEADGATE, location)
            elif entry.id == work.entry_id:
                await self._follow(entry, found, work)

    async def _follow(self, entry: Entry, found: TableFiles, work: TableWork) -> None:
        """The catalog was to get what the files have by now."""
        is_behind = entry.updated_at_ms < work.began_at_ms
        if is_behind and not work.properties.items() <= found.properties.items():
            await self._files.set_properties(HEADGATE, entry.location, work.properties)

        def edit(before: Entry) -> Entry:
            kind = before.table.table_type if before.table is not None else MANAGED
            after = msgspec.structs.replace(before, table=TableFacts(table_type=kind, columns=found.columns, partitioned_by=found.partitioned_by))
            return msgspec.structs.replace(after, comment=work.comment, properties=dict(work.properties)) if is_behind else after

        if edit(entry) != entry:
            await self._catalog.edit(HEADGATE, entry, edit)


def _is_of(found: TableFiles, work: TableWork) -> bool:
    """Whether the work made these files: what was there before it, such as a table of an earlier state of the catalog, is left alone."""
    return found.name == str(work.name) and found.created_at_ms >= work.began_at_ms
