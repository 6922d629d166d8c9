"""Places in a restored journal: those of batches below the old directory move, and nothing else changes."""

import os

import msgspec

from headgate.core.batch import Batch
from headgate.storage.backup.relocating import relocate
from headgate.storage.journal import segments, waiting_batches
from headgate.storage.journal.segments import Kind
from tests.fakes.landing_place import LandingPlace
from tests.fakes.records import outcome


def places(path):
    """Where the batches of a segment's file go."""
    frames = segments.read_segment(segments.Segment(0, path, released=False)).frames
    return [msgspec.msgpack.decode(frame.body, type=Batch).location for frame in frames if frame.kind == Kind.BATCH]


def test_batches_move_with_their_directory(tmp_path):
    """Numbers, other frames and damaged bytes stay; so do places that are elsewhere."""
    place = LandingPlace(tmp_path)
    place.open().outcome(outcome("a"))
    inside = place.batch(b"x")
    place.put(inside, msgspec.structs.replace(inside, location="/lake/m"), msgspec.structs.replace(inside, location=f"{tmp_path}-other/m"))
    place.close()
    [path] = [one.path for one in segments.list_segments(place.directory) if one.first_seq == 1 and segments.segment_bytes(one)]
    with open(path, "ab") as file:
        file.write(b"torn")
    before = segments.read_segment(segments.Segment(0, path, released=False))
    relocate(str(tmp_path), str(tmp_path), "/new")
    after = segments.read_segment(segments.Segment(0, path, released=False))

    assert places(path) == ["/new/warehouse/main/default/m", "/lake/m", f"{tmp_path}-other/m"]
    assert [(frame.seq, frame.kind) for frame in after.frames] == [(frame.seq, frame.kind) for frame in before.frames]
    assert [damage.length for damage in after.damage] == [4]


def test_batches_that_wait_for_their_table_move_too(tmp_path):
    """With the note that says why; a damaged note stays."""
    place = LandingPlace(tmp_path)
    place.put(place.batch(b"x", table="gone"))
    place.carrier().round()
    relocate(str(tmp_path), str(tmp_path), "/new")
    [waiting] = waiting_batches.tables(place.directory)
    [held] = waiting_batches.files(place.directory, "gone")
    place.close()

    assert waiting.location == "/new/warehouse/main/default/gone"
    assert places(held.path) == ["/new/warehouse/main/default/gone"]
    note = os.path.join(os.path.dirname(held.path), "reason.json")
    with open(note, "w", encoding="utf-8") as file:
        file.write("{")
    relocate(str(tmp_path), "/new", "/newer")
    assert places(held.path) == ["/newer/warehouse/main/default/gone"]


def test_nothing_moves_within_one_directory(tmp_path):
    """A backup that comes back to its own place is left as it is."""
    place = LandingPlace(tmp_path)
    place.put(place.batch(b"x"))
    place.close()
    relocate(str(tmp_path), "/same", "/same")
    assert place.carrier().round().segments
