"""The control state of a serving process: the snapshot that it serves with, made of the store and the configuration file, and replaced whole.

Both are read on a thread, twice a second. A request never waits for them, except for a token that was created a moment ago.
"""

import asyncio
from collections.abc import Mapping

import msgspec

from headgate.app.configuration_file import ConfigurationFile
from headgate.app.options import UpOptions
from headgate.app.token_store import StoredTokens, TokenStore
from headgate.config.load import Configuration, WrittenFile
from headgate.config.paths import data_directory
from headgate.core.access_token import AccessToken
from headgate.core.clock import Clock
from headgate.core.endpoint import Provider
from headgate.core.group import Memberships
from headgate.exchange.snapshot import Snapshot
from headgate.policy.limits import LimitTable
from headgate.policy.previews import Previews
from headgate.routing.table import EndpointTable
from headgate.storage.state.catalog import CatalogStore
from headgate.storage.state.stated_groups import StatedGroups, write_groups
from headgate.storage.state.stated_prices import write_rules
from headgate.upstream.demo import demo_providers


class Control:
    """Owns the snapshot. Made before the server starts; raises ConfigError, PepperRefused or Unavailable if it cannot be made."""

    def __init__(self, options: UpOptions, environ: Mapping[str, str], clock: Clock, accepted: WrittenFile | None = None) -> None:
        self._demo = options.demo
        self._clock = clock
        self.file = ConfigurationFile(options, environ, self._apply, accepted)
        self.data = data_directory(options.data_dir, environ)
        self.store = TokenStore(self.data, clock, self._replace_tokens, Memberships(self.configuration.groups))
        self.catalog_state = CatalogStore(self.store.database, str(self.data.warehouse), clock.wall_ns(), StatedGroups(str(self.data.root)).names)
        stored = self.store.read()
        self._snapshot = Snapshot(
            version=stored.version,
            tokens=stored.tokens,
            endpoints=self._endpoints(self.configuration),
            ended_sessions=stored.ended_sessions,
            limits=_limits(self.configuration),
            previews=_previews(self.configuration),
        )
        self._state_for_others(self.configuration)

    @property
    def configuration(self) -> Configuration:
        """The configuration in force."""
        return self.file.configuration

    @property
    def providers(self) -> tuple[Provider, ...]:
        """The providers in use."""
        return self._providers(self.configuration)

    def snapshot(self) -> Snapshot:
        """The current control state."""
        return self._snapshot

    async def redeem(self, secret: str) -> AccessToken | None:
        """Use up a one-time link. Its token, if it lives; `None` too if the link is not good."""
        token_id = await self.store.redeem(secret)
        return self._snapshot.tokens.live(token_id, self._clock.wall_ns() / 1e9) if token_id else None

    def _replace_tokens(self, stored: StoredTokens) -> None:
        self._snapshot = msgspec.structs.replace(self._snapshot, version=stored.version, tokens=stored.tokens, ended_sessions=stored.ended_sessions)

    async def _apply(self, configuration: Configuration) -> None:
        """Apply a changed configuration: its prices and groups for other processes, all that requests are decided by for the next one, at once."""
        await asyncio.to_thread(self._state_for_others, configuration)
        parts = {"endpoints": self._endpoints(configuration), "limits": _limits(configuration), "previews": _previews(configuration)}

        def replace(stored: StoredTokens) -> None:
            self._replace_tokens(stored)
            self._snapshot = msgspec.structs.replace(self._snapshot, **parts)

        await self.store.regroup(Memberships(configuration.groups), replace)

    def _state_for_others(self, configuration: Configuration) -> None:
        write_rules(str(self.data.root), configuration.prices)
        write_groups(str(self.data.root), (group.name for group in configuration.groups))

    def _endpoints(self, configuration: Configuration) -> EndpointTable:
        return EndpointTable(self._providers(configuration), configuration.endpoints)

    def _providers(self, configuration: Configuration) -> tuple[Provider, ...]:
        return tuple(demo_providers()) if self._demo else configuration.providers

    def close(self) -> None:
        """Close the store."""
        self.store.close()


def _previews(configuration: Configuration) -> Previews:
    return msgspec.convert(configuration.settings.previews, Previews, from_attributes=True)


def _limits(configuration: Configuration) -> LimitTable | None:
    return LimitTable(configuration.limits) if configuration.limits else None
