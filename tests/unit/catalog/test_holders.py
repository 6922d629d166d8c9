"""Keys of those who hold privileges."""

from hypothesis import given
from hypothesis import strategies as st

from headgate.catalog import holders
from headgate.catalog.names import METASTORE, Name
from headgate.catalog.privileges import GRANTABLE_ON, MANAGE, SELECT, Reach, allowed

PLACES = (METASTORE, Name(("main",)), Name(("main", "default")), Name(("main", "default", "t")))
T = Name(("main", "default", "t"))


def test_one_name_of_three_kinds():
    """Three kinds of one name are three holders, shown alike."""
    kinds = {holders.user("admins"), holders.group("admins"), holders.own("admins")}
    assert len(kinds) == 3
    assert {holders.name_of(each) for each in kinds} == {"admins"}
    assert holders.name_of(holders.user("a:b")) == "a:b"


def test_an_asker():
    """Somebody is itself, its groups, and one of all users; a name chosen to look like a key is a name."""
    assert holders.of_asker("ada", ["admins"]) == {holders.user("ada"), holders.group("account users"), holders.group("admins")}
    assert holders.group("admins") not in holders.of_asker("group:admins", ["user:root"])


def test_a_user_named_like_a_group_is_not_the_group():
    """Neither what a group owns nor what it was granted reaches a user of its name."""
    grants = {Name(("main",)): {holders.group("admins"): frozenset({MANAGE, "USE CATALOG", "USE SCHEMA", SELECT})}}
    owners = {METASTORE: holders.group("admins"), T: holders.own("headgate")}
    for name in ("admins", "headgate", "group:admins"):
        assert allowed(name, (), MANAGE, METASTORE, grants, owners) is not None
        assert allowed(name, (), SELECT, T, grants, owners) is not None
        assert not Reach(grants, owners).sees(name, (), T)
    assert allowed("root", ("admins",), SELECT, T, grants, owners) is None


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
            found = [allowed(who, (), privilege, place, grants, owners) is None for who in (name, "stranger")]
            assert found[0] is found[1]
    reach = Reach(grants, owners)
    assert reach.sees(name, (), place) is reach.sees("stranger", (), place)
