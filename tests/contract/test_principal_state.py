"""What every store of principals does, whatever it is kept in."""

import msgspec
import pytest

from headgate.admin.principal_ports import PrincipalPage, PrincipalRow
from headgate.admin.token_ports import NewToken
from headgate.core.errors import BadRequest
from headgate.core.group import Group
from headgate.core.principal import Principal
from headgate.core.principal_name import GROUP, PrincipalName
from headgate.storage.state.principals import PrincipalStore
from tests.fakes.state import MemoryState

ACCOUNT_ADMIN = frozenset({"account_admin"})


@pytest.fixture
def principals(state):
    """The principals in it: two users, a service principal, and groups in groups: all > team > core."""
    made = state.principals if isinstance(state, MemoryState) else PrincipalStore(state.database)
    with made.editing() as edit:
        for name in ("ada", "ben"):
            edit.put(row(name))
        edit.put(row("ci", "SERVICE_PRINCIPAL", display_name="The pipeline", external_id="x1"))
        for name in ("all", "core", "team"):
            edit.put(row(name, GROUP))
        edit.change_members("all-id", ["team-id", "ben-id"])
        edit.change_members("team-id", ["core-id"])
        edit.change_members("core-id", ["ada-id", "ci-id"])
    return made


def row(name: str, kind: str = "USER", **fields) -> PrincipalRow:
    return PrincipalRow(id=f"{name}-id", name=name, kind=kind, created_at_ms=1, updated_at_ms=1, **fields)


def token_for(name: str, number: int = 1, **fields) -> NewToken:
    defaults = {"id": f"tok_{number}", "name": "t", "principal": Principal(id=f"usr_{number}", name=name), "digest": bytes([number]) * 32}
    return NewToken(**defaults, last4="abcd", scopes=("inference",), endpoints=("*",), created_at_ms=5, **fields)


def names(rows) -> list[str]:
    return [each.name for each in rows]


def test_what_is_stored_is_read(principals):
    """By kind and name, by id, by name; members and groups by their names, and all pairs."""
    with principals.reading() as read:
        assert names(read.all(["USER", "SERVICE_PRINCIPAL"])) == ["ada", "ben", "ci"]
        assert read.get("ci-id") == read.named("ci") == row("ci", "SERVICE_PRINCIPAL", display_name="The pipeline", external_id="x1")
        assert (read.get("ci"), read.named("ci-id")) == (None, None)
        assert names(read.members("all-id")) == ["ben", "team"]
        assert names(read.groups_of("core-id")) == ["team"]
        assert sorted(read.memberships()) == [
            ("all-id", "ben-id"),
            ("all-id", "team-id"),
            ("core-id", "ada-id"),
            ("core-id", "ci-id"),
            ("team-id", "core-id"),
        ]


def test_members_are_a_set(principals):
    """Who is added twice is a member once; removing one who is none changes nothing."""
    with principals.editing() as edit:
        edit.change_members("core-id", ["ada-id", "ben-id", "ben-id"], ["ci-id", "team-id"])
        assert names(edit.members("core-id")) == ["ada", "ben"]


def test_a_change_that_fails_leaves_nothing(state, principals):
    """A transaction is kept as a whole or not at all, and the version says which."""
    before = state.version()
    with pytest.raises(RuntimeError), principals.editing() as edit:
        edit.put(row("eve"))
        edit.change_members("all-id", ["eve-id"])
        raise RuntimeError
    with principals.reading() as read:
        assert read.named("eve") is None
    assert state.version() == before
    with principals.editing() as edit:
        edit.put(row("eve"))
    assert state.version() > before


def test_roles_reach_through_groups(principals):
    """A group's role is its members', through other groups too; inactive ones act with none of it."""
    with principals.editing() as edit:
        edit.put(row("all", GROUP, roles=("account_admin",)))
        edit.put(row("ben", active=False))
        edit.put(row("ci", "SERVICE_PRINCIPAL", roles=("viewer",)))
    with principals.reading() as read:
        assert read.roles_of("ada-id") == {"account_admin", "member"}
        assert read.roles_of("ci-id") == {"account_admin", "member", "viewer"}
        assert read.roles_of("team-id") == {"account_admin", "member"}
        assert read.with_roles(ACCOUNT_ADMIN) == {"ada-id", "ci-id"}
        assert read.with_roles(frozenset({"viewer", "admin"})) == {"ci-id"}


def test_a_deleted_principal_keeps_only_its_name(state, principals):
    """Its tokens are revoked and its memberships end; it is found by its name alone, and a new token of that name is the same principal's, without any role."""
    made = state.create_token(token_for("ada"))
    with principals.editing() as edit:
        edit.put(row("ada", roles=("admin",)))
        found = edit.named("ada")
        edit.strip(found, 9)
        edit.put(msgspec.structs.replace(found, active=False, roles=("member",), deleted_at_ms=9))
    with principals.reading() as read:
        assert (read.get("ada-id"), read.named("ada").deleted_at_ms) == (None, 9)
        assert names(read.members("core-id")) == ["ci"]
        assert names(read.all(["USER"])) == ["ben"]
    assert made.principal.id == "ada-id"
    assert state.load_access().tokens == {}
    again = state.create_token(token_for("ada", 2))
    assert again.principal == Principal(id="ada-id", name="ada")
    token = state.load_access().tokens[b"\x02" * 32]
    assert (token.principal.roles, token.principal.active) == ({"member"}, True)


def test_who_can_have_a_token(state, principals):
    """No group, and nobody who is inactive."""
    with principals.editing() as edit:
        edit.put(row("ben", active=False))
    for name in ("team", "ben"):
        with pytest.raises(BadRequest):
            state.create_token(token_for(name))
    assert state.list_tokens() == []


def test_a_token_can_give_its_role(state, principals):
    """To who is no administrator yet; an administrator of any kind keeps the roles that there are."""
    with principals.editing() as edit:
        edit.put(row("ada", roles=("viewer",)))
        edit.put(row("team", GROUP, roles=("admin",)))
        edit.put(row("ci", "SERVICE_PRINCIPAL"))
    for number, name in enumerate(("ben", "new", "ci")):
        state.create_token(token_for(name, number, role="account_admin"))
    with principals.reading() as read:
        assert [read.named(name).roles for name in ("ben", "new", "ci")] == [("account_admin",), ("account_admin",), ("member",)]
        assert state.administrators() == {"ada-id", "ben-id", "ci-id", read.named("new").id}


def test_access_is_loaded_whole(state, principals):
    """Tokens with their principals' own roles and activity, groups with their members by name and kind, and the groups' roles."""
    state.create_token(token_for("ada"))
    with principals.editing() as edit:
        edit.put(row("ada", active=False, roles=("viewer",)))
        edit.put(row("team", GROUP, roles=("admin",)))
    loaded = state.load_access()
    principal = loaded.tokens[b"\x01" * 32].principal
    assert (principal.active, principal.roles, principal.groups) == (False, {"viewer"}, frozenset())
    assert {group.name: frozenset(group.members) for group in loaded.groups} == {
        "all": {PrincipalName("ben", "USER"), PrincipalName("team", GROUP)},
        "core": {PrincipalName("ada", "USER"), PrincipalName("ci", "SERVICE_PRINCIPAL")},
        "team": {PrincipalName("core", GROUP)},
    }
    assert all(isinstance(group, Group) for group in loaded.groups)
    assert loaded.group_roles == {"all": {"member"}, "core": {"member"}, "team": {"admin"}}


def test_long_lists_come_in_pages(principals):
    """By name after the last one, with a search in both names in any case; what stands for any text in SQL is a character like others."""
    with principals.editing() as edit:
        edit.put(row("a_da", display_name="100%"))
        edit.put(row("gone", deleted_at_ms=5))
    with principals.reading() as read:
        assert names(read.page(PrincipalPage(kind="USER", limit=2))) == ["a_da", "ada"]
        assert names(read.page(PrincipalPage(kind="USER", after="ada"))) == ["ben"]
        assert names(read.page(PrincipalPage(kind="SERVICE_PRINCIPAL", search="PIPE"))) == ["ci"]
        assert names(read.page(PrincipalPage(kind="USER", search="_"))) == names(read.page(PrincipalPage(kind="USER", search="%"))) == ["a_da"]
        assert read.groups_of_each(["ben-id", "core-id", "all-id"]) == {"ben-id": ["all"], "core-id": ["team"]}
        assert read.member_counts(["all-id", "core-id", "none"]) == {"all-id": 2, "core-id": 2}
