"""What every store of governed objects does, whatever it is kept in."""

import msgspec
import pytest

from headgate.core.errors import BadRequest, NotFound
from headgate.core.stored_object import ObjectChange, StoredObject
from headgate.storage.state.objects import ObjectStore
from headgate.storage.state.store import StateStore
from tests.fakes.objects import MemoryObjects


@pytest.fixture(params=["memory", "sqlite"])
def state(request, tmp_path):
    """One fresh store of each kind."""
    if request.param == "memory":
        yield MemoryObjects()
        return
    store = StateStore(f"sqlite:///{tmp_path}/state.db")
    yield ObjectStore(store.database)
    store.close()


def made(number: int, kind: str = "limit", **changed) -> StoredObject:
    """An object to store."""
    fields = {
        "id": f"{kind}_{number}",
        "kind": kind,
        "name": f"{kind} {number}",
        "document": {"per": "day", "requests": number},
        "created_at_ms": number,
    }
    return StoredObject(**(fields | changed))


def new(*objects: StoredObject) -> list[ObjectChange]:
    """The changes that store new objects."""
    return [ObjectChange(None, each) for each in objects]


def test_objects_are_listed_in_the_order_of_their_creation(state):
    """Of one kind, or of all; each as it was stored."""
    state.apply(new(made(2), made(1, "endpoint"), made(1)))
    assert state.list_objects("limit") == [made(1), made(2)]
    assert sorted(each.id for each in state.list_objects()) == ["endpoint_1", "limit_1", "limit_2"]
    assert state.list_objects("budget") == []


def test_a_name_is_given_once_in_a_kind(state):
    """A second object of the name is refused, new or changed; another kind may have it."""
    state.apply(new(made(1), made(2)))
    renamed = ObjectChange(made(2), made(2, name="limit 1", revision=2))
    for changes in (new(made(1, id="limit_9")), [renamed]):
        with pytest.raises(BadRequest, match="exists already") as refused:
            state.apply(changes)
        assert (refused.value.status, refused.value.code) == (409, "ALREADY_EXISTS")
    state.apply(new(made(1, "endpoint", name="limit 1")))
    assert state.list_objects("limit") == [made(1), made(2)]


def test_a_change_replaces_the_revision_before_it(state):
    """A change that was made for an older revision changes nothing."""
    state.apply(new(made(1)))
    changed = msgspec.structs.replace(made(1), document={"requests": 5}, revision=2)
    state.apply([ObjectChange(made(1), changed)])
    with pytest.raises(BadRequest, match="changed meanwhile") as refused:
        state.apply([ObjectChange(made(1), msgspec.structs.replace(changed, document={"requests": 6}))])
    assert (refused.value.status, refused.value.code) == (409, "ABORTED")
    assert state.list_objects() == [changed]


def test_an_object_is_removed_at_its_revision(state):
    """Removing an older revision is refused; a removed object can be neither changed nor removed."""
    state.apply(new(made(1)))
    with pytest.raises(BadRequest, match="changed meanwhile"):
        state.apply([ObjectChange(made(1, revision=2), None)])
    state.apply([ObjectChange(made(1), None)])
    assert state.list_objects() == []
    for after in (None, made(1, revision=2)):
        with pytest.raises(NotFound, match="does not exist any more"):
            state.apply([ObjectChange(made(1), after)])


def test_changes_are_stored_all_or_none(state):
    """In their order: a name that one change gives up is free for the next. If one is refused, nothing has changed."""
    state.apply(new(made(1)))
    state.apply([ObjectChange(made(1), None), *new(made(2, name="limit 1")), *new(made(3))])
    stored = state.list_objects()
    assert [each.id for each in stored] == ["limit_2", "limit_3"]
    with pytest.raises(NotFound):
        state.apply([*new(made(4)), ObjectChange(made(2, name="limit 1"), None), ObjectChange(made(1), None)])
    assert state.list_objects() == stored
    state.apply([])
    assert state.list_objects() == stored
