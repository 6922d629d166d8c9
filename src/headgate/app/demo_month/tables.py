"""The tables of the demo beside the usage table: the telemetry of its agents and the payloads that it keeps, made through the catalog's use-cases."""

import asyncio
from collections.abc import Sequence
from typing import Final

from headgate.admin.catalog import CatalogAdmin
from headgate.admin.catalog_ports import NewFiles, TableFiles
from headgate.admin.grants import GrantAdmin
from headgate.admin.locations import Locations
from headgate.admin.tables import TableAdmin
from headgate.app.demo_month.messages import DemoTable
from headgate.catalog import names, otel_tables, payload_tables
from headgate.catalog.entries import MANAGED
from headgate.catalog.otel_tables import LOGS, METRICS
from headgate.catalog.privileges import MODIFY
from headgate.catalog.statements import CreateTable
from headgate.config.paths import DataDirectory
from headgate.core.batch import PAYLOADS
from headgate.core.clock import Clock
from headgate.core.principal import EVERYONE, HEADGATE, Principal
from headgate.storage.delta import table_work
from headgate.storage.state.catalog import CatalogStore
from headgate.storage.state.database import Database
from headgate.storage.table_tasks.child_tables import ChildDeltaTables
from headgate.storage.table_tasks.work_notes import FileNotes

PREFIX: Final = "main.default.agents"


class _TablesHere(ChildDeltaTables):
    """Makes tables in this process, which ends soon anyway; a process for each would take longer than all else."""

    async def create(self, _principal: Principal, new: NewFiles) -> TableFiles:
        """Make the table."""
        return table_work.create(new)


def ensure_tables(data: DataDirectory, database: Database, warehouse: str, clock: Clock) -> dict[str, DemoTable]:
    """The tables by their signal. Missing ones are made, and every user may write telemetry to its tables. `warehouse` is as configured."""
    catalog = CatalogAdmin(CatalogStore(database, str(data.warehouse), clock.wall_ns()), clock)
    locations = Locations(warehouse or str(data.warehouse), str(data.root))
    tables = TableAdmin(catalog, _TablesHere(), locations, FileNotes(str(data.making)))
    return asyncio.run(_ensured(tables, GrantAdmin(catalog), catalog))


async def _ensured(tables: TableAdmin, grants: GrantAdmin, catalog: CatalogAdmin) -> dict[str, DemoTable]:
    found = {}
    for signal, creation in _wanted():
        missing = (await catalog.snapshot()).find(creation.name) is None
        entry = await tables.create(HEADGATE, creation)
        if missing and signal != PAYLOADS:
            await grants.grant(HEADGATE, creation.name, EVERYONE, [MODIFY])
        managed = entry.table is not None and entry.table.table_type == MANAGED
        found[signal] = DemoTable(entry.id, str(entry.name), entry.location, managed)
    return found


def _wanted() -> Sequence[tuple[str, CreateTable]]:
    of_signals = [(signal, otel_tables.creation(names.parse(f"{PREFIX}_otel_{signal}", 3), signal)) for signal in (LOGS, METRICS)]
    return [*of_signals, (PAYLOADS, payload_tables.creation(payload_tables.table_name(PREFIX)))]
