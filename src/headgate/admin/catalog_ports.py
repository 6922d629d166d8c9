"""The ports of the catalog's use-cases: a store of entries and grants, and work on the files of tables. Adapters implement the Protocols."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

import msgspec

from headgate.catalog.catalog import Catalog
from headgate.catalog.entries import Entry
from headgate.catalog.holders import Holder
from headgate.catalog.names import Name
from headgate.core.errors import BadRequest
from headgate.core.principal import Principal

_NAMES_SHOWN = 5


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
        """Change an entry as one step. Its parent stays the same, its last name may change, but not if model services are in it.

        Raises `NotFound` if it is gone, `BadRequest` (409) if the name is taken or model services are in it.
        """

    def remove(self, entry_id: str) -> None:
        """Delete an entry and the grants on it. `NotFound` if it is gone, `BadRequest` (409) if it is not empty."""

    def remove_tree(self, entry_id: str) -> list[Entry]:
        """Delete an entry and everything in it; returns what was deleted, innermost first. Raises `BadRequest` (409) if model services are in it."""

    def has_services(self) -> bool:
        """Whether there are model services."""

    def change_services(self, gone: Collection[str], new: Sequence[Entry]) -> None:
        """Delete the model services with these ids and the grants on them, then add these, but those whose schema is gone or whose name is taken."""

    def change_grants(self, entry_id: str, changes: Sequence[GrantChange]) -> None:
        """Grant and revoke, all of it or nothing. Granting twice, or revoking what was not granted, changes nothing. `NotFound` if the entry is gone."""


def holds_services(place: Name, services: Collection[Name]) -> BadRequest:
    """The refusal to drop or rename a catalog or schema whose model services would no longer be in it."""
    shown = ", ".join(str(name) for name in sorted(services)[:_NAMES_SHOWN]) + (", …" if len(services) > _NAMES_SHOWN else "")
    code = f"{place.kind}_NOT_EMPTY"
    return BadRequest(
        f"[{code}] {place.kind.capitalize()} {place.sql} has model services, which are endpoints with its name in theirs: {shown}. "
        "Delete these endpoints first, or give them other names.",
        status=409,
        code=code,
    )


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
    """A Delta table to create. `rows` is an Arrow stream in its columns; empty for none."""

    location: str
    columns: str
    name: Name
    comment: str = ""
    partitioned_by: tuple[str, ...] = ()
    properties: dict[str, str] = {}
    rows: bytes = b""


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
        """Create the table, with its rows or not at all. Raises `BadRequest` (409) if the location is not empty."""

    async def replace(self, principal: Principal, new: NewFiles) -> TableFiles:
        """Give an existing table these columns, rows and properties: readers have all of the old table, or all of the new. Older versions stay readable."""

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


class TableWork(msgspec.Struct, frozen=True, kw_only=True):
    """A table that is about to be made or replaced, and the places where its files may come to be."""

    entry_id: str
    name: Name
    locations: tuple[str, ...]
    began_at_ms: int
    comment: str = ""
    properties: dict[str, str] = {}


class WorkNote(Protocol):
    """A note of such work. No other process has it until it is closed."""

    work: TableWork

    def remove(self) -> None:
        """The work is done."""

    def close(self) -> None:
        """Let go of it: a note that is not removed is one of those that are left."""


class WorkNotes(Protocol):
    """Notes that outlive the process that wrote them."""

    def write(self, work: TableWork) -> WorkNote:
        """Note it, durably. Raises `Unavailable`."""

    def left(self) -> Sequence[WorkNote]:
        """Those of processes that have died, or that have given up the work."""
