"""The use-cases of users, service principals and groups."""

import pytest

from headgate.admin.principal_ports import PrincipalPage
from headgate.admin.principals import NewPrincipal, PrincipalAdmin, PrincipalChange
from headgate.core.errors import BadRequest, Forbidden, NotFound
from headgate.core.group import DeclaredGroup
from headgate.core.principal import Principal
from tests.fakes.ports import FakeClock
from tests.fakes.principal_state import MemoryPrincipals

SCOPES = frozenset({"inference", "admin"})
ROOT = Principal(id="r", name="root", scopes=SCOPES, roles=frozenset({"account_admin"}))
HELPER = Principal(id="h", name="helper", scopes=SCOPES, roles=frozenset({"admin"}))
MEMBER = Principal(id="m", name="mia", scopes=frozenset({"inference"}), roles=frozenset({"member"}))
FILE = (DeclaredGroup("filed", ("ada",), "headgate.toml:7"),)


@pytest.fixture
def state():
    """A store in memory."""
    return MemoryPrincipals()


@pytest.fixture
def admin(state):
    """The use-cases over it, with the users root, ada and ben, and a group that the file declares."""
    made = PrincipalAdmin(state, FakeClock(), lambda: FILE)
    made.create(ROOT, NewPrincipal(name="root", roles=("account_admin",)))
    for name in ("ada", "ben"):
        made.create(ROOT, NewPrincipal(name=name))
    return made


def group(admin, name, *members, **fields):
    return admin.create(ROOT, NewPrincipal(name=name, kind="GROUP", members=members, **fields))


def give(admin, actor, which, role):
    return admin.change(actor, which, PrincipalChange(add_roles=[role]))


def take(admin, actor, which, role):
    return admin.change(actor, which, PrincipalChange(remove_roles=[role]))


def names(rows):
    return [row.name for row in rows]


def test_create_and_show(admin):
    """Each kind has ids of its own, and is found by id and by name."""
    made = admin.create(HELPER, NewPrincipal(name="ci", kind="SERVICE_PRINCIPAL", display_name="The pipeline", external_id="x", roles=("viewer",)))
    team = group(admin, "team", "ada", made.row.id)
    assert (made.row.id[:4], team.row.id[:4], admin.show("ada").row.id[:4]) == ("svp_", "grp_", "usr_")
    assert admin.show("ci") == admin.show(made.row.id, "SERVICE_PRINCIPAL")
    assert (admin.show("ci").row.roles, admin.show("ada").row.roles) == (("viewer",), ("member",))
    assert (names(team.members), names(admin.show("ada").groups), names(admin.show("ben").groups)) == (["ada", "ci"], ["team"], [])
    assert [(each.row.name, names(each.members)) for each in admin.list("GROUP")] == [("team", ["ada", "ci"])]
    assert names(each.row for each in admin.list()) == ["ada", "ben", "ci", "root", "team"]
    with pytest.raises(NotFound, match="No user has the name or id 'ci'; 'ci' is a service principal"):
        admin.show("ci", "USER")


@pytest.mark.parametrize("name", ["", " ada", "a\nb", "a" * 129, "admins", "Viewers", "group:x", "user:ada", "service_principal:ci"])
def test_names_that_nobody_has(admin, name):
    """A name is printable and short, is not reserved, and is not read as one with its kind."""
    with pytest.raises(BadRequest):
        admin.create(ROOT, NewPrincipal(name=name))


def test_a_name_means_one(admin):
    """Neither two users nor a user and a group share a name; a group of the file has its own already."""
    for kind in ("USER", "SERVICE_PRINCIPAL", "GROUP"):
        with pytest.raises(BadRequest, match="'ada' is taken: it is that of a user") as refused:
            admin.create(ROOT, NewPrincipal(name="ada", kind=kind))
        assert (refused.value.status, refused.value.code) == (409, "RESOURCE_ALREADY_EXISTS")
        with pytest.raises(BadRequest, match=r"declared at headgate.toml:7. Change it there"):
            admin.create(ROOT, NewPrincipal(name="filed", kind=kind))


def test_a_deleted_name_stays_its_own(admin):
    """The same kind comes back with the same id and with nothing else of before; another kind does not get the name."""
    group(admin, "team", "ada", roles=("viewer",))
    before = admin.show("ada").row
    assert admin.delete(ROOT, "ada", "USER") == before
    with pytest.raises(NotFound):
        admin.show(before.id)
    assert names(admin.show("team").members) == []
    with pytest.raises(BadRequest, match="that of a user that was deleted, and records name it"):
        group(admin, "ada")
    again = admin.create(HELPER, NewPrincipal(name="ada", display_name="Ada"))
    assert (again.row.id, again.row.roles, again.row.display_name, names(again.groups)) == (before.id, ("member",), "Ada", [])


def test_an_owner_is_not_deleted(admin, state):
    """What it owns is named, and how its owner is changed."""
    state.owned["ada"] = [f"t{number}" for number in range(7)]
    with pytest.raises(BadRequest, match=r"ada owns t0, t1, t2, t3, t4 and 2 more. Give what it owns another owner") as refused:
        admin.delete(ROOT, "ada")
    assert refused.value.status == 409


def test_groups_in_groups(admin):
    """Members are added, removed and replaced by names and ids, in one step."""
    group(admin, "inner", "ada")
    group(admin, "outer", "inner", "ben")
    changed = admin.change(HELPER, "outer", PrincipalChange(add_members=["ada"], remove_members=["ben", admin.show("inner").row.id]))
    assert names(changed.members) == ["ada"]
    changed = admin.change(HELPER, "outer", PrincipalChange(members=["ben"], add_members=["inner"]))
    assert names(changed.members) == ["ben", "inner"]
    with pytest.raises(NotFound, match="'nobody'"):
        admin.change(HELPER, "outer", PrincipalChange(add_members=["root", "nobody"]))
    assert names(admin.show("outer").members) == ["ben", "inner"]
    with pytest.raises(BadRequest, match="The user 'ada' has no members"):
        admin.change(HELPER, "ada", PrincipalChange(add_members=["ben"]))


def test_no_group_contains_itself(admin):
    """Neither at once nor through others; the refusal names the way."""
    group(admin, "a")
    group(admin, "b", "a")
    group(admin, "c", "b")
    for outer, inner, way in (("a", "a", "a contains a"), ("a", "c", "a contains c contains b contains a"), ("b", "c", "b contains c contains b")):
        with pytest.raises(BadRequest, match=f"would make it so: {way}"):
            admin.change(ROOT, outer, PrincipalChange(add_members=[inner]))
        assert inner not in names(admin.show(outer).members)


def test_what_the_file_declares_is_read_only(admin, state):
    """It is listed, and says where it is declared; a stored group of the same name can only be deleted."""
    assert admin.declared() == list(FILE)
    for act in (lambda: admin.delete(ROOT, "filed"), lambda: admin.change(ROOT, "filed", PrincipalChange(add_members=["ada"]))):
        with pytest.raises(BadRequest, match=r"declared at headgate.toml"):
            act()
    unfiled = PrincipalAdmin(state, FakeClock())
    group(unfiled, "filed", "ben")
    with pytest.raises(BadRequest, match=r"declared at headgate.toml"):
        admin.change(ROOT, "filed", PrincipalChange(members=[]))
    admin.delete(ROOT, "filed")


def test_activity(admin):
    """A user is deactivated and activated; a group is neither."""
    assert not admin.change(HELPER, "ada", PrincipalChange(active=False)).row.active
    assert admin.change(HELPER, "ada", PrincipalChange(active=True)).row.active
    group(admin, "team")
    with pytest.raises(BadRequest, match="cannot be deactivated"):
        admin.change(ROOT, "team", PrincipalChange(active=False))
    with pytest.raises(BadRequest, match="cannot be deactivated"):
        admin.create(ROOT, NewPrincipal(name="g", kind="GROUP", active=False))


def test_roles(admin):
    """They are given and taken one at a time, and `member` is what is left."""
    assert give(admin, ROOT, "ada", "admin").row.roles == ("admin",)
    assert give(admin, HELPER, "ben", "viewer").row.roles == ("viewer",)
    assert give(admin, ROOT, "ada", "viewer").row.roles == ("admin", "viewer")
    assert take(admin, ROOT, "ada", "admin").row.roles == ("viewer",)
    assert take(admin, HELPER, "ada", "viewer").row.roles == ("member",)
    with pytest.raises(BadRequest, match="There is no role 'owner'; the roles are account_admin, admin, viewer, member"):
        give(admin, ROOT, "ada", "owner")


def test_only_administrators_change_anything(admin):
    """A member may do none of it, whatever the route let through."""
    for act in (
        lambda: admin.create(MEMBER, NewPrincipal(name="x")),
        lambda: admin.change(MEMBER, "ada", PrincipalChange(active=False)),
        lambda: admin.delete(MEMBER, "ada"),
        lambda: give(admin, MEMBER, "mia", "viewer"),
        lambda: take(admin, MEMBER, "ada", "member"),
    ):
        with pytest.raises(Forbidden, match="Only an administrator may"):
            act()


def test_only_account_administrators_make_and_unmake_administrators(admin):
    """Neither by a role, nor by a group that has one, also further out, nor by stopping or deleting one."""
    admin.create(ROOT, NewPrincipal(name="boss", roles=("admin",)))
    group(admin, "inner", "boss")
    group(admin, "outer", "inner", roles=("admin",))
    for act in (
        lambda: admin.create(HELPER, NewPrincipal(name="x", roles=("admin",))),
        lambda: admin.create(HELPER, NewPrincipal(name="x", kind="GROUP", roles=("account_admin",), members=("ada",))),
        lambda: give(admin, HELPER, "ada", "account_admin"),
        lambda: take(admin, HELPER, "boss", "admin"),
        lambda: give(admin, HELPER, "inner", "viewer"),
        lambda: admin.change(HELPER, "outer", PrincipalChange(add_members=["ada"])),
        lambda: admin.change(HELPER, "inner", PrincipalChange(add_members=["ada"])),
        lambda: admin.change(HELPER, "inner", PrincipalChange(members=[])),
        lambda: admin.change(HELPER, "boss", PrincipalChange(active=False)),
        lambda: admin.delete(HELPER, "boss"),
        lambda: admin.delete(HELPER, "outer"),
    ):
        with pytest.raises(Forbidden, match="Only an account administrator may"):
            act()
    assert names(admin.show("inner").members) == ["boss"]
    assert admin.change(HELPER, "boss", PrincipalChange(display_name="The boss")).row.display_name == "The boss"
    assert admin.change(ROOT, "inner", PrincipalChange(add_members=["ada"])).row.name == "inner"


def test_the_last_account_administrator_stays(admin):
    """By no way: not stopped, not deleted, not without the role, not out of the group that gives it."""
    for act in (
        lambda: take(admin, ROOT, "root", "account_admin"),
        lambda: admin.change(ROOT, "root", PrincipalChange(active=False)),
        lambda: admin.delete(ROOT, "root"),
    ):
        with pytest.raises(BadRequest, match="would leave no active account administrator"):
            act()
    group(admin, "roots", "ada", roles=("account_admin",))
    admin.delete(ROOT, "root")
    for act in (
        lambda: admin.change(ROOT, "roots", PrincipalChange(remove_members=["ada"])),
        lambda: admin.delete(ROOT, "roots"),
        lambda: admin.delete(ROOT, "ada"),
        lambda: admin.change(ROOT, "ada", PrincipalChange(active=False)),
    ):
        with pytest.raises(BadRequest, match="would leave no active account administrator"):
            act()
    assert names(admin.show("roots").members) == ["ada"]


def test_a_change_for_an_earlier_state_is_refused(admin):
    """What was changed since the caller saw it is not changed again by what they chose before."""
    seen = admin.show("ada").row.updated_at_ms
    admin._clock.now_s += 1
    admin.change(ROOT, "ada", PrincipalChange(seen_at_ms=seen, add_roles=["viewer"]))
    with pytest.raises(BadRequest, match="was changed meanwhile") as refused:
        admin.change(ROOT, "ada", PrincipalChange(seen_at_ms=seen, roles=["admin"]))
    assert (refused.value.status, refused.value.code, admin.show("ada").row.roles) == (409, "ABORTED", ("viewer",))


def test_long_lists_come_in_pages(admin):
    """With the names of their groups and the number of their members, and whether others follow."""
    group(admin, "team", "ada", "ben")
    first = admin.page(PrincipalPage(kind="USER", limit=2))
    assert (names(first.rows), first.more) == (["ada", "ben"], True)
    assert dict(first.groups) == {row.id: ["team"] for row in first.rows}
    assert names(admin.page(PrincipalPage(kind="USER", after="ben")).rows) == ["root"]
    assert list(admin.page(PrincipalPage(kind="GROUP")).members.values()) == [2]
