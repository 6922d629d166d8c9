"""A catalog over fakes, and principals to ask it as, for the tests of the catalog's use-cases."""

import pyarrow as pa

from headgate.admin.catalog import CatalogAdmin
from headgate.admin.commands import Commands
from headgate.admin.grants import GrantAdmin
from headgate.admin.inserts import Inserts
from headgate.admin.locations import Locations
from headgate.admin.query_commands import QueryCommands
from headgate.admin.query_shapes import QueryShapes
from headgate.admin.relations import CatalogRelations
from headgate.admin.statement_ports import Query, Rows
from headgate.admin.tables import TableAdmin
from headgate.admin.views import ViewAdmin
from headgate.catalog import ddl
from headgate.catalog.holders import name_of
from headgate.catalog.names import DEFAULTS, Defaults, Name
from headgate.core.principal import Principal
from tests.fakes.catalog_state import MemoryCatalog
from tests.fakes.delta_tables import MemoryTables
from tests.fakes.here_queries import HereQueries, HereRows
from tests.fakes.principals import administrator, user
from tests.fakes.work_notes import MemoryNotes

ADMIN = administrator("root")
ADA = user("ada")
HAKAN = user("hakan")


class Clock:
    """A clock that stands at a whole second."""

    now_s = 1_700_000_000

    def wall_ns(self) -> int:
        return self.now_s * 1_000_000_000

    def monotonic_s(self) -> float:
        return float(self.now_s)


class Desk:
    """Everything together."""

    def __init__(self, warehouse: str = "/data/warehouse", data_root: str = "/data") -> None:
        self.state = MemoryCatalog(["root", "ada", "hakan"], warehouse, groups=["contractors"])
        self.files = MemoryTables()
        self.clock = Clock()
        self.catalog = CatalogAdmin(self.state, self.clock)
        self.locations = Locations(warehouse, data_root)
        self.notes = MemoryNotes()
        self.tables = TableAdmin(self.catalog, self.files, self.locations, self.notes)
        self.grants = GrantAdmin(self.catalog)
        self.queries = HereQueries()
        self.inserted = HereRows(self.queries, self.files)
        shapes = QueryShapes(self.queries, self.relations)
        self.people = {principal.name: principal for principal in (ADMIN, ADA, HAKAN)}  # who may own views
        self.commands = QueryCommands(
            Commands(self.catalog, self.tables, self.locations),
            ViewAdmin(self.catalog, shapes),
            Inserts(self.catalog, self.tables, shapes, self.inserted),
        )

    async def run(self, text: str, principal: Principal = ADMIN, defaults: Defaults = DEFAULTS) -> Rows:
        """Read a statement and carry it out."""
        return await self.commands.run(ddl.read(text, defaults), Query(text=text, principal=principal, defaults=defaults))

    async def relations(self, principal: Principal) -> CatalogRelations:
        """The catalog as a principal sees it."""
        return CatalogRelations(self.state.load(), principal, owners=lambda owner: self.people.get(name_of(owner)))

    async def answer(self, text: str, principal: Principal = ADMIN, defaults: Defaults = DEFAULTS) -> list[dict]:
        """The rows of a query, over those that `queries` has."""
        found = await self.queries.run(Query(text=text, principal=principal, defaults=defaults), await self.relations(principal))
        return pa.ipc.open_stream(found.arrow).read_all().to_pylist()

    async def rows(self, text: str, principal: Principal = ADMIN) -> list[tuple]:
        """Its rows."""
        return list((await self.run(text, principal)).rows)

    def find(self, text: str):
        """An entry by its dotted name, whoever asks."""
        return self.state.load().find(name(text))


def name(text: str) -> Name:
    return Name(tuple(text.split(".")) if text else ())
