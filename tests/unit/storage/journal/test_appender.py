"""The end of the journal that is written to."""

import errno
import os

import pytest

from headgate.storage.journal import segments
from headgate.storage.journal.appender import ROOM_BYTES_MIN, Appender, Reserve
from tests.fakes.journals import disk_space


def read(directory):
    """Numbers and bodies of all frames, by segment."""
    found = segments.list_segments(str(directory))
    contents = [segments.read_segment(segment) for segment in found]
    assert not any(content.damage for content in contents)
    return {segment.first_seq: [(frame.seq, bytes(frame.body)) for frame in content.frames] for segment, content in zip(found, contents, strict=True)}


def close(log):
    """Let go of the descriptors."""
    log.retire()
    for fd in log.retired:
        os.close(fd)


def test_frames_are_numbered_through_segments(tmp_path):
    """Rolling begins a segment that is named after its first frame, at once."""
    log = Appender(str(tmp_path), 5)
    assert [log.append(2, b"a"), log.append(2, b"b")] == [5, 6]
    log.roll()

    assert read(tmp_path) == {5: [(5, b"a"), (6, b"b")], 7: []}
    log.append(2, b"c")
    assert read(tmp_path)[7] == [(7, b"c")]
    close(log)


@pytest.mark.parametrize("written", [0, 1, 16, 17, 25])
def test_after_a_short_write_a_new_segment_begins(tmp_path, monkeypatch, written):
    """What a full disk took of a frame is cut off; the number is used up; the next frame goes elsewhere."""
    log = Appender(str(tmp_path), 1)
    log.append(2, b"before")
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: real(fd, data[:written]))
    with pytest.raises(OSError, match="No space"):
        log.append(2, b"never whole")
    monkeypatch.undo()

    assert log.append(2, b"after") == 3
    assert read(tmp_path) == {1: [(1, b"before")], 3: [(3, b"after")]}
    close(log)


def test_a_refused_write_leaves_the_segment(tmp_path, monkeypatch):
    """The same for an error of the disk."""
    log = Appender(str(tmp_path), 1)
    log.append(2, b"before")

    def refuse(_fd, _data):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "write", refuse)
    with pytest.raises(OSError, match="Input/output"):
        log.append(2, b"lost")
    monkeypatch.undo()
    log.append(2, b"after")

    assert list(read(tmp_path)) == [1, 3]
    close(log)


def test_a_forgotten_descriptor_is_not_handed_over(tmp_path):
    """A segment whose sync failed is never synced again."""
    log = Appender(str(tmp_path), 1)
    log.append(2, b"a")
    fd = log.fd
    log.forget(fd)

    assert log.retired == []
    assert log.append(2, b"b") == 2
    assert list(read(tmp_path)) == [1, 2]
    os.close(fd)
    close(log)


def test_the_reserve_holds_space_and_gives_it_back(tmp_path):
    """It is as large as asked, is taken once, and can be given back once."""
    reserve = Reserve(str(tmp_path), 1 << 20)
    assert reserve.ensure()

    assert os.stat(tmp_path / "reserve").st_blocks * 512 >= 1 << 20
    assert reserve.release()
    assert not reserve.release()


def test_without_a_reserve_there_is_nothing_to_give_back(tmp_path):
    """A size of nothing makes no file."""
    reserve = Reserve(str(tmp_path), 0)
    assert reserve.ensure()

    assert os.listdir(tmp_path) == []
    assert not reserve.release()


def test_a_disk_that_is_nearly_full_gives_no_reserve(tmp_path, monkeypatch):
    """It says so, and is left as it is."""
    monkeypatch.setattr(os, "statvfs", lambda _path: disk_space(ROOM_BYTES_MIN - 1))
    reserve = Reserve(str(tmp_path), 1 << 20)

    assert not reserve.ensure()
    assert os.listdir(tmp_path) == []


def test_a_reserve_takes_no_more_than_half_of_what_is_free(tmp_path, monkeypatch):
    """Its full size would leave a small disk without room for work."""
    monkeypatch.setattr(os, "statvfs", lambda _path: disk_space(ROOM_BYTES_MIN))

    assert Reserve(str(tmp_path), 1 << 40).ensure()
    assert [entry.stat().st_size for entry in tmp_path.iterdir()] == [ROOM_BYTES_MIN // 2]
