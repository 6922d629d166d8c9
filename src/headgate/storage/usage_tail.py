"""Usage that is journalled and not in its table yet, as rows. Only reads; needs no gateway and no journal."""

import os
from collections.abc import Callable

import pyarrow as pa

from headgate.catalog.names import Name
from headgate.catalog.tables import USAGE
from headgate.core.clock import Clock
from headgate.core.record import Outcome
from headgate.storage import journal_dir, segments
from headgate.storage.fold import Fold, Standing, read_standing
from headgate.storage.usage_rows import RatesOf, UsageRows


def outcomes_after(directory: str, standing: Standing, carried: int, now_ns: int) -> list[Outcome]:
    """What ended after the frames that are carried. Exchanges that a dead writer left open ended too; those of a living one are still going on."""
    if not os.path.isdir(directory):
        return []
    listed = segments.list_segments(directory)
    writer_is_alive = journal_dir.writer_is_alive(directory)
    fold = Fold(standing)
    for segment in segments.segments_after(listed, standing.seq):
        fold.take(segments.read_segment(segment).frames)
    if not writer_is_alive:
        fold.interrupt(now_ns, fold.seq + 1)
    return [ended.outcome for ended in fold.ended if ended.seq > carried]


class UsageTails:
    """Implements `Tails` for the usage table of one data directory; prices what it finds."""

    def __init__(self, data_dir: str, rates_of: RatesOf, clock: Clock) -> None:
        self._directory = journal_dir.journal_dir(data_dir)
        self._rows = UsageRows(rates_of)
        self._clock = clock

    def begin(self, name: Name) -> Callable[[Callable[[str], int | None]], bytes | None]:
        """Rows of the usage table beyond what is committed; never any of another table."""
        if name != USAGE.name or not os.path.isdir(self._directory):
            return lambda _committed: None
        standing = read_standing(self._directory)
        return lambda committed: self._rows_after(standing, committed)

    def _rows_after(self, standing: Standing, committed: Callable[[str], int | None]) -> bytes | None:
        app_id = journal_dir.read_app_id(self._directory)
        carried = max(standing.seq, (committed(app_id) if app_id is not None else None) or 0)
        outcomes = outcomes_after(self._directory, standing, carried, self._clock.wall_ns())
        if not outcomes:
            return None
        rows = self._rows.fitting(outcomes)[0]
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, rows.schema) as writer:
            writer.write_table(rows)
        return bytes(sink.getvalue().to_pybytes())
