"""The port of the use-cases of objects: a store of them. Adapters implement the Protocol."""

from collections.abc import Sequence
from typing import Protocol

from headgate.core.stored_object import StoredObject


class ObjectState(Protocol):
    """Objects of every kind. Every change moves the state's version. Raises `Unavailable` when the store cannot be reached."""

    def list_objects(self, kind: str = "") -> Sequence[StoredObject]:
        """The objects of a kind, or of all kinds, in the order of their creation."""

    def find_object(self, kind: str, which: str) -> StoredObject | None:
        """The object of this kind with this id or this name."""

    def add_object(self, new: StoredObject) -> None:
        """Store a new object. Raises BadRequest (409, `ALREADY_EXISTS`) if its kind has one of that name."""

    def replace_object(self, changed: StoredObject) -> None:
        """Store a changed object whose revision is one more than the stored one's. Raises BadRequest (409, `ABORTED`) if another change was first,
        NotFound if it is gone.
        """

    def remove_object(self, gone: StoredObject) -> None:
        """Remove the object at this revision. Raises as `replace_object`."""
