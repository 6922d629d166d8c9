"""The journey of one OTLP export: table, privilege, form, redaction, journal. Who gets an `Export` back may acknowledge: its rows survive from here on.

The order of the checks is the order of what they cost, and nothing is stored before the last of them. Decoding into rows is left to the flusher.
"""

import asyncio
import functools
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import msgspec

from headgate.catalog import names, otel_tables
from headgate.catalog.names import Name
from headgate.catalog.otel_tables import OtelKind
from headgate.core.batch import Batch
from headgate.core.clock import Clock
from headgate.core.errors import BadRequest, Forbidden, GatewayError, NotFound, Unavailable
from headgate.core.principal import Principal
from headgate.telemetry import export_reading
from headgate.telemetry.export_reading import Incoming, IngestLimits, Opened
from headgate.telemetry.fair_slots import FairSlots
from headgate.telemetry.otlp.messages import Export
from headgate.telemetry.ports import BatchJournal, IngestTable, Tables
from headgate.telemetry.redact import Redaction
from headgate.telemetry.seen_exports import SeenExports

SIGNAL_MARK = "{signal}"
_RECALL_WAIT_S = 10.0
_JOURNAL = "The journal cannot keep the export now; /readyz says why."

_T = TypeVar("_T")
Done = Callable[[Export, Unavailable | None], None]
"""Hears the end of an export: its rows are safe, or why they are not. Must not raise."""


class IngestRules(msgspec.Struct, frozen=True, kw_only=True):
    """What the administrator decides, and may change while it runs."""

    redaction: Redaction | None = None
    create_tables: bool = False


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
        self.on_kept: Callable[[Principal, Export], None] | None = None  # hears of each export whose rows are safe; must not raise
        self._recalled = asyncio.Event()
        self._large = FairSlots(self._limits.large_at_once, self._limits.large_per_caller)
        self._waiting_bytes = 0

    def recalled(self) -> None:
        """What an earlier process acknowledged is known now: exports are taken from here on."""
        self._recalled.set()

    async def take(self, principal: Principal, incoming: Incoming) -> Export:
        """Take one export. It returns when its rows are safe, and tells of those that cannot be taken."""
        self._admit(len(incoming.body))
        if not self._recalled.is_set():
            await self._wait_recalled()
        unpacked = export_reading.small(incoming) or incoming
        if not unpacked.signal:
            unpacked = msgspec.structs.replace(
                unpacked, signal=await self._beside(principal, unpacked, partial(export_reading.recognise, unpacked, self._limits))
            )
        table = await self._table(principal, unpacked)
        opened = await self._beside(principal, unpacked, self._opening(unpacked, table))
        ended: asyncio.Future[Export] = asyncio.get_running_loop().create_future()
        self._settle(table, opened, self._heard(principal, partial(_resolve, ended)))
        return await ended

    def begin(self, principal: Principal, incoming: Incoming, done: Done) -> bool:
        """Take one export for which nothing but the disk has to be waited for. `done` hears the end, perhaps in this very call. Raises what `take` raises.

        False if there is more to wait for: nothing has happened then, and `take` is the way.
        """
        self._admit(len(incoming.body))
        unpacked = export_reading.small(incoming) if self._recalled.is_set() else None
        table = self._known_table(principal, unpacked) if unpacked is not None and unpacked.signal else None
        if unpacked is None or table is None:
            return False
        self._settle(table, self._opening(unpacked, table)(), self._heard(principal, done))
        return True

    def _heard(self, principal: Principal, done: Done) -> Done:
        """`done`, and the one who hears of exports before it."""
        heard = self.on_kept
        if heard is None:
            return done

        def ended(export: Export, trouble: Unavailable | None) -> None:
            if trouble is None and export.accepted:
                heard(principal, export)
            done(export, trouble)

        return ended

    def _opening(self, incoming: Incoming, table: IngestTable) -> Callable[[], Opened]:
        return partial(export_reading.opened, incoming, table.id, self._limits, self._rules().redaction)

    async def _beside(self, principal: Principal, incoming: Incoming, work: Callable[[], _T]) -> _T:
        """Do work on a body: at once if it is small, else beside the event loop, within the memory that may be held and the caller's share."""
        if export_reading.is_small(incoming):
            return work()
        if self._large.waiting_of(principal.name) >= self._limits.large_waiting_per_caller:
            raise _later(f"{principal.name} has more large exports waiting than may wait at once.", retry_after_s=1)
        return await self._large.run(principal.name, work, partial(self._hold, incoming.unpacked_bytes_max))

    def _hold(self, size: int) -> Callable[[], None]:
        """Count what a body takes while it is worked on; the call that is returned ends that."""
        self._admit(size)
        self._waiting_bytes += size

        def let_go() -> None:
            self._waiting_bytes -= size

        return let_go

    def _settle(self, table: IngestTable, opened: Opened, done: Done) -> None:
        """Keep an export that may be kept, unless there is nothing in it or it has been kept before."""
        export = opened.export
        if not export.accepted or self.seen.is_done(opened.digest):
            done(export, None)
            return
        ended = partial(self._ended, opened.size, export, done)
        if not self.seen.join(opened.digest, ended):
            self._refuse_stalled(table)
            self._keep(table, export, opened.digest)
            self.seen.begin(opened.digest, ended)
        self._waiting_bytes += opened.size

    def _ended(self, size: int, export: Export, done: Done, trouble: Unavailable | None) -> None:
        self._waiting_bytes -= size
        done(export, None if trouble is None else _later(_JOURNAL))

    def _admit(self, size: int) -> None:
        # A single export is let through whatever its size: that has a limit of its own.
        if self._waiting_bytes and self._waiting_bytes + size > self._limits.waiting_bytes_max:
            raise _later("More exports are worked on or wait for the disk than may be held at once.", retry_after_s=1)
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

    async def _table(self, principal: Principal, incoming: Incoming) -> IngestTable:
        table = self._known_table(principal, incoming)
        if table is None:
            await self._tables.refresh()
            table = await self._find_or_create(principal, table_name(incoming.table, incoming.signal), incoming)
        return _fitting(table, incoming)

    def _known_table(self, principal: Principal, incoming: Incoming) -> IngestTable | None:
        """The table; `None` if the store may know more of it, or of what the principal may do."""
        name = table_name(incoming.table, incoming.signal)
        try:
            table = self._tables.find(principal, name)
        except (NotFound, Forbidden):
            return None
        return _fitting(table, incoming)

    async def _find_or_create(self, principal: Principal, name: Name, incoming: Incoming) -> IngestTable:
        try:
            return self._tables.find(principal, name)
        except NotFound as error:
            if not self._rules().create_tables:
                ddl = otel_tables.ddl(name, incoming.signal, incoming.version)
                raise NotFound(f"{error.message}\nAn administrator can make the table with:\n\n{ddl};", code=error.code) from error
        await self._tables.create(principal, otel_tables.creation(name, incoming.signal, incoming.version))
        await self._tables.refresh()
        return self._tables.find(principal, name)

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
    if ended.done():  # the caller has gone
        return
    if trouble is None:
        ended.set_result(export)
    else:
        ended.set_exception(trouble)


def _later(message: str, retry_after_s: float = 5.0) -> Unavailable:
    return Unavailable(f"{message} Send the export again.", code="TEMPORARILY_UNAVAILABLE", retry_after_s=retry_after_s)
