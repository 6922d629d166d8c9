"""What every store of governed objects does, whatever it is kept in."""

import msgspec
import pytest

from headgate.core.errors import BadRequest, NotFound
from headgate.core.stored_object import StoredObject
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


def test_objects_are_found_by_id_and_by_name(state):
    """Within their kind, and as they were stored."""
    state.add_object(made(1))
    state.add_object(made(1, "endpoint"))
    assert state.find_object("limit", "limit_1") == state.find_object("limit", "limit 1") == made(1)
    assert state.find_object("endpoint", "limit_1") is None
    assert state.find_object("budget", "limit 1") is None


def test_objects_are_listed_in_the_order_of_their_creation(state):
    """Of one kind, or of all."""
    for each in (made(2), made(1, "endpoint"), made(1)):
        state.add_object(each)
    assert [each.id for each in state.list_objects("limit")] == ["limit_1", "limit_2"]
    assert sorted(each.id for each in state.list_objects()) == ["endpoint_1", "limit_1", "limit_2"]


def test_a_name_is_given_once_in_a_kind(state):
    """A second object of the name is refused; another kind may have it."""
    state.add_object(made(1))
    with pytest.raises(BadRequest, match="exists already") as refused:
        state.add_object(made(1, id="limit_9"))
    assert (refused.value.status, refused.value.code) == (409, "ALREADY_EXISTS")
    state.add_object(made(1, "endpoint", name="limit 1"))
    assert [each.id for each in state.list_objects("limit")] == ["limit_1"]


def test_a_change_replaces_the_revision_before_it(state):
    """A change that was made for an older revision changes nothing."""
    state.add_object(made(1))
    changed = msgspec.structs.replace(made(1), document={"requests": 5}, revision=2)
    state.replace_object(changed)
    with pytest.raises(BadRequest, match="changed meanwhile") as refused:
        state.replace_object(msgspec.structs.replace(changed, document={"requests": 6}))
    assert (refused.value.status, refused.value.code) == (409, "ABORTED")
    assert state.find_object("limit", "limit_1") == changed


def test_an_object_is_removed_at_its_revision(state):
    """Removing an older revision is refused; a removed object can be neither changed nor removed."""
    state.add_object(made(1))
    with pytest.raises(BadRequest, match="changed meanwhile"):
        state.remove_object(made(1, revision=2))
    state.remove_object(made(1))
    assert state.list_objects() == []
    for step, value in ((state.remove_object, made(1)), (state.replace_object, made(1, revision=2))):
        with pytest.raises(NotFound, match="does not exist any more"):
            step(value)
