"""How much of the catalog the database is asked for. What the store does stands in the contract suite."""

import pytest
from sqlalchemy import event

from headgate.admin.catalog_ports import GrantChange
from headgate.admin.token_ports import NewToken
from headgate.catalog.holders import group, user
from headgate.catalog.names import Name
from headgate.catalog.privileges import USE_SCHEMA
from headgate.core.principal import Principal
from headgate.storage.state.catalog import CatalogStore
from headgate.storage.state.store import StateStore

DEFAULT = Name(("main", "default"))


@pytest.fixture
def state(tmp_path):
    """A store."""
    made = StateStore(f"sqlite:///{tmp_path}/state.db")
    yield made
    made.close()


@pytest.fixture
def asked(state):
    """The statements that were run since the test began."""
    found: list[str] = []
    event.listen(state.database._engine, "before_cursor_execute", lambda _c, _cursor, statement, *_: found.append(statement))
    return found


def token(name: str) -> NewToken:
    principal = Principal(id=f"usr_{name}", name=name)
    return NewToken(id=f"tok_{name}", name="t", principal=principal, digest=name.encode() * 8, last4="abcd", scopes=(), endpoints=(), created_at_ms=1)


def test_a_new_token_reads_no_catalog_anew(state, asked):
    """A change beside the catalog gives the same entries, grants and look-ups again, with whoever is new; the catalog's tables are not read."""
    store = CatalogStore(state.database, "/w", 1)
    seen = store.load()
    state.create_token(token("ada"))
    asked.clear()
    later = store.load(seen)
    assert (later.version, later.holder_of("ada"), seen.holder_of("ada")) == (seen.version + 1, user("ada"), None)
    assert later.find(DEFAULT) is seen.find(DEFAULT)
    assert later.grants is seen.grants
    assert not [statement for statement in asked if "securables" in statement or "grants" in statement]
    assert store.load(later) is later


def test_a_change_of_the_catalog_is_read(state):
    """Every change of the catalog itself is seen, also by another process' store and behind a new token."""
    store, other = CatalogStore(state.database, "/w", 1), CatalogStore(state.database, "/w", 1)
    state.create_token(token("ada"))
    seen = other.load()
    state.create_token(token("bob"))
    store.change_grants(store.load().find(DEFAULT).id, [GrantChange(user("ada"), add=(USE_SCHEMA,))])
    state.create_token(token("eve"))
    later = other.load(seen)
    assert later.grants[DEFAULT][user("ada")] == frozenset({USE_SCHEMA})
    assert later.holder_of("eve") == user("eve")


def test_groups_of_the_file_are_seen(state, asked):
    """Without a change of the store and without a look into the catalog's tables: a privilege can be granted to a group that was declared a moment ago."""
    names = [frozenset()]
    store = CatalogStore(state.database, "/w", 1, lambda: names[0])
    seen = store.load()
    names[0] = frozenset({"team"})
    asked.clear()
    later = store.load(seen)
    assert (seen.holder_of("team"), later.holder_of("team")) == (None, group("team"))
    assert later.grants is seen.grants
    assert not [statement for statement in asked if "securables" in statement]
    assert store.load(later) is later
    state.create_token(token("ada"))
    assert store.load(later).holder_of("team") == group("team")


def test_a_change_of_one_entry_reads_that_entry(state, asked):
    """Changing a comment reads the entry and what it lies in, not the whole catalog within the write lock."""
    store = CatalogStore(state.database, "/w", 1)
    entry = store.load().find(DEFAULT)
    asked.clear()
    assert store.change(entry.id, lambda before: before) == entry
    reads = [statement for statement in asked if statement.startswith("SELECT") and "securables" in statement]
    assert len(reads) == 3
    assert all("WHERE securables.id = ?" in statement for statement in reads)
