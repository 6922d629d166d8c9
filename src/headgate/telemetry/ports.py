"""What the journey of an OTLP batch needs from the outside: the tables that there are, and a journal. Adapters implement these Protocols."""

from collections.abc import Callable
from typing import Protocol

import msgspec

from headgate.catalog.names import Name
from headgate.catalog.otel_tables import OtelKind
from headgate.catalog.statements import CreateTable
from headgate.catalog.types import Structure
from headgate.core.batch import Batch
from headgate.core.errors import Unavailable
from headgate.core.principal import Principal

Told = Callable[[Unavailable | None], None]
"""Hears that something is on the disk, or why it may not be. Must not raise."""


class IngestTable(msgspec.Struct, frozen=True):
    """A table that rows may go into. `kind` is `None` where its columns are not those of an OpenTelemetry table; `managed` says whose its files are."""

    id: str
    name: Name
    location: str
    schema: Structure
    kind: OtelKind | None
    managed: bool = False


class Tables(Protocol):
    """The catalog's tables, as one who writes rows sees them."""

    def find(self, principal: Principal, name: Name) -> IngestTable:
        """The table, if the principal may modify it. Raises `NotFound`, `Forbidden` with the missing privilege, `BadRequest` for a view."""

    async def refresh(self) -> None:
        """Look at the store now: a table may have been made, or a privilege granted, a moment ago."""

    async def create(self, principal: Principal, creation: CreateTable) -> None:
        """Make a table. Raises `Forbidden` with the missing privilege; a table that is there by now is no error."""


class BatchJournal(Protocol):
    """Keeps batches until they are rows."""

    def keep_durably(self, batch: Batch, told: Told) -> None:
        """Keep a batch; `told` is called later, when it would survive a loss of power, or with why it would not. Raises `Unavailable` too."""

    @property
    def backlog_bytes(self) -> int:
        """Bytes that wait to be written to tables, counted about once a second."""

    def stalled(self, table: str) -> str:
        """Why the table (by its id) does not take its rows now, in words; empty if it does."""
