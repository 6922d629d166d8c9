"""Composes the snapshot that a process serves with, of what the file and the store declare. Reads neither; to be called on a thread."""

import logging
from collections.abc import Iterable, Sequence

import msgspec

from headgate.app.budgets import budgets_of
from headgate.app.token_store import StoredState
from headgate.config.load import Configuration
from headgate.config.objects import with_stored
from headgate.core.access_token import AccessToken
from headgate.core.endpoint import Provider
from headgate.core.group import Memberships
from headgate.exchange.snapshot import Snapshot
from headgate.policy.authenticate import TokenTable
from headgate.policy.limits import LimitTable
from headgate.policy.permissions import PermissionTable
from headgate.policy.previews import Previews
from headgate.routing.table import EndpointTable

_log = logging.getLogger("headgate.app")


class Composer:
    """Composes one snapshot after another. What has not changed since the last one is used again."""

    def __init__(self, demo_providers: Sequence[Provider] = ()) -> None:
        self._demo_providers = tuple(demo_providers)
        self._reported: set[str] = set()
        self._memberships = Memberships()
        self._before: tuple[Configuration, StoredState, Snapshot] | None = None

    def providers(self, configuration: Configuration) -> tuple[Provider, ...]:
        """The providers in use: those of the demo alone, where there are any."""
        return self._demo_providers or configuration.providers

    def compose(self, written: Configuration, stored: StoredState) -> Snapshot:
        """The snapshot of a configuration file and a state of the store."""
        before = self._before
        if before is not None and before[0] is written and before[1].objects is stored.objects:
            declared = before[2]
        else:
            declared = self._declared(written, stored)
        snapshot = msgspec.structs.replace(
            declared, version=stored.version, tokens=self._tokens(stored.tokens.items()), ended_sessions=stored.ended_sessions
        )
        self._before = (written, stored, snapshot)
        return snapshot

    def _declared(self, written: Configuration, stored: StoredState) -> Snapshot:
        """A snapshot without tokens."""
        both = with_stored(msgspec.structs.replace(written, providers=self.providers(written)), stored.objects)
        self._report(both.notes[len(written.notes) :])
        self._memberships = Memberships(both.groups)
        return Snapshot(
            version=stored.version,
            tokens=TokenTable({}),
            endpoints=EndpointTable(both.providers, both.endpoints),
            permissions=_permissions(both, self._memberships),
            limits=LimitTable(both.limits) if both.limits else None,
            budgets=budgets_of(both),
            previews=msgspec.convert(both.settings.previews, Previews, from_attributes=True),
        )

    def _tokens(self, tokens: Iterable[tuple[bytes, AccessToken]]) -> TokenTable:
        """The tokens with their principals in their groups."""
        memberships, shared, found = self._memberships, set[str](), {}
        for digest, token in tokens:
            groups = memberships.of(token.principal)
            if token.principal.name in memberships.names:
                shared.add(token.principal.name)
            found[digest] = msgspec.structs.replace(token, principal=msgspec.structs.replace(token.principal, groups=groups)) if groups else token
        text = "both a group and a user or service principal have the name {!r}: where it is written without a kind, it means the group"
        self._report(text.format(name) for name in sorted(shared))
        return TokenTable(found)

    def _report(self, notes: Iterable[str]) -> None:
        """Log each note once."""
        for note in notes:
            if note not in self._reported:
                self._reported.add(note)
                _log.warning("%s", note)


def _permissions(declared: Configuration, memberships: Memberships) -> PermissionTable | None:
    closed = declared.settings.permissions.default == "closed"
    return PermissionTable(declared.grants, memberships.names, closed=closed) if declared.grants or closed else None
