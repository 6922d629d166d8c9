"""Audit events in the control state: one for each change, in its own transaction."""

import json

import msgspec
import pytest

from headgate.admin.catalog_ports import GrantChange
from headgate.admin.principals import NewPrincipal, PrincipalAdmin, PrincipalChange
from headgate.admin.token_ports import EndedSession
from headgate.admin.token_request import TokenRequest
from headgate.admin.tokens import TokenAdmin
from headgate.catalog.entries import MANAGED, Entry, TableFacts
from headgate.catalog.holders import user
from headgate.catalog.names import Name
from headgate.core.acting import Acting, acting_as
from headgate.core.clock import SystemClock
from headgate.core.errors import BadRequest, NotFound
from headgate.core.principal import Principal
from headgate.core.roles import ACCOUNT_ADMIN
from headgate.core.scopes import ADMIN
from headgate.core.stored_object import ObjectChange, StoredObject
from headgate.storage.state.audit_outbox import AuditOutbox
from headgate.storage.state.catalog import CatalogStore
from headgate.storage.state.objects import ObjectStore
from headgate.storage.state.principals import PrincipalStore
from headgate.storage.state.store import StateStore

DEFAULT = Name(("main", "default"))
ADA = Acting(who="ada@example.com", address="192.0.2.1")


@pytest.fixture
def state(tmp_path):
    """A store."""
    made = StateStore(f"sqlite:///{tmp_path}/state.db")
    yield made
    made.close()


def told(state):
    """What waits: action and who, oldest first, and the events themselves."""
    events = [one.event for one in AuditOutbox(state.database).waiting()]
    return [(event.action, event.who) for event in events], events


def table(name="t"):
    return Entry(
        id=f"id-{name}", name=DEFAULT.child(name), owner=user("ada"), comment="", location="", created_at_ms=1, created_by="ada", updated_at_ms=1,
        updated_by="ada", table=TableFacts(table_type=MANAGED, columns="{}"),
    )  # fmt: skip


def test_tokens_links_and_sessions(state):
    """Each has its event with who did it; the browser that uses a link is its owner's. No secret is in any of them."""
    tokens = TokenAdmin(state, b"p" * 32, SystemClock())
    with acting_as(ADA):
        made = tokens.create(TokenRequest(name="laptop", user="ben@example.com", scopes=("inference", "admin")))
        secret = tokens.sign_in_secret(made.row)
        tokens.redeem(secret)
        tokens.redeem(secret)
        state.end_session(EndedSession(b"d" * 32, 5), 1)
        tokens.revoke("laptop")
        with pytest.raises(NotFound):
            tokens.revoke(made.row.id)

    acts, events = told(state)
    assert acts == [
        ("createUser", "ada@example.com"), ("updateUser", "ada@example.com"), ("generateDbToken", "ada@example.com"), ("createSignInLink", "ada@example.com"), ("login", "ben@example.com"), ("logout", "ada@example.com"),
        ("revokeDbToken", "ada@example.com"),
    ]  # fmt: skip
    made_user, given_role, *events = events
    assert (json.loads(made_user.after)["roles"], "admin" in given_role.after) == (["member"], True)
    after = json.loads(events[0].after)
    assert (events[0].before, after["name"], after["principal"], after["endpoints"]) == ("", "laptop", "ben@example.com", ["*"])
    assert (json.loads(events[4].before)["revoked_at_ms"], json.loads(events[4].after)["revoked_at_ms"] > 0) == (0, True)
    assert {event.address for event in events} == {"192.0.2.1"}
    written = repr(events)
    for part in (made.token, made.token[-4:], secret, secret.rpartition(".")[2]):
        assert part not in written


def test_the_catalog_and_its_grants(state):
    """Creating, changing, granting, dropping one and dropping a tree; with whose rights, before and after."""
    store = CatalogStore(state.database, "/w", 1)
    with acting_as(ADA):
        store.add(table())
        store.change("id-t", lambda entry: entry)
        store.change_grants("id-t", [GrantChange(user("ben"), add=("SELECT", "MODIFY"), remove=("MODIFY",))])
        store.remove("id-t")
        store.add(table("u"))
        store.remove_tree(store.load().find(DEFAULT).id)

    acts, events = told(state)
    assert [act for act, _ in acts] == ["createTable", "updateTable", "updatePermissions", "deleteTable", "createTable", "deleteSchema"]
    assert {who for _, who in acts} == {"ada@example.com"}
    assert (events[0].run_as, json.loads(events[0].after)["name"], events[3].after) == ("ada", "main.default.t", "")
    assert (json.loads(events[2].before), json.loads(events[2].after)) == ({}, {"user:ben": ["SELECT"]})
    assert events[2].params == {"securable_type": "TABLE", "full_name": "main.default.t", "holders": "ben"}
    assert json.loads(events[5].before) == ["main.default.u", "main.default"]


def test_principals(state):
    """Made, changed, a member added and removed, and deleted with all that it had."""
    tokens = TokenAdmin(state, b"p" * 32, SystemClock())
    root = Principal(id="root", name="root", scopes=frozenset({ADMIN}), roles=frozenset({ACCOUNT_ADMIN}))
    admin = PrincipalAdmin(PrincipalStore(state.database), SystemClock())
    token = tokens.create(TokenRequest(name="laptop", user="ada")).row
    admin.create(root, NewPrincipal(name="team", kind="GROUP"))
    admin.change(root, "team", PrincipalChange(add_members=("ada",)))
    admin.change(root, "team", PrincipalChange(add_members=("ada",)))
    admin.delete(root, "ada")
    acts, events = told(state)
    assert [act for act, _ in acts] == ["createUser", "generateDbToken", "createGroup", "updateGroupMembers", "revokeEverything", "deleteUser"]
    assert json.loads(events[3].after) == {"added": [token.principal.id], "removed": []}
    assert json.loads(events[4].before) == {"token_ids": [token.id]}
    assert (json.loads(events[5].before)["name"], events[5].after) == ("ada", "")


def test_governed_objects(state):
    """Declared, changed and removed, with the documents; what was overtaken by another change has no event."""
    store = ObjectStore(state.database)
    one = StoredObject(id="o1", kind="limit", name="l", document={"requests": 1})
    changed = msgspec.structs.replace(one, document={"requests": 2}, revision=2)
    store.apply([ObjectChange(None, one), ObjectChange(one, changed)])
    with pytest.raises(BadRequest):
        store.apply([ObjectChange(None, msgspec.structs.replace(one, id="o2", name="m")), ObjectChange(one, changed)])
    store.apply([ObjectChange(changed, None)])
    acts, events = told(state)
    assert [act for act, _ in acts] == ["createLimit", "updateLimit", "deleteLimit"]
    assert [(event.before, event.after) for event in events] == [
        ("", '{"requests":1}'), ('{"requests":1}', '{"requests":2}'), ('{"requests":2}', ""),
    ]  # fmt: skip
    assert events[0].params == {"name": "l", "id": "o1"}


def test_a_change_that_is_not_made_has_no_event(state):
    """Refused, or broken off at the end: the event goes with its transaction."""
    store = CatalogStore(state.database, "/w", 1)
    store.add(table())
    with pytest.raises(BadRequest):
        store.add(table())
    with pytest.raises(ZeroDivisionError), state.database.writing("catalog"):
        raise ZeroDivisionError
    assert told(state)[0] == [("createTable", "headgate")]


def test_what_is_in_the_journal_is_removed(state):
    """Only that; it moves no version, so that nothing is read anew."""
    tokens = TokenAdmin(state, b"p" * 32, SystemClock())
    tokens.create(TokenRequest(name="a"))
    outbox, version = AuditOutbox(state.database), state.version()
    first, second = outbox.waiting()
    outbox.remove([first.number])
    assert outbox.waiting() == [second]
    outbox.remove([second.number])
    tokens.create(TokenRequest(name="c", user="a"))
    assert [one.number for one in outbox.waiting()] == [second.number + 1]
    assert state.version() == version + 1
