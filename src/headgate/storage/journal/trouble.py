"""Why the journal takes no records now: a disk that fails, or a flusher that is too far behind. Reads no file."""

import logging
import time

_RETRY_S = (0.2, 5.0)  # first and longest wait before a failing disk is tried again
_LOG = logging.getLogger(__name__)


class DiskTrouble:
    """What is wrong with the disk, and when it is tried again. Changed with the journal's lock held."""

    def __init__(self) -> None:
        self.text: str | None = None  # for people; clients read it
        self.retry_at_s = 0.0
        self.is_final = False  # the journal's thread has failed: nothing is synced any more
        self.refusals_dropped = 0  # records of refused requests, since the trouble began
        self._retry_s = _RETRY_S[0]

    def note(self, error: OSError) -> None:
        """Remember the error; intents are refused until the thread has written and synced something again."""
        if self.text is None:
            _LOG.error("the journal cannot be written: %s", error)
            self._retry_s = _RETRY_S[0]
        self.text = f"the journal cannot be written: {error.strerror or error}"  # without a path
        self.wait()

    def wait(self) -> None:
        """Try again after the present wait."""
        self.retry_at_s = time.monotonic() + self._retry_s

    def double_wait(self) -> None:
        """The disk is tried now; if that fails, wait longer."""
        self._retry_s = min(self._retry_s * 2, _RETRY_S[1])

    def clear(self) -> None:
        """The disk takes writes again."""
        self.text = None
        dropped, self.refusals_dropped = self.refusals_dropped, 0
        _LOG.warning("the journal can be written again; %d refused requests of the meantime have no record", dropped)


class Backlog:
    """How many bytes of finished segments wait for the flusher, when last counted."""

    def __init__(self, bytes_max: int) -> None:
        self.bytes_max = bytes_max
        self.waiting_bytes = 0
        self.counted_s = 0.0

    def note(self, waiting_bytes: int) -> None:
        """Remember a count."""
        self.waiting_bytes = waiting_bytes
        self.counted_s = time.monotonic()

    @property
    def reason(self) -> str | None:
        """Why that is too much, in words for people; `None` if it is not."""
        if self.waiting_bytes <= self.bytes_max:
            return None
        waiting, limit = self.waiting_bytes >> 20, self.bytes_max >> 20
        return f"{waiting} MiB of records wait to be written into the tables, and {limit} MiB is the limit; is the flusher running?"
