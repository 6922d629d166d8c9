"""Keys of those who hold privileges."""

from headgate.catalog import holders
from headgate.catalog.names import METASTORE, Name
from headgate.catalog.privileges import MANAGE, SELECT, Reach, allowed

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
