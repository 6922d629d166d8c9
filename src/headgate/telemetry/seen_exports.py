"""Which exports were acknowledged of late, so that one that is sent again has its rows once: OTLP has no request id, so the content tells.

A client repeats a whole export byte for byte when an answer got lost or took too long. Bounded in time and number; used from one event loop.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable

from headgate.core.clock import Clock
from headgate.core.errors import Unavailable
from headgate.telemetry.ports import Told

DIGEST_BYTES = 16


def digest(table: str, signal: str, body: bytes) -> bytes:
    """What an export is known by. SHA-256 is the cheapest of the sound ones: processors have instructions for it."""
    state = hashlib.sha256(f"{table}\0{signal}\0".encode())
    state.update(body)
    return state.digest()[:DIGEST_BYTES]


class SeenExports:
    """The acknowledged and those that are being kept right now."""

    def __init__(self, clock: Clock, keep_s: float = 900.0, entries_max: int = 300_000) -> None:
        self._clock = clock
        self._keep_ns = int(keep_s * 1e9)
        self._entries_max = entries_max
        self._done: OrderedDict[bytes, int] = OrderedDict()  # digest -> when it was received, oldest first
        self._under_way: dict[bytes, tuple[int, list[Told]]] = {}  # when it was received, and who waits

    def __len__(self) -> int:
        return len(self._done)

    def is_done(self, key: bytes) -> bool:
        """Whether it was acknowledged within the window."""
        at_ns = self._done.get(key)
        return at_ns is not None and self._clock.wall_ns() - at_ns <= self._keep_ns

    def join(self, key: bytes, told: Told) -> bool:
        """Hear the end of the same export that is being kept at this moment. False if there is none."""
        found = self._under_way.get(key)
        if found is not None:
            found[1].append(told)
        return found is not None

    def begin(self, key: bytes, told: Told) -> None:
        """An export is being kept, until `end` is called for it."""
        self._under_way[key] = (self._clock.wall_ns(), [told])

    def end(self, key: bytes, trouble: Unavailable | None) -> None:
        """It is kept, and counts as acknowledged; or it is not, and counts for nothing. All who wait hear it."""
        at_ns, waiting = self._under_way.pop(key)
        if trouble is None:
            self._done[key] = at_ns
            self._trim()
        for told in waiting:
            told(trouble)

    def recall(self, entries: Iterable[tuple[bytes, int]]) -> None:
        """Take in what an earlier process acknowledged: digests with the time they were received, oldest first."""
        later, self._done = self._done, OrderedDict(entries)
        self._done.update(later)
        self._trim()

    def _trim(self) -> None:
        oldest_ns = self._clock.wall_ns() - self._keep_ns
        while self._done and (len(self._done) > self._entries_max or next(iter(self._done.values())) < oldest_ns):
            self._done.popitem(last=False)
