"""The control state of a serving process: the snapshot it holds, and how a new one replaces it, whole or not at all.

The database and the configuration file are looked at from a thread, once a tick; a request never waits for either, but for a token that was made a moment ago.
"""

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import msgspec

from headgate.admin.ports import EndedSession
from headgate.admin.tokens import Tokens
from headgate.app.options import Ready, UpOptions
from headgate.config.load import Configuration, WrittenFile, accepted_of, load
from headgate.config.paths import config_file, data_directory
from headgate.config.problems import ConfigError
from headgate.core.access_token import AccessToken
from headgate.core.clock import Clock
from headgate.core.endpoint import Provider
from headgate.core.errors import Unavailable
from headgate.exchange.snapshot import Snapshot
from headgate.policy.authenticate import TokenTable
from headgate.routing.table import EndpointTable
from headgate.storage.state.catalog import CatalogStore
from headgate.storage.state.stated_prices import write_rules
from headgate.storage.state.store import open_state
from headgate.upstream.demo import demo_providers

_log = logging.getLogger("headgate.app")
_AT_ONCE = frozenset({"providers", "endpoints", "prices", "discovery"})  # what a running gateway takes up
_REFRESH_S = 0.1  # a flood of unknown tokens reads the store at most this often


def load_configuration(options: UpOptions, environ: Mapping[str, str], accepted: WrittenFile | None = None) -> Configuration:
    """The configuration as these options see it. Raises ConfigError."""
    given = {"server.host": options.host, "server.port": str(options.port) if options.port >= 0 else ""}
    return load(options.config_path, environ, {name: value for name, value in given.items() if value}, demo=options.demo, accepted=accepted)


class Control:
    """Owns the snapshot. Made before the server starts; raises ConfigError, PepperRefused or Unavailable where it cannot.

    `accepted` is the configuration that a predecessor of this process used last. It goes on where the file is refused now.
    """

    def __init__(self, options: UpOptions, environ: Mapping[str, str], clock: Clock, accepted: WrittenFile | None = None) -> None:
        self._options = options
        self._environ = environ
        self._clock = clock
        self.refusal = ""  # why the last change of the file was not taken
        self._report: Callable[[WrittenFile], None] | None = None
        self.configuration = self._first(accepted)
        self.data = data_directory(options.data_dir, environ)
        self._state, self.pepper = open_state(self.data)
        self.catalog_state = CatalogStore(self._state.database, str(self.data.warehouse), clock.wall_ns())
        self._tokens = Tokens(self._state, self.pepper, clock)
        self._first_admin = self._tokens.first_admin()
        self._snapshot = self._read(self.configuration)
        write_rules(str(self.data.root), self.configuration.prices)
        self._file_seen = self._stamp()
        self._refreshed_at_s = 0.0
        self._refreshing: asyncio.Lock = asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, "tokens")
        self._reload_asked = False

    def snapshot(self) -> Snapshot:
        """The current control state."""
        return self._snapshot

    async def refresh(self) -> None:
        """Look at the store now, for a token that the snapshot does not know."""
        async with self._refreshing:
            now_s = self._clock.monotonic_s()
            if now_s - self._refreshed_at_s >= _REFRESH_S:
                self._refreshed_at_s = now_s
                with contextlib.suppress(Unavailable):  # the last known tokens go on; whoever follows the store reports it
                    await self._load_tokens()

    async def follow_store(self) -> None:
        """See tokens that were created or revoked. Raises Unavailable where the store cannot be read; the last known tokens go on."""
        async with self._refreshing:
            await self._load_tokens()

    async def follow_file(self) -> None:
        """See a change of the configuration file. A file that is refused leaves everything as it is."""
        stamp = self._stamp()
        if self._reload_asked or stamp != self._file_seen:
            self._reload_asked = False
            await self._read_file()
            self._file_seen = stamp  # only now: what failed on our side is tried again

    def report_accepted(self, report: Callable[[WrittenFile], None]) -> None:
        """Report the configuration in use, and from now on each one that is accepted."""
        self._report = report
        report(accepted_of(self.configuration))

    def reload(self) -> None:
        """Read the configuration at the next tick, changed or not."""
        self._reload_asked = True

    async def redeem(self, secret: str) -> AccessToken | None:
        """Use up a one-time link. Its token, if it lives; `None` too if the link is not good."""
        token_id = await asyncio.to_thread(self._tokens.redeem, secret)
        if not token_id:
            return None
        await self.follow_store()
        return self._snapshot.tokens.live(token_id, self._clock.wall_ns() / 1e9)

    async def end_session(self, session: EndedSession) -> None:
        """Store that a browser session has ended; the snapshot knows it afterwards. Raises Unavailable where that cannot be stored: it goes on then."""
        await asyncio.to_thread(self._state.end_session, session, self._clock.wall_ns() // 1_000_000)
        await self.follow_store()

    def describe(self, url: str) -> Ready:
        """What was found, for people. The admin token is in it only when this process minted it, only once, and only where a terminal shows it: what
        is printed elsewhere ends in a log.
        """
        minted, self._first_admin = self._first_admin if self._options.terminal else None, None
        file = self.configuration.file
        public_url = self.configuration.settings.server.public_url.rstrip("/")
        return Ready(
            url=url,
            data_dir=str(self.data.root),
            config_path=str(file) if file is not None else "",
            providers=[(provider.name, provider.origin, len(self._models_of(provider))) for provider in self._providers(self.configuration)],
            endpoints=len(self.configuration.endpoints),
            public_url=public_url,
            admin_token=minted.token if minted is not None else "",
            sign_in_url=f"{public_url or url}/login?t={self._tokens.sign_in_secret(minted.row)}" if minted is not None else "",
            notes=list(self.configuration.notes),
        )

    def close(self) -> None:
        """Let go of the store."""
        self._thread.shutdown(wait=False, cancel_futures=True)
        self._state.close()

    def _providers(self, configuration: Configuration) -> tuple[Provider, ...]:
        return tuple(demo_providers()) if self._options.demo else configuration.providers

    def _models_of(self, provider: Provider) -> list[str]:
        listed = self._snapshot.endpoints.listing(provider.dialects[0], ("*",))
        return [endpoint.name for endpoint in listed if any(target.provider.name == provider.name for target in endpoint.targets)]

    def _read(self, configuration: Configuration) -> Snapshot:
        version, tokens, ended_sessions = self._read_store()
        return Snapshot(version, tokens, EndpointTable(self._providers(configuration), configuration.endpoints), ended_sessions)

    def _read_store(self) -> tuple[int, TokenTable, frozenset[bytes]]:
        """The version comes first: a change between the two reads moves it, and is read again."""
        version, tokens = self._state.load_tokens()
        return version, TokenTable(tokens), self._state.ended_sessions()

    async def _load_tokens(self) -> None:
        # In a thread of its own: however many threads other work holds, a revoked token is refused in time.
        loop = asyncio.get_running_loop()
        version = await loop.run_in_executor(self._thread, self._state.version)
        if version != self._snapshot.version:
            version, tokens, ended_sessions = await loop.run_in_executor(self._thread, self._read_store)
            self._snapshot = Snapshot(version, tokens, self._snapshot.endpoints, ended_sessions)

    async def _read_file(self) -> None:
        try:
            configuration = await asyncio.to_thread(load_configuration, self._options, self._environ)
        except ConfigError as error:
            self._refuse(error)
            return
        self.refusal = ""
        await asyncio.to_thread(write_rules, str(self.data.root), configuration.prices)
        endpoints = EndpointTable(self._providers(configuration), configuration.endpoints)
        self._snapshot = msgspec.structs.replace(self._snapshot, endpoints=endpoints)
        read, in_force = configuration.settings, self.configuration.settings
        waiting = [name for name in read.__struct_fields__ if name not in _AT_ONCE and getattr(read, name) != getattr(in_force, name)]
        if waiting:
            _log.warning(
                "the configuration was read again; providers, endpoints and prices are in use now, [%s] after a restart", "], [".join(waiting)
            )
        else:
            _log.info("the configuration was read again and is in use")
        # A section that waits for a restart waits whole: some of its settings are looked at as they are needed, others were at the start.
        settings = msgspec.structs.replace(in_force, **{name: getattr(read, name) for name in _AT_ONCE})
        self.configuration = msgspec.structs.replace(configuration, settings=settings)
        if self._report is not None:
            self._report(accepted_of(self.configuration))

    def _first(self, accepted: WrittenFile | None) -> Configuration:
        """The configuration to start with."""
        try:
            return load_configuration(self._options, self._environ)
        except ConfigError as error:
            if accepted is None:
                raise
            self._refuse(error)
            return load_configuration(self._options, self._environ, accepted)

    def _refuse(self, error: ConfigError) -> None:
        self.refusal = str(error)
        _log.error("the changed configuration is refused, the old one goes on:\n%s", error)

    def _stamp(self) -> tuple[int, int]:
        """Changes when the file does, or when there is one at last; zero where there is none."""
        try:
            file = self.configuration.file or config_file(self._options.config_path, self._environ)[0]
            found = os.stat(file) if file is not None else None
        except OSError:
            return (0, 0)
        return (found.st_mtime_ns, found.st_size) if found is not None else (0, 0)
