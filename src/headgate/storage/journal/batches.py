"""Batches into the journal, from the serving process: what is acknowledged, which tables take no rows now, and what an earlier process acknowledged."""

from collections.abc import Iterator
from operator import itemgetter

import msgspec

from headgate.core.batch import Batch
from headgate.core.clock import Clock
from headgate.storage.journal import flusher_status, journals, segments
from headgate.storage.journal.segments import Kind
from headgate.storage.journal.writer import JournalWriter
from headgate.telemetry.ports import Told

_PATIENCE_S = 30.0  # a table that fails for a shorter time may soon take its rows, and they wait for it


class JournalBatches:
    """Implements `telemetry.ports.BatchJournal`. `look` is called about twice a second."""

    def __init__(self, journal: JournalWriter, data_dir: str, clock: Clock) -> None:
        self._journal = journal
        self._directory = journals.journals_dir(data_dir)
        self._clock = clock
        self._encoder = msgspec.msgpack.Encoder()
        self._stalled: dict[str, str] = {}

    def keep_durably(self, batch: Batch, told: Told) -> None:
        """Keep a batch; `told` hears when it is on the disk."""
        self._journal.append_durable(Kind.BATCH, self._encoder.encode(batch), told)

    @property
    def backlog_bytes(self) -> int:
        """Bytes that the flusher has not carried yet."""
        return self._journal.backlog_bytes

    def stalled(self, table: str) -> str:
        """Why the table does not take its rows now; empty if it does."""
        return self._stalled.get(table, "")

    def look(self) -> None:
        """Read the flusher's news."""
        status = flusher_status.read_status(self._directory)
        patient_ns = self._clock.wall_ns() - int(_PATIENCE_S * 1e9)
        self._stalled = {one.table: one.reason for one in (status.waiting if status is not None else ()) if one.since_ns < patient_ns}


class _BatchHead(msgspec.Struct, array_like=True):
    """The fields of a batch up to its digest; the payload is skipped unread."""

    table: str
    name: str
    location: str
    signal: str
    received_at_ns: int
    rows: int
    bytes_unfolded: int
    digest: bytes = b""


def acknowledged(data_dir: str, since_ns: int) -> list[tuple[bytes, int]]:
    """Digests of the exports that the journals still hold and that came since then, with their times, oldest first."""
    found = [each for journal in journals.list_journals(data_dir) for each in _acknowledged(journal, since_ns)]
    return sorted(found, key=itemgetter(1))


def _acknowledged(journal: str, since_ns: int) -> Iterator[tuple[bytes, int]]:
    decoder = msgspec.msgpack.Decoder(_BatchHead)
    for segment in segments.list_segments(journal):
        for frame in segments.read_segment(segment).frames:
            if frame.kind != Kind.BATCH:
                continue
            try:
                head = decoder.decode(frame.body)
            except msgspec.DecodeError:  # called when it is in the table
                continue
            if head.digest and head.received_at_ns >= since_ns:
                yield head.digest, head.received_at_ns
