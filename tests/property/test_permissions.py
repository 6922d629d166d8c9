"""The decision on an endpoint is that of a naive model which looks at every grant and walks through every group, for any groups, grants and names."""

import operator

from hypothesis import given
from hypothesis import strategies as st

from headgate.core.endpoint_grant import CAN_MANAGE, CAN_QUERY, EndpointGrant
from headgate.core.group import Group, Memberships, circles
from headgate.core.principal import SERVICE_PRINCIPAL, USER, Principal
from headgate.core.principal_name import principal_name
from headgate.core.scopes import ADMIN, INFERENCE
from headgate.policy.permissions import PermissionTable
from tests.fakes.examples import examples

NAMES = ["ada", "bob", "team", "staff", "all", "account users", "admins"]
WRITTEN = st.builds(operator.add, st.sampled_from(["", "", "user:", "group:", "service_principal:"]), st.sampled_from(NAMES))
GROUPS = st.dictionaries(st.sampled_from(["team", "staff", "all", "bob"]), st.lists(WRITTEN, max_size=4), max_size=4)
ENDPOINTS = st.text(alphabet="ab-", min_size=1, max_size=4)
PATTERNS = st.text(alphabet="ab-*", min_size=1, max_size=4)
GRANTS = st.lists(st.tuples(WRITTEN, PATTERNS, st.sampled_from([CAN_QUERY, CAN_MANAGE])), max_size=5)
PRINCIPALS = st.builds(
    lambda name, kind, admin: Principal(id=f"id-{name}", name=name, kind=kind, scopes=frozenset({INFERENCE, *([ADMIN] if admin else [])})),
    st.sampled_from(["ada", "bob", "team", "eve"]),
    st.sampled_from([USER, SERVICE_PRINCIPAL]),
    st.booleans(),
)


def is_meant(written, principal, groups, above=()):
    """Whether a written name means the principal: itself, or a group that it is in at any depth."""
    kind, colon, name = written.partition(":")
    if not colon:
        kind, name = "", written
    if kind == "group" or (not kind and (name in groups or name in {"account users", "admins"})):
        if name == "account users":
            return True
        return name not in above and any(is_meant(member, principal, groups, (*above, name)) for member in groups.get(name, ()) if is_member(member))
    return name == principal.name and kind in {"", "user" if principal.kind == USER else "service_principal"}


def is_member(written):
    """Built-in groups are no members of groups; the file refuses them."""
    return written.removeprefix("group:") not in {"account users", "admins"}


def fits(pattern, name):
    """Whether a pattern matches, by trying every place of every star."""
    if not pattern:
        return not name
    if pattern[0] == "*":
        return any(fits(pattern[1:], name[at:]) for at in range(len(name) + 1))
    return bool(name) and pattern[0] == name[0] and fits(pattern[1:], name[1:])


@examples(300)
@given(GROUPS, GRANTS, st.booleans(), PRINCIPALS, st.lists(ENDPOINTS, min_size=1, max_size=3))
def test_decisions_equal_the_naive_model(groups, grants, closed, principal, endpoints):
    """To query and to manage, for every principal and endpoint."""
    declared = [Group(name, tuple(principal_name(member) for member in members if is_member(member))) for name, members in groups.items()]
    memberships = Memberships(declared)
    found = Principal(id=principal.id, name=principal.name, kind=principal.kind, scopes=principal.scopes, groups=memberships.of(principal))
    table = PermissionTable(
        [EndpointGrant(principal_name(who), pattern, permission) for who, pattern, permission in grants], memberships.names, closed=closed
    )

    for endpoint in endpoints:
        naming = [(who, permission) for who, pattern, permission in grants if fits(pattern, endpoint)]
        mine = {permission for who, permission in naming if is_meant(who, principal, groups)}
        administrator = ADMIN in principal.scopes
        assert table.may_query(found, endpoint) == (administrator or bool(mine) or (not naming and not closed))
        assert table.may_manage(found, endpoint) == (administrator or CAN_MANAGE in mine)


@examples(300)
@given(GROUPS)
def test_circles_are_what_no_order_resolves(groups):
    """A circle is reported exactly where groups cannot be listed so that each comes after those in it."""
    declared = [Group(name, tuple(map(principal_name, members))) for name, members in groups.items()]
    inner = {
        name: {each.removeprefix("group:") for each in members if each.startswith("group:") or each in groups} & set(groups)
        for name, members in groups.items()
    }
    left = dict(inner)
    while free := [name for name, inside in left.items() if not inside & set(left)]:
        for name in free:
            del left[name]
    assert bool(list(circles(declared))) == bool(left)
