"""Journals to test: their frames as read back, and a disk that refuses."""

import errno
import os
import threading

from headgate.storage.journal import segments
from headgate.storage.journal.record_codec import make_codec
from headgate.storage.journal.segments import Kind
from headgate.storage.journal.writer import JournalWriter
from tests.fakes.records import QUIET


def frames(directory):
    """All frames that can be read, and no damage."""
    contents = [segments.read_segment(segment) for segment in segments.list_segments(str(directory))]
    assert not any(content.damage for content in contents)
    return [frame for content in contents for frame in content.frames]


def ids(directory, kind):
    """The request ids in the frames of one kind."""
    codec = make_codec()
    if kind == Kind.INTENT:
        return [codec.intents.decode(frame.body).request_id for frame in frames(directory) if frame.kind == kind]
    return [codec.outcomes.decode(frame.body).intent.request_id for frame in frames(directory) if frame.kind == kind]


def until(condition, timeout_s=5.0):
    """Wait for what the journal's thread does."""
    done = threading.Event()
    for _ in range(int(timeout_s / 0.005)):
        if condition():
            return
        done.wait(0.005)
    raise AssertionError("it did not happen")


class SickDisk:
    """Makes `os.write` to segments fail with an error while `ill`; notes how often it was asked."""

    def __init__(self, monkeypatch, directory, code=errno.ENOSPC):
        self.ill = True
        self.asked = 0
        real_write, real_open = os.write, os.open

        def write(fd, data):
            if self.ill and len(data) >= segments.FRAME_BYTES_MIN:
                self.asked += 1
                raise OSError(code, os.strerror(code))
            return real_write(fd, data)

        def open_(path, *args, **kwargs):
            if self.ill and str(path).startswith(str(directory)) and str(path).endswith(".wal"):
                self.asked += 1
                raise OSError(code, os.strerror(code))
            return real_open(path, *args, **kwargs)

        monkeypatch.setattr(os, "write", write)
        monkeypatch.setattr(os, "open", open_)


def gathering(directory, limits=QUIET):
    """A journal that gathers, and the calls that are due at the end of the step."""
    due = []
    journal = JournalWriter.open(str(directory), limits)
    journal.gather(due.append)
    return journal, due


def disk_space(free_bytes: int) -> os.statvfs_result:
    """What the system says of a disk with this much left."""
    return os.statvfs_result((1, 1, free_bytes, free_bytes, free_bytes, 0, 0, 0, 0, 255))
