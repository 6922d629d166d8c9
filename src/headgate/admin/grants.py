"""Grants and revokes privileges, and lists them with the securable that they are inherited from."""

import asyncio
from collections.abc import Sequence

import msgspec

from headgate.admin.catalog import CatalogAdmin, require_holder
from headgate.admin.catalog_ports import GrantChange
from headgate.catalog import holders, privileges
from headgate.catalog.catalog import Catalog
from headgate.catalog.holders import Holder, name_of
from headgate.catalog.names import Name
from headgate.catalog.privileges import EXECUTE, MANAGE
from headgate.core.principal import Principal


class Granted(msgspec.Struct, frozen=True, order=True):
    """A privilege, the plain name of its holder, and the securable that it was granted on."""

    holder: str
    privilege: str
    on: Name


class HolderChange(msgspec.Struct, frozen=True):
    """The privileges that a principal or group, by its plain name, is granted, and those that are revoked after that; in any spelling."""

    holder: str
    add: Sequence[str] = ()
    remove: Sequence[str] = ()


class GrantAdmin:
    """The use-cases over one catalog."""

    def __init__(self, catalog: CatalogAdmin) -> None:
        self._catalog = catalog

    async def grant(self, principal: Principal, name: Name, holder: str, words: Sequence[str]) -> None:
        """Grant privileges. Requires `MANAGE`, which an owner has."""
        await self.change(principal, name, [HolderChange(holder, add=words)])

    async def revoke(self, principal: Principal, name: Name, holder: str, words: Sequence[str]) -> None:
        """Revoke privileges. The holder need not exist any more."""
        await self.change(principal, name, [HolderChange(holder, remove=words)])

    async def change(self, principal: Principal, name: Name, changes: Sequence[HolderChange]) -> None:
        """Grant and revoke for several holders, all of it or nothing."""
        snapshot = await self._catalog.snapshot()
        entry = snapshot.require(principal, MANAGE, name)
        wanted = [
            GrantChange(_holder(snapshot, name, each), tuple(_parsed(each.add, name)), tuple(_parsed(each.remove, name)))
            for each in changes
            if each.add or each.remove
        ]
        if wanted:
            await asyncio.to_thread(self._catalog.state.change_grants, entry.id, wanted)

    async def listed(self, principal: Principal, name: Name, holder: str = "") -> list[Granted]:
        """The grants on the entry itself. Without `MANAGE`, only those of the principal and its groups."""
        snapshot = await self._catalog.snapshot()
        return sorted(_on(snapshot, name, self._shown(snapshot, principal, name, holder)))

    async def effective(self, principal: Principal, name: Name, holder: str = "") -> list[Granted]:
        """The grants on the entry and on its parents, each with the securable that it was granted on.

        Clients ask so whether they may use a model service: for the principal itself it is said, also where a group or owning it is the reason.
        """
        snapshot = await self._catalog.snapshot()
        shown = self._shown(snapshot, principal, name, holder)
        found = {each for place in name.lineage() for each in _on(snapshot, place, shown)}
        unsaid = name.service and holder == principal.name and not any(each.privilege == EXECUTE for each in found)
        if unsaid and snapshot.allows(principal, EXECUTE, name):
            found.add(Granted(holder, EXECUTE, name.parent))
        return sorted(found)

    @staticmethod
    def _shown(snapshot: Catalog, principal: Principal, name: Name, holder: str) -> frozenset[Holder] | None:
        """The holders whose grants are shown; `None` for all."""
        snapshot.require_visible(principal, name)
        wanted = frozenset({snapshot.holder_on(name, holder)}) if holder else None
        if snapshot.allows(principal, MANAGE, name):
            return wanted
        own = holders.holders_of(principal)
        return own if wanted is None else own & wanted


def _holder(snapshot: Catalog, name: Name, change: HolderChange) -> Holder:
    """Granting requires a known holder; revoking does not."""
    return require_holder(snapshot, change.holder) if change.add else snapshot.holder_on(name, change.holder)


def _on(snapshot: Catalog, name: Name, shown: frozenset[Holder] | None) -> list[Granted]:
    return [
        Granted(name_of(holder), privilege, name)
        for holder, held in snapshot.grants.get(name, {}).items()
        if shown is None or holder in shown
        for privilege in held
    ]


def _parsed(words: Sequence[str], name: Name) -> list[str]:
    return [privileges.parse(word, name.kind) for word in words]
