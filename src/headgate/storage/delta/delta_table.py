"""Delta tables: make one, append to it, take care of its files. Of all processes the flusher alone writes with this module. A table is on the local disk
or, by an object-storage URL, elsewhere; how that is reached the environment says, by the names that delta-rs documents.

delta-rs does not refuse a transaction number that it has seen (https://github.com/delta-io/delta-rs/issues/2580), so who appends asks a freshly
opened table first. It does not sync either: `sync_filesystem` comes before anything that a commit replaces is let go of. It never gets a slice of
an Arrow table, which ends the process if a struct contains a struct (https://github.com/apache/arrow-rs/issues/9235).
"""

import contextlib
import ctypes
import functools
import os
from collections.abc import Generator

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties, Schema, Transaction, write_deltalake
from deltalake.exceptions import TableNotFoundError

from headgate.catalog.statements import CreateTable
from headgate.catalog.types import to_delta_json
from headgate.storage.delta.file_layout import appending, writer_properties

# Files are merged in two steps, so that a row is rewritten a few times in its life and not once for each of the small commits that follow it.
TIERS = ((4 << 20, 100), (128 << 20, 130))  # merge files below this size once there are more of them than this
RETENTION_HOURS = 12  # how long a file that is out of the table stays, for readers of an older version

DROPPED_MARK = "_dropped"  # stays at the place of a table that was dropped
APPEND_ONLY = "delta.appendOnly"
_STATISTICS = "delta.dataSkippingStatsColumns"
_COMMIT_RETRIES = 10


def table_path(data_dir: str, table: CreateTable) -> str:
    """The location of a table."""
    return os.path.join(data_dir, "warehouse", *table.name.parts)


def open_table(path: str) -> DeltaTable | None:
    """The table as it is now; `None` if there is none yet."""
    if "://" not in path and not os.path.isdir(os.path.join(path, "_delta_log")):
        return None
    try:
        return DeltaTable(path)
    except TableNotFoundError:  # the directory of a creation that did not come to its commit
        return None


def ensure_table(path: str, table: CreateTable) -> DeltaTable:
    """The table as it is now, made if it is missing and given the columns that it lacks, and the statistics that it is to have."""
    known = open_table(path)
    if known is not None:
        add_columns(known, table)
        add_statistics(known, table)
        return known
    os.makedirs(path, mode=0o700, exist_ok=True)
    schema = Schema.from_json(to_delta_json(table.schema))
    return DeltaTable.create(
        path,
        schema,
        mode="ignore",
        partition_by=list(table.partitioned_by),
        name=str(table.name),
        description=table.comment,
        configuration=table.properties,
        raise_if_key_not_exists=False,
    )


def add_columns(known: DeltaTable, table: CreateTable) -> list[str]:
    """Give a table of an earlier release the columns that it lacks, which are NULL in all of its rows. Returns their names."""
    have = {field.name for field in known.schema().fields}
    if have.issuperset(field.name for field in table.schema.fields):
        return []  # before each commit, nearly always: the other schema is not even built
    missing = [field for field in Schema.from_json(to_delta_json(table.schema)).fields if field.name not in have]
    if missing:
        known.alter.add_columns(missing)
    return [field.name for field in missing]


def add_statistics(known: DeltaTable, table: CreateTable) -> None:
    """Have files that are written from now on state of which columns they have the least and the greatest value, where an earlier release stated fewer."""
    wanted = table.properties.get(_STATISTICS, "")
    have = known.metadata().configuration.get(_STATISTICS, "")
    if have and set(have.split(",")) < set(wanted.split(",")):
        known.alter.set_table_properties({_STATISTICS: wanted})


def carried_seq(table: DeltaTable, app_id: str) -> int:
    """The number of the application's last transaction in the table; 0 for none. Only as fresh as the handle."""
    return table.transaction_version(app_id) or 0


def append(table: DeltaTable, rows: pa.Table, app_id: str, seq: int) -> None:
    """Append rows as the transaction `(app_id, seq)`. Columns that only one side knows, after an upgrade or a way back, are NULL on the other."""
    same_columns = len(table.schema().fields) == rows.num_columns
    write_deltalake(
        table,
        rows,
        mode="append",
        schema_mode=None if same_columns else "merge",
        commit_properties=CommitProperties(app_transactions=[Transaction(app_id, seq)], max_commit_retries=_COMMIT_RETRIES),
        post_commithook_properties=_after(),
        writer_properties=appending(rows),
    )


def delete_rows(table: DeltaTable, predicate: str) -> int:
    """Delete the rows of which this is true. Returns their number."""
    return int(table.delete(predicate, post_commithook_properties=_after()).get("num_deleted_rows") or 0)


@contextlib.contextmanager
def changeable(path: str) -> Generator[None]:
    """Set the property aside that lets no engine delete or change a row of an append-only table. After a process that was killed in between, the next one sets it again."""
    was = DeltaTable(path).metadata().configuration.get(APPEND_ONLY)
    if was:
        DeltaTable(path).alter.set_table_properties({APPEND_ONLY: "false"})
    try:
        yield
    finally:
        if was:
            DeltaTable(path).alter.set_table_properties({APPEND_ONLY: "true"})


def vacuum(path: str, retention_hours: int | None = None) -> int:
    """Delete files that no version of the last hours needs, by default of `RETENTION_HOURS`. Returns their number."""
    hours = RETENTION_HOURS if retention_hours is None else retention_hours
    return len(DeltaTable(path).vacuum(retention_hours=hours, dry_run=False, enforce_retention_duration=False, full=True))


def care(path: str) -> list[str]:
    """Merge small files where there are many, and delete what no version of the last hours needs. Returns what was done, in words.

    Checkpoints happen with every fiftieth commit, by the table's properties. Log entries that a checkpoint makes superfluous are deleted here, and only
    after a sync: a loss of power would else leave neither.
    """
    done = []
    if "://" not in path:
        sync_filesystem(path)
    DeltaTable(path).cleanup_metadata()
    for below_bytes, files_max in TIERS:
        table = DeltaTable(path)
        sizes = pa.table(table.get_add_actions()).column("size_bytes").to_pylist()
        small = sum(size < below_bytes for size in sizes)
        if small > files_max:
            written = writer_properties(pa.schema(table.schema().to_arrow()))
            merged = table.optimize.compact(
                target_size=below_bytes, max_concurrent_tasks=1, writer_properties=written, post_commithook_properties=_after()
            )
            done.append(f"merged {merged['numFilesRemoved']} files into {merged['numFilesAdded']}")
    if done:
        done.append(f"deleted {vacuum(path)} files")
    return done


def sync_filesystem(path: str) -> None:
    """Make everything durable that was written on the file system of this path. Raises `OSError` if the kernel says it is not."""
    libc = _libc()
    if not hasattr(libc, "syncfs"):  # macOS: the best there is
        os.sync()
        return
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if libc.syncfs(fd) != 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), path)
    finally:
        os.close(fd)


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _after() -> PostCommitHookProperties:
    return PostCommitHookProperties(create_checkpoint=True, cleanup_expired_logs=False)
