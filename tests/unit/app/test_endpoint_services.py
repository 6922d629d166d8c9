"""Endpoints that are named like services in a schema of the catalog."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.admin.catalog_ports import GrantChange
from headgate.app.endpoint_services import ServiceEntries, may_have_services, services_in
from headgate.catalog.catalog import Catalog
from headgate.catalog.entries import Entry
from headgate.catalog.holders import group, user
from headgate.catalog.names import METASTORE, Name
from headgate.catalog.privileges import ALL_PRIVILEGES, EXECUTE, MANAGE, SELECT, USE_CATALOG, USE_SCHEMA, missing
from headgate.config.load import WrittenFile, load
from headgate.core.errors import Unavailable
from headgate.core.principal import Principal
from headgate.core.roles import VIEWER
from headgate.core.stored_object import StoredObject
from headgate.policy.permissions import PermissionTable
from tests.fakes.catalog_state import MemoryCatalog
from tests.fakes.examples import examples
from tests.fakes.ports import FakeClock

MAIN, AI = Name(("main",)), Name(("main", "ai"))
HOLDERS = [user("ada"), user("bob"), group("team"), group("account users"), group("admins"), group("viewers")]
PRIVILEGES = [USE_CATALOG, USE_SCHEMA, EXECUTE, MANAGE, ALL_PRIVILEGES, SELECT]


def catalog(grants, owners=(), more=()):
    """A catalog with `main.ai`, and more, where administrators own what no other holder does."""
    owned = dict(owners)
    return Catalog(1, [Entry(id=str(name), name=name, owner=owned.get(name, group("admins"))) for name in (METASTORE, MAIN, AI, *more)], grants)


def who(name, *groups, roles=(), admin=False):
    scopes = frozenset({"inference", *(["admin"] if admin else [])})
    return Principal(id=f"usr_{name}", name=name, groups=frozenset(groups), roles=frozenset(roles), scopes=scopes)


@pytest.mark.parametrize(
    ("endpoint", "is_service"),
    [("main.ai.coding", True), ("Main.AI.coding", True), ("main.ai", False), ("main.ai.a.b", False), ("main.none.coding", False), ("llama-3.1.8b", False),
     ("main.ai.", False), ("gpt", False)],
)  # fmt: skip
def test_which_names_are_services(endpoint, is_service):
    """Three parts, of which the catalog has the first two; in any case of letters."""
    assert (services_in(catalog({}))(endpoint) is not None) is is_service


CODING = Name(("main", "ai", "coding"), service=True)
GRANTS = st.dictionaries(
    st.sampled_from([METASTORE, MAIN, AI, CODING]),
    st.dictionaries(st.sampled_from(HOLDERS), st.frozensets(st.sampled_from(PRIVILEGES), max_size=3), max_size=3),
    max_size=3,
)
PRINCIPALS = st.builds(
    lambda name, groups, roles, admin: who(name, *groups, roles=roles, admin=admin),
    st.sampled_from(["ada", "bob", "eve"]),
    st.sets(st.just("team")),
    st.sets(st.just(VIEWER)),
    st.booleans(),
)


@examples(300)
@given(GRANTS, st.dictionaries(st.sampled_from([MAIN, AI, CODING]), st.sampled_from(HOLDERS)), PRINCIPALS, st.booleans())
def test_the_decision_is_that_of_the_catalog(grants, owners, principal, has_entry):
    """To query it takes EXECUTE and the way to it, to manage it takes MANAGE: as privileges on tables are decided, for any grants and owners. Without an
    entry of its own, those on the schema decide.
    """
    place = CODING if has_entry else AI
    made = catalog(grants, owners.items(), [CODING] if has_entry else [])
    table = PermissionTable((), services=services_in(made))
    owned = {entry.name: entry.owner for each in (METASTORE, MAIN, AI, CODING) if (entry := made.find(each))}
    lacked = missing(principal, EXECUTE, place, grants, owned)
    assert table.may_query(principal, "main.ai.coding") == (lacked is None or principal.is_administrator)
    assert table.may_manage(principal, "main.ai.coding") == (has_manage(principal, place, grants, owned) or principal.is_administrator)
    if lacked is not None:
        need = table.lacked(principal, "main.ai.coding")
        assert (need.privilege, need.place) == (lacked.privilege, f"{lacked.securable.kind.lower()} {lacked.securable}")


def has_manage(principal, place, grants, owners):
    """Whether the principal has MANAGE on the place, however it could be reached."""
    everyone = group("account users")
    open_to_all = {
        above: {**grants.get(above, {}), everyone: grants.get(above, {}).get(everyone, frozenset()) | {USE_CATALOG, USE_SCHEMA}}
        for above in (MAIN, AI)
    }
    return missing(principal, MANAGE, place, {**grants, **open_to_all}, owners) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", False),
        ('models = ["claude-a"]', False),
        ('models = ["main.ai.coding"]', True),
        ('models = ["claude-a"]\n[[endpoints]]\nname = "main.ai.x"\ntargets = [{ provider = "lab" }]', True),
        ('models = ["claude-a"]\n[[endpoints]]\nname = "team-*"\ntargets = [{ provider = "lab" }]', True),
        ('models = ["claude-a"]\n[[endpoints]]\nname = "claude-3.5"\ntargets = [{ provider = "lab" }]', False),
    ],
)
def test_when_the_catalog_is_needed(text, expected):
    """Where a name with two dots can be asked for."""
    file = f'[[providers]]\nname = "lab"\ndialect = "anthropic"\n{text}\n'
    declared = load(
        "", {"HEADGATE_DISCOVERY_ENVIRONMENT": "false", "HEADGATE_DISCOVERY_OLLAMA": "false"}, accepted=WrittenFile("headgate.toml", file)
    )
    assert may_have_services(declared) is expected


def endpoint(identity, name, maker="root"):
    return StoredObject(id=identity, kind="endpoint", name=name, document={}, created_by=maker)


@pytest.fixture
def state():
    """A catalog with the schema `main.ai`, in which `root` and `ada` are known."""
    made = MemoryCatalog(["root", "ada"])
    made.add(Entry(id="ai", name=AI, owner=group("admins")))
    return made


def entries(state, endpoints, stored=()):
    """The entries that are left when these endpoints are declared: owners and ids by name."""
    seen = ServiceEntries(state, FakeClock()).settle(None, endpoints, stored)
    return {str(entry.name): (entry.owner, entry.id) for entry in seen.all_services()}


def test_each_endpoint_of_a_schema_has_an_entry(state):
    """Its maker owns it where the store has it and the maker is known, else administrators; patterns, other names and other schemas have none."""
    stored = [endpoint("ep_1", "main.ai.mine", "ada"), endpoint("ep_2", "main.ai.theirs", "gone"), endpoint("ep_3", "plain"),
              StoredObject(id="lim", kind="limit", name="main.ai.limit", document={})]  # fmt: skip
    names = ["main.ai.File", "main.ai.*", "main.none.x", "plain", "main.ai.mine", "main.ai.a/b", "main.ai.a.b"]
    found = entries(state, names, stored)
    assert {name: owner for name, (owner, _) in found.items()} == {
        "main.ai.file": group("admins"), "main.ai.mine": user("ada"), "main.ai.theirs": group("admins"),
    }  # fmt: skip
    assert (found["main.ai.mine"][1], found["main.ai.theirs"][1]) == ("ep_1", "ep_2")
    before = state.load().version
    assert entries(state, names, stored) == found
    assert state.load().version == before


def test_an_entry_ends_with_its_endpoint(state):
    """With what is granted on it; and where the endpoint was deleted and made again between two looks. One that moves between file and store keeps it."""

    def granted(endpoints, stored=()):
        entries(state, endpoints, stored)
        return state.load().grants.get(CODING, {})

    def grant():
        state.change_grants(state.load().find(CODING).id, [GrantChange(user("ada"), add=(EXECUTE,))])

    first = endpoint("ep_1", "main.ai.coding")
    granted([], [first])
    grant()
    assert granted(["main.ai.coding"], [first]) != {}
    assert granted(["main.ai.coding"]) != {}  # the file declares it now
    assert granted(["main.ai.coding"], [first]) != {}
    assert granted(["main.ai.coding"], [endpoint("ep_2", "main.ai.coding")]) == {}
    grant()
    assert granted([]) == {}
    assert not state.has_services()
    ServiceEntries(state, FakeClock()).clear()
    granted(["main.ai.coding"])
    ServiceEntries(state, FakeClock()).clear()
    assert not state.has_services()


def test_entries_that_cannot_be_written(state, monkeypatch, caplog):
    """Keep nobody from the rest of a change: the catalog is used as it is."""

    def full(*_):
        raise Unavailable("The control state cannot be used: database or disk is full.")

    monkeypatch.setattr(state, "change_services", full)
    assert entries(state, ["main.ai.coding"]) == {}
    assert "database or disk is full" in caplog.text
