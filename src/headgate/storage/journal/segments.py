"""The journal's frames and segments: the form of a record on disk, and how it is read back after a crash or from a bad disk.

A frame is `u32 length, u32 CRC-32, u64 sequence number, u8 kind, body`, little-endian; length and CRC are those of what follows the CRC.
A segment is a file of frames with rising sequence numbers, named after the lowest one it may hold. Reading never fails on content: what is
not a whole frame is reported as damage, and the frames around it are served. This module imports nothing heavy: the serving process uses it.
"""

import contextlib
import enum
import os
import zlib
from typing import NamedTuple

import msgspec

from headgate.storage.journal.frames import CHECKED, HEADER

FRAME_BYTES_MIN = HEADER.size
SEQ_GAP = 1 << 24  # numbers that a new writer leaves out: far more than the frames that any disk takes between two syncs
SEARCH_BYTES_MAX = 16 << 20  # how far a whole frame is looked for behind a broken one

_BEFORE_CHECKED = HEADER.size - CHECKED.size
_LIVE, _RELEASED = ".wal", ".done"


class Kind(enum.IntEnum):
    """What a frame's body is. A reader that does not know a kind must keep the segment."""

    START = 0  # Marker: a writer has begun, or a dead writer's end was stated; every intent before it that is still open was interrupted
    INTENT = 1  # core.record.Intent
    OUTCOME = 2  # core.record.Outcome
    BATCH = 3  # core.batch.Batch
    PROBE = 4  # nothing: shows that the disk takes writes again
    CARRIED = 5  # never in a segment: the flusher's standing (fold.Standing)
    CHECKPOINT = 6  # never in a segment: what was reserved and used (checkpoint.Checkpoint)


class Marker(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """Body of START. Fields are only added at the end."""

    version: int
    pid: int
    at_ns: int
    role: str = "writer"


class Frame(NamedTuple):
    """A whole frame. The body is a view into what was read."""

    seq: int
    kind: int
    body: memoryview


class Damage(NamedTuple):
    """Bytes that are not a whole frame. `torn` is the beginning of one at the very end, which a killed writer leaves; all else is loss."""

    offset: int
    length: int
    torn: bool


class Content(NamedTuple):
    """All that could be read from a segment."""

    frames: list[Frame]
    damage: list[Damage]


class Segment(NamedTuple):
    """A segment's file. `released` ones are in the tables and wait to be deleted."""

    first_seq: int
    path: str
    released: bool


def parse_frames(data: bytes, first_seq: int) -> Content:
    """The frames of a segment's bytes. Sequence numbers start at `first_seq` or above it and rise, so a stray old frame is never taken for one."""
    view = memoryview(data)
    frames: list[Frame] = []
    damage: list[Damage] = []
    offset, last_seq = 0, first_seq - 1
    while offset < len(data):
        frame = _frame_at(view, offset, last_seq)
        if frame is None:
            found = _next_frame(view, offset, last_seq) or len(data)
            damage.append(Damage(offset, found - offset, torn=found == len(data) and _is_torn(view, offset)))
            offset = found
            continue
        frames.append(frame)
        last_seq = frame.seq
        offset += HEADER.size + len(frame.body)
    return Content(frames, damage)


def read_segment(segment: Segment) -> Content:
    """The frames of a segment, also if it is released in this moment. One that is gone has none: only frames that were written to tables long ago are deleted."""
    for path in (segment.path, released_path(segment)):
        with contextlib.suppress(FileNotFoundError), open(path, "rb") as file:
            return parse_frames(file.read(), segment.first_seq)
    return Content([], [])


def list_segments(directory: str) -> list[Segment]:
    """The segments of a journal, oldest first."""
    found = {}
    for name in os.listdir(directory):
        stem, suffix = os.path.splitext(name)
        if suffix in {_LIVE, _RELEASED} and len(stem) == 20 and stem.isdecimal():
            first_seq = int(stem)
            found[first_seq] = Segment(first_seq, os.path.join(directory, name), suffix == _RELEASED)
    return [found[first_seq] for first_seq in sorted(found)]


def segments_after(segments: list[Segment], seq: int) -> list[Segment]:
    """Those of them that may hold a frame above `seq`."""
    following = [*segments[1:], None]
    return [segment for segment, later in zip(segments, following, strict=False) if later is None or later.first_seq > seq + 1]


def segment_path(directory: str, first_seq: int) -> str:
    """The path of a segment that is written to."""
    return os.path.join(directory, f"{first_seq:020d}{_LIVE}")


def released_path(segment: Segment) -> str:
    """The path of a segment once it is released."""
    return os.path.splitext(segment.path)[0] + _RELEASED


def segment_bytes(segment: Segment) -> int:
    """The size of a segment's file; 0 if it is gone."""
    for path in (segment.path, released_path(segment)):
        with contextlib.suppress(FileNotFoundError):
            return os.stat(path).st_size
    return 0


def unreleased_bytes(directory: str) -> int:
    """The size of all segments that are not released."""
    return sum(segment_bytes(segment) for segment in list_segments(directory) if not segment.released)


def next_seq(segments: list[Segment]) -> int:
    """A sequence number above every one that can ever have been given in these segments.

    It assumes as many frames as the files' sizes allow, not only those that can be read: a frame that is damaged today may be in a table already, and
    its number must not be given twice. `SEQ_GAP` does the same for frames that a loss of power took away after their rows had reached a table. The
    number is also above the name of the newest segment, so that a writer never continues a file that a reader may take for finished.
    """
    return max((segment.first_seq + segment_bytes(segment) // FRAME_BYTES_MIN + SEQ_GAP for segment in segments), default=1)


def _frame_at(view: memoryview, offset: int, last_seq: int) -> Frame | None:
    """The whole frame that begins at `offset`, if there is one."""
    body = offset + HEADER.size
    if body > len(view):
        return None
    length, crc, seq, kind = HEADER.unpack_from(view, offset)
    checked = offset + _BEFORE_CHECKED
    end = checked + length
    if not body <= end <= len(view) or seq <= last_seq or zlib.crc32(view[checked:end]) != crc:
        return None
    return Frame(seq, kind, view[body:end])


def _is_torn(view: memoryview, offset: int) -> bool:
    """Whether the file ends before the frame that begins here does."""
    if offset + HEADER.size > len(view):
        return True
    length = HEADER.unpack_from(view, offset)[0]
    return bool(offset + _BEFORE_CHECKED + length > len(view))


def _next_frame(view: memoryview, broken: int, last_seq: int) -> int:
    """Where the next whole frame behind a broken one begins; 0 if there is none.

    A number far above the last one cannot be right: between the two there is room for so many frames only. That keeps the CRC, and chance, out of it.
    """
    stop = min(len(view) - HEADER.size, broken + SEARCH_BYTES_MAX)
    for offset in range(broken + 1, stop + 1):
        seq = HEADER.unpack_from(view, offset)[2]
        if last_seq < seq <= last_seq + 1 + (offset - broken) // FRAME_BYTES_MIN + 1 and _frame_at(view, offset, last_seq):
            return offset
    return 0
