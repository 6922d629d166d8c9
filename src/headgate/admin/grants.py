"""Privileges: granted, taken back, listed, and explained with what they are inherited from."""

import asyncio
from collections.abc import Sequence

import msgspec

from headgate.admin.catalog import CatalogAdmin, require_principal
from headgate.admin.catalog_ports import GrantChange
from headgate.admin.statement_ports import Session
from headgate.catalog import holders, privileges
from headgate.catalog.catalog import Catalog
from headgate.catalog.holders import Holder, name_of
from headgate.catalog.names import Name
from headgate.catalog.privileges import MANAGE


class Granted(msgspec.Struct, frozen=True, order=True):
    """One privilege of one principal, and on what it was granted."""

    principal: str
    privilege: str
    on: Name


class PrincipalChange(msgspec.Struct, frozen=True):
    """What a principal or group, by its plain name, gets and then loses: privileges in any of their spellings."""

    principal: str
    add: Sequence[str] = ()
    remove: Sequence[str] = ()


class Grants:
    """The use-cases over one catalog."""

    def __init__(self, catalog: CatalogAdmin) -> None:
        self._catalog = catalog

    async def grant(self, session: Session, name: Name, principal: str, words: Sequence[str]) -> None:
        """Grant privileges. Takes `MANAGE`; whoever owns it has that."""
        await self.change(session, name, [PrincipalChange(principal, add=words)])

    async def revoke(self, session: Session, name: Name, principal: str, words: Sequence[str]) -> None:
        """Take privileges back; also of somebody who is not known any more."""
        await self.change(session, name, [PrincipalChange(principal, remove=words)])

    async def change(self, session: Session, name: Name, changes: Sequence[PrincipalChange]) -> None:
        """Grant and take back for several principals, all of it or nothing."""
        snapshot = await self._catalog.snapshot()
        entry = snapshot.require(session, MANAGE, name)
        wanted = [
            GrantChange(_holder(snapshot, each), tuple(_parsed(each.add, name)), tuple(_parsed(each.remove, name)))
            for each in changes
            if each.add or each.remove
        ]
        if wanted:
            await asyncio.to_thread(self._catalog.state.change_grants, entry.id, wanted)

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
    def _shown(snapshot: Catalog, session: Session, name: Name, principal: str) -> frozenset[Holder] | None:
        """Whose grants are shown; `None` for everybody's."""
        snapshot.require_visible(session, name)
        wanted = frozenset({_named(principal)}) if principal else None
        if snapshot.allows(session, MANAGE, name):
            return wanted
        own = holders.of_asker(session.principal, session.groups)
        return own if wanted is None else own & wanted


def _holder(snapshot: Catalog, change: PrincipalChange) -> Holder:
    """Only somebody known is given something; anything can be taken back."""
    return require_principal(snapshot, change.principal) if change.add else _named(change.principal)


def _named(principal: str) -> Holder:
    return holders.group(principal) if principal in holders.GROUPS else holders.user(principal)


def _on(snapshot: Catalog, name: Name, shown: frozenset[Holder] | None) -> list[Granted]:
    return [
        Granted(name_of(holder), privilege, name)
        for holder, held in snapshot.grants.get(name, {}).items()
        if shown is None or holder in shown
        for privilege in held
    ]


def _parsed(words: Sequence[str], name: Name) -> list[str]:
    return [privileges.parse(word, name.kind) for word in words]
