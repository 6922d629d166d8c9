"""Composes the snapshot that a process serves with, of what the file and the store declare. Reads neither; to be called on a thread.

It has the catalog's entries for endpoints follow what is declared.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from headgate.admin.token_ports import StoredAccess
from headgate.app.budgets import budgets_of
from headgate.app.declared_names import notes_on_names
from headgate.app.endpoint_services import ServiceEntries, may_have_services, services_in
from headgate.app.late_prices import LatePrices
from headgate.app.model_profiles import profiles_of
from headgate.app.token_store import StoredState
from headgate.app.ways_around import notes_on_ways_around
from headgate.catalog.catalog import Catalog
from headgate.config.load import Configuration
from headgate.config.objects import with_stored
from headgate.config.previews import switched
from headgate.core.access_token import AccessToken
from headgate.core.endpoint import Provider
from headgate.core.group import Group
from headgate.core.late_tokens import LateTokens
from headgate.core.model_names import NamesOf
from headgate.core.principal import Principal
from headgate.core.roles import MEMBER
from headgate.core.scopes import INFERENCE
from headgate.core.stored_object import StoredObject
from headgate.exchange.snapshot import Snapshot
from headgate.policy.authenticate import TokenTable
from headgate.policy.belonging import Belonging
from headgate.policy.limits import LimitTable
from headgate.policy.permissions import PermissionTable
from headgate.policy.previews import Previews
from headgate.routing.table import EndpointTable

_log = logging.getLogger("headgate.app")


class Composer:
    """Composes one snapshot after another. What has not changed since the last one is used again. `services` reads the catalog, and has an entry there for each
    endpoint that is a model service; without it there are none.
    """

    def __init__(self, demo_providers: Sequence[Provider] = (), services: ServiceEntries | None = None) -> None:
        self._demo_providers = tuple(demo_providers)
        self._reported: set[str] = set()
        self._belonging = Belonging((), (), {})
        self._before: tuple[Configuration, StoredState, Snapshot] | None = None
        self._services = services
        self._catalog: Catalog | None = None  # only where an endpoint may be named like a service in it
        self._prices = LatePrices(())

    @property
    def demo(self) -> bool:
        """Whether the providers of the demo are the only ones."""
        return bool(self._demo_providers)

    def providers(self, configuration: Configuration) -> tuple[Provider, ...]:
        """The providers in use: those of the demo alone, where there are any."""
        return self._demo_providers or configuration.providers

    def compose(self, written: Configuration, stored: StoredState) -> Snapshot:
        """The snapshot of a configuration file and a state of the store."""
        before = self._before
        same_file = before is not None and before[0] is written
        same_access = before is not None and same_file and _same(before[1].access, stored.access)
        if not same_access:
            self._belonging = Belonging(written.groups, stored.access.groups, stored.access.group_roles)
        groups = self._belonging.names
        if before is not None and same_file and before[1].objects is stored.objects and before[2].groups == groups and not self._catalog_moved():
            declared = before[2]
        else:
            declared = self._declared(written, stored, groups)
        tokens = before[2].tokens if before is not None and same_access else self._tokens(written.groups, stored.access.tokens)
        snapshot = msgspec.structs.replace(declared, version=stored.access.version, tokens=tokens, ended_sessions=stored.ended_sessions)
        self._before = (written, stored, snapshot)
        return snapshot

    def load_prices(self) -> None:
        """Load the prices that the last snapshot's budgets count in, if it has budgets: only they are worth the price list's memory."""
        if self._before is not None and self._before[2].budgets is not None:
            self._prices.load()

    def members_of(self, group: str) -> tuple[str, ...]:
        """The names of all principals in a group, as of the last snapshot."""
        return self._belonging.members_of(group)

    def token_as(self, name: str, stored: StoredState) -> AccessToken:
        """A token of the principal of this name, one for inference if there is any; where it has none, one as a member's would be."""
        tokens = stored.access.tokens
        found_by_text = tokens.mentioning(name) if isinstance(tokens, LateTokens) else tokens.values()
        own = [token for token in found_by_text if token.principal.name == name]
        found = next((token for token in own if INFERENCE in token.principal.scopes), own[0] if own else None)
        member = Principal(id="", name=name, roles=frozenset({MEMBER}), scopes=frozenset({INFERENCE}))
        return self._belonging.applied(found or AccessToken(id="", name="any token", principal=member))

    def _declared(self, written: Configuration, stored: StoredState, groups: frozenset[str]) -> Snapshot:
        """A snapshot without tokens. `groups` are the names of all groups."""
        both = with_stored(msgspec.structs.replace(written, providers=self.providers(written)), stored.objects)
        self._report(both.notes[len(written.notes) :])
        endpoints = EndpointTable(both.providers, both.endpoints)
        self._report(notes_on_names(both, endpoints, groups))
        self._catalog = self._settled(both, endpoints, stored.objects)
        permissions = self._permissions(both, groups, endpoints.names_of)
        self._prices = LatePrices(both.prices)
        self._report(notes_on_ways_around(endpoints, permissions))
        return Snapshot(
            version=stored.access.version,
            tokens=TokenTable({}),
            endpoints=endpoints,
            groups=groups,
            permissions=permissions,
            limits=LimitTable(both.limits, endpoints.names_of) if both.limits else None,
            budgets=budgets_of(both, endpoints.names_of, self._prices),
            profiles=profiles_of(both),
            previews=msgspec.convert(switched(written, stored.objects), Previews, from_attributes=True),
        )

    def _permissions(self, both: Configuration, groups: frozenset[str], names_of: NamesOf) -> PermissionTable | None:
        closed = both.settings.permissions.default == "closed"
        if self._catalog is not None:
            return PermissionTable(both.grants, groups, names_of, closed=closed, services=services_in(self._catalog))
        return PermissionTable(both.grants, groups, names_of, closed=closed) if both.grants or closed else None

    def _settled(self, both: Configuration, endpoints: EndpointTable, stored: Sequence[StoredObject]) -> Catalog | None:
        """The catalog with an entry for each endpoint that is one of its services; `None` where none can be."""
        if self._services is None:
            return None
        if not may_have_services(both):
            self._services.clear()
            return None
        return self._services.settle(self._catalog, (each.name for each in endpoints.everything()), stored)

    def _catalog_moved(self) -> bool:
        """Whether the catalog that the last snapshot was made with has changed since."""
        if self._catalog is None or self._services is None:
            return False
        before = self._catalog.content_version
        self._catalog = self._services.read(self._catalog)
        return self._catalog.content_version != before

    def _tokens(self, declared: Sequence[Group], tokens: Mapping[bytes, AccessToken]) -> TokenTable:
        """The tokens with their principals in their groups, and with what their roles allow."""
        belonging = self._belonging
        table = TokenTable(tokens, belonging.applied)
        groups = {group.name for group in declared}
        shared = {token.principal.name for token in tokens.values() if token.principal.name in groups} if groups else ()
        text = "both a group and a user or service principal have the name {!r}: where it is written without a kind, it means the group"
        self._report(text.format(name) for name in sorted(shared))
        text = "the group {!r} is in the file and in the store: the file's counts, and the stored one's members and roles do not"
        self._report(text.format(name) for name in sorted(belonging.declared_twice))
        return table

    def _report(self, notes: Iterable[str]) -> None:
        """Log each note once."""
        for note in notes:
            if note not in self._reported:
                self._reported.add(note)
                _log.warning("%s", note)


def _same(before: StoredAccess, after: StoredAccess) -> bool:
    """Whether the tokens and groups are those that were there before."""
    return before.tokens is after.tokens and before.groups is after.groups
