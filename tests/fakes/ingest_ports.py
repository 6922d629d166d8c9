"""Stand-ins for the ports of an export's journey."""

import asyncio
from collections.abc import Callable

from headgate.catalog import otel_tables, types
from headgate.catalog.names import Name
from headgate.catalog.statements import CreateTable
from headgate.catalog.types import Structure
from headgate.core.batch import Batch
from headgate.core.errors import Forbidden, NotFound, Unavailable
from headgate.core.principal import Principal
from headgate.telemetry.ports import IngestTable


class FakeTables:
    """Tables by name; those in `forbidden` are not for anybody. `arriving` are there after the next refresh."""

    def __init__(self) -> None:
        self.tables: dict[str, Structure] = {}
        self.arriving: dict[str, Structure] = {}
        self.forbidden: set[str] = set()
        self.created: list[CreateTable] = []
        self.refreshes = 0

    def add(self, name: str, signal: str, version: str = "v1") -> None:
        """An OpenTelemetry table."""
        self.tables[name] = otel_tables.schema(signal, version)

    def add_other(self, name: str, columns: str) -> None:
        """Some other table."""
        self.tables[name] = Structure(types.parse_columns(columns))

    def find(self, principal: Principal, name: Name) -> IngestTable:
        """One of the tables."""
        if str(name) in self.forbidden:
            raise Forbidden(f"{principal.name} does not have MODIFY on Table '{name}'.", code="INSUFFICIENT_PERMISSIONS")
        if str(name) not in self.tables:
            raise NotFound(f"The table {name} cannot be found.", code="TABLE_OR_VIEW_NOT_FOUND")
        schema = self.tables[str(name)]
        return IngestTable(f"id-of-{name}", name, f"/warehouse/{name}", schema, otel_tables.recognise(schema), managed=True)

    async def refresh(self) -> None:
        """What was arriving is there."""
        self.refreshes += 1
        self.tables |= self.arriving

    async def create(self, principal: Principal, creation: CreateTable) -> None:
        """Make it, unless nobody may."""
        if "create" in self.forbidden:
            raise Forbidden(f"{principal.name} does not have CREATE TABLE on Schema '{creation.name.parent}'.", code="INSUFFICIENT_PERMISSIONS")
        self.created.append(creation)
        self.arriving[str(creation.name)] = creation.schema


class FakeBatchJournal:
    """Batches in memory. `hold` leaves them unsynced until `sync` is called; `full` refuses them."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []
        self.backlog_bytes = 0
        self.hold = self.full = False
        self.stalls: dict[str, str] = {}
        self._held: list[Callable[[Unavailable | None], None]] = []

    def keep_durably(self, batch: Batch, told: Callable[[Unavailable | None], None]) -> None:
        """Keep it."""
        if self.full:
            raise Unavailable("The disk is full.", retry_after_s=5)
        self.batches.append(batch)
        if self.hold:
            self._held.append(told)
        else:
            asyncio.get_running_loop().call_soon(told, None)

    def sync(self, error: Unavailable | None = None) -> None:
        """What was held is on the disk, or could not be brought there."""
        held, self._held = self._held, []
        for told in held:
            told(error)

    def stalled(self, table: str) -> str:
        """Why a table takes no rows."""
        return self.stalls.get(table, "")
