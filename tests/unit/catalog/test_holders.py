"""Keys of those who hold privileges, and which of them a principal counts as."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.catalog import holders
from headgate.catalog.names import METASTORE, Name
from headgate.catalog.privileges import GRANTABLE_ON, MANAGE, SELECT, Reach, missing
from headgate.core.principal import HEADGATE, SERVICE_PRINCIPAL, Principal
from headgate.core.scopes import ADMIN
from tests.fakes import principals

PLACES = (METASTORE, Name(("main",)), Name(("main", "default")), Name(("main", "default", "t")))
T = Name(("main", "default", "t"))


def test_one_name_of_three_kinds():
    """Three kinds of one name are three holders, shown alike."""
    kinds = {holders.user("admins"), holders.group("admins"), holders.own("admins")}
    assert len(kinds) == 3
    assert {holders.name_of(each) for each in kinds} == {"admins"}
    assert holders.name_of(holders.user("a:b")) == "a:b"


@pytest.mark.parametrize(
    ("principal", "groups"),
    [
        (principals.user("ada"), {"account users"}),
        (principals.user("ada", "team"), {"account users", "team"}),
        (principals.administrator("root"), {"account users", "admins"}),
        (Principal(id="usr_1", name="root", groups=frozenset({"team"}), scopes=frozenset({ADMIN})), {"account users", "admins", "team"}),
        (principals.user("ada", "admins"), {"account users", "admins"}),
        (Principal(id="usr_1", name="ada"), {"account users"}),
        (Principal(id="usr_1", name="ci", kind=SERVICE_PRINCIPAL, scopes=frozenset({ADMIN})), {"account users", "admins"}),
        (HEADGATE, {"account users", "admins"}),
    ],
)
def test_groups(principal, groups):
    """Everyone is in `account users`; an administrator holds what `admins` holds; a member of a group holds what the group does."""
    assert holders.groups_of(principal) == groups


def test_holders():
    """A principal counts as itself and its groups; Headgate is its own kind; a name chosen to look like a key is a name."""
    assert holders.holders_of(principals.administrator("ada")) == {holders.user("ada"), holders.group("account users"), holders.group("admins")}
    assert holders.holder_of(HEADGATE) == holders.own("headgate")
    assert holders.holder_of(principals.user("headgate")) == holders.user("headgate")
    assert holders.group("admins") not in holders.holders_of(principals.user("group:admins", "user:root"))


def test_a_user_named_like_a_group_is_not_the_group():
    """Neither what a group owns nor what it was granted reaches a user of its name."""
    grants = {Name(("main",)): {holders.group("admins"): frozenset({MANAGE, "USE CATALOG", "USE SCHEMA", SELECT})}}
    owners = {METASTORE: holders.group("admins"), T: holders.own("headgate")}
    for name in ("admins", "headgate", "group:admins"):
        assert missing(principals.user(name), MANAGE, METASTORE, grants, owners) is not None
        assert missing(principals.user(name), SELECT, T, grants, owners) is not None
        assert not Reach(grants, owners).sees(principals.user(name), T)
    assert missing(principals.administrator("root"), SELECT, T, grants, owners) is None


HOLDERS = st.sampled_from([holders.user("ada"), *(holders.group(name) for name in (*holders.GROUPS, "team")), holders.own("headgate")])
GRANTS = st.dictionaries(st.sampled_from(PLACES), st.dictionaries(HOLDERS, st.frozensets(st.sampled_from(sorted(GRANTABLE_ON)), max_size=3)))


@given(
    st.sampled_from(["admins", "account users", "team", "headgate", "group:admins", "user:ada"]),
    GRANTS,
    st.dictionaries(st.sampled_from(PLACES), HOLDERS),
    st.sampled_from(PLACES),
)
def test_no_name_is_worth_anything(name, grants, owners, place):
    """Whatever is granted and owned, a user of any name may do what a user may whom nobody has heard of."""
    for privilege, kinds in GRANTABLE_ON.items():
        if place.kind in kinds:
            found = [missing(principals.user(who), privilege, place, grants, owners) is None for who in (name, "stranger")]
            assert found[0] is found[1]
    reach = Reach(grants, owners)
    assert reach.sees(principals.user(name), place) is reach.sees(principals.user("stranger"), place)
