"""Catalogs and schemas: made, changed, renamed, dropped."""

import pytest

from headgate.admin.catalog import Change, NewPlace
from headgate.admin.catalog_ports import GrantChange
from headgate.catalog.holders import user
from headgate.core.errors import BadRequest, Forbidden, NotFound
from tests.unit.admin.tabling import ADA, ADMIN, Desk, name


@pytest.fixture
def desk():
    """A fresh catalog."""
    return Desk()


async def test_create(desk):
    """What is made belongs to its maker, with the time it was made at."""
    desk.state.change_grants(desk.state.load().metastore.id, [GrantChange(user("ada"), add=("CREATE CATALOG",))])
    made = await desk.catalog.create(ADA, NewPlace(name=name("sales"), comment="money", properties={"k": "v"}))
    assert made == desk.find("sales")
    assert (made.owner, made.created_by, made.comment, made.properties, made.created_at_ms) == (
        user("ada"),
        "ada",
        "money",
        {"k": "v"},
        desk.clock.now_s * 1000,
    )
    inside = await desk.catalog.create(ADA, NewPlace(name=name("sales.q1")))  # an owner needs no grant
    assert inside.owner == user("ada")


async def test_who_may_not(desk):
    """What is missing is named; a taken name and a missing parent are told apart."""
    with pytest.raises(Forbidden, match="CREATE CATALOG on the metastore"):
        await desk.catalog.create(ADA, NewPlace(name=name("sales")))
    with pytest.raises(Forbidden, match="CREATE SCHEMA on Catalog 'main'"):
        await desk.catalog.create(ADA, NewPlace(name=name("main.mine")))
    with pytest.raises(BadRequest) as taken:
        await desk.catalog.create(ADMIN, NewPlace(name=name("main.default")))
    assert (taken.value.status, taken.value.code) == (409, "SCHEMA_ALREADY_EXISTS")
    with pytest.raises(NotFound, match="catalog nothing"):
        await desk.catalog.create(ADMIN, NewPlace(name=name("nothing.s")))


@pytest.mark.parametrize(
    ("comment", "properties"), [("x" * 16_385, {}), ("", {"k": "v" * 4_001}), ("", {"k" * 256: ""}), ("", {str(n): "" for n in range(201)})]
)
async def test_bounds(desk, comment, properties):
    """Nobody fills the catalog with texts."""
    with pytest.raises(BadRequest):
        await desk.catalog.create(ADMIN, NewPlace(name=name("big"), comment=comment, properties=properties))


async def test_change(desk):
    """Only what is given changes; who changed it is noted."""
    await desk.catalog.create(ADMIN, NewPlace(name=name("sales"), comment="money", properties={"k": "v"}))
    desk.clock.now_s += 60
    changed = await desk.catalog.change(ADMIN, name("sales"), Change(owner="ada"))
    assert (changed.owner, changed.comment, changed.properties, changed.updated_by) == (user("ada"), "money", {"k": "v"}, "root")
    assert changed.updated_at_ms - changed.created_at_ms == 60_000
    changed = await desk.catalog.change(ADA, name("sales"), Change(comment="", properties={}, rename_to="Shop"))
    assert (str(changed.name), changed.comment, changed.properties, changed.updated_by) == ("shop", "", {}, "ada")
    assert (desk.find("sales"), desk.find("shop")) == (None, changed)


async def test_changes_that_are_refused(desk):
    """A stranger as owner, a taken name, the system's own, and whoever has no MANAGE."""
    await desk.catalog.create(ADMIN, NewPlace(name=name("sales")))
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
    await desk.catalog.create(ADMIN, NewPlace(name=name("sales")))
    await desk.catalog.create(ADMIN, NewPlace(name=name("sales.q1")))
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
