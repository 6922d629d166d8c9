"""Frames on disk: torn at every byte, flipped, full of garbage."""

import os
import random

import pytest

from headgate.storage.journal import segments
from headgate.storage.journal.frames import pack_frame
from headgate.storage.journal.segments import Damage, parse_frames
from tests.fakes.records import write_segment

BODIES = [b"one", b"", b"three" * 40, b"\x00" * 30, b"five"]


def packed(first_seq=7):
    """Five frames as one segment's bytes."""
    return b"".join(pack_frame(first_seq + index, 2, body) for index, body in enumerate(BODIES))


def kept(content):
    """Numbers and bodies of what was read."""
    return [(frame.seq, bytes(frame.body)) for frame in content.frames]


def test_frames_come_back_as_they_went_in():
    """Numbers, kinds and bodies survive, empty bodies too."""
    content = parse_frames(packed(), 7)

    assert kept(content) == list(enumerate(BODIES, 7))
    assert {frame.kind for frame in content.frames} == {2}
    assert content.damage == []


def test_a_segment_cut_at_any_byte_keeps_every_frame_before_the_cut():
    """A killed writer leaves a piece of a frame; what is whole before it is read, and the piece is named as torn."""
    data = packed()
    ends = [sum(len(pack_frame(0, 2, body)) for body in BODIES[:count]) for count in range(len(BODIES) + 1)]
    for cut in range(len(data) + 1):
        content = parse_frames(data[:cut], 7)
        whole = max(count for count, end in enumerate(ends) if end <= cut)

        assert kept(content) == list(enumerate(BODIES, 7))[:whole]
        assert content.damage == ([] if cut == ends[whole] else [Damage(ends[whole], cut - ends[whole], torn=True)])


def test_a_flipped_bit_costs_one_frame_at_most():
    """Whatever bit a disk flips, only the frame it lies in is lost, and never silently."""
    data = bytearray(packed())
    for bit in range(len(data) * 8):
        data[bit // 8] ^= 1 << (bit % 8)
        content = parse_frames(bytes(data), 7)
        data[bit // 8] ^= 1 << (bit % 8)

        assert content.damage
        assert len(content.frames) == len(BODIES) - 1
        assert set(kept(content)) < set(enumerate(BODIES, 7))


def test_garbage_behind_the_frames_is_never_taken_for_a_frame():
    """Random tails, zeros and repeated old frames add nothing."""
    chance = random.Random(11)
    old = pack_frame(3, 2, b"from an earlier use of these blocks")
    tails = [chance.randbytes(chance.randrange(1, 200)) for _ in range(300)] + [bytes(64), bytes(5), old, old * 3]
    for tail in tails:
        content = parse_frames(packed() + tail, 7)

        assert kept(content) == list(enumerate(BODIES, 7))
        assert sum(damage.length for damage in content.damage) == len(tail)


def test_garbage_in_the_middle_is_stepped_over():
    """Frames behind a damaged stretch are found again."""
    chance = random.Random(12)
    half = len(pack_frame(7, 2, BODIES[0])) + len(pack_frame(8, 2, BODIES[1]))
    data = packed()
    for size in (1, 16, 17, 18, 100, 5000):
        content = parse_frames(data[:half] + chance.randbytes(size) + data[half:], 7)

        assert kept(content) == list(enumerate(BODIES, 7))
        assert content.damage == [Damage(half, size, torn=False)]


def test_frames_below_the_segments_first_number_do_not_count():
    """A file that a disk brings back from another time is not read as this one."""
    assert parse_frames(packed(first_seq=1), 7).frames == []


def test_segments_are_listed_in_order_and_strangers_are_left_out(tmp_path):
    """Only files named like segments are segments."""
    for first_seq in (30, 4, 200):
        write_segment(str(tmp_path), first_seq, [(2, b"x")])
    os.rename(segments.segment_path(str(tmp_path), 4), tmp_path / f"{4:020d}.done")
    for stranger in ("writer_id", "x.wal", "1.wal", f"{5:020d}.tmp"):
        (tmp_path / stranger).touch()

    listed = segments.list_segments(str(tmp_path))

    assert [(segment.first_seq, segment.released) for segment in listed] == [(4, True), (30, False), (200, False)]


@pytest.mark.parametrize(("seq", "expected"), [(0, [4, 30, 200]), (28, [4, 30, 200]), (29, [30, 200]), (199, [200]), (500, [200])])
def test_segments_that_cannot_hold_anything_new_are_skipped(tmp_path, seq, expected):
    """A segment is skipped once the next one's name says that all of it is known; the newest never is."""
    for first_seq in (4, 30, 200):
        write_segment(str(tmp_path), first_seq, [(2, b"x")])

    assert [segment.first_seq for segment in segments.segments_after(segments.list_segments(str(tmp_path)), seq)] == expected


def test_a_number_is_never_given_twice_even_if_frames_are_damaged(tmp_path):
    """The next number is above whatever the files' sizes leave room for, and above the newest name."""
    assert segments.next_seq([]) == 1
    path = write_segment(str(tmp_path), 10, [(2, b"x")] * 5)
    with open(path, "r+b") as file:
        file.write(bytes(30))

    assert segments.next_seq(segments.list_segments(str(tmp_path))) > 15
    write_segment(str(tmp_path), 900, [])
    assert segments.next_seq(segments.list_segments(str(tmp_path))) > 900


def test_a_number_whose_frame_a_loss_of_power_took_away_is_not_given_again(tmp_path):
    """Its row may be in a table already, so a new writer leaves out far more numbers than a disk takes frames between two syncs."""
    write_segment(str(tmp_path), 10, [])

    assert segments.next_seq(segments.list_segments(str(tmp_path))) > 10 + 10_000_000


def test_a_segment_that_is_released_while_it_is_read_is_still_read(tmp_path):
    """Listing, then renaming, then reading finds the frames; a deleted one is empty."""
    path = write_segment(str(tmp_path), 1, [(2, b"x")])
    [segment] = segments.list_segments(str(tmp_path))
    os.rename(path, segments.released_path(segment))

    assert kept(segments.read_segment(segment)) == [(1, b"x")]
    assert segments.segment_bytes(segment) > 0
    os.unlink(segments.released_path(segment))
    assert segments.read_segment(segment).frames == []
    assert segments.segment_bytes(segment) == 0
