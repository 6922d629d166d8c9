"""Batches that their table does not take now. They are in files of their own, so that neither other tables nor the journal wait for it.

As long as anything waits for a table, what comes after it waits too: the table then gets its rows in order, and its last transaction still says
which of them it has. A file is deleted only when all in it is in the table and synced.
"""

import contextlib
import hashlib
import os
import re
import shutil
from collections.abc import Sequence

import msgspec

from headgate.storage.journal import journal_dir, segments
from headgate.storage.journal.batch_frames import FramedBatch, read_batches
from headgate.storage.journal.flusher_status import WaitingTable
from headgate.storage.journal.frames import pack_frame
from headgate.storage.journal.segments import Segment

_DIR = "parked"
_REASON = "reason.json"
_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,64}")


def tables(journal: str) -> list[WaitingTable]:
    """The tables that batches wait for, by the time it began."""
    root = os.path.join(journal, _DIR)
    found = []
    for name in os.listdir(root) if os.path.isdir(root) else []:
        place = os.path.join(root, name)
        held = _files(place)
        known = _read_note(place) or _named_by_batches(held)
        if held and known is not None:
            found.append(msgspec.structs.replace(known, bytes=sum(map(segments.segment_bytes, held))))
    return sorted(found, key=lambda one: one.since_ns)


def add(journal: str, batches: Sequence[FramedBatch], reason: str, at_ns: int) -> None:
    """Store these batches of one table, durably. A batch that is added again after a crash is stored once all the same."""
    first = batches[0].batch
    place = _place(journal, first.table)
    _ensure_dir(place)
    known = files(journal, first.table)
    last_seq = max((frame.seq for segment in known[-1:] for frame in segments.read_segment(segment).frames), default=0)
    left = [one.frame for one in batches if one.frame.seq > last_seq]
    if left:
        data = b"".join(pack_frame(frame.seq, frame.kind, bytes(frame.body)) for frame in left)
        journal_dir.write_durably(segments.segment_path(place, left[0].seq), data)
    if not os.path.exists(os.path.join(place, _REASON)):
        note(journal, WaitingTable(table=first.table, name=first.name, location=first.location, reason=reason, since_ns=at_ns))


def files(journal: str, table: str) -> list[Segment]:
    """The files of a table, oldest first."""
    return _files(_place(journal, table))


def remove_empty(journal: str) -> bool:
    """Delete the folder of all tables, if no batch waits in it. Returns whether it is gone."""
    place = os.path.join(journal, _DIR)
    if not os.path.isdir(place):
        return True
    if any(_files(os.path.join(place, name)) for name in os.listdir(place)):
        return False
    shutil.rmtree(place)
    return True


def note(journal: str, waiting: WaitingTable) -> None:
    """Store why a table's batches wait."""
    journal_dir.replace_file(os.path.join(_place(journal, waiting.table), _REASON), msgspec.json.encode(waiting))


def remove(journal: str, table: str, segment: Segment) -> None:
    """Delete a file whose rows are in the table, and the table's folder with the last one."""
    os.unlink(segment.path)
    if not files(journal, table):
        place = _place(journal, table)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(place, _REASON))
        with contextlib.suppress(OSError):
            os.rmdir(place)


def _files(place: str) -> list[Segment]:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        return segments.list_segments(place)
    return []


def _read_note(place: str) -> WaitingTable | None:
    """Why batches wait; `None` where a loss of power has left no note or half of one."""
    with contextlib.suppress(FileNotFoundError, msgspec.DecodeError), open(os.path.join(place, _REASON), "rb") as file:
        return msgspec.json.decode(file.read(), type=WaitingTable)
    return None


def _named_by_batches(held: Sequence[Segment]) -> WaitingTable | None:
    """What the batches themselves say of their table, so that they are tried again without a note too."""
    for segment in held:
        for batches in read_batches(segments.read_segment(segment).frames)[0].values():
            first = batches[0].batch
            return WaitingTable(table=first.table, name=first.name, location=first.location, reason="", since_ns=first.received_at_ns)
    return None


def _ensure_dir(place: str) -> None:
    if not os.path.isdir(place):
        parent = os.path.dirname(place)
        os.makedirs(place, mode=0o700, exist_ok=True)
        journal_dir.sync_dir(parent)
        journal_dir.sync_dir(os.path.dirname(parent))


def _place(journal: str, table: str) -> str:
    """A table's folder. Ids are ours, but a name in the journal is never taken for a path."""
    name = table if _PLAIN.fullmatch(table) else hashlib.blake2b(table.encode(), digest_size=16).hexdigest()
    return os.path.join(journal, _DIR, name)
