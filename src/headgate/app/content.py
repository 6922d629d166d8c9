"""Kept payloads and traces in a serving process: the rules as configured, and the tables they need, made where they are missing."""

import asyncio
import logging

from headgate.app.catalog import CatalogCases
from headgate.app.control import Control
from headgate.app.conversations import Conversations
from headgate.catalog import names, otel_tables, payload_tables
from headgate.catalog.statements import CreateTable
from headgate.catalog.table_properties import RETENTION_PROPERTY
from headgate.config.schema import Payloads, Settings
from headgate.core.clock import Clock
from headgate.core.errors import GatewayError
from headgate.core.principal import HEADGATE
from headgate.exchange.payload import PayloadRules, Redacts, table_of
from headgate.policy.secrets import compile_redactor
from headgate.storage.content.batches import ContentPorts
from headgate.storage.content.log import ContentLog, ContentRules
from headgate.storage.content.queue import ContentLimits
from headgate.storage.journal.batches import JournalBatches
from headgate.storage.journal.writer import JournalWriter
from headgate.storage.redaction.process import RedactProcess

_RETRY_S = 30.0
_TIDY_S = 3600.0
_log = logging.getLogger("headgate.app")


class ContentKeeping:
    """Owns the content log, and the file of conversations. `tick` is called about twice a second; `close` comes before the journal is closed."""

    def __init__(self, control: Control, cases: CatalogCases, journal: JournalWriter, batches: JournalBatches, clock: Clock) -> None:
        self._control = control
        self._cases = cases
        self._clock = clock
        self._compiled: tuple[Settings, ContentRules] | None = None
        self._process: RedactProcess | None = None
        self._ensured: object = None  # the configuration whose tables are there
        self._ensuring: asyncio.Future[None] | None = None
        self._retry_at_s = self._tidy_at_s = 0.0
        self._troubles: list[str] = []
        limits = ContentLimits(backlog_bytes=control.configuration.settings.journal.max_mb << 18)  # a quarter: the first to be dropped
        ports = ContentPorts(journal, lambda: cases.catalog.known, batches.stalled, clock)
        self.conversations = Conversations(str(control.data.root), control.configuration.settings.responses, clock)
        self.log = ContentLog(ports, self._rules, str(control.data.root), limits)

    def tick(self) -> None:
        """See to the tables after a change of the configuration, and to old files."""
        now_s = self._clock.monotonic_s()
        configuration = self._control.configuration
        busy = self._ensuring is not None and not self._ensuring.done()
        if not busy and self._ensured is not configuration and now_s >= self._retry_at_s:
            self._retry_at_s = now_s + _RETRY_S
            self._ensuring = asyncio.ensure_future(self._ensure(configuration))
        if now_s >= self._tidy_at_s:
            self._tidy_at_s = now_s + _TIDY_S
            self.log.drop_old_files(configuration.settings.payloads.retention_days)

    def troubles(self) -> list[str]:
        """What is not kept, and why."""
        return [*self._troubles, *self.log.troubles()]

    def close(self) -> None:
        """Keep what waits."""
        self.conversations.close()
        self.log.close()
        if self._process is not None:
            self._process.close()

    def _rules(self) -> ContentRules:
        settings = self._control.configuration.settings
        if self._compiled is None or self._compiled[0] is not settings:
            written = settings.payloads
            payloads = PayloadRules(
                table=written.table,
                sampling=written.sampling,
                redactor=self._redactor(written),
                bytes_max=written.max_mb << 20,
            )
            self._compiled = (settings, ContentRules(payloads=payloads, trace_table=settings.telemetry.trace_table))
        return self._compiled[1]

    def _redactor(self, written: Payloads) -> Redacts | None:
        """Our own patterns are quick; an administrator's may take for ever, and work in a process that can be killed."""
        if self._process is not None:
            self._process.close()
        self._process = RedactProcess(written.redact, secrets=written.redact_secrets) if written.redact else None
        return self._process or compile_redactor((), secrets=written.redact_secrets)

    async def _ensure(self, configuration: object) -> None:
        """Make the tables that are configured and missing. What cannot be made is reported and retried: its location may become available."""
        troubles = []
        for creation in self._wanted():
            try:
                await self._ensure_table(creation)
            except GatewayError as error:
                troubles.append(f"the table {creation.name} cannot be made: {error.message}")
            except Exception:  # ruff: ignore[blind-except] - a bug must not end the trying, nor keep the other tables from being made
                _log.exception("the table %s cannot be made", creation.name)
                troubles.append(f"the table {creation.name} cannot be made, see the log")
        for trouble in troubles:
            if trouble not in self._troubles:
                _log.warning("%s; it is tried again every %g s", trouble, _RETRY_S)
        self._troubles = troubles
        if not troubles:
            self._ensured = configuration

    async def _ensure_table(self, creation: CreateTable) -> None:
        known = (await self._cases.catalog.snapshot()).find(creation.name)
        if known is None:
            await self._cases.tables.create(HEADGATE, creation)
            await self._cases.catalog.snapshot()
            _log.info("the table %s was made", creation.name)
        elif any(known.properties.get(key, "") != value for key, value in creation.properties.items() if key == RETENTION_PROPERTY):
            await self._cases.tables.set_properties(HEADGATE, creation.name, {RETENTION_PROPERTY: creation.properties[RETENTION_PROPERTY]})

    def _wanted(self) -> list[CreateTable]:
        rules, settings = self._rules(), self._control.configuration.settings
        endpoints = self._control.snapshot().endpoints.written
        prefixes = dict.fromkeys(filter(None, (rules.payloads.table, *(table_of(endpoint.payload, rules.payloads) for endpoint in endpoints))))
        wanted = []
        for prefix in prefixes:
            creation = payload_tables.creation(payload_tables.table_name(prefix))
            kept = {RETENTION_PROPERTY: str(settings.payloads.retention_days)} if settings.payloads.retention_days else {}
            wanted.append(
                CreateTable(
                    name=creation.name, schema=creation.schema, properties=creation.properties | kept, comment=creation.comment, if_not_exists=True
                )
            )
        if rules.trace_table:
            wanted.append(otel_tables.creation(names.parse(rules.trace_table, 3), otel_tables.SPANS, "v2"))
        return wanted
