"""The checkpoint of all journals: what was reserved and used when the records of each writer had come to a number. The records behind it say the rest.

A start loads the checkpoint and replays those records, so the flusher deletes none of them. One process writes it: the one that takes new requests. It is
replaced whole, or not at all.
"""

import contextlib
import logging
import os
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from headgate.core.clock import Clock
from headgate.core.record import Intent, Outcome
from headgate.policy.reservations_dump import ReservationsDump
from headgate.storage.journal import journal_dir, segments
from headgate.storage.journal.frames import pack_frame
from headgate.storage.journal.journals import FIRST_WRITER, WRITER_NAMES, journals_dir, writer_dir
from headgate.storage.journal.record_codec import make_codec
from headgate.storage.journal.segments import Frame, Kind, parse_frames

CHECKPOINT_FILE = "counts"
_EARLIER_FILE = "checkpoint"  # of the one writer of an earlier release, in its journal
_HEAD_BYTES = 64 << 10
_NUMBERS_SEQ, _CONTENT_SEQ = 1, 2
_LOG = logging.getLogger(__name__)


class Written(msgspec.Struct, frozen=True, array_like=True):
    """What a checkpoint contains of one writer: its records up to `seq`. These exchanges were under way then."""

    seq: int
    open: list[str] = []


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """The clocks' times are those of its moment; `boot` names the time from one start of the machine to the next."""

    wall_ns: int = 0
    monotonic_s: float = 0.0
    boot: str = ""
    reservations: ReservationsDump
    writers: dict[str, Written] = {}


class _EarlierCheckpoint(msgspec.Struct, frozen=True, kw_only=True):
    seq: int = 0
    wall_ns: int = 0
    monotonic_s: float = 0.0
    boot: str = ""
    reservations: ReservationsDump


class Records(NamedTuple):
    """Records of one writer, in their order; `None` where a writer began, before which all that was open was interrupted. `seq` is the last one's number."""

    records: list[Intent | Outcome | None]
    seq: int


def checkpoint_of(reservations: ReservationsDump, writers: dict[str, Written], clock: Clock) -> Checkpoint:
    """The checkpoint of this moment."""
    return Checkpoint(wall_ns=clock.wall_ns(), monotonic_s=clock.monotonic_s(), boot=boot_id(), reservations=reservations, writers=writers)


def encode(checkpoint: Checkpoint) -> bytes:
    """Its bytes. They must be made before anything else is counted; writing them may wait."""
    numbers = {writer: written.seq for writer, written in checkpoint.writers.items()}
    return b"".join([
        pack_frame(_NUMBERS_SEQ, Kind.CHECKPOINT, msgspec.msgpack.encode(numbers)),
        pack_frame(_CONTENT_SEQ, Kind.CHECKPOINT, msgspec.msgpack.encode(checkpoint)),
    ])


def write_checkpoint(data_dir: str, encoded: bytes) -> None:
    """Replace the checkpoint, durably. Raises `OSError`."""
    root = journals_dir(data_dir)
    journal_dir.write_durably(os.path.join(root, CHECKPOINT_FILE), encoded)


def read_checkpoint(data_dir: str) -> Checkpoint | None:
    """The checkpoint; `None` if there never was one. In place of a damaged one, one that contains nothing: all records that are left are replayed."""
    path = os.path.join(journals_dir(data_dir), CHECKPOINT_FILE)
    frames = _frames_of(path)
    if frames is None:
        return _read_earlier(data_dir)
    for frame in frames:
        if frame.seq == _CONTENT_SEQ:
            with contextlib.suppress(msgspec.DecodeError):
                return msgspec.msgpack.decode(frame.body, type=Checkpoint)
    return _damaged(path)


def has_checkpoint(data_dir: str) -> bool:
    """Whether there is a checkpoint, damaged or not."""
    return os.path.exists(os.path.join(journals_dir(data_dir), CHECKPOINT_FILE)) or os.path.exists(os.path.join(writer_dir(data_dir), _EARLIER_FILE))


def checkpointed_seq(data_dir: str, writer: str) -> int | None:
    """The last record of a writer that the checkpoint contains; `None` if there is no checkpoint. Reads only its head, for the flusher asks often."""
    frames = _frames_of(os.path.join(journals_dir(data_dir), CHECKPOINT_FILE), _HEAD_BYTES)
    if frames is None:
        earlier = _read_earlier(data_dir) if writer == FIRST_WRITER else None
        return None if earlier is None else earlier.writers[writer].seq
    for frame in frames:
        if frame.seq == _NUMBERS_SEQ:
            with contextlib.suppress(msgspec.DecodeError):
                return msgspec.msgpack.decode(frame.body, type=dict[str, int]).get(writer, 0)
    return 0


def counted_writers(data_dir: str) -> list[str]:
    """The writers whose records limits and budgets count: the serving processes."""
    return [writer for writer in WRITER_NAMES if os.path.isdir(writer_dir(data_dir, writer))]


def read_records(directory: str, seq: int) -> Records:
    """The records of a journal behind a number, as far as they are written."""
    codec = make_codec()
    found: list[Intent | Outcome | None] = []
    for frame in _frames_after(directory, seq):
        seq = frame.seq
        try:
            if frame.kind == Kind.INTENT:
                found.append(codec.intents.decode(frame.body))
            elif frame.kind == Kind.OUTCOME:
                found.append(codec.outcomes.decode(frame.body))
            elif frame.kind == Kind.START:
                found.append(None)
        except msgspec.DecodeError as error:  # the flusher sets the segment aside and says so
            _LOG.warning("record %d is counted in no limit and no budget: %s", frame.seq, error)
    return Records(found, seq)


def boot_id() -> str:
    """Names the time since the machine's start, within which its monotonic clock goes on from process to process; empty where the system does not say."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return ""


def _frames_of(path: str, bytes_max: int = -1) -> list[Frame] | None:
    try:
        with open(path, "rb") as file:
            return parse_frames(file.read(bytes_max), 0).frames
    except FileNotFoundError:
        return None


def _read_earlier(data_dir: str) -> Checkpoint | None:
    path = os.path.join(writer_dir(data_dir), _EARLIER_FILE)
    frames = _frames_of(path)
    if frames is None:
        return None
    for frame in frames:
        with contextlib.suppress(msgspec.DecodeError):
            found = msgspec.msgpack.decode(frame.body, type=_EarlierCheckpoint)
            writers = {FIRST_WRITER: Written(found.seq, list(found.reservations.open))}
            return Checkpoint(wall_ns=found.wall_ns, monotonic_s=found.monotonic_s, boot=found.boot, reservations=found.reservations, writers=writers)
    return _damaged(path)


def _damaged(path: str) -> Checkpoint:
    _LOG.error("%s is damaged; limits and budgets count only what the journal's records still say", path)
    return Checkpoint(reservations=ReservationsDump(0.0), writers={FIRST_WRITER: Written(0)})


def _frames_after(directory: str, seq: int) -> Iterator[Frame]:
    for segment in segments.segments_after(segments.list_segments(directory), seq):
        for frame in segments.read_segment(segment).frames:
            if frame.seq > seq:
                yield frame
