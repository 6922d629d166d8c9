"""Endpoints that are named like services in a schema of the catalog."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headgate.app.endpoint_services import may_have_services, services_in
from headgate.catalog.catalog import Catalog
from headgate.catalog.entries import Entry
from headgate.catalog.holders import group, user
from headgate.catalog.names import METASTORE, Name
from headgate.catalog.privileges import ALL_PRIVILEGES, EXECUTE, MANAGE, SELECT, USE_CATALOG, USE_SCHEMA, missing
from headgate.config.load import WrittenFile, load
from headgate.core.principal import Principal
from headgate.core.roles import VIEWER
from headgate.policy.permissions import PermissionTable

MAIN, AI = Name(("main",)), Name(("main", "ai"))
HOLDERS = [user("ada"), user("bob"), group("team"), group("account users"), group("admins"), group("viewers")]
PRIVILEGES = [USE_CATALOG, USE_SCHEMA, EXECUTE, MANAGE, ALL_PRIVILEGES, SELECT]


def catalog(grants, owners=()):
    """A catalog with `main.ai`, where administrators own what no other holder does."""
    owned = dict(owners)
    return Catalog(1, [Entry(id=str(name), name=name, owner=owned.get(name, group("admins"))) for name in (METASTORE, MAIN, AI)], grants)


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


GRANTS = st.dictionaries(
    st.sampled_from([METASTORE, MAIN, AI]),
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


@settings(max_examples=300, deadline=None)
@given(GRANTS, st.dictionaries(st.sampled_from([MAIN, AI]), st.sampled_from(HOLDERS)), PRINCIPALS)
def test_the_decision_is_that_of_the_catalog(grants, owners, principal):
    """To query it takes EXECUTE and the way to it, to manage it takes MANAGE: as privileges on tables are decided, for any grants and owners."""
    made = catalog(grants, owners.items())
    table = PermissionTable((), services=services_in(made))
    owned = {entry.name: entry.owner for entry in (made.metastore, made.find(MAIN), made.find(AI))}
    lacked = missing(principal, EXECUTE, AI, grants, owned)
    assert table.may_query(principal, "main.ai.coding") == (lacked is None or principal.is_administrator)
    assert table.may_manage(principal, "main.ai.coding") == (AI in places_with_manage(principal, grants, owned) or principal.is_administrator)
    if lacked is not None:
        need = table.lacked(principal, "main.ai.coding")
        assert (need.privilege, need.place) == (lacked.privilege, f"{lacked.securable.kind.lower()} {lacked.securable}")


def places_with_manage(principal, grants, owners):
    """The schema, where the principal would have MANAGE on it if it could reach it."""
    everything = {
        **grants,
        MAIN: {**grants.get(MAIN, {}), group("account users"): grants.get(MAIN, {}).get(group("account users"), frozenset()) | {USE_CATALOG}},
    }
    return {AI} if missing(principal, MANAGE, AI, everything, owners) is None else set()


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
