"""Nested groups: any graph of them is found as a plain walk finds it, from file and store, and no order of changes makes a circle in the store."""

from contextlib import nullcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.admin.principals import NewPrincipal, PrincipalAdmin, PrincipalChange
from headgate.core.errors import BadRequest
from headgate.core.group import Group
from headgate.core.principal import Principal
from headgate.core.principal_name import GROUP, PrincipalName
from headgate.policy.belonging import Belonging
from tests.fakes.ports import FakeClock
from tests.fakes.principal_state import MemoryPrincipals
from tests.fakes.principals import token_of

ROOT = Principal(id="r", name="root", scopes=frozenset({"admin"}), roles=frozenset({"account_admin"}))
GROUPS = [f"g{number}" for number in range(6)]
USERS = ["ada", "ben", "eve"]
ROLES = ["account_admin", "admin", "viewer", "member"]

edges = st.dictionaries(st.sampled_from(GROUPS), st.sets(st.sampled_from([*GROUPS, *USERS])), max_size=6)


def plain_walk(user: str, contents: dict[str, set[str]]) -> set[str]:
    """The groups that contain a user, by trying until nothing is added."""
    found: set[str] = set()
    while more := {name for name, inside in contents.items() if inside & {user, *found}} - found:
        found |= more
    return found


def as_groups(contents: dict[str, set[str]]) -> tuple[Group, ...]:
    return tuple(
        Group(name, tuple(PrincipalName(member, GROUP if member in GROUPS else "USER") for member in sorted(inside)))
        for name, inside in contents.items()
    )


@given(edges, edges, st.dictionaries(st.sampled_from(GROUPS), st.sets(st.sampled_from(ROLES))))
def test_groups_and_roles_are_those_of_a_plain_walk(declared, stored, roles):
    """The file's groups count in place of stored ones of their name; a stored group's roles are those of everybody in it."""
    made = Belonging(as_groups(declared), as_groups(stored), roles)
    for user in USERS:
        seen = made.applied(token_of(Principal(id=user, name=user, scopes=frozenset({"admin", "sql"}), roles=frozenset({"member"})))).principal
        expected = plain_walk(user, stored | declared)
        given_roles = {role for name in expected - declared.keys() for role in roles.get(name, ())}
        assert (seen.groups, seen.roles) == (expected, given_roles | {"member"})
        assert seen.is_administrator == bool(given_roles & {"account_admin", "admin"})


@given(st.lists(st.tuples(st.sampled_from(GROUPS), st.sampled_from(GROUPS), st.booleans()), max_size=40))
def test_no_order_of_changes_makes_a_circle(changes):
    """A change is refused if and only if the group would contain itself."""
    admin = PrincipalAdmin(MemoryPrincipals(), FakeClock())
    for name in GROUPS:
        admin.create(ROOT, NewPrincipal(name=name, kind=GROUP))
    contents: dict[str, set[str]] = {name: set() for name in GROUPS}
    for outer, inner, adds in changes:
        circle = adds and (outer == inner or inner in plain_walk(outer, contents))
        change = PrincipalChange(add_members=[inner]) if adds else PrincipalChange(remove_members=[inner])
        with pytest.raises(BadRequest, match="No group may contain itself") if circle else nullcontext():
            admin.change(ROOT, outer, change)
            contents[outer] = contents[outer] | {inner} if adds else contents[outer] - {inner}
    assert {each.row.name: {row.name for row in each.members} for each in admin.list(GROUP)} == contents
