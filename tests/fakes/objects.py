"""A store of governed objects in memory; the contract suite holds it to the same behaviour as the database."""

from collections.abc import Sequence

from headgate.core.errors import BadRequest, NotFound
from headgate.core.stored_object import ObjectChange, StoredObject


class MemoryObjects:
    """Implements `headgate.admin.object_ports.ObjectState`."""

    def __init__(self) -> None:
        self._objects: dict[str, StoredObject] = {}

    def list_objects(self, kind: str = "") -> Sequence[StoredObject]:
        return sorted((each for each in self._objects.values() if kind in {"", each.kind}), key=lambda each: (each.created_at_ms, each.id))

    def apply(self, changes: Sequence[ObjectChange]) -> None:
        changed = dict(self._objects)
        for change in changes:
            _apply(changed, change)
        self._objects = changed


def _apply(stored: dict[str, StoredObject], change: ObjectChange) -> None:
    before, after = change.before, change.after
    if before is not None:
        found = stored.pop(before.id, None)
        if found is None:
            raise NotFound(f"{before.name} does not exist any more.", code="RESOURCE_DOES_NOT_EXIST")
        if found.revision != before.revision:
            raise BadRequest(f"{before.name} was changed meanwhile.", status=409, code="ABORTED")
    if after is not None:
        if any((each.kind, each.name) == (after.kind, after.name) for each in stored.values()):
            raise BadRequest(f"{after.kind} {after.name} exists already.", status=409, code="ALREADY_EXISTS")
        stored[after.id] = after
