"""Catalogs and schemas: made, changed, renamed, dropped."""

import asyncio
import threading

import pytest

from headgate.admin.catalog import CatalogAdmin, Change, NewContainer
from headgate.admin.catalog_ports import GrantChange
from headgate.catalog.catalog import Catalog
from headgate.catalog.holders import user
from headgate.core.errors import BadRequest, Forbidden, NotFound, Unavailable
from tests.unit.admin.tabling import ADA, ADMIN, Desk, name
from tests.unit.web.api.asking import House


@pytest.fixture
def desk():
    """A fresh catalog."""
    return Desk()


async def test_create(desk):
    """What is made belongs to its maker, with the time it was made at."""
    desk.state.change_grants(desk.state.load().metastore.id, [GrantChange(user("ada"), add=("CREATE CATALOG",))])
    made = await desk.catalog.create(ADA, NewContainer(name=name("sales"), comment="money", properties={"k": "v"}))
    assert made == desk.find("sales")
    assert (made.owner, made.created_by, made.comment, made.properties, made.created_at_ms) == (
        user("ada"),
        "ada",
        "money",
        {"k": "v"},
        desk.clock.now_s * 1000,
    )
    inside = await desk.catalog.create(ADA, NewContainer(name=name("sales.q1")))  # an owner needs no grant
    assert inside.owner == user("ada")


async def test_who_may_not(desk):
    """What is missing is named; a taken name and a missing parent are told apart."""
    with pytest.raises(Forbidden, match="CREATE CATALOG on the metastore"):
        await desk.catalog.create(ADA, NewContainer(name=name("sales")))
    with pytest.raises(Forbidden, match="CREATE SCHEMA on Catalog 'main'"):
        await desk.catalog.create(ADA, NewContainer(name=name("main.mine")))
    with pytest.raises(BadRequest) as taken:
        await desk.catalog.create(ADMIN, NewContainer(name=name("main.default")))
    assert (taken.value.status, taken.value.code) == (409, "SCHEMA_ALREADY_EXISTS")
    with pytest.raises(NotFound, match="catalog nothing"):
        await desk.catalog.create(ADMIN, NewContainer(name=name("nothing.s")))


@pytest.mark.parametrize(
    ("comment", "properties"), [("x" * 16_385, {}), ("", {"k": "v" * 4_001}), ("", {"k" * 256: ""}), ("", {str(n): "" for n in range(201)})]
)
async def test_bounds(desk, comment, properties):
    """Nobody fills the catalog with texts."""
    with pytest.raises(BadRequest):
        await desk.catalog.create(ADMIN, NewContainer(name=name("big"), comment=comment, properties=properties))


async def test_change(desk):
    """Only what is given changes; who changed it is noted."""
    await desk.catalog.create(ADMIN, NewContainer(name=name("sales"), comment="money", properties={"k": "v"}))
    desk.clock.now_s += 60
    changed = await desk.catalog.change(ADMIN, name("sales"), Change(owner="ada"))
    assert (changed.owner, changed.comment, changed.properties, changed.updated_by) == (user("ada"), "money", {"k": "v"}, "root")
    assert changed.updated_at_ms - changed.created_at_ms == 60_000
    changed = await desk.catalog.change(ADA, name("sales"), Change(comment="", properties={}, rename_to="Shop"))
    assert (str(changed.name), changed.comment, changed.properties, changed.updated_by) == ("shop", "", {}, "ada")
    assert (desk.find("sales"), desk.find("shop")) == (None, changed)


async def test_changes_that_are_refused(desk):
    """A stranger as owner, a taken name, the system's own, and whoever has no MANAGE."""
    await desk.catalog.create(ADMIN, NewContainer(name=name("sales")))
    with pytest.raises(NotFound, match="did you mean 'ada'"):
        await desk.catalog.change(ADMIN, name("sales"), Change(owner="Ada"))
    with pytest.raises(NotFound, match="headgate token create"):
        await desk.catalog.change(ADMIN, name("sales"), Change(owner="nobody"))
    for taken in ("main", "system"):
        with pytest.raises(BadRequest):
            await desk.catalog.change(ADMIN, name("sales"), Change(rename_to=taken))
    for kept in ("system", "system.ai_gateway"):
        with pytest.raises(Forbidden, match="kept by Headgate"):
            await desk.catalog.change(ADMIN, name(kept), Change(comment="mine"))
    with pytest.raises(Forbidden, match="MANAGE"):
        await desk.catalog.change(ADA, name("main"), Change(comment="mine"))


async def test_forget(desk):
    """What holds something is dropped only with it, and the system's own never."""
    await desk.catalog.create(ADMIN, NewContainer(name=name("sales")))
    await desk.catalog.create(ADMIN, NewContainer(name=name("sales.q1")))
    with pytest.raises(BadRequest, match="CASCADE") as refused:
        await desk.catalog.forget(ADMIN, name("sales"))
    assert (refused.value.status, refused.value.code) == (409, "CATALOG_NOT_EMPTY")
    assert [str(entry.name) for entry in await desk.catalog.forget_tree(ADMIN, name("sales"))] == ["sales.q1", "sales"]
    with pytest.raises(NotFound):
        await desk.catalog.forget(ADMIN, name("sales"))
    with pytest.raises(Forbidden):
        await desk.catalog.forget_tree(ADMIN, name("system"))
    with pytest.raises(Forbidden, match="MANAGE"):
        await desk.catalog.forget(ADA, name("main.default"))


class CountedLoads:
    """A store that notes in which thread it was read, and how often whole."""

    def __init__(self, state) -> None:
        self._state = state
        self.whole, self.threads, self.raises = 0, set(), None

    def load(self, known=None):
        self.threads.add(threading.get_ident())
        if self.raises is not None:
            raise self.raises
        seen = self._state.load(known)
        self.whole += seen is not known
        return seen


async def test_the_catalog_is_followed_beside_the_event_loop(desk):
    """A version that moved is read once, in another thread, however many ask; one that has not moved is not read. Trouble leaves the last one."""
    state = CountedLoads(desk.state)
    catalog = CatalogAdmin(state, desk.clock)
    await catalog.follow(1)
    await catalog.follow(catalog.known.version)
    assert state.whole == 1
    await desk.catalog.create(ADMIN, NewContainer(name=name("sales")))
    await asyncio.gather(*(catalog.snapshot() for _ in range(20)), catalog.follow(desk.state.load().version))
    assert (state.whole, catalog.known.find(name("sales")) is not None) == (2, True)
    assert threading.get_ident() not in state.threads
    last, state.raises = catalog.known, Unavailable("no database", code="state_unavailable")
    with pytest.raises(Unavailable):
        await catalog.follow(99)
    assert catalog.known is last


async def test_listings_are_made_beside_the_event_loop(desk, monkeypatch):
    """Going through all entries of a place is no work for the event loop, whoever lists them."""
    threads = set()
    real = Catalog.listed
    monkeypatch.setattr(Catalog, "listed", lambda *args: threads.add(threading.get_ident()) or real(*args))
    house = House()
    for path in ("catalogs", "schemas?catalog_name=main", "tables?catalog_name=main&schema_name=default", "table-summaries?catalog_name=main"):
        assert (await house.ask("root", "GET", f"/api/2.1/unity-catalog/{path}"))[0] == 200
    for text in ("SHOW CATALOGS", "SHOW SCHEMAS", "SHOW TABLES", "SHOW VIEWS IN system.ai_gateway"):
        assert await desk.run(text)
    assert threads
    assert threading.get_ident() not in threads
