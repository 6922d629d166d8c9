"""Writes the demo's past into a journal of its own, which the flusher writes to the tables like every other: rows are made by the one code that makes them.

Each day is a segment of its own that appears whole, by its name, or not at all. Frames are numbered by time: the last one of a segment says up to which
microsecond it goes. So the journal itself says how far the past is written, and a restart goes on from there, whatever ended the process before.
"""

import os
from collections.abc import Sequence

from headgate.storage.journal import journal_dir, segments
from headgate.storage.journal.frames import pack_frame
from headgate.storage.journal.segments import Kind

WRITER = "demo"
_US = 1_000
_Frames = Sequence[tuple[int, bytes]]


class PastWriter:
    """Owns the journal's lock until `close`. Only one process fills a store."""

    def __init__(self, directory: str) -> None:
        journal_dir.ensure_dir(directory)
        self._directory = directory
        self._lock_fd = journal_dir.try_lock(os.path.join(directory, journal_dir.WRITER_LOCK))
        if self._lock_fd is not None:
            journal_dir.ensure_app_id(directory)

    @property
    def busy(self) -> bool:
        """Whether another process fills the store."""
        return self._lock_fd is None

    def written_until_ns(self) -> int:
        """Up to which moment the past is written; 0 if none of it is. The newest segment is never deleted."""
        listed = segments.list_segments(self._directory)
        if not listed:
            return 0
        frames = segments.read_segment(listed[-1]).frames
        return (frames[-1].seq if frames else listed[-1].first_seq) * _US

    def write(self, after_ns: int, until_ns: int, frames: _Frames) -> None:
        """Write a stretch of time: it is in the journal whole when this returns."""
        first_seq, last_seq = after_ns // _US + 1, until_ns // _US
        if first_seq + len(frames) > last_seq:
            raise ValueError("a stretch of time has no more frames than microseconds")
        numbered = [pack_frame(first_seq + number, kind, body) for number, (kind, body) in enumerate(frames)]
        path = segments.segment_path(self._directory, first_seq)
        journal_dir.write_durably(path, b"".join([*numbered, pack_frame(last_seq, Kind.PROBE, b"")]))

    def close(self) -> None:
        """Let go of the lock: only then is the newest segment a finished one."""
        if self._lock_fd is not None:
            os.close(self._lock_fd)
            self._lock_fd = None
