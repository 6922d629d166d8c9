"""What every store of the catalog does, whatever it is kept in."""

import msgspec
import pytest

from headgate.admin.catalog_ports import GrantChange
from headgate.admin.token_ports import NewToken
from headgate.catalog.entries import Entry, TableFacts
from headgate.catalog.holders import group, user
from headgate.catalog.names import METASTORE, Name
from headgate.catalog.usage_table import USAGE
from headgate.core.errors import BadRequest, NotFound
from headgate.core.principal import Principal
from headgate.storage.state.catalog import CatalogStore
from headgate.storage.state.store import StateStore
from tests.fakes.catalog_state import MemoryCatalog

USER = "ada@example.com"
ADA, EVERYONE, ADMINISTRATORS = user(USER), group("account users"), group("admins")
COLUMNS = '{"type":"struct","fields":[{"name":"a","type":"long","nullable":true,"metadata":{}}]}'


def name(text: str) -> Name:
    return Name(tuple(text.split(".")) if text else ())


@pytest.fixture(params=["memory", "sqlite"])
def catalog(request, tmp_path):
    """One fresh store of each kind, in which one person is known."""
    if request.param == "memory":
        yield MemoryCatalog([USER], str(tmp_path / "warehouse"))
        return
    state = StateStore(f"sqlite:///{tmp_path}/state.db")
    state.create_token(
        NewToken(
            id="tok", name="t", principal=Principal(id="usr", name=USER), digest=b"d" * 32, last4="abcd", scopes=(), endpoints=(), created_at_ms=1
        )
    )
    yield CatalogStore(state.database, str(tmp_path / "warehouse"), 1_000_000_000)
    state.close()


def grant(catalog, entry_id: str, holder, privileges) -> None:
    catalog.change_grants(entry_id, [GrantChange(holder, add=tuple(privileges))])


def revoke(catalog, entry_id: str, holder, privileges) -> None:
    catalog.change_grants(entry_id, [GrantChange(holder, remove=tuple(privileges))])


def schema(text: str, **changed) -> Entry:
    return Entry(**{"id": f"new-{text}", "name": name(text), "owner": ADA, "created_at_ms": 5, "created_by": USER} | changed)


def table(text: str, **changed) -> Entry:
    facts = TableFacts(table_type="MANAGED", columns=COLUMNS, partitioned_by=("a",))
    return schema(text, **{"table": facts, "location": f"/elsewhere/{text}", "properties": {"k": "v"}, "comment": "c"} | changed)


def test_what_is_there_from_the_start(catalog, tmp_path):
    """`main.default` for everybody, `system.ai_gateway` with our tables; administrators own them."""
    seen = catalog.load()
    names = {
        str(entry.name): entry for entry in (seen.find(name(text)) for text in ("main.default", "system.ai_gateway", "system.ai_gateway.my_usage"))
    }
    assert all(entry.owner == ADMINISTRATORS for entry in names.values())
    usage = seen.find(USAGE.name)
    assert usage.location == str(tmp_path / "warehouse/system/ai_gateway/usage")
    assert usage.table.schema == USAGE.schema
    assert names["system.ai_gateway.my_usage"].is_view
    assert "current_user()" in names["system.ai_gateway.my_usage"].table.view_text
    assert seen.grants[name("main")] == {EVERYONE: frozenset({"USE CATALOG"})}
    assert USAGE.name not in seen.grants
    assert (seen.metastore.owner, seen.holder_of(USER), seen.holder_of("hakan")) == (ADMINISTRATORS, ADA, None)


def test_an_entry_is_kept_whole(catalog):
    """A table comes back as it was given."""
    kept = table("main.default.t")
    catalog.add(kept)
    seen = catalog.load()
    assert seen.find(kept.name) == seen.find_id(kept.id) == kept
    assert seen.inside(name("main.default")) == (kept,)
    assert kept in seen.tables()


def test_a_name_is_taken_once(catalog):
    """A second entry of the same name is refused, and one in nothing too."""
    catalog.add(schema("main.obs"))
    with pytest.raises(BadRequest) as taken:
        catalog.add(schema("main.obs", id="other"))
    assert (taken.value.status, taken.value.code) == (409, "SCHEMA_ALREADY_EXISTS")
    with pytest.raises(NotFound):
        catalog.add(table("main.nothing.t"))
    assert catalog.load().find_id("other") is None


def test_change(catalog):
    """A change sees the entry as it is and keeps what it returns."""
    catalog.add(table("main.default.t"))
    facts = TableFacts(table_type="MANAGED", columns=COLUMNS.replace('"a"', '"b"'))
    changed = catalog.change(
        "new-main.default.t",
        lambda entry: msgspec.structs.replace(entry, owner=ADMINISTRATORS, properties=entry.properties | {"x": "y"}, table=facts),
    )
    assert changed == catalog.load().find(name("main.default.t"))
    assert (changed.owner, changed.properties, changed.table, changed.created_at_ms) == (ADMINISTRATORS, {"k": "v", "x": "y"}, facts, 5)
    with pytest.raises(NotFound):
        catalog.change("nobody", lambda entry: entry)


def test_rename(catalog):
    """What lies in a renamed catalog is found under the new name; grants go along; a taken name is refused."""
    catalog.add(schema("sales"))
    catalog.add(schema("sales.q1"))
    catalog.add(table("sales.q1.t"))
    grant(catalog, "new-sales.q1.t", ADA, ["SELECT"])
    catalog.change("new-sales", lambda entry: msgspec.structs.replace(entry, name=name("shop")))
    seen = catalog.load()
    assert seen.find(name("sales")) is None
    assert seen.find(name("shop.q1.t")).location == "/elsewhere/sales.q1.t"
    assert seen.grants[name("shop.q1.t")] == {ADA: frozenset({"SELECT"})}
    with pytest.raises(BadRequest) as taken:
        catalog.change("new-sales", lambda entry: msgspec.structs.replace(entry, name=name("main")))
    assert taken.value.status == 409


def test_remove(catalog):
    """What holds something is not removed alone; with all that lies in it, it goes innermost first; grants go too."""
    catalog.add(schema("main.obs"))
    catalog.add(table("main.obs.t"))
    grant(catalog, "new-main.obs.t", ADA, ["SELECT"])
    with pytest.raises(BadRequest) as refused:
        catalog.remove("new-main.obs")
    assert refused.value.status == 409
    assert [str(entry.name) for entry in catalog.remove_tree("new-main.obs")] == ["main.obs.t", "main.obs"]
    catalog.add(schema("main.obs"))
    catalog.add(table("main.obs.t"))
    assert name("main.obs.t") not in catalog.load().grants
    catalog.remove("new-main.obs.t")
    for gone in ("new-main.obs.t", "nobody"):
        with pytest.raises(NotFound):
            catalog.remove(gone)
        with pytest.raises(NotFound):
            catalog.remove_tree(gone)


def test_grants(catalog):
    """Granted twice is granted once; what was not granted can be taken back."""
    catalog.add(table("main.default.t"))
    grant(catalog, "new-main.default.t", ADA, ["SELECT", "MODIFY"])
    grant(catalog, "new-main.default.t", ADA, ["SELECT"])
    grant(catalog, "new-main.default.t", EVERYONE, ["SELECT"])
    assert catalog.load().grants[name("main.default.t")] == {ADA: frozenset({"SELECT", "MODIFY"}), EVERYONE: frozenset({"SELECT"})}
    revoke(catalog, "new-main.default.t", ADA, ["MODIFY", "MANAGE"])
    assert catalog.load().grants[name("main.default.t")][ADA] == frozenset({"SELECT"})
    revoke(catalog, "new-main.default.t", user("hakan"), ["SELECT"])
    with pytest.raises(NotFound):
        grant(catalog, "nobody", ADA, ["SELECT"])


def test_grants_on_the_metastore(catalog):
    """The metastore is a securable like the others."""
    grant(catalog, catalog.load().metastore.id, ADA, ["CREATE CATALOG"])
    assert catalog.load().grants[METASTORE] == {ADA: frozenset({"CREATE CATALOG"})}


def test_the_version_moves_with_every_change(catalog):
    """Who holds a snapshot is given the same one until something changes."""
    seen = catalog.load()
    assert catalog.load(seen) is seen
    for act in (
        lambda: catalog.add(schema("main.obs")),
        lambda: grant(catalog, "new-main.obs", ADA, ["USE SCHEMA"]),
        lambda: revoke(catalog, "new-main.obs", ADA, ["USE SCHEMA"]),
        lambda: catalog.change("new-main.obs", lambda entry: msgspec.structs.replace(entry, comment="x")),
        lambda: catalog.remove("new-main.obs"),
    ):
        act()
        later = catalog.load(seen)
        assert later.version > seen.version
        seen = later


def service(text: str, **changed) -> Entry:
    return schema(text, **{"id": f"srv-{text}", "name": Name(tuple(text.split(".")), service=True)} | changed)


def test_model_services_are_changed_together(catalog):
    """A table of the same name is another entry; grants end with the model service; one without a schema, or of a name that is taken, is not added."""
    catalog.add(table("main.default.a"))
    assert not catalog.has_services()
    catalog.change_services((), [service("main.default.a"), service("main.none.b"), service("main.default.c")])
    catalog.change_services((), [service("main.default.a", id="other")])
    grant(catalog, "srv-main.default.a", ADA, ["EXECUTE"])
    seen = catalog.load()
    assert catalog.has_services()
    assert [entry.id for entry in seen.services(name("main.default"))] == ["srv-main.default.a", "srv-main.default.c"]
    assert seen.find(service("main.default.a").name) == seen.find_id("srv-main.default.a") == service("main.default.a")
    assert seen.inside(name("main.default")) == (table("main.default.a"),)
    assert seen.grants[service("main.default.a").name] == {ADA: frozenset({"EXECUTE"})}
    assert name("main.default.a") not in seen.grants
    catalog.change_services(["srv-main.default.a", "nobody"], [service("main.default.a", id="again")])
    seen = catalog.load()
    assert [entry.id for entry in seen.services(name("main.default"))] == ["again", "srv-main.default.c"]
    assert service("main.default.a").name not in seen.grants
    catalog.change_services(["again", "srv-main.default.c"], ())
    assert not catalog.has_services()
    assert catalog.load().find(name("main.default.a")) is not None


@pytest.mark.parametrize("above", ["sales", "sales.q1"])
def test_what_has_model_services_keeps_its_name(catalog, above):
    """It is not renamed or dropped, with CASCADE neither: the endpoints that are named after it would be in no schema. Its comment may change."""
    catalog.add(schema("sales"))
    catalog.add(schema("sales.q1"))
    catalog.change_services((), [service("sales.q1.s")])
    for act in (lambda: catalog.change(f"new-{above}", lambda entry: msgspec.structs.replace(entry, name=Name((*entry.name.parts[:-1], "shop")))),
                lambda: catalog.remove_tree(f"new-{above}"), lambda: catalog.remove(f"new-{above}")):  # fmt: skip
        with pytest.raises(BadRequest) as refused:
            act()
        assert refused.value.status == 409
    catalog.change(f"new-{above}", lambda entry: msgspec.structs.replace(entry, comment="x"))
    catalog.change_services(["srv-sales.q1.s"], ())
    catalog.remove_tree("new-sales")


def test_a_users_view(catalog):
    """Its text, what completes short names in it and the names of its query's columns are kept, and change as one step."""
    facts = TableFacts(table_type="VIEW", columns=COLUMNS, view_text="SELECT 1", view_defaults=("main", "default"), view_outputs=("a",))
    catalog.add(schema("main.default.v", table=facts))
    kept = catalog.load().find(name("main.default.v"))
    assert (kept.table, kept.is_view) == (facts, True)
    changed = msgspec.structs.replace(facts, view_text="SELECT 2", view_outputs=("b",), view_defaults=("main", "other"))
    catalog.change(kept.id, lambda before: msgspec.structs.replace(before, table=changed))
    assert catalog.load().find(name("main.default.v")).table == changed
    assert catalog.load().find(name("system.ai_gateway.my_usage")).table.view_defaults == ()
