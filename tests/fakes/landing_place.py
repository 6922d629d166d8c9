"""A data directory with an OpenTelemetry table, a journal that batches are put into, and flushers that carry them."""

import os

import msgspec
import pyarrow.parquet as pq
from deltalake import DeltaTable

from headgate.catalog import otel_tables, payload_tables
from headgate.catalog.names import Name
from headgate.core.batch import PAYLOADS, Batch
from headgate.storage.delta import delta_table
from headgate.storage.flusher.rounds import JournalRounds
from headgate.storage.journal import journals
from headgate.storage.journal.segments import Kind
from headgate.storage.journal.writer import JournalWriter
from tests.fakes.exports import AT_NS
from tests.fakes.records import QUIET, FakeClock, names
from tests.fakes.rounds import journal_rounds


class LandingPlace:
    """Everything below one folder. `put` journals a batch; `marks` are what the table holds of them."""

    def __init__(self, data_dir: object) -> None:
        self.data_dir = str(data_dir)
        self.directory = journals.writer_dir(self.data_dir)
        self.clock = FakeClock()
        self.journal: JournalWriter | None = None

    def location(self, table: str) -> str:
        """Where a table lies."""
        return os.path.join(self.data_dir, "warehouse", "main", "default", table)

    def create(self, table: str = "m", signal: str = "metrics", version: str = "v1") -> None:
        """Make a table."""
        name = Name(("main", "default", table))
        creation = payload_tables.creation(name) if signal == PAYLOADS else otel_tables.creation(name, signal, version)
        delta_table.ensure_table(self.location(table), creation)

    def open(self) -> JournalWriter:
        """A gateway starts; one that runs is ended."""
        self.close()
        self.journal = JournalWriter.open(self.directory, QUIET)
        return self.journal

    def close(self) -> None:
        """The gateway is gone."""
        if self.journal is not None:
            self.journal.close()
            self.journal = None

    def batch(self, payload: bytes, table: str = "m", signal: str = "metrics", rows: int = 1, bytes_unfolded: int = 1000) -> Batch:
        """A batch for a table, whose id is its name."""
        return Batch(
            table=table,
            name=f"main.default.{table}",
            location=self.location(table),
            signal=signal,
            received_at_ns=AT_NS,
            rows=rows,
            bytes_unfolded=bytes_unfolded,
            payload=payload,
            managed=True,
        )

    def put(self, *batches: Batch) -> None:
        """Journal batches and finish the segment."""
        journal = self.journal or self.open()
        for batch in batches:
            with journal._lock:
                journal._end.put([(Kind.BATCH, msgspec.msgpack.encode(batch))])
        journal._end.log.roll()

    def carrier(self, **settings: object) -> JournalRounds:
        """A flusher that has just started."""
        return journal_rounds(self.data_dir, self.clock, **settings)

    def rows(self, table: str = "m") -> list[dict[str, object]]:
        """What the table's files hold."""
        path = self.location(table)
        if delta_table.open_table(path) is None:
            return []
        return [
            row
            for file in DeltaTable(path).file_uris()
            for row in pq.ParquetFile(file.removeprefix("file://")).read().to_pylist(maps_as_pydicts="lossy")
        ]

    def marks(self, table: str = "m") -> list[str]:
        """The mark of each row of a metrics table, sorted."""
        return sorted(row["sum"]["attributes"]["mark"] for row in self.rows(table))

    def released(self) -> int:
        """How many segments are released."""
        return len(names(self.directory, ".done"))
