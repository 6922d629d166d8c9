"""The end of the journal that is written to: one open segment, one frame after the other, in a single write for all frames of a call.

Has no lock and no thread: its owner holds the writer's lock and calls from one place at a time. It never syncs; it returns the descriptors that are
due. After a failed write it never touches that segment again: what follows goes to a new one.
"""

import contextlib
import errno
import os
import time
from collections.abc import Sequence
from typing import Final

import msgspec

from headgate.core.clock import Clock
from headgate.storage.journal import journal_dir, segments
from headgate.storage.journal.frames import pack_frame

FORMAT_VERSION: Final = 1
ROOM_BYTES_MIN: Final = 8 << 20  # below this much free space a disk that was full takes no new exchange


class Appender:
    """Frames go in with `append` or `append_all`, which return once the operating system has them (`kill -9` safe). Errors are `OSError`."""

    def __init__(self, directory: str, first_seq: int) -> None:
        self.fd = -1  # the open segment, -1 for none
        self.size = 0  # its bytes
        self.begun_s = 0.0  # when its first frame was written
        self.names_changed = False  # the directory is due to be synced
        self.retired: list[int] = []  # descriptors of finished segments, for the owner to sync and close
        self._directory = directory
        self._seq = first_seq - 1

    @property
    def last_seq(self) -> int:
        """The number of the latest frame."""
        return self._seq

    def append(self, kind: int, body: bytes) -> int:
        """Write one frame; returns its sequence number."""
        return self.append_all([(kind, body)])

    def append_all(self, frames: Sequence[tuple[int, bytes]]) -> int:
        """Write frames, all or none of them; returns the first one's sequence number.

        Numbers are used up even if the write fails, so that none ever names two frames.
        """
        if self.fd < 0:
            self._open()
        first = self._seq + 1
        self._seq += len(frames)
        packed = b"".join([pack_frame(seq, kind, body) for seq, (kind, body) in enumerate(frames, first)])  # of one: that one, not copied
        try:
            written = os.write(self.fd, packed)
        except OSError:
            self._abandon()
            raise
        if written != len(packed):
            self._abandon()
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if not self.size:
            self.begun_s = time.monotonic()
        self.size += written
        return first

    def roll(self) -> None:
        """Finish this segment, if it holds anything, and begin another: that a later one exists tells readers that this one is whole."""
        if self.fd >= 0 and not self.size:
            return
        self.retire()
        self._open()

    def retire(self) -> None:
        """Finish this segment; the next frame begins another."""
        if self.fd >= 0:
            self.retired.append(self.fd)
        self.fd, self.size = -1, 0

    def forget(self, fd: int) -> None:
        """Never sync this descriptor again: a second fsync after a failed one says yes to data that is gone (https://lwn.net/Articles/752063/)."""
        if fd == self.fd:
            self.retire()
        if fd in self.retired:
            self.retired.remove(fd)

    def _open(self) -> None:
        path = segments.segment_path(self._directory, self._seq + 1)
        self.fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self.size = 0
        self.names_changed = True

    def _abandon(self) -> None:
        """Cut off what a failed write may have left, so that readers need not call it damage, and go on elsewhere."""
        with contextlib.suppress(OSError):
            os.ftruncate(self.fd, self.size)
        self.retire()


class Reserve:
    """Disk space kept back for the outcomes of exchanges that are under way when the disk fills up: half of what is free, up to `size`."""

    def __init__(self, directory: str, size: int) -> None:
        self._path = os.path.join(directory, "reserve")
        self._size = size

    def ensure(self) -> bool:
        """Take the space unless it is held. False if the disk has less than `ROOM_BYTES_MIN` left, and therefore no room for new work."""
        if self._size <= 0 or os.path.exists(self._path):
            return True
        with contextlib.suppress(OSError):
            space = os.statvfs(os.path.dirname(self._path))
            free_bytes = space.f_bavail * space.f_frsize
            if free_bytes < ROOM_BYTES_MIN:
                return False
            self._allocate(min(self._size, free_bytes // 2))
        return True

    def release(self) -> bool:
        """Give the space back. False if there was none."""
        try:
            os.unlink(self._path)
        except OSError:
            return False
        return True

    def _allocate(self, size: int) -> None:
        if not hasattr(os, "posix_fallocate"):
            return
        fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.posix_fallocate(fd, 0, size)
        finally:
            os.close(fd)


def begin_log(directory: str, start: bytes) -> Appender:
    """Open the journal's end with a START frame. Only who holds the writer's lock may call this."""
    journal_dir.ensure_app_id(directory)
    log = Appender(directory, segments.next_seq(segments.list_segments(directory)))
    try:
        log.append(segments.Kind.START, start)
    except OSError:
        for fd in log.retired:
            os.close(fd)
        raise
    return log


def marker(role: str, clock: Clock) -> bytes:
    """Body of a START frame."""
    return msgspec.msgpack.encode(segments.Marker(version=FORMAT_VERSION, pid=os.getpid(), at_ns=clock.wall_ns(), role=role))
