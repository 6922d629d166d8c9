"""Snapshots of what the file and the store declare."""

import logging
from itertools import starmap

import pytest

from headgate.admin.token_ports import StoredAccess
from headgate.app.composition import Composer
from headgate.app.endpoint_services import ServiceEntries
from headgate.app.token_store import StoredState
from headgate.catalog.catalog import Catalog
from headgate.catalog.entries import Entry
from headgate.catalog.holders import group, user
from headgate.catalog.names import Name
from headgate.catalog.privileges import ALL_PRIVILEGES
from headgate.config.load import WrittenFile, load
from headgate.core.access_token import AccessToken
from headgate.core.group import Group
from headgate.core.principal import Principal
from headgate.core.principal_name import PrincipalName
from headgate.core.stored_object import StoredObject
from tests.fakes.ports import FakeClock

FILE = '[[groups]]\nname = "contractors"\nmembers = ["ada", "ben"]\n[[groups]]\nname = "ben"\n'
LIMIT = StoredObject(id="lim_1", kind="limit", name="* endpoint day", document={"key": "endpoint", "per": "day", "requests": 5})
BROKEN = StoredObject(id="lim_2", kind="limit", name="broken", document={"key": "endpoint"})


def configuration(text=FILE):
    """A file's configuration."""
    return load("", {"HEADGATE_DISCOVERY_ENVIRONMENT": "false", "HEADGATE_DISCOVERY_OLLAMA": "false"}, accepted=WrittenFile("headgate.toml", text))


@pytest.fixture
def tokens():
    """Tokens of two users, as they are stored."""
    return {name.encode(): AccessToken(id=name, name=name, principal=Principal(id=name, name=name)) for name in ("ada", "ben")}


def test_principals_are_in_the_groups_of_the_file(tokens):
    """In every token of theirs."""
    snapshot = Composer().compose(configuration(), StoredState(StoredAccess(3, tokens), frozenset({b"s"})))
    assert snapshot.tokens.find(b"ada").principal.groups == frozenset({"contractors"})
    assert (snapshot.version, snapshot.ended_sessions, snapshot.limits) == (3, frozenset({b"s"}), None)


GRANT = StoredObject(id="gr_1", kind="grant", name="ada on gpt", document={"principal": "ada", "endpoint": "gpt"})


def test_grants_of_the_file_and_the_store_are_one_table(tokens):
    """A plain name in either means the group of the file: ben is also a group, so the user of this name is no member. Without grants and with an open default there is no table."""
    composer, file = Composer(), FILE + '[[grants]]\nprincipal = "contractors"\nendpoint = "claude"\n'
    snapshot = composer.compose(configuration(file), StoredState(StoredAccess(1, tokens), frozenset(), [GRANT]))
    ada, ben = (snapshot.tokens.find(name).principal for name in (b"ada", b"ben"))
    stranger = Principal(id="eve", name="eve")
    asked = [(who, endpoint) for endpoint in ("gpt", "claude", "free") for who in (ada, ben, stranger)]
    assert list(starmap(snapshot.permissions.may_query, asked)) == [True, False, False, True, False, False, True, True, True]
    assert composer.compose(configuration(), StoredState(StoredAccess(2, tokens), frozenset())).permissions is None
    closed = composer.compose(configuration('[permissions]\ndefault = "closed"\n'), StoredState(StoredAccess(3, tokens), frozenset())).permissions
    assert not closed.may_query(ada, "free")


SERVICE = '[[providers]]\nname = "lab"\ndialect = "anthropic"\nmodels = ["m"]\n[[endpoints]]\nname = "main.ai.coding"\ntargets = [{ provider = "lab", model = "m" }]\n'


def test_a_service_follows_the_catalog(tokens):
    """The catalog is read where an endpoint may be named like a service; a change of it alone makes new permissions, one beside it does not."""
    names, read = [Name(()), Name(("main",)), Name(("main", "ai"))], []
    entries = [Entry(id=str(name), name=name, owner=group("admins")) for name in names]
    granted = {}

    class State:
        """A store of the catalog; it moves with what is granted and with its entries."""

        def load(self, known=None):
            read.append(known)
            return Catalog(len(read), entries, dict(granted), content_version=len(granted) + len(entries))

        def has_services(self):
            return any(entry.name.service for entry in entries)

        def change_services(self, gone, new):
            entries[:] = [entry for entry in entries if entry.id not in gone] + list(new)

    def asked(snapshot):
        return snapshot.permissions.may_query(snapshot.tokens.find(b"ada").principal, "main.ai.coding")

    services = ServiceEntries(State(), FakeClock())
    composer, file, objects = Composer(services=services), configuration(SERVICE), []
    closed = composer.compose(file, StoredState(StoredAccess(1, tokens), frozenset(), objects))
    beside = composer.compose(file, StoredState(StoredAccess(2, tokens), frozenset(), objects))
    granted[names[1]] = {user("ada"): frozenset({ALL_PRIVILEGES})}
    opened = composer.compose(file, StoredState(StoredAccess(3, tokens), frozenset(), objects))
    assert beside.permissions is closed.permissions
    assert [asked(closed), asked(opened)] == [False, True]
    assert [str(entry.name) for entry in entries if entry.name.service] == ["main.ai.coding"]
    assert len(read) == 5  # for the first permissions, with the entry that was made, twice to be compared, and for the new permissions
    Composer(services=services).compose(configuration(), StoredState(StoredAccess(1, tokens), frozenset()))
    assert not any(entry.name.service for entry in entries)
    assert len(read) == 6  # to find the entry that nothing declares any more


def test_what_has_not_changed_is_used_again(tokens):
    """A new token composes no new tables; a changed object does."""
    composer, file, objects = Composer(), configuration(), [LIMIT]
    first = composer.compose(file, StoredState(StoredAccess(1, {}), frozenset(), objects))
    second = composer.compose(file, StoredState(StoredAccess(2, tokens), frozenset(), objects))
    third = composer.compose(file, StoredState(StoredAccess(3, tokens), frozenset(), []))
    assert second.endpoints is first.endpoints
    assert second.limits is first.limits is not None
    assert len(second.tokens) == 2
    assert third.limits is None


def test_tokens_are_composed_again_only_if_access_has_changed(tokens):
    """A change of the catalog or of an object keeps the table of tokens; a change of the file's groups does not."""
    composer, file, access = Composer(), configuration(), StoredAccess(1, tokens)
    first = composer.compose(file, StoredState(access, frozenset(), [LIMIT]))
    second = composer.compose(file, StoredState(access._replace(version=2), frozenset({b"s"}), []))
    third = composer.compose(configuration(""), StoredState(access._replace(version=3), frozenset(), []))
    assert (second.tokens is first.tokens, second.version, second.ended_sessions) == (True, 2, {b"s"})
    assert third.tokens.find(b"ada").principal.groups == frozenset()


def test_groups_of_the_store_hold_grants(tokens):
    """A group that is created in the store means itself in the grants that there are, from the next snapshot on."""
    composer, file = Composer(), configuration('[[grants]]\nprincipal = "team"\nendpoint = "gpt"\n')
    before = composer.compose(file, StoredState(StoredAccess(1, tokens), frozenset()))
    team = Group("team", (PrincipalName("ada", "USER"),))
    after = composer.compose(file, StoredState(StoredAccess(2, tokens, (team,), {"team": frozenset({"member"})}), frozenset()))
    found = [snapshot.permissions.may_query(snapshot.tokens.find(name).principal, "gpt") for snapshot in (before, after) for name in (b"ada", b"ben")]
    assert found == [False, False, True, False]


def test_what_is_wrong_is_logged_once(tokens, caplog):
    """A stored object that cannot be used, and a name that a group and a user share."""
    caplog.set_level(logging.WARNING)
    composer = Composer()
    for version in (1, 2):
        composer.compose(configuration(), StoredState(StoredAccess(version, tokens), frozenset(), [BROKEN]))
    assert [record.getMessage()[:28] for record in caplog.records] == ["limit broken of the store is", "both a group and a user or s"]
