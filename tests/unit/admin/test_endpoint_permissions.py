"""The permissions on an endpoint as one list: shown, replaced, updated."""

from pathlib import Path

import msgspec
import pytest

from headgate.admin.endpoint_permissions import EndpointPermissions, Governed, Permission
from headgate.admin.objects import ObjectAdmin
from headgate.admin.principals import NewPrincipal, PrincipalAdmin
from headgate.config.load import WrittenFile, load
from headgate.config.objects import declared_groups, with_stored
from headgate.core.errors import BadRequest, Forbidden, NotFound
from headgate.core.principal import Principal
from headgate.core.principal_name import principal_name
from headgate.policy.permissions import CatalogService, Holders, Need, PermissionTable
from headgate.routing.table import EndpointTable
from tests.fakes.objects import MemoryObjects
from tests.fakes.ports import FakeClock
from tests.fakes.principal_state import MemoryPrincipals
from tests.fakes.principals import user

FILE = """
[[providers]]
name = "lab"
dialect = "anthropic"
models = ["claude-a", "claude-b"]

[[endpoints]]
name = "coding"
targets = [{ provider = "lab", model = "claude-a" }]

[[groups]]
name = "staff"
members = ["ada"]

[[grants]]
principal = "staff"
endpoint = "cod*"

[[grants]]
principal = "ben"
endpoint = "coding"
permission = "CAN_MANAGE"
"""
ROOT = Principal(id="usr_root", name="root", scopes=frozenset({"inference", "admin"}), roles=frozenset({"account_admin"}))
BEN, ADA = user("ben"), user("ada", "staff")
OF_FILE = [("user:ben", "CAN_MANAGE", "headgate.toml:19"), ("group:staff", "CAN_QUERY", "headgate.toml:15")]


class Office:
    """The use-cases over stores in memory and a file. What is stored is in force at once."""

    def __init__(self) -> None:
        environ = {"HEADGATE_DISCOVERY_ENVIRONMENT": "false", "HEADGATE_DISCOVERY_OLLAMA": "false"}
        self.file = load("", environ, accepted=WrittenFile(str(Path("etc/headgate.toml")), FILE))
        self.state = MemoryObjects()
        self.objects = ObjectAdmin(self.state, lambda: self.file, FakeClock())
        principals = PrincipalAdmin(MemoryPrincipals(), FakeClock(), lambda: declared_groups(self.file))
        for name, kind in (("ada", "USER"), ("ben", "USER"), ("eve", "USER"), ("ci", "SERVICE_PRINCIPAL"), ("guests", "GROUP")):
            principals.create(ROOT, NewPrincipal(name=name, kind=kind))
        self.service_id = principals.show("ci").row.id
        self.permissions = EndpointPermissions(self.objects, principals, self.governed)

    def governed(self) -> Governed:
        both = with_stored(self.file, self.state.list_objects())
        groups = frozenset({"staff", "guests"})
        return Governed(EndpointTable(both.providers, both.endpoints), PermissionTable(both.grants, groups), groups)

    def shown(self, which: str = "coding", who: Principal = ROOT) -> list[tuple[str, str, str]]:
        return [(str(each.principal), each.level, each.source) for each in self.permissions.shown(who, which)[1]]


@pytest.fixture
def office():
    """An endpoint of the file with two grants of the file."""
    return Office()


def wanted(**levels):
    """What a change asks for: `user__eve="CAN_QUERY"`."""
    return [Permission(principal_name(key.replace("__", ":")), level) for key, level in levels.items()]


def test_what_is_shown_says_where_it_comes_from(office):
    """Of the store first; those of the file with their line, a stored pattern by its name."""
    office.objects.create("grant", {"principal": "eve", "endpoint": "coding"}, "root")
    office.objects.create("grant", {"principal": "guests", "endpoint": "c*", "permission": "CAN_MANAGE"}, "root")
    assert office.shown() == [("user:eve", "CAN_QUERY", ""), OF_FILE[0], ("group:guests", "CAN_MANAGE", "grant guests on c*"), OF_FILE[1]]
    assert office.shown("claude-b") == [("group:guests", "CAN_MANAGE", "grant guests on c*")]
    assert office.permissions.levels(BEN, "coding").keys() == {"CAN_QUERY", "CAN_MANAGE"}


def test_update_gives_and_changes(office):
    """New ones are stored with their kind; a level changes in place, whether or not the grant was written with a kind."""
    office.objects.create("grant", {"principal": "eve", "endpoint": "coding", "permission": "CAN_MANAGE"}, "root")
    office.permissions.update(BEN, "coding", wanted(user__eve="CAN_QUERY", group__guests="CAN_QUERY", service_principal__ci="CAN_MANAGE"))
    assert office.shown() == [("service_principal:ci", "CAN_MANAGE", ""), ("user:eve", "CAN_QUERY", ""), ("group:guests", "CAN_QUERY", ""), *OF_FILE]
    assert {one.name for one in office.state.list_objects("grant")} == {"eve on coding", "group:guests on coding", "service_principal:ci on coding"}
    assert {one.created_by for one in office.state.list_objects("grant")} == {"root", "ben"}


def test_replace_leaves_what_the_file_declares(office):
    """The store has the list and no more; the same again changes nothing; a service principal may be named by its id."""
    office.permissions.replace(ROOT, "coding", wanted(user__eve="CAN_QUERY", user__ada="CAN_QUERY"))
    before = office.state.list_objects("grant")
    office.permissions.replace(ROOT, "coding", wanted(user__eve="CAN_QUERY", user__ada="CAN_QUERY"))
    assert office.state.list_objects("grant") == before
    office.permissions.replace(ROOT, "coding", [Permission(principal_name(f"service_principal:{office.service_id}"), "CAN_QUERY")])
    assert office.shown() == [("service_principal:ci", "CAN_QUERY", ""), *OF_FILE]


def test_an_empty_list_opens_nothing(office):
    """An endpoint that no grant names is open to all; so administrators are named in it, until someone else is."""
    office.permissions.replace(ROOT, "claude-b", ())
    assert office.shown("claude-b") == [("group:admins", "CAN_MANAGE", "")]
    assert not office.governed().permissions.may_query(ADA, "claude-b")
    office.permissions.replace(ROOT, "claude-b", wanted(user__ada="CAN_QUERY"))
    assert office.shown("claude-b") == [("user:ada", "CAN_QUERY", "")]


def test_the_higher_of_two_levels_counts(office):
    """For a principal that is in a list twice, in either order."""
    for levels in (("CAN_QUERY", "CAN_MANAGE"), ("CAN_MANAGE", "CAN_QUERY")):
        office.permissions.replace(ROOT, "claude-b", [Permission(principal_name("user:ada"), level) for level in levels])
        assert office.shown("claude-b") == [("user:ada", "CAN_MANAGE", "")]


def test_what_the_file_declares_is_not_changed(office):
    """The refusal says where it is declared; the same level is no change."""
    office.permissions.update(ROOT, "coding", wanted(user__ben="CAN_MANAGE"))
    with pytest.raises(BadRequest, match=r"The permission of user:ben on coding is declared at headgate\.toml:19\. Change it there") as caught:
        office.permissions.update(ROOT, "coding", wanted(user__eve="CAN_QUERY", user__ben="CAN_QUERY"))
    assert (caught.value.status, office.state.list_objects("grant")) == (409, [])


def test_only_managers(office):
    """A manager by the file's grant may; a member that may query may not, nor learn what is granted; without any grant only administrators may."""
    assert office.shown(who=BEN) == OF_FILE
    for step in (
        lambda: office.permissions.shown(ADA, "coding"),
        lambda: office.permissions.update(ADA, "coding", wanted(user__ada="CAN_MANAGE")),
        lambda: office.permissions.replace(ADA, "coding", ()),
        lambda: office.permissions.levels(ADA, "coding"),
        lambda: office.permissions.shown(BEN, "claude-b"),
    ):
        with pytest.raises(Forbidden, match="lacks the permission CAN_MANAGE on endpoint"):
            step()
    assert office.state.list_objects("grant") == []


@pytest.mark.parametrize(
    ("which", "asked", "error", "words"),
    [
        ("codding", {}, NotFound, "No endpoint has the id or name 'codding'. Did you mean 'coding'?"),
        ("zzz", {}, NotFound, "No endpoint has the id or name 'zzz'."),
        ("coding", {"user__nobody": "CAN_QUERY"}, NotFound, "No user has the name or id 'nobody'"),
        ("coding", {"group__ada": "CAN_QUERY"}, NotFound, "No group has the name or id 'ada'; 'ada' is a user"),
        ("coding", {"user__ada": "CAN_VIEW"}, BadRequest, "'CAN_VIEW' is no permission on an endpoint: CAN_QUERY, CAN_MANAGE."),
    ],
)
def test_what_makes_no_sense(office, which, asked, error, words):
    """Unknown endpoints, principals and levels."""
    with pytest.raises(error) as caught:
        office.permissions.update(ROOT, which, wanted(**asked))
    assert words in caught.value.message


def test_a_name_that_a_stranger_may_not_know_is_not_proposed(office):
    """A mistyped name gives a principal that manages nothing no name."""
    with pytest.raises(NotFound) as caught:
        office.permissions.shown(ADA, "codding")
    assert "mean" not in caught.value.message


def test_an_endpoint_of_the_store_is_found_by_its_id(office):
    """As scripts address it."""
    made = office.objects.create("endpoint", {"name": "stored", "targets": [{"provider": "lab", "model": "claude-a"}]}, "root")
    name, _ = office.permissions.update(ROOT, made.id, wanted(group__staff="CAN_QUERY", group__users="CAN_QUERY"))
    assert name == "stored"
    assert office.shown("stored") == office.shown(made.id) == [("group:staff", "CAN_QUERY", ""), ("group:users", "CAN_QUERY", "")]


def test_a_list_is_bounded(office):
    """Groups are for more."""
    many = [Permission(principal_name("user:ada"), "CAN_QUERY")] * 501
    assert office.permissions.update(ROOT, "coding", many)
    principals = office.permissions._principals
    for number in range(501):
        principals.create(ROOT, NewPrincipal(name=f"u{number}"))
    with pytest.raises(BadRequest, match="At most 500 principals"):
        office.permissions.update(
            ROOT, "coding", [msgspec.structs.replace(many[0], principal=principal_name(f"user:u{number}")) for number in range(501)]
        )


def test_what_the_catalog_grants_is_shown(office, monkeypatch):
    """For an endpoint that is one of its model services: inherited, with the privilege, as the level that it is worth; administrators are shown by the interface."""
    execute, manage = (
        Holders(frozenset({"eve", "ada"}), frozenset(), frozenset({"guests", "admins"})),
        Holders(frozenset({"ada"}), frozenset(), frozenset({"admins"})),
    )
    service = CatalogService((), Need("EXECUTE", "model service coding", execute), Need("MANAGE", "model service coding", manage))
    governed = office.governed()
    table = PermissionTable(governed.permissions.grants, governed.groups, services=lambda _: service)
    monkeypatch.setattr(office.permissions, "_governed", lambda: msgspec.structs.replace(governed, permissions=table))
    assert office.shown() == [
        *OF_FILE, ("user:ada", "CAN_MANAGE", "MANAGE on model service coding"), ("user:eve", "CAN_QUERY", "EXECUTE on model service coding"),
        ("group:guests", "CAN_QUERY", "EXECUTE on model service coding"),
    ]  # fmt: skip
