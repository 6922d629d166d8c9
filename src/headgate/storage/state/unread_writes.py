"""Whether a store may have been written to since it was read: by the times of its files, which cost a hundredth of the shortest query.

Each commit of SQLite writes to the file of its write-ahead log, or to that of the database, and so moves the file's time, size or identity.
"""

import os
from typing import Final

from headgate.core.clock import Clock
from headgate.storage.state.database import Database

_Mark = tuple[tuple[int, int, int], ...]

_SETTLED_NS: Final = 1_000_000_000  # a file's time is no finer than the kernel's tick: a second write within one could leave the mark as it is
_UNSEEN_S: Final = 5.0  # for file systems whose times do not move


class UnreadWrites:
    """Of one store and one reader. `may_be` is asked before each read, and `read` is called after it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._files = database.files
        self._clock = clock
        self._seen: _Mark | None = None
        self._seen_at_s = 0.0
        self._read: _Mark | None = None
        self._read_at_s = -_UNSEEN_S

    def may_be(self) -> bool:
        """Whether the store may hold what was not read. A read that fails leaves that as it is."""
        self._seen, self._seen_at_s = self._mark(), self._clock.monotonic_s()
        return self._seen is None or self._seen != self._read or self._seen_at_s - self._read_at_s >= _UNSEEN_S

    def read(self) -> None:
        """All that was there when `may_be` was asked has been read."""
        self._read, self._read_at_s = self._seen, self._seen_at_s

    def _mark(self) -> _Mark | None:
        """What a commit changes; `None` where one could leave it as it is."""
        found = tuple(map(_stamp, self._files))
        latest_ns = max((time_ns for time_ns, _, _ in found), default=0)
        return found if 0 < latest_ns < self._clock.wall_ns() - _SETTLED_NS else None


def _stamp(path: str) -> tuple[int, int, int]:
    try:
        found = os.stat(path)
    except OSError:
        return (0, 0, 0)
    return (found.st_mtime_ns, found.st_size, found.st_ino)
