"""The end of the journal that the flusher has not written to the tables yet, for readers. Only reads.

What is read is bounded. Beyond the bound, batches are left out as if they had not arrived; outcomes are not, since a sum of money would be wrong without
them: reading them fails.
"""

import os
from collections.abc import Iterator, Sequence

import msgspec

from headgate.core.batch import Batch
from headgate.core.errors import Unavailable
from headgate.core.record import Outcome
from headgate.storage.journal import journal_dir, segments
from headgate.storage.journal.batch_frames import FramedBatch
from headgate.storage.journal.fold import Fold, Standing
from headgate.storage.journal.segments import Kind, Segment

OUTCOMES_MAX = 100_000
BYTES_MAX = 64 << 20  # of the journal, read for one table
USAGE_BYTES_MAX = 512 << 20  # the same for the usage table, whose frames lie between those of all tables


def outcomes_after(directory: str, standing: Standing, carried: int, now_ns: int) -> list[Outcome]:
    """The exchanges that ended after the frames that are in the table, without those that get no row. Exchanges that a dead writer left open ended too; those of a living one are still going on.

    Raises `Unavailable` if that is more than one process should hold: the flusher is far behind.
    """
    if not os.path.isdir(directory):
        return []
    listed = segments.list_segments(directory)
    writer_is_alive = journal_dir.writer_is_alive(directory)
    fold = Fold(standing)
    found: list[Outcome] = []
    size, last_seq = 0, standing.seq
    for segment in segments.segments_after(listed, standing.seq):
        size += segments.segment_bytes(segment)
        if size > USAGE_BYTES_MAX:
            raise _behind(f"{USAGE_BYTES_MAX >> 20} MiB")
        frames = segments.read_segment(segment).frames
        last_seq = max(last_seq, frames[-1].seq if frames else 0)
        fold.take(frame for frame in frames if frame.kind != Kind.BATCH)  # rows of telemetry are large, and none of them is an exchange
        found += _beyond(fold, carried)
        if len(found) > OUTCOMES_MAX:
            raise _behind(f"{OUTCOMES_MAX} exchanges")
    if not writer_is_alive:
        fold.interrupt(now_ns, last_seq + 1)
    return found + _beyond(fold, carried)


def _beyond(fold: Fold, carried: int) -> list[Outcome]:
    ended = [ended.outcome for ended in fold.ended if ended.seq > carried and not ended.outcome.intent.untracked]
    fold.ended.clear()
    return ended


def _behind(most: str) -> Unavailable:
    """Leaving the rest out would be a wrong sum of money, so it is an error."""
    return Unavailable(
        f"The newest usage is not in its table yet, and the journal holds too much of it to be read for a query: more than {most}. "
        "Headgate writes the journal to the table by itself; if this stays, /readyz and the log say why it cannot.",
        code="USAGE_IS_BEHIND",
        retry_after_s=60.0,
    )


def batches_for(listed: Sequence[Segment], location: str, carried: int, *, whole: bool = False) -> Iterator[FramedBatch]:
    """The batches in these segments for the table at a place, up to the bound of bytes. Beyond it the rest is left out; where the `whole` is needed,
    `Unavailable` is raised.
    """
    decoder = msgspec.msgpack.Decoder(Batch)
    size = 0
    for segment in listed:
        size += segments.segment_bytes(segment)
        if size > BYTES_MAX and whole:
            raise Unavailable(
                f"Rows that were inserted are not in their table yet, and the journal holds more than {BYTES_MAX >> 20} MiB of them. Headgate writes "
                "them to the table by itself; if this stays, /readyz and the log say why it cannot.",
                code="ROWS_ARE_BEHIND",
                retry_after_s=10.0,
            )
        if size > BYTES_MAX:
            return
        for frame in segments.read_segment(segment).frames:
            if frame.kind != Kind.BATCH or frame.seq <= carried:
                continue
            try:
                batch = decoder.decode(frame.body)
            except msgspec.DecodeError:
                continue  # the flusher says so, and keeps the segment
            if batch.location == location:
                yield FramedBatch(frame, batch)
