"""The control state of a serving process: the snapshot that it serves with, made of the store and the configuration file, and replaced whole.

Both are looked at twice a second, and read on a thread where they may have changed. A request never waits for them, except for a token that was created a
moment ago.
"""

import asyncio
from collections.abc import Mapping

from headgate.app.audit import AuditTrail
from headgate.app.composition import Composer
from headgate.app.configuration_file import ConfigurationFile
from headgate.app.endpoint_services import ServiceEntries
from headgate.app.last_uses import LastUses
from headgate.app.options import UpOptions
from headgate.app.token_store import StoredState, TokenStore
from headgate.config.load import Configuration, WrittenFile
from headgate.config.objects import declared_groups
from headgate.config.paths import data_directory
from headgate.core.access_token import AccessToken
from headgate.core.clock import Clock
from headgate.core.endpoint import Provider
from headgate.exchange.snapshot import Snapshot
from headgate.storage.journal.writer import JournalWriter
from headgate.storage.state.catalog import CatalogStore
from headgate.storage.state.stated_configuration import StatedConfiguration, write_configuration
from headgate.storage.state.stated_groups import StatedGroups, write_groups
from headgate.storage.state.stated_prices import write_rules
from headgate.storage.state.stated_retention import StatedRetention, write_retention
from headgate.upstream.demo import demo_providers


class Control:
    """Owns the snapshot. Made before the server starts; raises ConfigError, PepperRefused or Unavailable if it cannot be made."""

    def __init__(self, options: UpOptions, environ: Mapping[str, str], clock: Clock, accepted: WrittenFile | None = None) -> None:
        self._clock = clock
        self.file = ConfigurationFile(options, environ, self._apply, accepted)
        self.data = data_directory(options.data_dir, environ)
        self.store = TokenStore(self.data, clock, self._follow_store)
        self.uses = LastUses(self.store.note_uses, clock)
        self.catalog_state = CatalogStore(self.store.database, str(self.data.warehouse), clock.wall_ns(), StatedGroups(str(self.data.root)).names)
        self._composer = Composer(demo_providers() if options.demo else (), ServiceEntries(self.catalog_state, clock))
        self._composing = asyncio.Lock()  # the file and the store may change at the same time
        self._written = self.configuration  # what the file declares, as it was applied last
        self._stored = self.store.read()
        self._snapshot = self._compose()
        self._state_for_others(self.configuration)

    def begin_audit(self, journal: JournalWriter) -> None:
        """Move audit events to a journal from now on, and note what becomes of the file. Called once, before anything serves."""
        self.audit = AuditTrail(self.store.database, journal, str(self.data.warehouse), self._clock)
        self.file.report_acts(self.audit.note)

    @property
    def configuration(self) -> Configuration:
        """The configuration in force."""
        return self.file.configuration

    @property
    def providers(self) -> tuple[Provider, ...]:
        """The providers in use."""
        return self._composer.providers(self.configuration)

    def snapshot(self) -> Snapshot:
        """The current control state."""
        return self._snapshot

    def load_prices(self) -> None:
        """Load the prices that budgets count in. For any thread."""
        self._composer.load_prices()

    def members_of(self, group: str) -> tuple[str, ...]:
        """The names of all principals in a group."""
        return self._composer.members_of(group)

    def token_as(self, name: str) -> AccessToken:
        """A token of the principal of this name; where it has none, one as a member's would be."""
        return self._composer.token_as(name, self._stored)

    async def redeem(self, secret: str) -> AccessToken | None:
        """Use up a one-time link. Its token, if it lives; `None` too if the link is not good."""
        token_id = await self.store.redeem(secret)
        return self._snapshot.tokens.live(token_id, self._clock.wall_ns() / 1e9) if token_id else None

    async def _follow_store(self, stored: StoredState) -> None:
        async with self._composing:
            self._stored = stored
            self._snapshot = await self.store.in_thread(self._recompose)

    async def _apply(self, configuration: Configuration) -> None:
        """Apply a changed configuration: its prices and groups for other processes, all that requests are decided by for the next one, at once."""
        await asyncio.to_thread(self._state_for_others, configuration)
        async with self._composing:
            self._written = configuration
            self._snapshot = await self.store.in_thread(self._recompose)

    def _compose(self) -> Snapshot:
        return self._composer.compose(self._written, self._stored)

    def _recompose(self) -> Snapshot:
        """A snapshot that is used only once its prices are loaded: then no request waits for them."""
        snapshot = self._compose()
        self.load_prices()
        return snapshot

    def _state_for_others(self, configuration: Configuration) -> None:
        write_rules(str(self.data.root), configuration.prices)
        write_groups(str(self.data.root), declared_groups(configuration))
        write_retention(str(self.data.root), StatedRetention(configuration.settings.usage.retention_days))
        providers = tuple((provider.name, provider.dialect) for provider in self._composer.providers(configuration))
        write_configuration(
            str(self.data.root), StatedConfiguration(str(configuration.file or ""), self._composer.demo, providers, self.file.waiting)
        )

    def close(self) -> None:
        """Write the last uses of tokens, and close the store."""
        self.uses.close()
        self.store.close()
