"""Logged payloads and traces as batches for their tables, in the journal."""

from collections.abc import Callable, Sequence

import msgspec

from headgate.catalog import names, otel_tables, payload_tables
from headgate.catalog.catalog import Catalog
from headgate.catalog.entries import MANAGED, Entry
from headgate.catalog.names import Name
from headgate.core.batch import PAYLOADS, Batch
from headgate.core.clock import Clock
from headgate.exchange.content import ExchangeContent
from headgate.exchange.payload import Logged
from headgate.storage.journal.segments import Kind
from headgate.storage.journal.writer import JournalWriter
from headgate.telemetry import exchange_spans


class ContentPorts(msgspec.Struct, frozen=True):
    """What the log is given. `stalled` says why a table, by its id, takes no rows now."""

    journal: JournalWriter
    catalog: Callable[[], Catalog]
    stalled: Callable[[str], str]
    clock: Clock


class NoTable(Exception):
    """There is no table of this name yet."""

    def __init__(self, name: Name) -> None:
        super().__init__(f"there is no table {name}")


class TableTakesNothing(Exception):
    """The table takes no rows now; the message says why."""


class ContentBatches:
    """Finds tables and appends to the journal. Raises `NoTable`, `TableTakesNothing`, or what the journal raises."""

    def __init__(self, ports: ContentPorts) -> None:
        self._ports = ports
        self._encoder = msgspec.msgpack.Encoder()

    def payload_table(self, name: str) -> Entry:
        """The table of logged payloads that a plan names."""
        return self._find(payload_tables.table_name(name))

    def log(self, entry: Entry, logged: Logged) -> None:
        """Append a logged payload."""
        self._append(entry, PAYLOADS, msgspec.msgpack.encode(logged.row), 1)

    def trace(self, contents: Sequence[ExchangeContent], table: str) -> None:
        """Append the spans of these exchanges."""
        entry = self._find(names.parse(table, 3))
        spans = [exchange_spans.spans_of(content.outcome) for content in contents]
        rows = sum(1 + sum(attempt.tried for attempt in content.outcome.attempts) for content in contents)
        self._append(entry, otel_tables.SPANS, b"".join(spans), rows)

    def _find(self, name: Name) -> Entry:
        entry = self._ports.catalog().find(name)
        if entry is None:
            raise NoTable(name)
        reason = f"{name} is no table" if entry.table is None or entry.is_view else self._ports.stalled(entry.id)
        if reason:
            raise TableTakesNothing(reason)
        return entry

    def _append(self, entry: Entry, signal: str, body: bytes, rows: int) -> None:
        batch = Batch(
            table=entry.id,
            name=str(entry.name),
            location=entry.location,
            signal=signal,
            received_at_ns=self._ports.clock.wall_ns(),
            rows=rows,
            bytes_unfolded=len(body),
            payload=body,
            managed=entry.table is not None and entry.table.table_type == MANAGED,
        )
        self._ports.journal.append(Kind.BATCH, self._encoder.encode(batch))
