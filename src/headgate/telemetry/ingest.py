"""The journey of one OTLP export: table, privilege, form, redaction, journal. Who gets an `Export` back may acknowledge: its rows survive from here on.

The order of the checks is the order of what they cost, and nothing is stored before the last of them. Decoding into rows is left to the flusher.
"""

import asyncio
import functools
from collections.abc import Callable
from functools import partial

import msgspec

from headgate.catalog import names, otel_tables
from headgate.catalog.names import Name
from headgate.catalog.otel_tables import OtelKind
from headgate.catalog.snapshot import Asker
from headgate.core.batch import Batch
from headgate.core.clock import Clock
from headgate.core.errors import BadRequest, Forbidden, GatewayError, NotFound, TooLarge, Unavailable
from headgate.telemetry import otlp, otlp_signal, redact
from headgate.telemetry.otlp import Export
from headgate.telemetry.ports import BatchJournal, IngestTable, Tables
from headgate.telemetry.redact import Redaction
from headgate.telemetry.seen import SeenExports, digest

SIGNAL_MARK = "{signal}"
LARGE_BYTES = 128 << 10  # from here on a body is worked on beside the event loop
_LARGE_AT_ONCE = 2
_RECALL_WAIT_S = 10.0
_JOURNAL = "The journal cannot keep the export now; /readyz says why."

Done = Callable[[Export, Unavailable | None], None]
"""Hears the end of an export: its rows are safe, or why they are not. Must not raise."""


class IngestLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds. An export repeats its resource on each row, so a small body can be large rows: `unfolded_bytes_max` bounds those."""

    items_max: int = 250_000
    unfolded_bytes_max: int = 256 << 20
    waiting_bytes_max: int = 64 << 20
    backlog_bytes_max: int = 2 << 30


class IngestRules(msgspec.Struct, frozen=True, kw_only=True):
    """What the administrator decides, and may change while it runs."""

    redaction: Redaction | None = None
    create_tables: bool = False


class Incoming(msgspec.Struct, frozen=True, kw_only=True):
    """One request, its body decoded from its content coding. `table` is a name as a header holds it; `{signal}` in it stands for the signal.

    Where the address does not say the signal it is empty, and the body says it. `version` is the schema of a table that is made for it.
    """

    signal: str
    content_type: str
    body: bytes
    table: str
    version: str = "v1"


class Ingest:
    """Takes exports. One per serving process."""

    def __init__(
        self, tables: Tables, journal: BatchJournal, rules: Callable[[], IngestRules], clock: Clock, limits: IngestLimits | None = None
    ) -> None:
        self._tables = tables
        self._journal = journal
        self._rules = rules
        self._clock = clock
        self._limits = limits or IngestLimits()
        self.seen = SeenExports(clock)
        self._recalled = asyncio.Event()
        self._large = asyncio.Semaphore(_LARGE_AT_ONCE)
        self._waiting_bytes = 0

    def recalled(self) -> None:
        """What an earlier process acknowledged is known now: exports are taken from here on."""
        self._recalled.set()

    async def take(self, asker: Asker, incoming: Incoming) -> Export:
        """Take one export. It returns when its rows are safe, and tells of those that cannot be taken."""
        self._admit(len(incoming.body))
        if not self._recalled.is_set():
            await self._wait_recalled()
        if not incoming.signal:
            incoming = await self._recognised(incoming)
        table = await self._table(asker, incoming)
        export = await self._read(incoming)
        ended: asyncio.Future[Export] = asyncio.get_running_loop().create_future()
        self._settle(table, incoming, export, partial(_resolve, ended))
        return await ended

    def begin(self, asker: Asker, incoming: Incoming, done: Done) -> bool:
        """Take one export for which nothing but the disk has to be waited for. `done` hears the end, perhaps in this very call. Raises what `take` raises.

        False if there is more to wait for: nothing has happened then, and `take` is the way.
        """
        self._admit(len(incoming.body))
        table = self._known_table(asker, incoming) if self._recalled.is_set() and len(incoming.body) < LARGE_BYTES else None
        if table is None:
            return False
        self._settle(table, incoming, self._read_now(incoming), done)
        return True

    def _settle(self, table: IngestTable, incoming: Incoming, export: Export, done: Done) -> None:
        """Keep an export that may be kept, unless there is nothing in it or it has been kept before."""
        if not export.accepted:
            done(export, None)
            return
        key = digest(table.id, incoming.signal, incoming.body)
        if self.seen.is_done(key):
            done(export, None)
            return
        size = len(incoming.body)
        ended = partial(self._ended, size, export, done)
        if not self.seen.join(key, ended):
            self._refuse_stalled(table)
            self._keep(table, export, key)
            self.seen.begin(key, ended)
        self._waiting_bytes += size

    def _ended(self, size: int, export: Export, done: Done, trouble: Unavailable | None) -> None:
        self._waiting_bytes -= size
        done(export, None if trouble is None else _later(_JOURNAL))

    def _admit(self, size: int) -> None:
        if self._waiting_bytes + size > self._limits.waiting_bytes_max:
            raise _later("More exports wait for the disk than may wait at once.", retry_after_s=1)
        backlog = self._journal.backlog_bytes
        if backlog > self._limits.backlog_bytes_max:
            raise _later(
                f"{backlog >> 20} MiB wait to be written into tables; exports are taken again below {self._limits.backlog_bytes_max >> 20} MiB."
            )

    async def _wait_recalled(self) -> None:
        try:
            await asyncio.wait_for(self._recalled.wait(), _RECALL_WAIT_S)
        except TimeoutError as error:
            raise _later("Headgate has just started and still reads what it took before.", retry_after_s=1) from error

    async def _recognised(self, incoming: Incoming) -> Incoming:
        recognise = partial(otlp_signal.signal_of, incoming.content_type, incoming.body)
        if len(incoming.body) < LARGE_BYTES:
            return msgspec.structs.replace(incoming, signal=recognise())
        async with self._large:
            return msgspec.structs.replace(incoming, signal=await asyncio.to_thread(recognise))

    async def _table(self, asker: Asker, incoming: Incoming) -> IngestTable:
        table = self._known_table(asker, incoming)
        if table is None:
            await self._tables.refresh()
            table = await self._find_or_create(asker, table_name(incoming.table, incoming.signal), incoming)
        return _fitting(table, incoming)

    def _known_table(self, asker: Asker, incoming: Incoming) -> IngestTable | None:
        """The table; `None` if the store may know more of it, or of what the asker may do."""
        name = table_name(incoming.table, incoming.signal)
        try:
            table = self._tables.find(asker, name)
        except (NotFound, Forbidden):
            return None
        return _fitting(table, incoming)

    async def _find_or_create(self, asker: Asker, name: Name, incoming: Incoming) -> IngestTable:
        try:
            return self._tables.find(asker, name)
        except NotFound as error:
            if not self._rules().create_tables:
                ddl = otel_tables.ddl(name, incoming.signal, incoming.version)
                raise NotFound(f"{error.message}\nAn administrator can make the table with:\n\n{ddl};", code=error.code) from error
        await self._tables.create(asker, otel_tables.creation(name, incoming.signal, incoming.version))
        await self._tables.refresh()
        return self._tables.find(asker, name)

    async def _read(self, incoming: Incoming) -> Export:
        if len(incoming.body) < LARGE_BYTES:
            return self._read_now(incoming)
        async with self._large:
            return await asyncio.to_thread(self._read_now, incoming)

    def _read_now(self, incoming: Incoming) -> Export:
        export = otlp.read(incoming.signal, incoming.content_type, incoming.body)
        if export.accepted > self._limits.items_max:
            raise TooLarge(f"The export holds {export.accepted} items; at most {self._limits.items_max} are taken at once.", code="TOO_MANY_ITEMS")
        if export.bytes_unfolded > self._limits.unfolded_bytes_max:
            size = export.bytes_unfolded >> 20
            raise TooLarge(f"With its resource repeated on each row the export is {size} MiB; send fewer rows at once.", code="EXPORT_TOO_LARGE")
        return redact.apply(export, self._rules().redaction)

    def _keep(self, table: IngestTable, export: Export, key: bytes) -> None:
        batch = Batch(
            table=table.id,
            name=str(table.name),
            location=table.location,
            signal=export.signal,
            received_at_ns=self._clock.wall_ns(),
            rows=export.accepted,
            bytes_unfolded=export.bytes_unfolded,
            digest=key,
            payload=export.payload,
            managed=table.managed,
        )
        try:
            self._journal.keep_durably(batch, partial(self.seen.end, key))
        except Unavailable as error:
            raise _later(_JOURNAL) from error

    def _refuse_stalled(self, table: IngestTable) -> None:
        reason = self._journal.stalled(table.id)
        if reason:
            raise _later(f"{table.name} does not take rows now: {reason}.", retry_after_s=30)


@functools.lru_cache(maxsize=4096)
def table_name(text: str, signal: str) -> Name:
    """The table that a header or a path names; one name serves three signals if it holds `{signal}`."""
    if not text:
        message = "The export names no table: send the header X-Databricks-UC-Table-Name with catalog.schema.table."
        raise BadRequest(message, code="MISSING_TABLE_NAME")
    return names.parse(text.replace(SIGNAL_MARK, signal), 3)


def _fitting(table: IngestTable, incoming: Incoming) -> IngestTable:
    if table.kind is None or table.kind.signal != incoming.signal:
        raise _unfit(table, incoming)
    return table


def _unfit(table: IngestTable, incoming: Incoming) -> GatewayError:
    if table.kind is not None:
        message = f"{table.name} is a table of {table.kind.signal}; {incoming.signal} need a table of their own."
    else:
        wrong = "; ".join(otel_tables.differences(table.schema, OtelKind(incoming.signal, incoming.version))[:5])
        message = f"{table.name} has not the columns of an OpenTelemetry table of {incoming.signal}: {wrong}."
    ddl = otel_tables.ddl(table.name, incoming.signal, incoming.version)
    return BadRequest(f"{message}\nA table that fits is made by:\n\n{ddl};", code="SCHEMA_MISMATCH")


def _resolve(ended: "asyncio.Future[Export]", export: Export, trouble: Unavailable | None) -> None:
    if ended.done():  # whoever waited has gone
        return
    if trouble is None:
        ended.set_result(export)
    else:
        ended.set_exception(trouble)


def _later(message: str, retry_after_s: float = 5.0) -> Unavailable:
    return Unavailable(f"{message} Send the export again.", code="TEMPORARILY_UNAVAILABLE", retry_after_s=retry_after_s)
