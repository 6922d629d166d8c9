"""The composition root of the serving process: makes its parts, begins them, and closes them in order.

One event loop, one snapshot, one journal. The supervisor starts it, and it ends with the supervisor.
"""

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Awaitable, Callable
from functools import partial

import msgspec
import uvloop

from headgate.app.budgets import BudgetNotices
from headgate.app.checkpoints import Checkpoints
from headgate.app.content import ContentKeeping
from headgate.app.control import Control
from headgate.app.demo_month.messages import FillOptions
from headgate.app.demo_month.month import DemoMonth, DemoParts, fill_command
from headgate.app.explaining import governance, remaining
from headgate.app.guarded_steps import GuardedSteps
from headgate.app.hand_over import Duties, HandOver
from headgate.app.health import TOKENS, Health
from headgate.app.heartbeat import Heartbeat
from headgate.app.http_server import Descriptors, Drain, HttpServer
from headgate.app.later_loads import LaterLoads
from headgate.app.ledger_settling import FIRST_S, LedgerSettling
from headgate.app.listeners import Listeners
from headgate.app.metrics import MetricsReport, Sockets, TrafficCounts
from headgate.app.options import ServingOptions
from headgate.app.pages import PagesParts, load_page_libraries
from headgate.app.process_setup import prefer_event_loop, raise_open_files, without_collector
from headgate.app.regular_work import RegularWork, WorkSteps
from headgate.app.start_report import start_report
from headgate.app.supervisor_link import FailedStart, ServingEnd
from headgate.app.telemetry import TelemetryIngest
from headgate.app.upstream_access import UpstreamChoice, upstream_settings
from headgate.app.workspace_api import WorkspaceApi
from headgate.config.problems import ConfigError
from headgate.config.schema import Journal, Settings
from headgate.core.clock import Clock, SystemClock
from headgate.core.errors import GatewayError, Unavailable
from headgate.core.ids import new_id
from headgate.core.principal import Principal
from headgate.dialects.contact import with_contact
from headgate.dialects.registry import CLIENTS
from headgate.exchange import ports
from headgate.exchange.exchange import Exchanges
from headgate.exchange.outside import Outside
from headgate.exchange.settings import StreamLimits
from headgate.metering.exchange_counts import ExchangeCounts
from headgate.metering.export_counts import ExportCounts
from headgate.storage.journal.journals import WRITER_NAMES, writer_dir
from headgate.storage.journal.limits import JournalLimits
from headgate.storage.journal.writer import JournalBusy, JournalWriter
from headgate.storage.parent_end import die_with
from headgate.storage.state.pepper import PepperRefused
from headgate.storage.state.stated_address import StatedAddress, write_address
from headgate.storage.state.stated_refusals import read_refusals, write_refusals
from headgate.telemetry.otlp.messages import Export
from headgate.web.api.budgets import budget_routes
from headgate.web.api.me import me_routes
from headgate.web.api.policy import policy_routes
from headgate.web.api.routes import ApiRoute
from headgate.web.application import Application
from headgate.web.authenticator import Authenticator
from headgate.web.denied_requests import DeniedRequests
from headgate.web.front import Front, FrontLimits, OpenFiles, Peers
from headgate.web.gateway import Gateway
from headgate.web.gateway_parts import GatewayParts
from headgate.web.guesses import Guesses
from headgate.web.metrics import PATH as METRICS_PATH
from headgate.web.metrics import MetricsParts, MetricsService
from headgate.web.otlp import BARE as OTLP_BARE
from headgate.web.otlp import PREFIX as OTLP_PREFIX
from headgate.web.proxies import Proxies
from headgate.web.refusal import in_dialects
from headgate.web.routes import GATEWAY_ROUTES, RouteTable
from headgate.web.service import Service
from headgate.web.ui.event_streams import EventStreams
from headgate.wire.outbox import Outbox

_IN_WORDS = (ConfigError, PepperRefused, JournalBusy, GatewayError)  # what stops a start, in words for people
_CLOSE_S = 20.0  # for a step of the end that waits for others


def run(options: ServingOptions, listener: ports.ExchangeListener) -> int:
    """Serve to the end. Returns the exit code."""
    die_with(options.parent_pid)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)  # our own lines say that it serves and that it ends
    link = ServingEnd(options.link_fd)
    with contextlib.closing(link):
        try:
            return uvloop.run(_Serving(options, listener, link).run())
        except Exception as error:
            link.report(FailedStart(str(error) if isinstance(error, _IN_WORDS) else f"{type(error).__name__}: the log says more"))
            raise


class _Serving:
    """One serving process, from its parts to its end."""

    def __init__(self, options: ServingOptions, listener: ports.ExchangeListener, link: ServingEnd) -> None:
        self._options = options
        self._clock = SystemClock()
        open_files = OpenFiles(raise_open_files())
        start = link.begin()
        with without_collector():
            self._control = Control(options.up, start.environ, self._clock, start.accepted)
        connections_max = open_files.within(FrontLimits()).connections_max
        write_address(str(self._control.data.root), StatedAddress(options.url, connections_max, open_files.limit))
        settings = self._control.configuration.settings
        self._api = WorkspaceApi(self._control, self._clock)
        outbox = Outbox()
        self._upstreams = UpstreamChoice(upstream_settings(settings.upstream), self._clock, outbox)
        notices = BudgetNotices(self._upstreams.http, self._clock)
        writer, self._journal = _open_journal(settings.journal, str(self._control.data.root), self._clock)
        outbox.before = self._journal.flush
        self._checkpoints = Checkpoints(str(self._control.data.root), writer, self._journal, self._clock, lambda: self._control.snapshot().budgets)
        self._hand_over = HandOver(link, waits=start.waits)
        authenticator = Authenticator(
            self._control.snapshot,
            self._control.store.refresh,
            self._control.store.pepper,
            self._clock,
            Guesses(self._clock),
            self._control.uses.seen,
        )
        self._control.begin_audit(self._journal)
        self._telemetry = TelemetryIngest(self._control, self._api.cases, self._journal, authenticator, self._clock)
        self._content = ContentKeeping(self._control, self._api.cases, self._journal, self._telemetry.batches, self._clock)
        events = EventStreams(self._clock)
        counted = TrafficCounts(ExchangeCounts(lambda: self._control.configuration.settings.metrics.users), ExportCounts())
        self._telemetry.ingest.on_kept = _both(events, counted.exports)
        listener = Listeners((events, counted.exchanges, listener))
        exchanges = self._exchanges(listener, settings, notices)
        self._regular_work = RegularWork(self._work(exchanges, listener, notices, events), self._clock)
        self._heartbeat = Heartbeat(link, self._regular_work)
        front = self._front(self._application(authenticator, self._health(exchanges), events, counted, open_files), open_files, settings, outbox)
        server = self._server(front, exchanges)
        server.on_started, server.on_ending = lambda: self._report_start(open_files), events.close
        self._hand_over.duties = Duties(server, self._checkpoints, self._telemetry, self._control.audit, writer)

    def _server(self, front: Front, exchanges: Exchanges) -> HttpServer:
        options, written = self._options, self._control.configuration.settings.server
        descriptors = Descriptors(options.listen_fd, options.predecessor_fd, options.successor_fd, outlives=options.socket_outlives)
        return HttpServer(front, descriptors, exchanges, Drain(written.drain_s, written.replaced_drain_s))

    async def run(self) -> int:
        """Serve until a signal ends it."""
        try:
            await self._start()
            await self._hand_over.serve()
        finally:
            whole = await self._close()
        return 0 if whole else 1

    async def _start(self) -> None:
        """Begin all that goes on beside the server."""
        self._regular_work.start()
        self._heartbeat.start()
        loop = asyncio.get_running_loop()
        self._journal.gather(loop.call_soon)
        prefer_event_loop()
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(signal.SIGHUP, self._control.file.reload)
        with contextlib.suppress(GatewayError):  # it is tried again, and reported then
            await self._upstreams.logins.follow(self._control.providers)  # the first request needs them

    async def _close(self) -> bool:
        """Close everything in order. Whatever one step meets, the others are done. Whether all went well."""
        steps: list[tuple[str, Callable[[], Awaitable[object]], float | None]] = [
            ("ending the regular work", self._regular_work.stop, _CLOSE_S),
            ("ending the hand-over", self._hand_over.close, _CLOSE_S),
            ("closing telemetry", self._telemetry.close, _CLOSE_S),
            ("closing the connections to providers", self._upstreams.close, _CLOSE_S),
            ("ending the statement process", self._api.close, _CLOSE_S),
            ("writing audit events", self._control.audit.close, _CLOSE_S),
            ("closing the store", lambda: asyncio.to_thread(self._control.close), _CLOSE_S),
            ("writing what is kept of requests", lambda: asyncio.to_thread(self._content.close), None),
            ("writing down what limits and budgets have counted", self._checkpoints.close, _CLOSE_S),
            ("closing the journal", lambda: asyncio.to_thread(self._journal.close), None),
        ]
        guards = GuardedSteps(self._clock)
        for name, step, timeout_s in steps:
            with guards.step(name):
                await asyncio.wait_for(step(), timeout_s)
        return not guards.failing()

    def _demo_month(self, events: EventStreams) -> DemoMonth | None:
        """What a demo makes up, unless that is switched off."""
        if not (self._options.up.demo and self._control.configuration.settings.demo.fill):
            return None
        options = FillOptions(data_dir=str(self._control.data.root), parent_pid=os.getpid(), log=self._options.log)
        return DemoMonth(
            DemoParts(
                command=fill_command(options),
                budgets=lambda: self._control.snapshot().budgets,
                reservations=self._checkpoints.store,
                journal=self._journal,
                clock=self._clock,
                recorded=events.exchange_ended,
            )
        )

    def _exchanges(self, listener: ports.ExchangeListener, settings: Settings, notices: BudgetNotices) -> Exchanges:
        outside = Outside(
            snapshot=self._control.snapshot,
            upstream_of=self._upstreams.of,
            journal=self._journal,
            listener=listener,
            clock=self._clock,
            afterwards=self._content.log,
            denials=self._control.audit.denials,
            responses=self._content.conversations.responses,
            call_states=self._content.conversations.states,
            pass_headers=settings.upstream.pass_headers,
            reservations=self._checkpoints.store,
            crossed=lambda crossing: notices.crossed(crossing) if self._hand_over.in_charge else None,
        )
        exchanges = Exchanges(outside, _stream_limits(settings))
        exchanges.refusals.restore(read_refusals(str(self._control.data.root)))
        return exchanges

    def _work(self, exchanges: Exchanges, listener: ports.ExchangeListener, notices: BudgetNotices, events: EventStreams) -> WorkSteps:
        """What is repeated while the process serves."""

        def end_orphan() -> None:
            if os.getppid() != self._options.parent_pid:
                self._hand_over.stop()

        async def follow_catalog() -> None:
            await self._api.catalog.follow(self._control.snapshot().version)

        async def renew_credentials() -> None:
            await self._upstreams.logins.follow(self._control.providers)

        async def write_down_refusals() -> None:
            if exchanges.refusals.changed:
                exchanges.refusals.changed = False
                await asyncio.to_thread(write_refusals, str(self._control.data.root), exchanges.refusals.all_learnt())

        only = self._hand_over.only
        steps: dict[str, Callable[[], None]] = {
            "looking for the supervisor": end_orphan,
            "looking after open exchanges": exchanges.pulse.tick,
            "looking after admissions": exchanges.admissions.tick,
            "sending notices of budgets": notices.tick,
            "looking after first tokens": exchanges.failures.first_tokens.tick,
            "counting refusals": self._control.audit.denials.tick,
            "reporting exchanges to browsers and the terminal": listener.tick,
            "looking after telemetry": self._telemetry.tick,
            "looking after what is kept": self._content.tick,
        }
        followed = {
            TOKENS: self._control.store.follow,
            "reading the configuration": only(self._control.file.follow),
            "reading the catalog": follow_catalog,
            "renewing the credentials of providers": renew_credentials,
            "writing audit events": self._control.audit.follow,
            "writing the last uses of tokens": self._control.uses.follow,
            "writing down what providers refuse": write_down_refusals,
            "writing down what limits and budgets have counted": self._checkpoints.follow,
        }
        demo = self._demo_month(events)
        data_dir = str(self._control.data.root)
        first_s = FIRST_S if demo is None else 0.0  # the demo begins as soon as its month is there
        settling = LedgerSettling(self._api.settling_command, data_dir, lambda: demo is None or demo.filled, self._clock, first_s)
        followed["settling the ledger"] = only(settling.follow)
        return WorkSteps(steps, followed if demo is None else {**followed, "making up the demo": only(demo.follow)})

    def _application(
        self, authenticator: Authenticator, health: Health, events: EventStreams, counted: TrafficCounts, open_files: OpenFiles
    ) -> Application:
        exchanges, settings = health.exchanges, self._control.configuration.settings
        public_url = settings.server.public_url.rstrip("/")
        denied = DeniedRequests(self._control.audit.denials, authenticator)
        gateway = GatewayParts(
            routes=RouteTable(GATEWAY_ROUTES),
            faces=with_contact(CLIENTS, settings.server.contact),
            exchanges=exchanges,
            authenticator=authenticator,
            clock=self._clock,
            body_bytes_max=settings.server.max_body_mb << 20,
            public_url=public_url,
            contact=settings.server.contact,
            denied=denied,
        )
        otlp = self._telemetry.service()
        parts = PagesParts(self._control, health, authenticator, self._api, self._options.url, demo=self._options.up.demo)
        pages = parts.service(self._clock, events)
        metrics = MetricsReport(health, counted, lambda: self._sockets(open_files), self._clock)
        readers = MetricsParts(authenticator, metrics.read, lambda: self._control.configuration.settings.metrics.networks, denied)
        exchanging = Gateway(gateway)
        services: dict[str, Service] = {
            "/api/hello": exchanging,  # Claude Code's first request where the address has no path
            **dict.fromkeys(pages.paths, pages),
            **self._api.services(authenticator, denied, self._gateway_routes(exchanges)),
            OTLP_PREFIX: otlp,
            OTLP_BARE: otlp,
            METRICS_PATH: MetricsService(readers),
        }
        return Application(exchanging, services)

    def _gateway_routes(self, exchanges: Exchanges) -> tuple[ApiRoute, ...]:
        """The workspace API's routes over what the gateway decides."""
        found = governance(self._control, exchanges)
        mine = me_routes(partial(remaining, found), demo=self._options.up.demo)
        return (*mine, *budget_routes(found.budgets), *policy_routes(found.explain))

    def _health(self, exchanges: Exchanges) -> Health:
        return Health(
            control=self._control,
            journal=self._journal,
            telemetry=self._telemetry,
            content=self._content,
            api=self._api,
            exchanges=exchanges,
            regular_work=self._regular_work,
            heartbeat=self._heartbeat,
        )

    def _sockets(self, open_files: OpenFiles) -> Sockets:
        return Sockets(
            len(self._hand_over.duties.server.server_state.connections), open_files.within(FrontLimits()).connections_max, open_files.limit
        )

    def _front(self, application: Application, open_files: OpenFiles, settings: Settings, outbox: Outbox) -> Front:
        limits = FrontLimits(body_bytes_max=settings.server.max_body_mb << 20, hosts=frozenset(settings.server.allowed_hosts))
        worded = in_dialects(with_contact(CLIENTS, settings.server.contact), lambda: new_id("req", self._clock.wall_ns()))
        return Front(application, limits, worded, outbox, Peers(Proxies(settings.server.trusted_proxies), open_files))

    def _report_start(self, open_files: OpenFiles) -> None:
        """Tell the supervisor that the server accepts, and what it found. What is not needed to accept begins now."""
        connections_max = open_files.within(FrontLimits()).connections_max
        ready = start_report(self._control, self._options)
        self._heartbeat.report(msgspec.structs.replace(ready, connections_max=connections_max, open_files_max=open_files.limit))
        self._control.file.report_accepted(self._heartbeat.report)
        self._api.begin()
        LaterLoads({"the prices that budgets count in": self._control.load_prices, "what pages are made with": load_page_libraries}).begin()


def _both(events: EventStreams, counts: ExportCounts) -> Callable[[Principal, Export], None]:
    """What hears of each export whose rows are safe."""

    def kept(principal: Principal, export: Export) -> None:
        events.export_kept(principal, export)
        counts.add(export.signal, export.accepted)

    return kept


def _open_journal(written: Journal, data_dir: str, clock: Clock) -> tuple[str, JournalWriter]:
    """The first journal that no living process writes to: at a restart the process before this one still has its own."""
    limits = JournalLimits(roll_s=written.roll_s, backlog_bytes_max=written.max_mb << 20, lock_wait_s=0.0)
    for writer in WRITER_NAMES:
        directory = writer_dir(data_dir, writer)
        try:
            return writer, JournalWriter.open(directory, limits, clock)
        except JournalBusy:
            continue
        except OSError as error:
            raise Unavailable(f"{error.filename or directory} cannot be opened: {error.strerror}.") from error
    raise JournalBusy(f"Other processes of Headgate write to all {len(WRITER_NAMES)} journals in {data_dir}. Stop them first.")


def _stream_limits(settings: Settings) -> StreamLimits:
    """The configured bounds of a stream, as an exchange takes them."""
    streams = settings.streams
    return StreamLimits(
        keep_alive_s=streams.keep_alive_s,
        early_headers_s=streams.early_headers_s,
        first_byte_timeout_s=streams.first_byte_timeout_s,
        idle_timeout_s=streams.idle_timeout_s,
        total_timeout_s=streams.total_timeout_s,
        drain_after_client_s=streams.drain_after_client_s,
        drains_max=streams.max_drains,
        translated_objects_max=settings.server.max_translated_objects,
    )
