"""A store of governed objects in memory; the contract suite holds it to the same behaviour as the database."""

from collections.abc import Sequence

from headgate.core.errors import BadRequest, NotFound
from headgate.core.stored_object import StoredObject


class MemoryObjects:
    """Implements `headgate.admin.object_ports.ObjectState`."""

    def __init__(self) -> None:
        self._objects: dict[str, StoredObject] = {}

    def list_objects(self, kind: str = "") -> Sequence[StoredObject]:
        return sorted((each for each in self._objects.values() if kind in {"", each.kind}), key=lambda each: (each.created_at_ms, each.id))

    def find_object(self, kind: str, which: str) -> StoredObject | None:
        of_kind = [each for each in self._objects.values() if each.kind == kind]
        return next((each for each in of_kind if each.id == which), None) or next((each for each in of_kind if each.name == which), None)

    def add_object(self, new: StoredObject) -> None:
        if self.find_object(new.kind, new.name) is not None:
            raise BadRequest(f"{new.kind} {new.name} exists already.", status=409, code="ALREADY_EXISTS")
        self._objects[new.id] = new

    def replace_object(self, changed: StoredObject) -> None:
        self._at(changed, changed.revision - 1)
        self._objects[changed.id] = changed

    def remove_object(self, gone: StoredObject) -> None:
        self._at(gone, gone.revision)
        del self._objects[gone.id]

    def _at(self, one: StoredObject, revision: int) -> None:
        before = self._objects.get(one.id)
        if before is None:
            raise NotFound(f"{one.name} does not exist any more.", code="RESOURCE_DOES_NOT_EXIST")
        if before.revision != revision:
            raise BadRequest(f"{one.name} was changed meanwhile.", status=409, code="ABORTED")
