"""A governed object that is declared in the store: an endpoint, a limit, a budget, a grant, a preview. The same objects may be declared in the file."""

from typing import Any

import msgspec


class StoredObject(msgspec.Struct, frozen=True, kw_only=True):
    """One object. `document` has the shape that an entry of its kind has in the file. `name` is unique within the kind, `revision` moves with each change.

    Times are wall-clock milliseconds; `created_by` and `updated_by` are names of principals.
    """

    id: str
    kind: str
    name: str
    document: dict[str, Any]
    revision: int = 1
    created_at_ms: int = 0
    created_by: str = ""
    updated_at_ms: int = 0
    updated_by: str = ""

    @property
    def etag(self) -> str:
        """The revision as interfaces show it; a change may state which one it was made for."""
        return str(self.revision)


class ObjectChange(msgspec.Struct, frozen=True):
    """A change of one object: from nothing (`before` is `None`), to nothing (`after` is `None`), or to its next revision."""

    before: StoredObject | None
    after: StoredObject | None
