"""What the pool and its workers send each other: a job and its answer, and how a worker is started."""

import msgspec


class Scan(msgspec.Struct, frozen=True):
    """What a view reads of its files: the part of its wide text that does, the files in quotes, and their columns with types."""

    text: str
    files: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]


class View(msgspec.Struct, frozen=True):
    """A view to create before the query runs: two texts (`wide` for files whose columns differ), rows that are in no file yet, as Arrow IPC, and what it
    reads of files, where they are not partitioned.
    """

    name: str
    title: str
    text: str
    wide: str
    tail_name: str = ""
    tail: bytes = b""
    scan: Scan | None = None


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One query. `paths` are the only files that it may open. `owner` is the principal that asks; without one the query shares a database with no other.
    With a `row_limit` of 0 the columns alone are asked for.
    """

    owner: str = ""
    sql: str
    views: tuple[View, ...]
    paths: tuple[str, ...]
    row_limit: int
    byte_limit: int


class JobAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Rows as an Arrow IPC stream, or what went wrong: `statement`, `memory`, `refused` or `internal`. `waited_s` is how long it waited for a worker."""

    failure: str = ""
    message: str = ""
    arrow: bytes = b""
    row_count: int = 0
    truncated: bool = False
    waited_s: float = 0.0


class WorkerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How a worker is started: JSON on the command line."""

    readable: tuple[str, ...]
    parent_pid: int
    memory_mb: int
    threads: int
    # Libraries, stacks and allocator arenas take address space that no query uses.
    overhead_mb: int = 3072
