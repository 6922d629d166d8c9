"""Puts the catalog's use-cases together over one data directory. Light: nothing here loads a table library."""

from typing import NamedTuple

from headgate.admin.catalog import CatalogAdmin
from headgate.admin.catalog_ports import CatalogState
from headgate.admin.commands import Commands
from headgate.admin.grants import GrantAdmin
from headgate.admin.locations import Locations
from headgate.admin.tables import TableAdmin
from headgate.config.paths import DataDirectory
from headgate.core.clock import Clock
from headgate.storage.table_tasks.child_tables import ChildDeltaTables
from headgate.storage.table_tasks.work_notes import FileNotes


class CatalogCases(NamedTuple):
    """Everything that can be done with the catalog."""

    catalog: CatalogAdmin
    tables: TableAdmin
    grants: GrantAdmin
    commands: Commands
    locations: Locations


def catalog_cases(state: CatalogState, data: DataDirectory, warehouse: str, clock: Clock) -> CatalogCases:
    """The use-cases; `warehouse` as configured, empty for the data directory's own."""
    locations = Locations(warehouse or str(data.warehouse), str(data.root))
    catalog = CatalogAdmin(state, clock)
    tables = TableAdmin(catalog, ChildDeltaTables(), locations, FileNotes(str(data.making)))
    return CatalogCases(catalog, tables, GrantAdmin(catalog), Commands(catalog, tables, locations), locations)
