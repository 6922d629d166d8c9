"""A catalog in memory; the contract suite holds it to the same behaviour as the database."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence

import msgspec

from headgate.admin.catalog_ports import GrantChange, holds_services
from headgate.catalog import system
from headgate.catalog.catalog import Catalog
from headgate.catalog.entries import MANAGED, VIEW, Entry, TableFacts
from headgate.catalog.holders import Holder, group
from headgate.catalog.ledger.own_views import OWN_GRANTS, OWN_VIEWS
from headgate.catalog.ledger.views import ledger_views
from headgate.catalog.names import METASTORE, Name
from headgate.catalog.types import to_delta_json
from headgate.catalog.usage_table import USAGE
from headgate.core.errors import BadRequest, NotFound
from headgate.core.principal import ADMINS


class MemoryCatalog:
    """Implements `headgate.admin.catalog_ports.CatalogState`."""

    def __init__(self, principals: Iterable[str] = (), warehouse: str = "/warehouse", groups: Iterable[str] = ()) -> None:
        self._version = 1
        self._principals = list(principals)
        self._groups = list(groups)
        self._entries: dict[str, Entry] = {}
        self._grants: dict[tuple[str, Holder], set[str]] = defaultdict(set)
        for name in (METASTORE, system.MAIN, system.DEFAULT, system.SYSTEM_CATALOG, system.AI_GATEWAY):
            self._keep(Entry(id=f"id-{name}", name=name, owner=group(ADMINS)))
        for table in system.TABLES:
            facts = TableFacts(table_type=MANAGED, columns=to_delta_json(table.schema))
            self._keep(
                Entry(id=f"id-{table.name}", name=table.name, owner=group(ADMINS), location="/".join((warehouse, *table.name.parts)), table=facts)
            )
        for view in (*system.VIEWS, *OWN_VIEWS, *ledger_views(USAGE.name, ())):
            facts = TableFacts(table_type=VIEW, columns=to_delta_json(view.schema), view_text=view.text)
            self._keep(Entry(id=f"id-{view.name}", name=view.name, owner=group(ADMINS), table=facts))
        for name, holder, privilege in (*system.FIRST_GRANTS, *OWN_GRANTS):
            self._grants[f"id-{name}", holder].add(privilege)

    def load(self, known: Catalog | None = None) -> Catalog:
        if known is not None and known.version == self._version:
            return known
        granted: dict[Name, dict[Holder, frozenset[str]]] = defaultdict(dict)
        for (entry_id, holder), held in self._grants.items():
            if entry_id in self._entries and held:
                granted[self._entries[entry_id].name][holder] = frozenset(held)
        return Catalog(self._version, self._entries.values(), granted, self._principals, self._groups)

    def add(self, entry: Entry) -> None:
        self._version += 1
        if self._named(entry.name.parent) is None:
            raise NotFound(f"{entry.name.parent} does not exist", code=f"{entry.name.parent.kind}_DOES_NOT_EXIST")
        if self._named(entry.name) is not None:
            raise _taken(entry.name)
        self._keep(entry)

    def change(self, entry_id: str, edit: Callable[[Entry], Entry]) -> Entry:
        self._version += 1
        before = self._get(entry_id)
        after = edit(before)
        if after.name != before.name:
            if self._named(after.name) is not None:
                raise _taken(after.name)
            self._refuse_services(before.name)
            depth = len(before.name.parts)
            for other in list(self._entries.values()):
                if other.name.parts[:depth] == before.name.parts:
                    self._keep(msgspec.structs.replace(other, name=Name(after.name.parts + other.name.parts[depth:])))
        self._keep(after)
        return after

    def remove(self, entry_id: str) -> None:
        self._version += 1
        name = self._get(entry_id).name
        if any(entry.name != METASTORE and entry.name.parent == name for entry in self._entries.values()):
            raise BadRequest("Something lies in it.", status=409, code="NOT_EMPTY")
        self._forget(entry_id)

    def remove_tree(self, entry_id: str) -> list[Entry]:
        self._version += 1
        root = self._get(entry_id).name.parts
        self._refuse_services(Name(root))
        going = sorted((entry for entry in self._entries.values() if entry.name.parts[: len(root)] == root), key=lambda entry: -len(entry.name.parts))
        for entry in going:
            self._forget(entry.id)
        return going

    def has_services(self) -> bool:
        return any(entry.name.service for entry in self._entries.values())

    def change_services(self, gone: Collection[str], new: Sequence[Entry]) -> None:
        self._version += 1
        for entry_id in gone:
            if entry_id in self._entries:
                self._forget(entry_id)
        for entry in new:
            if self._named(entry.name.parent) is not None and self._named(entry.name) is None:
                self._keep(entry)

    def change_grants(self, entry_id: str, changes: Sequence[GrantChange]) -> None:
        self._version += 1
        self._get(entry_id)
        for change in changes:
            self._grants[entry_id, change.holder] |= set(change.add)
            self._grants[entry_id, change.holder] -= set(change.remove)

    def _keep(self, entry: Entry) -> None:
        self._entries[entry.id] = entry

    def _forget(self, entry_id: str) -> None:
        del self._entries[entry_id]
        self._grants = defaultdict(set, {key: held for key, held in self._grants.items() if key[0] != entry_id})

    def _refuse_services(self, place: Name) -> None:
        found = [entry.name for entry in self._entries.values() if entry.name.service and place in entry.name.lineage()]
        if found:
            raise holds_services(place, found)

    def _named(self, name: Name) -> Entry | None:
        return next((entry for entry in self._entries.values() if entry.name == name), None)

    def _get(self, entry_id: str) -> Entry:
        if entry_id not in self._entries:
            raise NotFound("It does not exist any more.", code="RESOURCE_DOES_NOT_EXIST")
        return self._entries[entry_id]


def _taken(name: Name) -> BadRequest:
    return BadRequest(f"{name} exists already", status=409, code=f"{name.kind}_ALREADY_EXISTS")
