"""What a store's catalog holds from the start, and what becomes of it later."""

from sqlalchemy import delete, update

from headgate.admin.catalog_ports import GrantChange
from headgate.admin.token_ports import NewToken
from headgate.catalog.holders import group, user
from headgate.catalog.names import Name
from headgate.catalog.system import MY_USAGE
from headgate.catalog.usage_table import USAGE
from headgate.core.principal import Principal
from headgate.storage.state.catalog import CatalogStore
from headgate.storage.state.database import Database
from headgate.storage.state.opening import WRITES, open_engine
from headgate.storage.state.schema import alembic_version, metadata, securables, table_facts
from headgate.storage.state.store import StateStore
from headgate.storage.state.upgrade import upgrade

EVERYONE = group("account users")


def opened(tmp_path):
    return Database(f"sqlite:///{tmp_path}/s.db")


def test_a_current_store_is_left_alone(tmp_path):
    """Opening a store again changes nothing, not even its version."""
    database = opened(tmp_path)
    first = CatalogStore(database, "/w", 1).load()
    assert CatalogStore(database, "/w", 2).load(first) is first


def test_what_was_taken_back_stays_so(tmp_path):
    """Grants that an administrator revoked, and the catalog `main` that one dropped, do not come back with the next start."""
    database = opened(tmp_path)
    store = CatalogStore(database, "/w", 1)
    store.change_grants(store.load().find(MY_USAGE.name).id, [GrantChange(EVERYONE, remove=("SELECT",))])
    store.remove_tree(store.load().find(Name(("main",))).id)
    again = CatalogStore(database, "/w", 2).load()
    assert MY_USAGE.name not in again.grants
    assert again.find(Name(("main",))) is None


def test_a_release_that_changed_our_tables(tmp_path):
    """Our tables and views are brought to the present; grants on them stay."""
    database = opened(tmp_path)
    store = CatalogStore(database, "/w", 1)
    usage, view = store.load().find(USAGE.name), store.load().find(MY_USAGE.name)
    store.change_grants(usage.id, [GrantChange(EVERYONE, add=("SELECT",))])
    with database.writing("access") as connection:
        connection.execute(update(table_facts).where(table_facts.c.securable_id == usage.id).values(columns='{"type":"struct","fields":[]}'))
        connection.execute(update(table_facts).where(table_facts.c.securable_id == view.id).values(view_text="SELECT 1"))
        connection.execute(delete(table_facts).where(table_facts.c.securable_id == view.id))
        connection.execute(delete(securables).where(securables.c.id == view.id))
    seen = CatalogStore(database, "/w", 2_000_000).load()
    assert seen.find(USAGE.name).table.schema == USAGE.schema
    assert seen.find(USAGE.name).id == usage.id
    assert seen.find(MY_USAGE.name).table.view_text == MY_USAGE.text
    assert seen.grants[USAGE.name] == {EVERYONE: frozenset({"SELECT"})}


def test_a_store_of_the_first_release(tmp_path):
    """A store that knew no catalog gets one, and keeps its tokens."""
    url = f"sqlite:///{tmp_path}/s.db"
    engine = open_engine(url)
    with engine.connect().execution_options(**WRITES) as connection, connection.begin():
        metadata.drop_all(connection)
        connection.execute(alembic_version.delete())
        upgrade(connection, "0001")
    engine.dispose()
    state = StateStore(url)
    state.create_token(
        NewToken(
            id="tok", name="t", principal=Principal(id="usr", name="ada"), digest=b"d" * 32, last4="abcd", scopes=(), endpoints=(), created_at_ms=1
        )
    )
    seen = CatalogStore(state.database, "/w", 1).load()
    assert seen.find(USAGE.name) is not None
    assert seen.holder_of("ada") == user("ada")
    assert len(state.list_tokens()) == 1
    state.close()
