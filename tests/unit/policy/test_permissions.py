"""Grants on endpoints: who may query and who may manage which."""

import msgspec
import pytest

from headgate.core.endpoint_grant import CAN_MANAGE, CAN_QUERY, EndpointGrant
from headgate.core.principal import SERVICE_PRINCIPAL, USER, Principal
from headgate.core.principal_name import PrincipalName, principal_name
from headgate.core.roles import VIEWER
from headgate.core.scopes import ADMIN, INFERENCE
from headgate.policy.permissions import CatalogService, Holders, Need, PermissionTable
from tests.fakes.principals import user

GROUPS = frozenset({"contractors", "platform", "both"})


def table(*grants: tuple[str, ...], closed: bool = False) -> PermissionTable:
    """Grants as (principal, endpoint) or (principal, endpoint, permission)."""
    return PermissionTable(
        (EndpointGrant(principal_name(who), endpoint, *permission) for who, endpoint, *permission in grants), GROUPS, closed=closed
    )


def who(name: str = "eve", *groups: str, kind: str = USER, admin: bool = False) -> Principal:
    return Principal(id=f"id-{name}", name=name, kind=kind, groups=frozenset(groups), scopes=frozenset({INFERENCE, *([ADMIN] if admin else [])}))


EVE, MEMBER, ROOT = who(), who("eve", "contractors"), who("root", admin=True)


@pytest.mark.parametrize(
    ("made", "endpoint", "principal", "expected"),
    [
        # An endpoint that no grant names follows the default.
        (table(), "gpt", EVE, True),
        (table(closed=True), "gpt", EVE, False),
        (table(("contractors", "gpt")), "claude", EVE, True),
        (table(("contractors", "gpt"), closed=True), "claude", MEMBER, False),
        # One that a grant names is for those it names.
        (table(("contractors", "gpt")), "gpt", EVE, False),
        (table(("contractors", "gpt")), "gpt", MEMBER, True),
        (table(("contractors", "gpt-*")), "gpt-5", MEMBER, True),
        (table(("contractors", "gpt-*")), "gpt-5", EVE, False),
        (table(("contractors", "gpt-*"), ("eve", "gpt-5")), "gpt-5", EVE, True),
        (table(("contractors", "gpt-*"), ("eve", "gpt-5")), "gpt-4", EVE, False),
        (table(("contractors", "*")), "anything", EVE, False),
        (table(("eve", "gpt", CAN_MANAGE)), "gpt", EVE, True),
        # Everyone, and administrators.
        (table(("account users", "*"), closed=True), "gpt", EVE, True),
        (table(("group:users", "gpt"), closed=True), "gpt", EVE, True),
        (table(("admins", "gpt")), "gpt", EVE, False),
        (table(("admins", "gpt")), "gpt", ROOT, True),
        (table(("contractors", "gpt"), closed=True), "gpt", ROOT, True),
        # A name that is a group's means the group; kinds say what is meant.
        (table(("both", "gpt")), "gpt", who("both"), False),
        (table(("user:both", "gpt")), "gpt", who("both"), True),
        (table(("user:both", "gpt")), "gpt", who("eve", "both"), False),
        (table(("user:eve", "gpt")), "gpt", who("eve", kind=SERVICE_PRINCIPAL), False),
        (table(("eve", "gpt")), "gpt", who("eve", kind=SERVICE_PRINCIPAL), True),
        (table(("service_principal:eve", "gpt")), "gpt", EVE, False),
        (table(("service_principal:id-ci", "gpt")), "gpt", who("ci", kind=SERVICE_PRINCIPAL), True),
        (table(("id-eve", "gpt")), "gpt", EVE, False),
        (table(("group:unknown", "gpt")), "gpt", who("unknown"), False),
        (table(("group:unknown", "gpt")), "gpt", who("eve", "unknown"), True),
    ],
)
def test_who_may_query(made, endpoint, principal, expected):
    """Asked twice: the second answer comes from what was found before."""
    assert made.may_query(principal, endpoint) is made.may_query(principal, endpoint) is expected


@pytest.mark.parametrize(
    ("made", "principal", "expected"),
    [
        (table(), EVE, False),
        (table(), ROOT, True),
        (table(("eve", "gpt", CAN_QUERY)), EVE, False),
        (table(("eve", "gpt", CAN_MANAGE)), EVE, True),
        (table(("contractors", "g*", CAN_MANAGE), ("eve", "gpt")), MEMBER, True),
        (table(("account users", "gpt", CAN_MANAGE)), EVE, True),
    ],
)
def test_who_may_manage(made, principal, expected):
    """Only by CAN_MANAGE, whatever the default; administrators may."""
    assert made.may_manage(principal, "gpt") is expected


def test_what_applies_to_an_endpoint():
    """Grants that name it, then those of patterns; and which groups manage it, by name."""
    made = table(("platform", "gpt-*", CAN_MANAGE), ("eve", "gpt-5"), ("both", "*", CAN_MANAGE), ("eve", "gpt-5"), ("eve", "claude"))
    assert [(str(grant.principal), grant.endpoint) for grant in made.on("gpt-5")] == [("eve", "gpt-5"), ("platform", "gpt-*"), ("both", "*")]
    assert made.managing_groups("gpt-5") == ["both", "platform"]
    assert made.managing_groups("claude") == ["both"]


def holders(*users: str) -> Holders:
    return Holders(frozenset(users), frozenset(users), frozenset())


def test_a_service_of_the_catalog_takes_its_privileges():
    """The way to it and EXECUTE, or a grant that names it instead of EXECUTE; the default opens nothing. What is lacked is named from the catalog down."""
    need = {privilege: Need(privilege, "somewhere", holders(*users)) for privilege, users in
            (("USE CATALOG", ("eve", "bob", "cat")), ("USE SCHEMA", ("eve", "bob")), ("EXECUTE", ("eve", "cat")), ("MANAGE", ("dan",)))}  # fmt: skip
    service = CatalogService((need["USE CATALOG"], need["USE SCHEMA"]), need["EXECUTE"], need["MANAGE"])
    grant = EndpointGrant(principal_name("bob"), "c.s.*")
    named, plain = (PermissionTable(grants, services=lambda name: service if name.startswith("c.s.") else None) for grants in ((grant,), ()))
    assert [named.may_query(who(name), "c.s.x") for name in ("eve", "bob", "cat", "dan")] == [True, True, False, False]
    assert [plain.may_query(who(name), "c.s.x") for name in ("eve", "bob", "cat", "dan")] == [True, False, False, False]
    assert plain.may_query(who("bob"), "other")
    assert [named.may_manage(who(name), "c.s.x") for name in ("eve", "dan")] == [False, True]
    assert [plain.lacked(who(name), "c.s.x").privilege for name in ("bob", "cat", "dan")] == ["EXECUTE", "USE SCHEMA", "USE CATALOG"]
    assert plain.lacked(who("dan"), "other") is None
    assert all(table.may_query(ROOT, "c.s.x") for table in (named, plain))


def test_viewers_are_those_with_the_role():
    """As in the catalog; no group of the name makes one."""
    made = table(("viewers", "gpt"))
    assert not made.may_query(EVE, "gpt")
    assert made.may_query(msgspec.structs.replace(EVE, roles=frozenset({VIEWER})), "gpt")


def test_names_that_clients_make_up_do_not_grow_it():
    """Endpoints of patterns have as many names as clients ask for."""
    made = table(("contractors", "gpt-*"))
    for number in range(10_000):
        assert not made.may_query(EVE, f"gpt-{number}")
    assert len(made._rules) <= 4096


def test_a_grant_on_either_name_of_an_endpoint_holds_for_it():
    """Named or by a pattern."""
    grants = [EndpointGrant(PrincipalName("ada"), "databricks-gpt-*"), EndpointGrant(PrincipalName("ben"), "databricks-gpt-5-2")]
    table = PermissionTable(grants, names_of={"gpt-5.2": ("gpt-5.2", "databricks-gpt-5-2"), "o3": ("o3",)}.__getitem__)
    assert [table.may_query(user(name), "gpt-5.2") for name in ("ada", "ben", "eve")] == [True, True, False]
    assert table.may_query(user("eve"), "o3")


def test_the_grants_that_name_a_principal():
    """Itself or by a group that it is in; not those of others."""
    made = table(("eve", "gpt"), ("contractors", "claude-*"), ("bob", "gpt"), ("account users", "o3"))
    found = [(str(grant.principal), grant.endpoint) for grant in made.of(user("eve", "contractors"))]
    assert found == [("eve", "gpt"), ("contractors", "claude-*"), ("account users", "o3")]


def test_what_is_remembered_of_a_principal_is_never_another_ones():
    """A member that leaves the group is another principal; so is one of the same name without the grant. What is remembered is bounded."""
    made = table(("contractors", "gpt"))
    for _ in range(2):
        assert made.may_query(MEMBER, "gpt")
        assert not made.may_query(EVE, "gpt")
        assert made.may_query(ROOT, "gpt")
    for number in range(20_100):
        assert made.may_query(who(str(number), "contractors"), "gpt")
    assert len(made._querying) <= 20_000
    assert not made.may_query(EVE, "gpt")
