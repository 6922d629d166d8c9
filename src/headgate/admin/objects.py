"""Creates, changes, lists and deletes governed objects in the store, each checked as the file is. REST and the command line run the same use-cases.

It decides nothing about permission: its callers let in only principals that may do it. What the file declares is shown and never changed here.
"""

import contextlib
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any

from headgate.admin.declared import DeclaredObject
from headgate.admin.object_edit import ObjectEdit
from headgate.admin.object_ports import ObjectState
from headgate.config.load import Configuration
from headgate.core.clock import Clock


class ObjectAdmin:
    """The use-cases over one store. `configuration` returns the configuration of the file as it is in force."""

    def __init__(self, state: ObjectState, configuration: Callable[[], Configuration], clock: Clock) -> None:
        self._state = state
        self._configuration = configuration
        self._clock = clock

    @contextlib.contextmanager
    def editing(self, by: str) -> Generator[ObjectEdit]:
        """Several changes that are stored together when the block ends, or not at all when it raises."""
        edit = self._edit(by)
        yield edit  # ruff: ignore[fallible-context-manager] what raises is not stored
        self._state.apply(edit.changes)

    def all_of(self, word: str) -> list[DeclaredObject]:
        """The objects of a kind that count: those of the file in its order, then those of the store, the oldest first."""
        return self._edit().all_of(word)

    def listed(self, word: str) -> list[DeclaredObject]:
        """All objects of a kind: those that count, then those of the store whose names the file declares too."""
        edit = self._edit()
        return [*edit.all_of(word), *edit.replaced(word)]

    def find(self, word: str, which: str) -> DeclaredObject:
        """The object of this id or name. Raises NotFound."""
        return self._edit().find(word, which)

    def tried(self, word: str, document: Mapping[str, Any], which: str = "") -> DeclaredObject:
        """What an object would be with this document: a new one, or the one of this name or id changed. Stores nothing; raises as `create` and `change`."""
        edit = self._edit()
        return edit.change(word, which, document, mask=["*"]) if which else edit.create(word, document)

    def create(self, word: str, document: Mapping[str, Any], by: str) -> DeclaredObject:
        """Declare an object. Raises as `ObjectEdit.create`."""
        with self.editing(by) as edit:
            return edit.create(word, document)

    def change(
        self, word: str, which: str, fields: Mapping[str, Any], by: str, *, mask: Sequence[str] | None = None, etag: str = ""
    ) -> DeclaredObject:
        """Change an object of the store. Arguments and errors as `ObjectEdit.change`."""
        with self.editing(by) as edit:
            return edit.change(word, which, fields, mask=mask, etag=etag)

    def delete(self, word: str, which: str, by: str, etag: str = "") -> DeclaredObject:
        """Delete an object of the store. Raises as `ObjectEdit.delete`."""
        with self.editing(by) as edit:
            return edit.delete(word, which, etag)

    def _edit(self, by: str = "") -> ObjectEdit:
        return ObjectEdit(self._state, self._configuration(), self._clock.wall_ns(), by)
