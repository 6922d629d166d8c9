"""Privileges: granted, taken back, listed, and explained with what they are inherited from."""

import asyncio
from collections.abc import Sequence

import msgspec

from headgate.admin.catalog import Catalog, require_principal
from headgate.admin.table_ports import Session
from headgate.catalog import privileges
from headgate.catalog.names import Name
from headgate.catalog.privileges import EVERYONE, MANAGE
from headgate.catalog.snapshot import CatalogSnapshot


class Granted(msgspec.Struct, frozen=True, order=True):
    """One privilege of one principal, and on what it was granted."""

    principal: str
    privilege: str
    on: Name


class Grants:
    """The use-cases over one catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    async def grant(self, session: Session, name: Name, principal: str, words: Sequence[str]) -> None:
        """Grant privileges, in any of their spellings. Takes `MANAGE`; whoever owns it has that."""
        snapshot = await self._catalog.snapshot()
        entry = snapshot.require(session, MANAGE, name)
        require_principal(snapshot, principal)
        await asyncio.to_thread(self._catalog.state.grant, entry.id, principal, _parsed(words, name))

    async def revoke(self, session: Session, name: Name, principal: str, words: Sequence[str]) -> None:
        """Take privileges back; also of somebody who is not known any more."""
        entry = (await self._catalog.snapshot()).require(session, MANAGE, name)
        await asyncio.to_thread(self._catalog.state.revoke, entry.id, principal, _parsed(words, name))

    async def listed(self, session: Session, name: Name, principal: str = "") -> list[Granted]:
        """What was granted on the entry itself. Without `MANAGE`, one's own and one's groups' grants."""
        snapshot = await self._catalog.snapshot()
        return sorted(_on(snapshot, name, self._shown(snapshot, session, name, principal)))

    async def effective(self, session: Session, name: Name, principal: str = "") -> list[Granted]:
        """What was granted on the entry or on anything it lies in, each with the place of the grant."""
        snapshot = await self._catalog.snapshot()
        shown = self._shown(snapshot, session, name, principal)
        return sorted(found for place in name.lineage() for found in _on(snapshot, place, shown))

    @staticmethod
    def _shown(snapshot: CatalogSnapshot, session: Session, name: Name, principal: str) -> frozenset[str] | None:
        """Whose grants are shown; `None` for everybody's."""
        snapshot.require_visible(session, name)
        wanted = frozenset({principal}) if principal else None
        if snapshot.allows(session, MANAGE, name):
            return wanted
        own = frozenset({session.principal, EVERYONE, *session.groups})
        return own if wanted is None else own & wanted


def _on(snapshot: CatalogSnapshot, name: Name, shown: frozenset[str] | None) -> list[Granted]:
    return [
        Granted(principal, privilege, name)
        for principal, held in snapshot.grants.get(name, {}).items()
        if shown is None or principal in shown
        for privilege in held
    ]


def _parsed(words: Sequence[str], name: Name) -> list[str]:
    return [privileges.parse(word, name.kind) for word in words]
