"""What is said to the process that works on tables' files, and what it answers: one JSON value each way. Imports no table library."""

import msgspec

from headgate.admin.catalog_ports import Commit, NewFiles, TableFiles


class Create(msgspec.Struct, frozen=True, tag=True):
    """Create a table where there are no files."""

    new: NewFiles


class Replace(msgspec.Struct, frozen=True, tag=True):
    """Give the table that is there other columns and rows."""

    new: NewFiles


class Inspect(msgspec.Struct, frozen=True, tag=True):
    """Look at the table that is there."""

    location: str


class History(msgspec.Struct, frozen=True, tag=True):
    """List its steps."""

    location: str
    limit: int


class SetPropertiesTask(msgspec.Struct, frozen=True, tag=True):
    """Set properties."""

    location: str
    properties: dict[str, str]


class AddColumnsTask(msgspec.Struct, frozen=True, tag=True):
    """Add columns, given as a schema string."""

    location: str
    columns: str


class OptimizeTask(msgspec.Struct, frozen=True, tag=True):
    """Merge small files."""

    location: str
    zorder_by: tuple[str, ...]


class VacuumTask(msgspec.Struct, frozen=True, tag=True):
    """Delete files that are out of the table, or only name them."""

    location: str
    retain_hours: float
    dry_run: bool


class Delete(msgspec.Struct, frozen=True, tag=True):
    """Delete the table's files."""

    location: str


Task = Create | Replace | Inspect | History | SetPropertiesTask | AddColumnsTask | OptimizeTask | VacuumTask | Delete


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """Why it was not done; status 503 where the place could not be reached."""

    message: str
    code: str
    status: int


class TaskResult(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it: the part that the task asks for, or a refusal."""

    files: TableFiles | None = None
    commits: tuple[Commit, ...] = ()
    numbers: dict[str, int] = {}
    paths: tuple[str, ...] = ()
    refused: Refused | None = None
