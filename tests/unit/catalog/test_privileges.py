"""Who may do what."""

import pytest

from headgate.catalog import privileges
from headgate.catalog.holders import group, user
from headgate.catalog.names import METASTORE, Name
from headgate.catalog.privileges import Reach
from headgate.core.errors import BadRequest, Forbidden
from tests.fakes import principals

MAIN = Name(("main",))
DEFAULT = Name(("main", "default"))
TABLE = Name(("main", "default", "t"))


def _grants(*entries):
    grants: dict[Name, dict[str, frozenset[str]]] = {}
    for place, principal, *held in entries:
        grants.setdefault(place, {})[_holder(principal)] = frozenset(held)
    return grants


def _holder(name):
    return group(name) if name in {"team", "others", "account users"} else user(name)


def _owned(owners):
    return {place: _holder(owner) for place, owner in owners.items()}


DOORS = ((MAIN, "ana", "USE CATALOG"), (DEFAULT, "ana", "USE SCHEMA"))


@pytest.mark.parametrize(
    ("privilege", "securable", "grants", "owners", "missing"),
    [
        ("SELECT", TABLE, (), {}, ("USE CATALOG", MAIN)),
        ("SELECT", TABLE, ((TABLE, "ana", "SELECT"),), {}, ("USE CATALOG", MAIN)),
        ("SELECT", TABLE, (DOORS[0], (TABLE, "ana", "SELECT")), {}, ("USE SCHEMA", DEFAULT)),
        ("SELECT", TABLE, DOORS, {}, ("SELECT", TABLE)),
        ("SELECT", TABLE, (*DOORS, (TABLE, "ana", "SELECT")), {}, None),
        ("MODIFY", TABLE, (*DOORS, (TABLE, "ana", "SELECT")), {}, ("MODIFY", TABLE)),
        ("SELECT", TABLE, ((MAIN, "ana", "USE CATALOG", "USE SCHEMA", "SELECT"),), {}, None),
        ("SELECT", TABLE, ((MAIN, "ana", "ALL PRIVILEGES"),), {}, None),
        ("MANAGE", TABLE, ((MAIN, "ana", "ALL PRIVILEGES"),), {}, ("MANAGE", TABLE)),
        ("MANAGE", TABLE, (*DOORS, (TABLE, "ana", "MANAGE")), {}, None),
        ("SELECT", TABLE, ((MAIN, "team", "ALL PRIVILEGES"),), {}, None),
        ("SELECT", TABLE, ((MAIN, "others", "ALL PRIVILEGES"),), {}, ("USE CATALOG", MAIN)),
        ("SELECT", TABLE, ((MAIN, "account users", "ALL PRIVILEGES"),), {}, None),
        ("SELECT", TABLE, DOORS, {TABLE: "ana"}, None),
        ("MANAGE", TABLE, DOORS, {TABLE: "team"}, None),
        ("SELECT", TABLE, (), {TABLE: "ana"}, ("USE CATALOG", MAIN)),
        ("SELECT", TABLE, (), {MAIN: "ana"}, None),
        ("CREATE CATALOG", METASTORE, (), {METASTORE: "team"}, None),
        ("CREATE CATALOG", METASTORE, (), {}, ("CREATE CATALOG", METASTORE)),
        ("CREATE TABLE", DEFAULT, DOORS, {}, ("CREATE TABLE", DEFAULT)),
        ("CREATE TABLE", DEFAULT, (*DOORS[:1], (DEFAULT, "ana", "CREATE TABLE")), {}, ("USE SCHEMA", DEFAULT)),
        ("CREATE SCHEMA", MAIN, ((MAIN, "ana", "CREATE SCHEMA", "USE CATALOG"),), {}, None),
        ("USE SCHEMA", DEFAULT, DOORS, {}, None),
    ],
)
def test_the_decision(privilege, securable, grants, owners, missing):
    """Grants, groups, inheritance and ownership decide; the first privilege that is missing from the catalog down is named."""
    lacked = privileges.missing(principals.user("ana", "team"), privilege, securable, _grants(*grants), _owned(owners))

    assert (lacked and (lacked.privilege, lacked.securable)) == missing


def test_a_refusal_names_the_privilege_and_the_statement_that_gives_it():
    """Whoever reads it knows what to ask for."""
    with pytest.raises(Forbidden, match=r"does not have SELECT on Table 'main.default.t'.*GRANT SELECT ON TABLE main.default.t TO `ana`"):
        privileges.require(principals.user("ana"), "SELECT", TABLE, _grants(*DOORS), {})
    privileges.require(principals.user("ana"), "USE CATALOG", MAIN, _grants(*DOORS), {})


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("USE_CATALOG", "USE CATALOG"),
        ("use  schema", "USE SCHEMA"),
        ("ALL_PRIVILEGES", "ALL PRIVILEGES"),
        ("all", "ALL PRIVILEGES"),
        ("select", "SELECT"),
    ],
)
def test_spellings(word, expected):
    """Spaces, underscores and any case are one privilege."""
    assert privileges.parse(word) == expected
    assert privileges.api_spelling(expected) == expected.replace(" ", "_")


def test_wrong_privileges_are_refused():
    """An unknown word gets the nearest one; a privilege is granted only where it means something."""
    with pytest.raises(BadRequest, match="did you mean SELECT"):
        privileges.parse("SELET")
    with pytest.raises(BadRequest, match="known are"):
        privileges.parse("FLY")
    with pytest.raises(BadRequest, match="granted on a catalog, not on a table"):
        privileges.parse("USE CATALOG", "TABLE")


def test_listings_show_what_is_reachable():
    """A grant on, above or inside a securable shows it; nothing else does."""
    inside = _grants((TABLE, "ana", "SELECT"))

    assert Reach(inside, {}).sees(principals.user("ana"), MAIN)
    assert Reach(_grants((MAIN, "ana", "USE CATALOG")), {}).sees(principals.user("ana"), TABLE)
    assert Reach(_grants((MAIN, "team", "USE CATALOG")), {}).sees(principals.user("ana", "team"), TABLE)
    assert Reach({}, {DEFAULT: user("ana")}).sees(principals.user("ana"), MAIN)
    assert not Reach(inside, {}).sees(principals.user("bob"), MAIN)
    assert not Reach(inside, {}).sees(principals.user("ana"), Name(("main", "other")))
