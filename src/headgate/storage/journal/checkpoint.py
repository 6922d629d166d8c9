"""The checkpoint beside a journal: what was reserved and used when its records had come to a number. The records behind that number say the rest.

A start loads the checkpoint and replays those records, so the flusher deletes none of them. A checkpoint is replaced whole, or not at all.
"""

import contextlib
import logging
import os
from collections.abc import Iterator

import msgspec

from headgate.core.clock import Clock
from headgate.policy.replay import Replay
from headgate.policy.reservations import ReservationsDump
from headgate.storage.journal import journal_dir, segments
from headgate.storage.journal.record_codec import make_codec
from headgate.storage.journal.segments import HEADER, Frame, Kind, pack_frame, parse_frames

_FILE = "checkpoint"
_LOG = logging.getLogger(__name__)


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """`seq` is the last record that it contains. The clocks' times are those of its moment; `boot` names the time from one start of the machine to the next."""

    seq: int = 0
    wall_ns: int = 0
    monotonic_s: float = 0.0
    boot: str = ""
    reservations: ReservationsDump


def checkpoint_of(reservations: ReservationsDump, seq: int, clock: Clock) -> Checkpoint:
    """The checkpoint of this moment."""
    return Checkpoint(seq=seq, wall_ns=clock.wall_ns(), monotonic_s=clock.monotonic_s(), boot=boot_id(), reservations=reservations)


def encode(checkpoint: Checkpoint) -> bytes:
    """Its bytes. They must be made before anything else is counted; writing them may wait."""
    return msgspec.msgpack.encode(checkpoint)


def write_checkpoint(directory: str, seq: int, encoded: bytes) -> None:
    """Replace the journal's checkpoint, durably. Raises `OSError`."""
    journal_dir.write_durably(os.path.join(directory, _FILE), pack_frame(seq, Kind.CHECKPOINT, encoded))


def read_checkpoint(directory: str) -> Checkpoint | None:
    """The journal's checkpoint; `None` if it never had one. In place of a damaged one, one that contains nothing: all records that are left are replayed."""
    try:
        with open(os.path.join(directory, _FILE), "rb") as file:
            frames = parse_frames(file.read(), 0).frames
    except FileNotFoundError:
        return None
    for frame in frames:
        with contextlib.suppress(msgspec.DecodeError):
            return msgspec.msgpack.decode(frame.body, type=Checkpoint)
    _LOG.error("%s is damaged; limits and budgets count only what the journal's records still say", os.path.join(directory, _FILE))
    return Checkpoint(reservations=ReservationsDump(0.0))


def checkpoint_seq(directory: str) -> int | None:
    """The last record that the journal's checkpoint contains; `None` if it has none. Reads only its head, for the flusher asks often."""
    try:
        with open(os.path.join(directory, _FILE), "rb") as file:
            head = file.read(HEADER.size)
    except FileNotFoundError:
        return None
    return int(HEADER.unpack(head)[2]) if len(head) == HEADER.size else 0


def replay_records(directory: str, seq: int, replay: Replay) -> None:
    """Replay the records behind a number. What an earlier writer left open was interrupted."""
    codec = make_codec()
    for frame in _frames_after(directory, seq):
        try:
            if frame.kind == Kind.INTENT:
                replay.intent(codec.intents.decode(frame.body))
            elif frame.kind == Kind.OUTCOME:
                replay.outcome(codec.outcomes.decode(frame.body))
            elif frame.kind == Kind.START:
                replay.interrupt()
        except msgspec.DecodeError as error:  # the flusher sets the segment aside and says so
            _LOG.warning("record %d is counted in no limit and no budget: %s", frame.seq, error)


def boot_id() -> str:
    """Names the time since the machine's start, within which its monotonic clock goes on from process to process; empty where the system does not say."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return ""


def _frames_after(directory: str, seq: int) -> Iterator[Frame]:
    for segment in segments.segments_after(segments.list_segments(directory), seq):
        for frame in segments.read_segment(segment).frames:
            if frame.seq > seq:
                yield frame
