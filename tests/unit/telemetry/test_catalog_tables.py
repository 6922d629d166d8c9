"""The catalog as the journey of an export asks it."""

import pytest

from headgate.catalog import otel_tables, types
from headgate.catalog.catalog import Catalog
from headgate.catalog.entries import MANAGED, VIEW, Entry, TableFacts
from headgate.catalog.holders import user
from headgate.catalog.names import METASTORE, Name, parse
from headgate.catalog.otel_tables import OtelKind
from headgate.catalog.privileges import MODIFY, USE_CATALOG, USE_SCHEMA
from headgate.core.errors import BadRequest, Forbidden, NotFound
from headgate.telemetry.catalog_tables import CatalogTables
from tests.fakes import principals

ADA, BOB = principals.user("ada@example.com"), principals.user("bob@example.com")
TABLE = Name(("main", "default", "cc_otel_logs"))
COLUMNS = types.to_delta_json(otel_tables.schema("logs"))


def entry(name: Name, table: TableFacts | None = None) -> Entry:
    """Something that nobody here owns."""
    return Entry(id=f"id-{name}", name=name, owner=user("root"), location=f"/w/{name}", table=table)


ENTRIES = [
    entry(METASTORE),
    entry(Name(("main",))),
    entry(Name(("main", "default"))),
    entry(TABLE, TableFacts(table_type=MANAGED, columns=COLUMNS)),
    entry(Name(("main", "default", "v")), TableFacts(table_type=VIEW, columns=COLUMNS, view_text="SELECT 1")),
    entry(
        Name(("main", "default", "t")), TableFacts(table_type=MANAGED, columns=types.to_delta_json(types.Structure(types.parse_columns("a: int"))))
    ),
]
DOORS = {
    Name(("main",)): {user("ada@example.com"): frozenset({USE_CATALOG})},
    Name(("main", "default")): {user("ada@example.com"): frozenset({USE_SCHEMA, MODIFY})},
}


class Admin:
    """What an administrator does."""

    def __init__(self) -> None:
        self.snapshot = Catalog(1, ENTRIES, DOORS)
        self.refreshes, self.error = 0, None

    async def refresh(self) -> None:
        """Count."""
        self.refreshes += 1

    async def create(self, _asker, _creation) -> None:
        """Refuse, if so told."""
        if self.error:
            raise self.error


@pytest.fixture
def admin():
    """One."""
    return Admin()


@pytest.fixture
def tables(admin):
    """Over the administrator's snapshot."""
    return CatalogTables(lambda: admin.snapshot, admin.refresh, admin.create)


def test_who_may_modify_a_table_finds_it(tables):
    """With its place, and what kind it is by its columns."""
    found = tables.find(ADA, TABLE)

    assert (found.id, found.location, found.kind, found.managed) == (f"id-{TABLE}", f"/w/{TABLE}", OtelKind("logs", "v1"), True)
    assert tables.find(ADA, parse("main.default.t", 3)).kind is None


def test_the_missing_privilege_is_named_from_the_catalog_down(admin, tables):
    """Each door takes its own."""
    with pytest.raises(Forbidden, match="USE CATALOG on Catalog 'main'"):
        tables.find(BOB, TABLE)
    admin.snapshot = Catalog(2, ENTRIES, {Name(("main",)): {user("bob@example.com"): frozenset({USE_CATALOG})}})
    with pytest.raises(Forbidden, match="USE SCHEMA on Schema"):
        tables.find(BOB, TABLE)
    admin.snapshot = Catalog(3, ENTRIES, {Name(("main",)): {user("bob@example.com"): frozenset({USE_CATALOG, USE_SCHEMA})}})
    with pytest.raises(Forbidden, match="MODIFY on Table"):
        tables.find(BOB, TABLE)


def test_what_is_no_table_is_refused(tables):
    """A name that is not there, and a view."""
    with pytest.raises(NotFound):
        tables.find(ADA, parse("main.default.nowhere", 3))
    with pytest.raises(BadRequest, match="is a view"):
        tables.find(ADA, parse("main.default.v", 3))


async def test_the_rest_is_handed_on(admin, tables):
    """A table that somebody else has just made is as good as one's own; other refusals are told."""
    await tables.refresh()
    assert admin.refreshes == 1
    creation = otel_tables.creation(TABLE, "logs")
    admin.error = BadRequest("it exists", status=409)
    await tables.create(ADA, creation)
    admin.error = Forbidden("CREATE TABLE")
    with pytest.raises(Forbidden):
        await tables.create(ADA, creation)
    admin.error = BadRequest("no such place")
    with pytest.raises(BadRequest):
        await tables.create(ADA, creation)


def test_what_was_allowed_is_decided_anew_on_every_snapshot(admin, tables):
    """A privilege that is taken away is gone with the next one."""
    first = tables.find(ADA, TABLE)
    assert tables.find(principals.user("ada@example.com"), TABLE) is first
    admin.snapshot = Catalog(2, ENTRIES, {})
    with pytest.raises(Forbidden):
        tables.find(ADA, TABLE)
