"""How the flusher fares, for other processes to read: a small file that it replaces as it goes. Light: the serving process reads it for `/readyz`."""

import contextlib
import os

import msgspec

from headgate.storage.journal import journal_dir

_FILE = "flusher.json"


class WaitingTable(msgspec.Struct, frozen=True, kw_only=True):
    """A table that does not take its rows, why, since when, and how much waits. `failures` counts the attempts since then."""

    table: str
    name: str
    location: str
    reason: str
    since_ns: int
    failures: int = 0
    tried_ns: int = 0
    bytes: int = 0


class FlusherStatus(msgspec.Struct, frozen=True, kw_only=True):
    """`trouble` says in words why rows do not reach the tables, empty if they do. `lost` counts records that the journal's disk has damaged.

    `waiting` are tables that alone do not take their rows, which wait in files of their own. `kept_segments` are set aside for people to look at.
    `round_at_ns` is the end of the last round without an error; `pid` is the flusher's process.
    """

    at_ns: int = 0
    seq: int = 0
    rows: int = 0
    lost: int = 0
    trouble: str = ""
    waiting: tuple[WaitingTable, ...] = msgspec.field(name="parked", default=())
    kept_segments: int = 0
    kept_bytes: int = 0
    round_at_ns: int = 0
    pid: int = 0


def read_status(directory: str) -> FlusherStatus | None:
    """The status of the journal's flusher; `None` if it never ran."""
    try:
        with open(os.path.join(directory, _FILE), "rb") as file:
            return msgspec.json.decode(file.read(), type=FlusherStatus)
    except (OSError, msgspec.DecodeError):
        return None


def write_status(directory: str, status: FlusherStatus) -> None:
    """Replace the status. Not durable, and silent on a full disk: it is news, not a record."""
    with contextlib.suppress(OSError):
        journal_dir.replace_file(os.path.join(directory, _FILE), msgspec.json.encode(status))
