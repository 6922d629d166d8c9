"""What the owner of a view may do, as the store and the file say."""

import pytest

from headgate.admin.principal_ports import PrincipalRow
from headgate.catalog import holders
from headgate.core.group import DeclaredGroup
from headgate.core.principal import HEADGATE
from headgate.core.principal_name import GROUP
from headgate.storage.state.owner_rights import OwnerRights
from headgate.storage.state.principals import PrincipalStore
from headgate.storage.state.stated_groups import StatedGroups, write_groups
from headgate.storage.state.store import StateStore


@pytest.fixture
def state(tmp_path):
    """A store with ada, who administers, eve, who is deactivated, bob, who is deleted, and a group of the store with a role."""
    made = StateStore(f"sqlite:///{tmp_path}/state.db")
    with PrincipalStore(made.database).editing() as stored:
        stored.put(PrincipalRow(id="u1", name="ada", kind="USER", roles=("admin",)))
        stored.put(PrincipalRow(id="u2", name="eve", kind="USER", active=False))
        stored.put(PrincipalRow(id="u3", name="bob", kind="USER", deleted_at_ms=5))
        stored.put(PrincipalRow(id="u4", name="team", kind="USER"))
        stored.put(PrincipalRow(id="g1", name="ops", kind=GROUP, roles=("admin",)))
        stored.change_members("g1", add=["u2"])
    write_groups(str(tmp_path), [DeclaredGroup("team", ("user:eve", "ada")), DeclaredGroup("all", ("group:team",))])
    yield made
    made.close()


def test_users(state, tmp_path):
    """A user has its groups, its own roles and those of its groups, whatever its tokens allow; one that is gone is nobody."""
    owners = OwnerRights(state.database, StatedGroups(str(tmp_path))).read()
    ada, eve = (owners.principal(holders.user(name)) for name in ("ada", "eve"))
    assert (ada.groups, ada.is_administrator, ada.active) == ({"team", "all"}, True, True)
    assert (eve.groups, eve.is_administrator, eve.active) == ({"team", "all", "ops"}, True, False)
    assert [owners.principal(holders.user(name)) for name in ("bob", "none", "ops")] == [None, None, None]
    assert owners.principal(holders.own("headgate")) == HEADGATE


def test_groups(state, tmp_path):
    """A group has what is granted to it and to the groups that it is in; nothing of a user that has its name."""
    owners = OwnerRights(state.database, StatedGroups(str(tmp_path))).read()
    team, ops, admins, viewers = (owners.principal(holders.group(name)) for name in ("team", "ops", "admins", "viewers"))
    assert holders.holders_of(team) == {"headgate:team", "group:team", "group:all", "group:account users"}
    assert (ops.is_administrator, admins.is_administrator, viewers.is_administrator, team.is_administrator) == (True, True, False, False)
    assert holders.group("viewers") in holders.holders_of(viewers)
    assert owners.principal(holders.group("none")) is None


def test_it_is_read_again_where_it_has_changed(state, tmp_path):
    """The same object until a principal or a group of the file changes."""
    rights = OwnerRights(state.database, StatedGroups(str(tmp_path)))
    first = rights.read()
    assert rights.read() is first
    write_groups(str(tmp_path), [DeclaredGroup("others", ("ada",))])
    second = rights.read()
    assert second.principal(holders.user("ada")).groups == {"others"}
    with PrincipalStore(state.database).editing() as stored:
        stored.put(PrincipalRow(id="u1", name="ada", kind="USER"))
    assert not rights.read().principal(holders.user("ada")).is_administrator
