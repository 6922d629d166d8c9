"""The rows that a Delta table is made of, or that it is replaced with. A replacement's files are written beside its table's, and one commit takes them in.

Until then readers have the table as it was. Files that no commit took in go with the table's next vacuum.
"""

import contextlib
import secrets
from collections.abc import Generator
from urllib.parse import unquote

import msgspec
import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Schema, write_deltalake
from deltalake.transaction import AddAction, create_table_with_add_actions

from headgate.admin.catalog_ports import NewFiles
from headgate.storage.delta import places
from headgate.storage.delta.file_layout import writer_properties

_STAGED = "replacement-"  # begins the name of the folder with a replacement's files
_COMMIT = "_delta_log/00000000000000000001.json"  # the commit with the rows; the one before makes the table
_OF_DELTA = "delta."


class _Add(msgspec.Struct, frozen=True, rename="camel"):
    """A file as a commit adds it. The path is written as part of a URL."""

    path: str
    size: int
    partition_values: dict[str, str | None]
    modification_time: int
    stats: str = ""


class _Line(msgspec.Struct, frozen=True):
    """A line of a commit."""

    add: _Add | None = None


def append(table: DeltaTable, stream: bytes) -> None:
    """Append an Arrow stream in the table's columns."""
    rows = pa.ipc.open_stream(stream).read_all()
    write_deltalake(table, rows, mode="append", writer_properties=writer_properties(rows.schema))


@contextlib.contextmanager
def written_beside(new: NewFiles) -> Generator[list[AddAction]]:
    """The files of a replacement, in a folder of their own within the table's. They go again if they are not committed."""
    folder = f"{_STAGED}{secrets.token_hex(8)}"
    place = f"{new.location}/{folder}"
    try:
        table = DeltaTable.create(place, Schema.from_json(new.columns), partition_by=list(new.partitioned_by) or None)
        append(table, new.rows)
        lines = places.read(f"{place}/{_COMMIT}").splitlines()
        adds = [line.add for line in msgspec.json.Decoder(_Line).decode_lines(b"\n".join(lines)) if line.add is not None]
        places.remove(f"{place}/_delta_log")
        yield [_action(folder, add) for add in adds]
    except BaseException:
        places.remove(place)
        raise


def replace_with(new: NewFiles, adds: list[AddAction]) -> None:
    """Take the files into the table, with its new columns, in place of all that it had: one commit. Raises `CommitFailedError` if another one was first."""
    create_table_with_add_actions(
        new.location,
        Schema.from_json(new.columns),
        adds,
        mode="overwrite",
        partition_by=list(new.partitioned_by),
        name=str(new.name),
        description=new.comment or None,
        configuration={key: value for key, value in new.properties.items() if key.startswith(_OF_DELTA)},
        commit_properties=CommitProperties(max_commit_retries=0),  # a retry would leave rows in that another commit has added by then
    )


def other_properties(new: NewFiles) -> dict[str, str]:
    """The properties that are not Delta's own, which such a commit does not take."""
    return {key: value for key, value in new.properties.items() if not key.startswith(_OF_DELTA)}


def _action(folder: str, add: _Add) -> AddAction:
    return AddAction(
        path=f"{folder}/{unquote(add.path)}",
        size=add.size,
        partition_values=add.partition_values,
        modification_time=add.modification_time,
        data_change=True,
        stats=add.stats,
    )
