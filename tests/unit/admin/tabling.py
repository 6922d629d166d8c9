"""A catalog over fakes, and principals to ask it as, for the tests of the catalog's use-cases."""

from headgate.admin.catalog import CatalogAdmin
from headgate.admin.commands import Commands
from headgate.admin.grants import GrantAdmin
from headgate.admin.locations import Locations
from headgate.admin.statement_ports import Rows
from headgate.admin.tables import TableAdmin
from headgate.catalog import ddl
from headgate.catalog.names import Name
from headgate.core.principal import Principal
from tests.fakes.catalog_state import MemoryCatalog
from tests.fakes.delta_tables import MemoryTables
from tests.fakes.principals import administrator, user

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
        self.tables = TableAdmin(self.catalog, self.files, self.locations)
        self.grants = GrantAdmin(self.catalog)
        self.commands = Commands(self.catalog, self.tables, self.locations)

    async def run(self, text: str, principal: Principal = ADMIN) -> Rows:
        """Read a statement and carry it out."""
        return await self.commands.run(ddl.read(text), principal)

    async def rows(self, text: str, principal: Principal = ADMIN) -> list[tuple]:
        """Its rows."""
        return list((await self.run(text, principal)).rows)

    def find(self, text: str):
        """An entry by its dotted name, whoever asks."""
        return self.state.load().find(name(text))


def name(text: str) -> Name:
    return Name(tuple(text.split(".")) if text else ())
