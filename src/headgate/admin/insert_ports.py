"""The port of INSERT: the tables that rows can be put into, and a place where the rows are safe until they are in the table. Adapters implement it."""

from typing import Protocol

import msgspec
import pyarrow as pa

from headgate.catalog.entries import Entry
from headgate.catalog.types import Structure


class InsertTarget(msgspec.Struct, frozen=True):
    """A table as it takes rows now: its columns, and the id that its log has, which another table at its place does not have."""

    schema: Structure
    id: str


class RowStore(Protocol):
    """Takes rows for tables. The table has them with the next statement."""

    async def target(self, entry: Entry) -> InsertTarget:
        """The table as its log has it. Raises `BadRequest` where it takes no rows from here, `NotFound` where its files are missing."""

    async def keep(self, entry: Entry, target: InsertTarget, rows: pa.Table) -> None:
        """Keep rows, all or none of them; when this returns, they survive a loss of power. Columns of the table that they lack are NULL in them.

        Raises `Unavailable` where they cannot be kept.
        """

    def stream(self, schema: Structure, rows: pa.Table) -> bytes:
        """Rows as an Arrow stream in these columns, for a table that is made of them. Raises `BadRequest` for values that do not fit."""
