"""Privileges: granted, taken back, listed, explained."""

import pytest

from headgate.admin.grants import Granted
from headgate.catalog.entries import Entry
from headgate.catalog.holders import group
from headgate.catalog.names import Name
from headgate.core.errors import BadRequest, Forbidden, NotFound
from tests.fakes import principals
from tests.unit.admin.tabling import ADA, ADMIN, HAKAN, Desk, name

T = "main.default.t"


@pytest.fixture
async def desk():
    """A catalog with one table."""
    made = Desk()
    await made.run(f"CREATE TABLE {T} (a INT)")
    return made


async def test_grant_and_revoke(desk):
    """Privileges in any spelling, on any level; what is granted can be taken back."""
    await desk.grants.grant(ADMIN, name(T), "ada", ["select", "MODIFY"])
    await desk.grants.grant(ADMIN, name("main"), "account users", ["CREATE_SCHEMA"])
    await desk.grants.grant(ADMIN, name(""), "ada", ["CREATE CATALOG"])
    assert await desk.grants.listed(ADMIN, name(T)) == [Granted("ada", "MODIFY", name(T)), Granted("ada", "SELECT", name(T))]
    await desk.grants.revoke(ADMIN, name(T), "ada", ["MODIFY", "MANAGE"])
    assert await desk.grants.listed(ADMIN, name(T)) == [Granted("ada", "SELECT", name(T))]
    await desk.grants.revoke(ADMIN, name(T), "somebody who left", ["SELECT"])


async def test_a_group_holds_what_its_members_may_do(desk):
    """A declared group is granted to by its name; members select, others do not, and it can be taken back."""
    member, stranger = principals.user("eve", "contractors"), principals.user("bob", "clients")
    await desk.grants.grant(ADMIN, name(T), "contractors", ["SELECT"])
    seen = desk.state.load()
    assert [seen.allows(who, "SELECT", name(T)) for who in (member, stranger)] == [True, False]
    assert (
        await desk.grants.listed(member, name(T))
        == await desk.grants.listed(ADMIN, name(T), "contractors")
        == [Granted("contractors", "SELECT", name(T))]
    )
    await desk.grants.revoke(ADMIN, name(T), "contractors", ["SELECT"])
    assert not desk.state.load().allows(member, "SELECT", name(T))
    with pytest.raises(NotFound, match="did you mean 'contractors'"):
        await desk.grants.grant(ADMIN, name(T), "Contractors", ["SELECT"])


async def test_refusals(desk):
    """Who may not, whom nobody knows, what does not belong there."""
    with pytest.raises(Forbidden, match="MANAGE"):
        await desk.grants.grant(ADA, name(T), "ada", ["SELECT"])
    with pytest.raises(Forbidden, match="MANAGE"):
        await desk.grants.revoke(ADA, name(T), "hakan", ["SELECT"])
    with pytest.raises(NotFound, match=r"Nobody is named 'nobody'\. `headgate user create`"):
        await desk.grants.grant(ADMIN, name(T), "nobody", ["SELECT"])
    with pytest.raises(BadRequest, match="not on a table"):
        await desk.grants.grant(ADMIN, name(T), "ada", ["USE SCHEMA"])


async def test_manage_is_enough(desk):
    """Whoever has MANAGE may grant, and needs no ownership."""
    await desk.grants.grant(ADMIN, name(T), "ada", ["MANAGE"])
    await desk.grants.grant(ADA, name(T), "hakan", ["SELECT"])
    assert [each.holder for each in await desk.grants.listed(ADA, name(T))] == ["ada", "hakan"]


async def test_what_one_sees(desk):
    """Without MANAGE one sees what is granted to oneself and one's groups, and nothing of what one may not know of."""
    with pytest.raises(Forbidden):
        await desk.grants.listed(ADA, name(T))
    await desk.grants.grant(ADMIN, name(T), "ada", ["SELECT"])
    await desk.grants.grant(ADMIN, name(T), "hakan", ["MODIFY"])
    assert [each.holder for each in await desk.grants.listed(ADA, name(T))] == ["ada"]
    assert await desk.grants.listed(ADA, name(T), "hakan") == []
    assert [each.holder for each in await desk.grants.listed(ADMIN, name(T), "hakan")] == ["hakan"]


async def test_effective(desk):
    """Each privilege with the place of its grant, from the metastore down."""
    await desk.grants.grant(ADMIN, name("main"), "hakan", ["SELECT"])
    await desk.grants.grant(ADMIN, name(T), "hakan", ["MODIFY"])
    found = await desk.grants.effective(HAKAN, name(T))
    assert [(each.holder, each.privilege, str(each.on)) for each in found] == [
        ("account users", "USE CATALOG", "main"),
        ("account users", "USE SCHEMA", "main.default"),
        ("hakan", "MODIFY", T),
        ("hakan", "SELECT", "main"),
    ]
    assert {each.holder for each in await desk.grants.effective(ADMIN, name(T), "hakan")} == {"hakan"}


async def test_whether_one_may_use_a_model_service(desk):
    """Clients ask for themselves: a group, a grant on the schema or owning it is said as EXECUTE; without the way to it nothing is."""
    service = Name(("main", "default", "s"), service=True)
    desk.state.change_services((), [Entry(id="srv", name=service, owner=group("admins"))])
    await desk.run("GRANT EXECUTE ON MODEL SERVICE main.default.s TO contractors")
    member = principals.user("hakan", "contractors")
    assert [each.privilege for each in await desk.grants.effective(member, service, "hakan")] == ["EXECUTE"]
    assert [(each.holder, each.privilege) for each in await desk.grants.effective(member, service)] == [
        ("account users", "USE CATALOG"), ("account users", "USE SCHEMA"), ("contractors", "EXECUTE"),
    ]  # fmt: skip
    await desk.run("ALTER MODEL SERVICE main.default.s OWNER TO ada")
    assert [(each.holder, each.privilege, str(each.on)) for each in await desk.grants.effective(ADA, service, "ada")] == [
        ("ada", "EXECUTE", "main.default")
    ]
    await desk.run("GRANT EXECUTE ON SCHEMA main.default TO ada")
    assert len(await desk.grants.effective(ADA, service, "ada")) == 1
    await desk.run("REVOKE USE SCHEMA ON SCHEMA main.default FROM `account users`")
    with pytest.raises(Forbidden):
        await desk.grants.effective(member, service, "hakan")
