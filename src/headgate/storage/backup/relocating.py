"""Gives the batches of a restored journal the places that their tables have now: a batch names its table's place by a path of the machine it was made on."""

import os

import msgspec

from headgate.core.batch import Batch
from headgate.storage.journal import journal_dir, journals, segments
from headgate.storage.journal.flusher_status import WaitingTable
from headgate.storage.journal.frames import HEADER, pack_frame
from headgate.storage.journal.segments import Frame, Kind, Segment

_REASON = "reason.json"


def relocate(data_dir: str, old_root: str, new_root: str) -> None:
    """Change every place below the old data directory in the journals of this one to one below the new one."""
    if old_root == new_root:
        return
    for journal in journals.list_journals(data_dir):
        for place, _, names in os.walk(journal):
            for segment in segments.list_segments(place):
                _relocate_segment(segment, old_root, new_root)
            if _REASON in names:
                _relocate_note(os.path.join(place, _REASON), old_root, new_root)


def _relocate_segment(segment: Segment, old_root: str, new_root: str) -> None:
    with open(segment.path, "rb") as file:
        data = file.read()
    content = segments.parse_frames(data, segment.first_seq)
    if not any(frame.kind == Kind.BATCH for frame in content.frames):
        return
    damaged = {damage.offset: damage.length for damage in content.damage}
    frames, made, offset = iter(content.frames), [], 0
    while offset < len(data):
        if offset in damaged:
            made.append(data[offset : offset + damaged[offset]])
            offset += damaged[offset]
            continue
        frame = next(frames)
        end = offset + HEADER.size + len(frame.body)
        made.append(_relocated(frame, old_root, new_root) or data[offset:end])
        offset = end
    journal_dir.write_durably(segment.path, b"".join(made))


def _relocated(frame: Frame, old_root: str, new_root: str) -> bytes:
    """The frame with another place; empty for one that stays."""
    if frame.kind != Kind.BATCH:
        return b""
    try:
        batch = msgspec.msgpack.decode(frame.body, type=Batch)
    except msgspec.DecodeError:
        return b""  # the flusher sets it aside
    moved = msgspec.structs.replace(batch, location=_moved(batch.location, old_root, new_root))
    return pack_frame(frame.seq, frame.kind, msgspec.msgpack.encode(moved)) if moved.location != batch.location else b""


def _relocate_note(path: str, old_root: str, new_root: str) -> None:
    with open(path, "rb") as file:
        written = file.read()
    try:
        waiting = msgspec.json.decode(written, type=WaitingTable)
    except msgspec.DecodeError:
        return  # the batches themselves say it
    moved = msgspec.structs.replace(waiting, location=_moved(waiting.location, old_root, new_root))
    journal_dir.write_durably(path, msgspec.json.encode(moved))


def _moved(location: str, old_root: str, new_root: str) -> str:
    return f"{new_root}{location.removeprefix(old_root)}" if location.startswith(f"{old_root}/") else location
