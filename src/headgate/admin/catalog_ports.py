"""The ports of the catalog's use-cases: a store of entries and grants, and work on the files of tables. Adapters implement the Protocols."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import msgspec

from headgate.catalog.catalog import Catalog
from headgate.catalog.entries import Entry
from headgate.catalog.holders import Holder
from headgate.catalog.names import Name
from headgate.core.principal import Principal


class GrantChange(msgspec.Struct, frozen=True):
    """The privileges that one holder is granted on an entry, and those that are revoked after that."""

    holder: Holder
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


class CatalogState(Protocol):
    """The catalog's store. Every change moves the version of the control state. Raises `Unavailable` when it cannot be reached."""

    def load(self, known: Catalog | None = None) -> Catalog:
        """The catalog as it is now; `known` itself if nothing has changed since."""

    def add(self, entry: Entry) -> None:
        """Store a new entry. Raises `NotFound` if its parent is gone, and `BadRequest` (409) if its name is taken."""

    def change(self, entry_id: str, edit: Callable[[Entry], Entry]) -> Entry:
        """Change an entry as one step. Its parent stays the same, its last name may change. `NotFound` if it is gone, 409 if the name is taken."""

    def remove(self, entry_id: str) -> None:
        """Delete an entry and the grants on it. `NotFound` if it is gone, `BadRequest` (409) if it is not empty."""

    def remove_tree(self, entry_id: str) -> list[Entry]:
        """Delete an entry and everything in it; returns what was deleted, innermost first."""

    def change_grants(self, entry_id: str, changes: Sequence[GrantChange]) -> None:
        """Grant and revoke, all of it or nothing. Granting twice, or revoking what was not granted, changes nothing. `NotFound` if the entry is gone."""


class TableFiles(msgspec.Struct, frozen=True, kw_only=True):
    """A Delta table as its log has it. `columns` is the schema string; sizes in bytes, times in milliseconds."""

    version: int
    columns: str
    partitioned_by: tuple[str, ...] = ()
    properties: dict[str, str] = {}
    id: str = ""
    name: str = ""
    comment: str = ""
    created_at_ms: int = 0
    modified_at_ms: int = 0
    files: int = 0
    size_bytes: int = 0
    min_reader_version: int = 1
    min_writer_version: int = 2
    features: tuple[str, ...] = ()


class NewFiles(msgspec.Struct, frozen=True, kw_only=True):
    """A Delta table to create."""

    location: str
    columns: str
    name: Name
    comment: str = ""
    partitioned_by: tuple[str, ...] = ()
    properties: dict[str, str] = {}


class Commit(msgspec.Struct, frozen=True, kw_only=True):
    """One step in a table's history."""

    version: int
    at_ms: int
    operation: str
    parameters: dict[str, str] = {}
    metrics: dict[str, str] = {}
    engine: str = ""
    read_version: int | None = None


class DeltaTables(Protocol):
    """Creates, changes and reads the files of tables. A table without files is no error.

    The work is done for a principal. Principals take turns, so that none waits for all the work of another.
    Raises `BadRequest` if the table's format forbids the change, `Unavailable` if its location cannot be reached.
    """

    async def create(self, principal: Principal, new: NewFiles) -> TableFiles:
        """Create the table. Raises `BadRequest` (409) if the location is not empty."""

    async def replace(self, principal: Principal, new: NewFiles) -> TableFiles:
        """Give an existing table these columns and properties, and no rows. Older versions stay readable."""

    async def inspect(self, principal: Principal, location: str) -> TableFiles | None:
        """The table at this location, if there is one."""

    async def history(self, principal: Principal, location: str, limit: int) -> Sequence[Commit]:
        """Its steps, newest first."""

    async def set_properties(self, principal: Principal, location: str, properties: Mapping[str, str]) -> TableFiles:
        """Add properties, or give them other values."""

    async def add_columns(self, principal: Principal, location: str, columns: str) -> TableFiles:
        """Add nullable columns at the end; `columns` is a schema string that holds the added ones alone."""

    async def optimize(self, principal: Principal, location: str, zorder_by: Sequence[str]) -> Mapping[str, int]:
        """Merge small files; what was done, in numbers."""

    async def vacuum(self, principal: Principal, location: str, retain_hours: float) -> Sequence[str]:
        """Delete files that no version of the last hours needs; their names."""

    async def vacuum_names(self, principal: Principal, location: str, retain_hours: float) -> Sequence[str]:
        """The names of the files that `vacuum` would delete."""

    async def delete(self, principal: Principal, location: str) -> None:
        """Delete the table's files."""
