"""The catalog as one value: who may know of what, and do what."""

import difflib
import itertools
from collections import UserDict

import pytest

from headgate.catalog.catalog import Catalog
from headgate.catalog.entries import Entry, TableFacts
from headgate.catalog.holders import group, user
from headgate.catalog.names import METASTORE, Name
from headgate.catalog.privileges import ALL_PRIVILEGES, MANAGE, MODIFY, SELECT, USE_CATALOG, USE_SCHEMA
from headgate.core.errors import Forbidden, NotFound
from tests.fakes import principals

ADA = principals.user("ada")
ADMIN = principals.administrator("root")
FACTS = TableFacts(table_type="MANAGED", columns="")


def name(text: str) -> Name:
    return Name(tuple(text.split(".")) if text else ())


def snapshot(**grants: str) -> Catalog:
    """`main.obs` with two tables, and `hidden.x.t`. Grants to ada: `main__obs="USE SCHEMA"`."""
    names = ("", "main", "main.obs", "main.obs.metrics", "main.obs.logs", "hidden", "hidden.x", "hidden.x.t")
    entries = [Entry(id=f"id-{each}", name=name(each), owner=group("admins"), table=FACTS if each.count(".") == 2 else None) for each in names]
    held = {name(key.replace("__", ".")): {user("ada"): frozenset(value.split(","))} for key, value in grants.items()}
    return Catalog(7, entries, held, ["ada"])


def test_look_up():
    """Entries are found by name and id, and listed in order."""
    seen = snapshot()
    assert seen.find(name("main.obs")).id == "id-main.obs"
    assert seen.find_id("id-hidden").name == name("hidden")
    assert seen.find(name("nothing")) is seen.find_id("nothing") is None
    assert [entry.name.leaf for entry in seen.inside(name("main.obs"))] == ["logs", "metrics"]
    assert seen.inside(name("main.obs.logs")) == ()
    assert {entry.name.leaf for entry in seen.tables()} == {"metrics", "logs", "t"}
    assert seen.metastore.name == METASTORE


def test_principals():
    """Something can be granted to groups, and to whoever has had a token."""
    seen = snapshot()
    assert [seen.holder_of(who) for who in ("ada", "admins", "account users", "hakan")] == [
        user("ada"),
        group("admins"),
        group("account users"),
        None,
    ]


def test_declared_groups():
    """A declared group is a holder; its name is the group's, also where a user has the same. What is left of a group that is gone can still be named."""
    place = name("main")
    seen = Catalog(
        1, [Entry(id="id", name=place, owner=group("admins"))], {place: {group("gone"): frozenset({USE_CATALOG})}}, ["ada"], ["team", "ada"]
    )
    assert [seen.holder_of(who) for who in ("team", "ada", "admins", "gone")] == [group("team"), group("ada"), group("admins"), None]
    assert [seen.holder_on(place, who) for who in ("team", "gone", "stranger")] == [group("team"), group("gone"), user("stranger")]
    assert seen.holder_on(name("main.obs"), "gone") == user("gone")
    later = seen.moved(2, ["ada", "bob"], ["other"])
    assert [later.holder_of(who) for who in ("team", "ada", "bob", "other")] == [None, user("ada"), user("bob"), group("other")]


def test_require():
    """The entry is given to who may; what is missing is named, from the catalog down."""
    full = snapshot(main=USE_CATALOG, main__obs=USE_SCHEMA, main__obs__logs=SELECT)
    assert full.require(ADA, SELECT, name("main.obs.logs")).id == "id-main.obs.logs"
    assert full.allows(ADA, SELECT, name("main.obs.logs"))
    for grants, missing in (({}, USE_CATALOG), ({"main": USE_CATALOG}, USE_SCHEMA), ({"main": USE_CATALOG, "main__obs": USE_SCHEMA}, SELECT)):
        with pytest.raises(Forbidden, match=f"ada does not have {missing}") as refused:
            snapshot(**grants).require(ADA, SELECT, name("main.obs.logs"))
        assert refused.value.code == "INSUFFICIENT_PERMISSIONS"
    assert snapshot().require(ADMIN, MANAGE, name("hidden.x.t"))


def test_what_is_not_there():
    """A missing name is told, with the nearest that may be known, to those who may enter what it would lie in."""
    inside = snapshot(main=USE_CATALOG, main__obs=f"{USE_SCHEMA},{SELECT}")
    with pytest.raises(NotFound, match=r"main\.obs\.log cannot be found\. Did you mean main\.obs\.logs\?") as missing:
        inside.require(ADA, SELECT, name("main.obs.log"))
    assert missing.value.code == "TABLE_OR_VIEW_NOT_FOUND"
    with pytest.raises(NotFound, match="schema main"):
        inside.require(ADA, SELECT, name("main.nothing.t"))
    with pytest.raises(NotFound, match="catalog nothing") as missing:
        inside.require(ADA, SELECT, name("nothing.obs.t"))
    assert missing.value.code == "NO_SUCH_CATALOG_EXCEPTION"
    assert not inside.allows(ADMIN, SELECT, name("main.obs.log"))


class Counted(UserDict):
    """A mapping that counts what it is asked for."""

    asked = 0

    def get(self, *args):
        Counted.asked += 1
        return self.data.get(*args)

    def __getitem__(self, key):
        Counted.asked += 1
        return self.data[key]

    def __iter__(self):
        for key in self.data:
            Counted.asked += 1
            yield key

    def items(self):
        for item in self.data.items():
            Counted.asked += 1
            yield item


def wide(schemas: int, tables: int, holders: int) -> Catalog:
    """A catalog with as many schemas, a last one that holds as many tables, and as many holders on the catalog and on the last table."""
    places = [
        METASTORE,
        name("main"),
        *(name(f"main.s{number:05}") for number in range(schemas)),
        name("main.z"),
        *(name(f"main.z.t{number:05}") for number in range(tables)),
    ]
    entries = [Entry(id=str(place), name=place, owner=group("admins"), table=FACTS if place.kind == "TABLE" else None) for place in places]
    many = Counted({user(f"u{number}"): frozenset({SELECT}) for number in range(holders)})
    ada = Counted({user("ada"): frozenset({USE_CATALOG, USE_SCHEMA})})
    grants = Counted({name("main"): Counted(ada.data | many.data), places[-1]: Counted(many)})
    snapshot = Catalog(1, entries, grants)
    snapshot._owners = Counted(snapshot._owners)
    return snapshot


@pytest.mark.parametrize("principal", [ADA, ADMIN, principals.user("hakan")])
def test_a_listing_costs_what_it_lists(principal):
    """Ten times the entries and ten times the holders of grants cost a listing at most ten times as much, whatever the principal may see."""
    steps = {}
    for size in (50, 500):
        seen = wide(size, size, size)
        Counted.asked = 0
        for within in (METASTORE, name("main"), name("main.z")):
            seen.listed(principal, within)
        steps[size] = Counted.asked
    assert steps[500] <= 20 * 500
    assert steps[500] <= 12 * steps[50]


def test_making_a_snapshot_costs_what_it_holds():
    """Its look-ups are made in one pass over entries and grants."""
    steps = {}
    for size in (50, 500):
        Counted.asked = 0
        wide(size, size, size)
        steps[size] = Counted.asked
    assert steps[500] <= 12 * steps[50]


def test_a_missing_name_costs_little(monkeypatch):
    """A few names beside it are compared, however many there are and however long they are; one of those that are compared is found."""
    compared = []
    real = difflib.get_close_matches
    monkeypatch.setattr(difflib, "get_close_matches", lambda word, known, **more: compared.append((word, known)) or real(word, known, **more))
    seen = wide(0, 5000, 1)
    with pytest.raises(NotFound, match=r"Did you mean main\.z\.t02500\?"):
        seen.require(ADMIN, SELECT, name("main.z.t02500x"))
    with pytest.raises(NotFound):
        seen.require(ADMIN, SELECT, name("main.z." + "t" * 200))
    assert len(compared) == 1
    assert len(compared[0][1]) <= 100


def test_a_listing_shows_what_is_visible():
    """The short way through a schema shows the same tables as asking for each."""
    choices = ("", SELECT, MODIFY, MANAGE, ALL_PRIVILEGES, USE_SCHEMA, f"{USE_SCHEMA},{SELECT}")
    for main, obs, logs in itertools.product((*choices, USE_CATALOG, f"{USE_CATALOG},{SELECT}"), choices, choices):
        seen = snapshot(main=main or "X", main__obs=obs or "X", main__obs__logs=logs or "X")
        for within in (METASTORE, name("main"), name("main.obs"), name("hidden.x")):
            assert seen.listed(ADA, within) == [entry for entry in seen.inside(within) if seen.visible(ADA, entry.name)]


def test_names_behind_a_closed_door():
    """Whether a table exists is not told to who may not enter its schema, nor is its name suggested."""
    seen = snapshot(main=USE_CATALOG)
    messages = []
    for asked in ("main.obs.logs", "main.obs.none"):
        with pytest.raises(Forbidden) as refused:
            seen.require(ADA, SELECT, name(asked))
        messages.append(refused.value.message)
    assert messages[0] == messages[1]
    with pytest.raises(NotFound) as missing:
        seen.require(ADA, SELECT, name("hiden.x.t"))
    assert "hidden" not in missing.value.message


def test_listings():
    """A catalog or schema shows itself where something is granted on, above or in it; a table to those who may do something with it."""
    seen = snapshot(main=USE_CATALOG, main__obs=USE_SCHEMA, main__obs__logs=MODIFY)
    assert [str(entry.name) for entry in seen.listed(ADA, METASTORE)] == ["main"]
    assert [str(entry.name) for entry in seen.listed(ADA, name("main.obs"))] == ["main.obs.logs"]
    assert [str(entry.name) for entry in seen.listed(ADMIN, METASTORE)] == ["hidden", "main"]
    assert len(snapshot(main=ALL_PRIVILEGES).listed(ADA, name("main.obs"))) == 2


def test_require_visible():
    """Who may know of it gets it; to others it is told what they would need."""
    seen = snapshot(main=USE_CATALOG, main__obs=USE_SCHEMA, main__obs__logs=MODIFY)
    assert seen.require_visible(ADA, name("main.obs.logs"))
    assert seen.require_visible(ADA, name("main.obs"))
    with pytest.raises(Forbidden, match=SELECT):
        seen.require_visible(ADA, name("main.obs.metrics"))
    with pytest.raises(Forbidden, match=USE_CATALOG):
        seen.require_visible(ADA, name("hidden"))
    with pytest.raises(NotFound):
        seen.require_visible(ADA, name("main.obs.none"))


SERVICE, OTHER = Name(("main", "obs", "logs"), service=True), Name(("main", "obs", "other"), service=True)


def with_services(**grants: str) -> Catalog:
    """The same, with two model services in `main.obs`, one of them named like a table; `service__leaf` grants on one of them."""
    seen = snapshot(**{key: value for key, value in grants.items() if not key.startswith("service__")})
    held = {Name(("main", "obs", key.removeprefix("service__")), service=True): {user("ada"): frozenset(value.split(","))}
            for key, value in grants.items() if key.startswith("service__")}  # fmt: skip
    entries = [*(entry for place in ("", "main", "main.obs", "main.obs.logs") if (entry := seen.find(name(place)))),
               *(Entry(id=f"srv-{each}", name=each, owner=group("admins")) for each in (SERVICE, OTHER))]  # fmt: skip
    return Catalog(7, entries, {**seen.grants, **held}, ["ada"])


def test_model_services_are_beside_tables():
    """A listing of tables shows none of them, nor the other way round; what is granted on one is not granted on the table of its name."""
    seen = with_services(main="USE CATALOG", main__obs="USE SCHEMA", service__logs="EXECUTE")
    assert [entry.name for entry in seen.inside(name("main.obs"))] == [name("main.obs.logs")]
    assert [entry.name for entry in seen.services(name("main.obs"))] == [SERVICE, OTHER]
    assert {entry.name for entry in seen.all_services()} == {SERVICE, OTHER}
    assert seen.listed(ADA, name("main.obs")) == []
    assert [entry.name for entry in seen.listed_services(ADA, name("main.obs"))] == [SERVICE]
    assert [seen.visible(ADA, place) for place in (SERVICE, OTHER, name("main.obs.logs"))] == [True, False, False]
    assert seen.listed_services(ADMIN, name("main.obs")) == list(seen.services(name("main.obs")))
    with pytest.raises(
        Forbidden, match=r"ada does not have EXECUTE on Model service 'main\.obs\.other'\. An owner can run: GRANT EXECUTE ON MODEL SERVICE"
    ):
        seen.require_visible(ADA, OTHER)


@pytest.mark.parametrize("grants", [{"main__obs": "USE SCHEMA,EXECUTE"}, {"main": "USE CATALOG,EXECUTE", "main__obs": "USE SCHEMA"}])
def test_execute_is_inherited_by_model_services(grants):
    """From their schema and catalog."""
    seen = with_services(**{"main": "USE CATALOG", **grants})
    assert [seen.allows(ADA, "EXECUTE", place) for place in (SERVICE, OTHER)] == [True, True]
    assert len(seen.listed_services(ADA, name("main.obs"))) == 2


def test_a_model_service_that_is_not_there():
    """The nearest model service is proposed, and no table."""
    seen = with_services(main="USE CATALOG", main__obs="USE SCHEMA,EXECUTE")
    with pytest.raises(NotFound, match=r"model service main\.obs\.othr cannot be found\. Did you mean main\.obs\.other\?") as refused:
        seen.require(ADA, "EXECUTE", Name(("main", "obs", "othr"), service=True))
    assert refused.value.code == "MODEL_SERVICE_NOT_FOUND"
