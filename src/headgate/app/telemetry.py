"""The ingest of OpenTelemetry in a serving process: its rules as configured, its tables, its journal, and what it remembers of an earlier process."""

import asyncio
import logging

from headgate.app.catalog import CatalogCases
from headgate.app.control import Control
from headgate.catalog.statements import CreateTable
from headgate.config.schema import Telemetry
from headgate.core.clock import Clock
from headgate.core.errors import Unavailable
from headgate.core.principal import Principal
from headgate.storage.journal.batches import JournalBatches, acknowledged
from headgate.storage.journal.writer import JournalWriter
from headgate.telemetry import redact
from headgate.telemetry.catalog_tables import CatalogTables
from headgate.telemetry.export_reading import IngestLimits
from headgate.telemetry.ingest import Ingest, IngestRules
from headgate.web.authenticator import Authenticator
from headgate.web.denied_requests import DeniedRequests
from headgate.web.otlp import Otlp, OtlpParts
from headgate.web.otlp_grpc import Address, OtlpGrpc

_KEEP_S = 900.0  # how long released segments of the journal stay, and with them the memory of what was acknowledged
_log = logging.getLogger("headgate.app")


class TelemetryIngest:
    """Owns the ingest. `start` is called once the loop runs, `tick` about twice a second."""

    def __init__(self, control: Control, cases: CatalogCases, journal: JournalWriter, authenticator: Authenticator, clock: Clock) -> None:
        self._control = control
        self._cases = cases
        self._authenticator = authenticator
        self._clock = clock
        self._data_dir = str(control.data.root)
        self.batches = JournalBatches(journal, self._data_dir, clock)
        self._compiled: tuple[Telemetry, IngestRules] | None = None
        self._recalling: asyncio.Future[None] | None = None
        self._grpc: OtlpGrpc | None = None
        self.trouble = ""  # why gRPC is not served, although it is wanted
        tables = CatalogTables(lambda: cases.catalog.known, self._refresh, self._create)
        limits = IngestLimits(backlog_bytes_max=control.configuration.settings.journal.max_mb << 19)  # half: exchanges go on where exports wait
        self.ingest = Ingest(tables, self.batches, self._rules, clock, limits)

    def service(self) -> Otlp:
        """The service of OTLP over HTTP."""
        return Otlp(self._parts())

    async def start(self) -> None:
        """Read from the journal what an earlier process acknowledged, for which exports wait; and listen for gRPC, where that is wanted."""
        self._recalling = asyncio.ensure_future(self._recall())
        settings = self._control.configuration.settings
        if settings.telemetry.grpc_port:
            self._grpc = OtlpGrpc(self._parts(), Address(settings.server.host, settings.telemetry.grpc_port))
            try:
                await self._grpc.start()
            except Unavailable as error:
                self.trouble = error.message
                _log.error("%s", error.message)

    async def close(self) -> None:
        """Take no more over gRPC."""
        if self._grpc is not None:
            await self._grpc.stop()

    def tick(self) -> None:
        """Hear what the flusher says."""
        self.batches.look()

    def _parts(self) -> OtlpParts:
        size = self._control.configuration.settings.telemetry.max_body_mb << 20
        return OtlpParts(
            ingest=self.ingest,
            caller=self._authenticator.principal,
            known=self._authenticator.known_principal,
            previews=lambda: self._control.snapshot().previews,
            clock=self._clock,
            body_bytes_max=size,
            denied=DeniedRequests(self._control.audit.denials, self._authenticator),
        )

    async def _recall(self) -> None:
        since_ns = self._clock.wall_ns() - int(_KEEP_S * 1e9)
        try:
            self.ingest.seen.recall(await asyncio.to_thread(acknowledged, self._data_dir, since_ns))
        except OSError:
            _log.exception("what was acknowledged before could not be read; an export that is sent again may have its rows twice")
        self.ingest.recalled()

    def _rules(self) -> IngestRules:
        settings = self._control.configuration.settings.telemetry
        if self._compiled is None or self._compiled[0] is not settings:
            redaction = redact.prompts_off(keep=settings.keep, more=settings.redact)
            self._compiled = (settings, IngestRules(redaction=redaction, create_tables=settings.create_tables))
        return self._compiled[1]

    async def _refresh(self) -> None:
        await self._cases.catalog.snapshot()

    async def _create(self, principal: Principal, creation: CreateTable) -> None:
        await self._cases.tables.create(principal, creation)
