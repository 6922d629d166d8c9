"""Keeps rows of INSERT in the journal, in the columns of their table. Implements the `RowStore` port."""

import asyncio

import pyarrow as pa

from headgate.admin.insert_ports import InsertTarget
from headgate.catalog.entries import MANAGED, Entry
from headgate.catalog.types import Structure
from headgate.core.batch import ROWS, Batch
from headgate.core.clock import Clock
from headgate.core.errors import BadRequest
from headgate.storage.delta import insert_target
from headgate.storage.delta.arrow_types import arrow_schema
from headgate.storage.journal.insert_journal import InsertJournal
from headgate.storage.rows import inserted_rows


class InsertStore:
    """Over one journal, which outlives it."""

    def __init__(self, journal: InsertJournal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock

    async def target(self, entry: Entry) -> InsertTarget:
        """The table as its log has it. Opened on a thread: it may be in object storage."""
        return await asyncio.to_thread(insert_target.look, entry.location, str(entry.name))

    async def keep(self, entry: Entry, target: InsertTarget, rows: pa.Table) -> None:
        """Keep rows. When this returns they are on the disk."""
        payload = inserted_rows.pack(_conformed(rows, target.schema), target.id)
        batch = Batch(
            table=entry.id,
            name=str(entry.name),
            location=entry.location,
            signal=ROWS,
            received_at_ns=self._clock.wall_ns(),
            rows=rows.num_rows,
            bytes_unfolded=rows.nbytes,
            payload=payload,
            managed=entry.table is not None and entry.table.table_type == MANAGED,
        )
        await self._journal.keep(batch)

    def stream(self, schema: Structure, rows: pa.Table) -> bytes:
        """Rows in these columns."""
        return inserted_rows.stream(_conformed(rows, schema))


def _conformed(rows: pa.Table, schema: Structure) -> pa.Table:
    """The rows with the very types of the table's columns; every column is there."""
    arrays = []
    for field in arrow_schema(schema):
        if field.name not in rows.column_names or pa.types.is_null(rows.column(field.name).type):
            arrays.append(pa.chunked_array([pa.nulls(rows.num_rows, field.type)]))
            continue
        try:
            arrays.append(rows.column(field.name).cast(field.type))
        except pa.ArrowException as error:
            raise BadRequest(
                f"[INCOMPATIBLE_DATA_FOR_TABLE.CANNOT_SAFELY_CAST] The values for the column {field.name} do not fit it. Cast them in the query.",
                code="INCOMPATIBLE_DATA_FOR_TABLE",
            ) from error
    return pa.Table.from_arrays(arrays, schema=arrow_schema(schema))
