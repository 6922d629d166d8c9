"""The catalog for the journey of an export: decides who may write to which table, with the process's snapshot."""

import functools
from collections.abc import Awaitable, Callable

from headgate.catalog import otel_tables, privileges, types
from headgate.catalog.catalog import Catalog
from headgate.catalog.entries import MANAGED
from headgate.catalog.names import Name
from headgate.catalog.otel_tables import OtelKind
from headgate.catalog.statements import CreateTable
from headgate.catalog.types import Structure
from headgate.core.errors import BadRequest
from headgate.core.principal import Principal
from headgate.telemetry.ports import IngestTable

_DECISIONS_MAX = 10_000


class CatalogTables:
    """Implements `Tables`. `refresh` brings the snapshot to the store's present; `create` is the administrative act."""

    def __init__(
        self,
        snapshot: Callable[[], Catalog],
        refresh: Callable[[], Awaitable[None]],
        create: Callable[[Principal, CreateTable], Awaitable[None]],
    ) -> None:
        self._snapshot = snapshot
        self._refresh = refresh
        self._create = create
        self._decided: dict[tuple[Principal, Name], IngestTable] = {}  # by the snapshot below
        self._decided_on: Catalog | None = None

    def find(self, principal: Principal, name: Name) -> IngestTable:
        """The table, if the principal may modify it. What one snapshot has allowed it allows again at once."""
        snapshot = self._snapshot()
        if snapshot is not self._decided_on or len(self._decided) > _DECISIONS_MAX:
            self._decided, self._decided_on = {}, snapshot
        key = (principal, name)
        table = self._decided.get(key)
        if table is None:
            table = self._decided[key] = self._decide(snapshot, principal, name)
        return table

    def _decide(self, snapshot: Catalog, principal: Principal, name: Name) -> IngestTable:
        entry = snapshot.require(principal, privileges.MODIFY, name)
        if entry.table is None or entry.is_view:
            raise BadRequest(f"{name} is a view; rows go into tables.", code="EXPECT_TABLE_NOT_VIEW")
        schema, kind = _columns(entry.table.columns)
        return IngestTable(entry.id, name, entry.location, schema, kind, entry.table.table_type == MANAGED)

    async def refresh(self) -> None:
        """Look at the store now."""
        await self._refresh()

    async def create(self, principal: Principal, creation: CreateTable) -> None:
        """Make a table that no one has made meanwhile."""
        try:
            await self._create(principal, creation)
        except BadRequest as error:
            if error.status != 409:
                raise


@functools.lru_cache(maxsize=512)
def _columns(columns: str) -> tuple[Structure, OtelKind | None]:
    schema = types.from_delta_json(columns)
    return schema, otel_tables.recognise(schema)
