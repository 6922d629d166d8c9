"""The port of the use-cases of objects: a store of them. Adapters implement the Protocol."""

from collections.abc import Sequence
from typing import Protocol

from headgate.core.stored_object import ObjectChange, StoredObject


class ObjectState(Protocol):
    """Objects of every kind. Every change moves the state's version. Raises `Unavailable` when the store cannot be reached."""

    def list_objects(self, kind: str = "") -> Sequence[StoredObject]:
        """The objects of a kind, or of all kinds, in the order of their creation."""

    def apply(self, changes: Sequence[ObjectChange]) -> None:
        """Store changes in their order, all or none. Raises BadRequest (409, `ALREADY_EXISTS`) if a new object's kind has one of its name already,
        BadRequest (409, `ABORTED`) if the stored revision is not that of `before`, and NotFound if the object is gone.
        """
