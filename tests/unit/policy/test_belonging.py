"""What groups and roles make of a token."""

import msgspec

from headgate.core.group import Group
from headgate.core.principal import Principal
from headgate.core.principal_name import GROUP, PrincipalName
from headgate.policy.belonging import Belonging
from tests.fakes.principals import token_of

ALL_SCOPES = frozenset({"inference", "telemetry", "sql", "admin"})


def token(name: str, *roles: str, scopes=ALL_SCOPES):
    return token_of(Principal(id=f"usr_{name}", name=name, scopes=scopes, roles=frozenset(roles)))


def members(*names: str, groups: tuple[str, ...] = ()) -> tuple[PrincipalName, ...]:
    return (*(PrincipalName(name, "USER") for name in names), *(PrincipalName(name, GROUP) for name in groups))


def test_scopes_are_what_token_and_roles_both_allow():
    """The scope `admin` takes a role of an administrator; a role alone gives no scope that the token lacks."""
    nothing = Belonging((), (), {})
    assert nothing.applied(token("ada", "admin")).principal.scopes == ALL_SCOPES
    assert nothing.applied(token("ada", "account_admin")).principal.is_account_administrator
    for role in ("member", "viewer"):
        seen = nothing.applied(token("ada", role)).principal
        assert (seen.scopes, seen.is_administrator) == (ALL_SCOPES - {"admin"}, False)
    limited = token("ada", "account_admin", scopes=frozenset({"inference"}))
    assert nothing.applied(limited) is limited
    assert not limited.principal.is_account_administrator


def test_a_group_gives_its_roles():
    """To its members and to those of groups in it, beside their own."""
    stored = (Group("inner", members("ada")), Group("outer", members("ben", groups=("inner",))), Group("other", members("eve")))
    made = Belonging((), stored, {"outer": {"admin"}, "inner": {"viewer"}, "other": {"member"}})
    ada, ben, eve = (made.applied(token(name, "member")).principal for name in ("ada", "ben", "eve"))
    assert (ada.groups, ada.roles, ada.is_administrator) == ({"inner", "outer"}, {"member", "viewer", "admin"}, True)
    assert (ben.groups, ben.roles, ben.is_administrator) == ({"outer"}, {"member", "admin"}, True)
    assert (eve.groups, eve.roles, eve.is_administrator) == ({"other"}, {"member"}, False)


def test_the_file_comes_first():
    """A group that file and store both have is the file's, and has no role; other groups of both sources contain each other."""
    declared = (Group("ops", members("ada")), Group("everyone", (PrincipalName("core"),)))
    made = Belonging(declared, (Group("ops", members("eve")), Group("core", members("ben"))), {"ops": {"admin"}, "core": {"viewer"}})
    assert made.declared_twice == {"ops"}
    ada, ben, eve = (made.applied(token(name, "member")).principal for name in ("ada", "ben", "eve"))
    assert (ada.groups, ada.roles) == ({"ops"}, {"member"})
    assert (ben.groups, ben.roles) == ({"core", "everyone"}, {"member", "viewer"})
    assert (eve.groups, eve.roles) == (frozenset(), {"member"})


def test_tokens_of_one_principal_differ_in_scopes_alone():
    """Roles and groups are found once for the same memberships, and each token keeps its own scopes."""
    made = Belonging((), (Group("g", members("ada")),), {"g": {"admin"}})
    first, second = made.applied(token("ada", "member")), made.applied(token("ada", "member", scopes=frozenset({"sql"})))
    assert (first.principal.scopes, second.principal.scopes) == (ALL_SCOPES, {"sql"})
    assert first.principal == msgspec.structs.replace(second.principal, scopes=ALL_SCOPES)


def test_a_group_is_what_its_members_are():
    """A principal for the group of its name has the roles of the groups around it, and what they allow."""
    stored = (Group("inner", members("ada")), Group("outer", members(groups=("inner",))))
    made = Belonging((), stored, {"outer": {"admin"}})
    inner = made.group(Principal(id="", name="inner", kind="HEADGATE", scopes=ALL_SCOPES))
    assert (inner.groups, inner.is_administrator) == ({"inner", "outer"}, True)
    assert made.principal(Principal(id="", name="inner", scopes=ALL_SCOPES)).groups == frozenset()
