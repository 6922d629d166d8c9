"""The serving process: puts the adapters together, serves until told to end, and lets streams finish first.

One event loop, one snapshot, one journal. It is started by the supervisor and ends with it.
"""

import asyncio
import contextlib
import ctypes
import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Generator

import msgspec
import uvicorn
import uvloop

from headgate.app.content import ContentKeeping
from headgate.app.control import Control
from headgate.app.guarded_steps import GuardedSteps
from headgate.app.health import TOKENS, Health
from headgate.app.heartbeat import Heartbeat
from headgate.app.open_files import raise_open_files
from headgate.app.options import ServingOptions
from headgate.app.process_setup import die_with
from headgate.app.regular_work import RegularWork, Work
from headgate.app.supervisor_link import ServingEnd
from headgate.app.telemetry import TelemetryIngest
from headgate.app.workspace_api import WorkspaceApi
from headgate.config.load import Configuration
from headgate.config.paths import DataDirectory
from headgate.config.schema import Settings
from headgate.core.clock import SystemClock
from headgate.core.endpoint import Target
from headgate.core.errors import Unavailable
from headgate.core.ids import new_id
from headgate.core.secret import Secret
from headgate.dialects.registry import DIALECTS
from headgate.exchange.exchange import Exchanges, Outside
from headgate.exchange.ports import ExchangeListener, Upstream
from headgate.exchange.settings import StreamLimits
from headgate.storage.journal.writer import JournalLimits, JournalWriter
from headgate.upstream.demo import DemoUpstream, is_demo
from headgate.upstream.http1 import Http1Upstream
from headgate.upstream.settings import UpstreamSettings
from headgate.web.authenticator import Authenticator
from headgate.web.connection_limits import Front, FrontLimits, OpenFiles, Peers
from headgate.web.gateway import Door, Gateway
from headgate.web.guesses import Guesses
from headgate.web.otlp import BARE as OTLP_BARE
from headgate.web.otlp import PREFIX as OTLP_PREFIX
from headgate.web.protocol import strict_protocol
from headgate.web.proxies import Proxies
from headgate.web.refusal import in_dialects
from headgate.web.routes import GATEWAY_ROUTES, RouteTable
from headgate.web.server import Application
from headgate.web.session import Sessions
from headgate.web.workspace import Workspace, page_routes
from headgate.wire.outbox import Outbox

_log = logging.getLogger("headgate.app")
_CLOSE_S = 20.0  # for a step of the end that waits for others
_DRAIN_MORE_S = 10.0  # for the last words of answers whose time is over
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of malloc.h
_DRAIN_LOOK_S = 0.05
_SWITCH_S = 0.0005  # how long a thread (the journal's, a look into the state) may hold the interpreter while the event loop wants it; 5 ms by default


def run(options: ServingOptions, listener: ExchangeListener) -> int:
    """Serve to the end. Returns the exit code."""
    die_with(options.parent_pid)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)  # our own lines say that it serves and that it ends
    link = ServingEnd(options.link_fd)
    with contextlib.closing(link):
        return uvloop.run(_Serving(options, listener, link).run())


class _Server(uvicorn.Server):
    """uvicorn's server, whose end leaves open exchanges a set time and then tells their clients in their own dialect."""

    def __init__(self, config: uvicorn.Config, exchanges: Exchanges, drain_s: float) -> None:
        super().__init__(config)
        self._exchanges = exchanges
        self._drain_s = drain_s

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Hear the signals that ask to end. Unlike uvicorn's own this does not raise them again: that would kill the process before anything is closed."""
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, self.handle_exit)
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop accepting; wait for streams; end what is left with an error that its client can read."""
        self._exchanges.draining = True
        loop = asyncio.get_running_loop()
        message = "Headgate was stopped before this answer was complete. Ask again in a few seconds."
        timer = loop.call_later(self._drain_s, self._exchanges.pulse.interrupt_all, Unavailable(message, code="draining"))
        await super().shutdown(sockets)
        # A client that has left has no connection, but its exchange is read to its end.
        looks_left = (self._drain_s + _DRAIN_MORE_S) / _DRAIN_LOOK_S
        while len(self._exchanges.pulse) and not self.force_exit and looks_left > 0:
            looks_left -= 1
            await asyncio.sleep(_DRAIN_LOOK_S)
        timer.cancel()


class _Serving:
    """One serving process, from its adapters to its end."""

    def __init__(self, options: ServingOptions, listener: ExchangeListener, link: ServingEnd) -> None:
        self._options = options
        self._listener = listener
        self._clock = SystemClock()
        self._open_files = OpenFiles(raise_open_files())
        start = link.begin()
        self._control = Control(options.up, start.environ, self._clock, start.accepted)
        configuration = self._control.configuration
        self._settings = configuration.settings
        self._data: DataDirectory = self._control.data
        self._api = WorkspaceApi(self._control, self._clock)
        self._outbox = Outbox()
        self._http = Http1Upstream(_upstream_settings(configuration), outbox=self._outbox)
        self._demo = DemoUpstream()
        self._journal = self._open_journal()
        self._authenticator = Authenticator(self._control.snapshot, self._control.refresh, self._control.pepper, self._clock, Guesses(self._clock))
        self._telemetry = TelemetryIngest(self._control, self._api.cases, self._journal, self._clock)
        self._content = ContentKeeping(self._control, self._api.cases, self._journal, self._telemetry.batches, self._clock)
        self._exchanges = Exchanges(
            Outside(
                snapshot=self._control.snapshot,
                upstream_of=self._upstream_of,
                journal=self._journal,
                listener=listener,
                clock=self._clock,
                afterwards=self._content.log,
                pass_headers=self._settings.upstream.pass_headers,
            ),
            stream_limits(self._settings),
        )
        self._regular_work = self._work()
        self._heartbeat = Heartbeat(link, self._regular_work)
        self._health = Health(
            control=self._control,
            journal=self._journal,
            telemetry=self._telemetry,
            content=self._content,
            api=self._api,
            exchanges=self._exchanges,
            regular_work=self._regular_work,
            heartbeat=self._heartbeat,
        )

    def _open_journal(self) -> JournalWriter:
        written = self._settings.journal
        limits = JournalLimits(roll_s=written.roll_s, backlog_bytes_max=written.max_mb << 20)
        try:
            return JournalWriter.open(str(self._data.journal), limits, self._clock)
        except OSError as error:
            raise Unavailable(f"{error.filename or self._data.journal} cannot be opened: {error.strerror}.") from error

    async def run(self) -> int:
        """Serve until a signal ends it."""
        server = _Server(self._uvicorn_config(), self._exchanges, self._settings.server.drain_s)
        sockets = [socket.socket(fileno=self._options.listen_fd)]
        sockets[0].settimeout(0)
        self._server = server
        try:
            await self._start()
            await server.serve(sockets=sockets)
        finally:
            whole = await self._close()
        return 0 if whole else 1

    async def _start(self) -> None:
        """Begin all that goes on beside the server."""
        self._regular_work.start()
        self._heartbeat.start()
        loop = asyncio.get_running_loop()
        self._journal.gather(loop.call_soon)
        self._outbox.before = self._journal.flush
        await self._telemetry.start(self._authenticator)
        _calm_collector()
        sys.setswitchinterval(_SWITCH_S)
        _keep_freed_memory()
        loop.call_soon(self._report_when_started, self._server)
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(signal.SIGHUP, self._control.reload)

    async def _close(self) -> bool:
        """Close everything in order. Whatever one step meets, the others are done. Whether all went well."""
        steps: list[tuple[str, Callable[[], Awaitable[object]], float | None]] = [
            ("ending the regular work", self._regular_work.stop, _CLOSE_S),
            ("closing telemetry", self._telemetry.close, _CLOSE_S),
            ("closing the connections to providers", self._http.close, _CLOSE_S),
            ("ending the statement process", self._api.close, _CLOSE_S),
            ("closing the store", lambda: asyncio.to_thread(self._control.close), _CLOSE_S),
            ("writing what is kept of requests", lambda: asyncio.to_thread(self._content.close), None),
            ("closing the journal", lambda: asyncio.to_thread(self._journal.close), None),
        ]
        guards = GuardedSteps(self._clock)
        for name, step, timeout_s in steps:
            with guards.step(name):
                await asyncio.wait_for(step(), timeout_s)
        return not guards.failing()

    def _upstream_of(self, target: Target) -> Upstream:
        return self._demo if is_demo(target.provider) else self._http

    def _work(self) -> RegularWork:
        """Time passes for open exchanges and for the control state; an orphan ends."""

        def end_orphan() -> None:
            if os.getppid() != self._options.parent_pid:
                self._server.should_exit = True

        async def follow_catalog() -> None:
            await self._api.catalog.follow(self._control.snapshot().version)

        steps: dict[str, Callable[[], None]] = {
            "looking for the supervisor": end_orphan,
            "looking after open exchanges": self._exchanges.pulse.tick,
            "printing exchanges": self._listener.tick,
            "looking after telemetry": self._telemetry.tick,
            "looking after what is kept": self._content.tick,
        }
        followed = {
            TOKENS: self._control.follow_store,
            "reading the configuration": self._control.follow_file,
            "reading the catalog": follow_catalog,
        }
        return RegularWork(Work(steps, followed), self._clock)

    def _report_when_started(self, server: uvicorn.Server) -> None:
        """Tell the supervisor once the server accepts."""
        if not server.started:
            asyncio.get_running_loop().call_later(0.002, self._report_when_started, server)
            return
        connections = self._open_files.within(FrontLimits()).connections_max
        ready = self._control.describe(self._options.url)
        self._heartbeat.report(msgspec.structs.replace(ready, connections_max=connections, open_files_max=self._open_files.limit))
        self._control.report_accepted(self._heartbeat.report)

    def _uvicorn_config(self) -> uvicorn.Config:
        limits = FrontLimits(body_bytes_max=self._settings.server.max_body_mb << 20, hosts=frozenset(self._settings.server.allowed_hosts))
        application = self._application()
        peers = Peers(Proxies(self._settings.server.trusted_proxies), self._open_files)
        worded = in_dialects(DIALECTS, lambda: new_id("req", self._clock.wall_ns()))
        return uvicorn.Config(
            application,
            http=strict_protocol(Front(limits, worded, application.opens, self._outbox, peers)),
            ws="none",
            lifespan="off",
            loop="none",
            interface="asgi3",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=True,  # cached once a second; the direct stream takes it from here
            timeout_keep_alive=int(limits.keep_alive_timeout_s),
            timeout_graceful_shutdown=int(self._settings.server.drain_s + _DRAIN_MORE_S),
            backlog=2048,
        )

    def _application(self) -> Application:
        control = self._control
        door = Door(
            routes=RouteTable(GATEWAY_ROUTES),
            dialects=DIALECTS,
            exchanges=self._exchanges,
            authenticator=self._authenticator,
            clock=self._clock,
            body_bytes_max=self._settings.server.max_body_mb << 20,
            public_url=self._settings.server.public_url.rstrip("/"),
        )
        workspace = Workspace(
            url=self._options.url,
            public_url=self._settings.server.public_url.rstrip("/"),
            sessions=Sessions(control.pepper, self._clock, control.snapshot),
            guesses=self._authenticator.guesses,
            snapshot=control.snapshot,
            redeem=control.redeem,
            end_session=control.end_session,
            troubles=self._health.troubles,
            warnings=self._health.warnings,
            restarts=self._heartbeat.restarts,
        )
        otlp = self._telemetry.door(self._authenticator)
        doors = self._api.doors(self._authenticator) | {OTLP_PREFIX: otlp, OTLP_BARE: otlp}
        return Application(Gateway(door), page_routes(workspace), doors, {OTLP_PREFIX: otlp.open})


def stream_limits(settings: Settings) -> StreamLimits:
    """The configured bounds of a stream, as the journey takes them."""
    streams = settings.streams
    return StreamLimits(
        keep_alive_s=streams.keep_alive_s,
        early_headers_s=streams.early_headers_s,
        first_byte_timeout_s=streams.first_byte_timeout_s,
        idle_timeout_s=streams.idle_timeout_s,
        total_timeout_s=streams.total_timeout_s,
        drain_after_client_s=streams.drain_after_client_s,
        drains_max=streams.max_drains,
    )


def _upstream_settings(configuration: Configuration) -> UpstreamSettings:
    access = configuration.settings.upstream
    settings = UpstreamSettings(
        connect_timeout_s=access.connect_timeout_s,
        extra_ca_file=access.extra_ca_file,
        proxy_url=Secret(access.proxy_url) if access.proxy_url else None,
    )
    return msgspec.structs.replace(settings, no_proxy=access.no_proxy) if access.no_proxy else settings


def _keep_freed_memory() -> None:
    """Have glibc keep what a body of a few hundred KB gives back for the next one, instead of returning it to the kernel and faulting it in again.

    That is half of what a long session's request costs. What is kept is bounded: the free end of the heap, and no block above the second figure.
    """
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError):  # other C libraries have no such call
            mallopt = ctypes.CDLL(None).mallopt
            mallopt(_M_TRIM_THRESHOLD, 32 << 20)
            mallopt(_M_MMAP_THRESHOLD, 4 << 20)


def _calm_collector() -> None:
    """What was loaded at start lives to the end, and an exchange leaves no cycles behind: the collector need not look at either so often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
