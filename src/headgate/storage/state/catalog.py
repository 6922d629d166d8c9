"""Stores the catalog in the control state's database. The callers create ids, names, times and locations; this module stores them unchanged.

Locations below the data directory's warehouse are stored relative to it, so that the directory can be moved as a whole.
"""

import os
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from headgate.admin.catalog_ports import GrantChange, holds_services
from headgate.catalog.catalog import Catalog
from headgate.catalog.entries import Entry, TableFacts
from headgate.catalog.holders import Holder
from headgate.catalog.names import METASTORE, Name
from headgate.core.errors import BadRequest, NotFound
from headgate.core.principal_name import GROUP
from headgate.storage.state import catalog_seed
from headgate.storage.state.audit_acts import entry_act, grants_act, tree_act
from headgate.storage.state.audit_outbox import note, note_all
from headgate.storage.state.database import Database, part_version_of, version_of
from headgate.storage.state.schema import MODEL_SERVICE, grants, holder_columns, holder_of_columns, owner_columns, principals, securables, table_facts

_FACTS = ("table_type", "columns", "partitioned_by", "view_text", "view_defaults", "view_outputs")
_CHANGED = ("comment", "properties", "updated_at_ms", "updated_by")
_LEVELS = 3
_ROWS = select(securables, *(table_facts.c[name] for name in _FACTS)).outerjoin(table_facts)


class CatalogStore:
    """Implements `CatalogState`. Opening it creates the catalogs that exist from the start. `groups` returns the names of the groups that the file declares."""

    def __init__(self, database: Database, warehouse: str, now_ns: int, groups: Callable[[], frozenset[str]] = frozenset) -> None:
        self._database = database
        self._groups = groups
        self._warehouse = warehouse
        self._latest: tuple[Catalog, frozenset[str]] | None = None
        catalog_seed.ensure(database, now_ns)

    def load(self, known: Catalog | None = None) -> Catalog:
        """The catalog as it is now; `known` itself if nothing has changed since. If only something else changed, such as a token, it reads no more than the principals."""
        declared = self._groups()
        with self._database.reading() as connection:
            version = version_of(connection)
            if known is not None and known.version == version and (self._latest is None or self._latest == (known, declared)):
                return known
            content = part_version_of(connection, "catalog")
            names: dict[bool, list[str]] = {True: [], False: []}
            for name, kind in connection.execute(select(principals.c.name, principals.c.kind).where(principals.c.deleted_at_ms == 0)):
                names[kind == GROUP].append(name)
            groups = declared.union(names[True])
            if known is not None and known.content_version == content:
                found = known.moved(version, names[False], groups)
            else:
                granted = connection.execute(select(grants)).all()
                entries = self._entries(connection)
                found = Catalog(version, entries, _held_by(entries, granted), names[False], groups, content_version=content)
        self._latest = (found, declared)
        return found

    def add(self, entry: Entry) -> None:
        """Store a new entry."""
        with self._database.writing("catalog") as connection:
            parent = _id_of(connection, entry.name.parent)
            if parent is None:
                raise _gone(entry.name.parent)
            if _id_of(connection, entry.name) is not None:
                raise _taken(entry.name)
            try:
                connection.execute(insert(securables).values(id=entry.id, parent_id=parent, **self._columns(entry)))
            except IntegrityError as error:  # another transaction was first, on a database where two can write at once
                raise _taken(entry.name) from error
            if entry.table is not None:
                connection.execute(insert(table_facts).values(securable_id=entry.id, **_facts(entry.table)))
            note(connection, entry_act("create", after=entry))

    def change(self, entry_id: str, edit: Callable[[Entry], Entry]) -> Entry:
        """Change an entry as one step."""
        with self._database.writing("catalog") as connection:
            before = self._one(connection, entry_id)
            if before is None:
                raise _gone()
            after = edit(before)
            if after.name != before.name:
                _refuse_services(self._services_in(connection, before.name), before.name)
            try:
                connection.execute(update(securables).where(securables.c.id == entry_id).values(**self._columns(after)))
            except IntegrityError as error:
                raise _taken(after.name) from error
            if after.table is not None:
                connection.execute(update(table_facts).where(table_facts.c.securable_id == entry_id).values(**_facts(after.table)))
            note(connection, entry_act("update", before=before, after=after))
        return after

    def remove(self, entry_id: str) -> None:
        """Delete an entry and the grants on it."""
        with self._database.writing("catalog") as connection:
            if connection.execute(select(securables.c.id).where(securables.c.parent_id == entry_id).limit(1)).first() is not None:
                raise BadRequest("Something lies in it.", status=409, code="NOT_EMPTY")
            before = self._one(connection, entry_id)
            if before is None:
                raise _gone()
            connection.execute(delete(securables).where(securables.c.id == entry_id))
            note(connection, entry_act("delete", before=before))

    def remove_tree(self, entry_id: str) -> list[Entry]:
        """Delete an entry and everything in it; returns what was deleted, innermost first."""
        with self._database.writing("catalog") as connection:
            entries = self._entries(connection)
            root = next((entry for entry in entries if entry.id == entry_id), None)
            if root is None:
                raise _gone()
            depth = len(root.name.parts)
            going = sorted((entry for entry in entries if entry.name.parts[:depth] == root.name.parts), key=lambda entry: -len(entry.name.parts))
            _refuse_services([entry.name for entry in going if entry.name.service], root.name)
            one = delete(securables).where(securables.c.id == bindparam("gone"))
            connection.execute(one, [{"gone": entry.id} for entry in going])  # the innermost first, in one statement that is prepared once
            note(connection, tree_act(going))
        return going

    def has_services(self) -> bool:
        """Whether there are model services."""
        with self._database.reading() as connection:
            return connection.execute(select(securables.c.id).where(securables.c.kind == MODEL_SERVICE).limit(1)).first() is not None

    def change_services(self, gone: Collection[str], new: Sequence[Entry]) -> None:
        """Delete model services and add others, as one step."""
        with self._database.writing("catalog") as connection:
            there = {entry.name: entry for entry in self._entries(connection)}  # read once, since there may be thousands
            going = [entry for entry in there.values() if entry.id in gone]
            for entry in going:
                del there[entry.name]
            coming = [entry for entry in new if entry.name.parent in there and entry.name not in there]
            if going:
                connection.execute(delete(securables).where(securables.c.id == bindparam("gone")), [{"gone": entry.id} for entry in going])
            if coming:
                rows = [{"id": entry.id, "parent_id": there[entry.name.parent].id, **self._columns(entry)} for entry in coming]
                connection.execute(insert(securables), rows)
            note_all(connection, [entry_act("delete", before=entry) for entry in going] + [entry_act("create", after=entry) for entry in coming])

    def change_grants(self, entry_id: str, changes: Sequence[GrantChange]) -> None:
        """Grant and revoke, all of it or nothing."""
        with self._database.writing("catalog") as connection:
            entry = self._one(connection, entry_id)
            if entry is None:
                raise _gone()
            before = _granted(connection, entry_id)
            for change in changes:
                whose = holder_columns(change.holder)
                there = (grants.c.securable_id == entry_id) & (grants.c.principal == whose["principal"]) & (grants.c.kind == whose["kind"])
                has = set(connection.execute(select(grants.c.privilege).where(there)).scalars())
                for privilege in sorted(set(change.add) - has):
                    connection.execute(insert(grants).values(securable_id=entry_id, privilege=privilege, **whose))
                if change.remove:
                    connection.execute(delete(grants).where(there & grants.c.privilege.in_(list(change.remove))))
            note(connection, grants_act(entry.name, changes, (before, _granted(connection, entry_id))))

    def _entries(self, connection: Connection) -> list[Entry]:
        rows = connection.execute(_ROWS).all()
        by_id = {row.id: row for row in rows}
        return [self._entry(row, _name(row, by_id)) for row in rows]

    def _services_in(self, connection: Connection, place: Name) -> list[Name]:
        depth = len(place.parts)
        return [entry.name for entry in self._entries(connection) if entry.name.service and entry.name.parts[:depth] == place.parts]

    def _one(self, connection: Connection, entry_id: str) -> Entry | None:
        """One entry, with its name from the rows of its parents."""
        by_id: dict[str, Row[Any]] = {}
        step: str | None = entry_id
        while step is not None and (row := connection.execute(_ROWS.where(securables.c.id == step)).one_or_none()) is not None:
            by_id[row.id] = row
            step = row.parent_id
        return self._entry(by_id[entry_id], _name(by_id[entry_id], by_id)) if entry_id in by_id else None

    def _entry(self, row: Row[Any], name: Name) -> Entry:
        table = None
        if row.table_type is not None:
            table = TableFacts(
                table_type=row.table_type,
                columns=row.columns,
                partitioned_by=tuple(row.partitioned_by),
                view_text=row.view_text,
                view_defaults=tuple(row.view_defaults),
                view_outputs=tuple(row.view_outputs),
            )
        return Entry(
            id=row.id,
            name=name,
            owner=holder_of_columns(row.owner_kind, row.owner),
            comment=row.comment,
            location=self._absolute(row.location),
            properties=dict(row.properties),
            created_at_ms=row.created_at_ms,
            created_by=row.created_by,
            updated_at_ms=row.updated_at_ms,
            updated_by=row.updated_by,
            table=table,
        )

    def _columns(self, entry: Entry) -> dict[str, Any]:
        kept = {name: getattr(entry, name) for name in (*_CHANGED, "created_at_ms", "created_by")}
        named = {"name": entry.name.leaf, "kind": _kind(entry.name)}
        return kept | owner_columns(entry.owner) | named | {"location": self._relative(entry.location)}

    def _absolute(self, location: str) -> str:
        return location if not location or "://" in location or os.path.isabs(location) else os.path.join(self._warehouse, location)

    def _relative(self, location: str) -> str:
        return location.removeprefix(f"{self._warehouse}/")


def _name(row: Row[Any], by_id: dict[str, Row[Any]]) -> Name:
    parts: list[str] = []
    service = row.kind == MODEL_SERVICE
    while row.parent_id is not None and len(parts) < _LEVELS:
        parts.append(row.name)
        row = by_id[row.parent_id]
    return Name(tuple(reversed(parts)), service)


def _id_of(connection: Connection, name: Name) -> str | None:
    found = connection.execute(select(securables.c.id).where(securables.c.parent_id.is_(None))).scalar()
    for place in name.lineage()[1:]:
        there = (securables.c.parent_id == found) & (securables.c.kind == _kind(place)) & (securables.c.name == place.leaf)
        found = connection.execute(select(securables.c.id).where(there)).scalar()
    return found


def _kind(name: Name) -> str:
    return MODEL_SERVICE if name.service else ""


def _refuse_services(found: Sequence[Name], place: Name) -> None:
    if found:
        raise holds_services(place, found)


def _held_by(entries: Iterable[Entry], rows: Iterable[Row[Any]]) -> dict[Name, dict[Holder, frozenset[str]]]:
    names = {entry.id: entry.name for entry in entries}
    held: dict[Name, dict[Holder, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in rows:
        held[names[row.securable_id]][holder_of_columns(row.kind, row.principal)].add(row.privilege)
    return {name: {holder: frozenset(what) for holder, what in there.items()} for name, there in held.items()}


def _granted(connection: Connection, entry_id: str) -> dict[str, list[str]]:
    """The privileges that are granted on an entry, by their holder."""
    held: dict[str, list[str]] = defaultdict(list)
    where = grants.c.securable_id == entry_id
    for row in connection.execute(select(grants).where(where).order_by(grants.c.kind, grants.c.principal, grants.c.privilege)):
        held[f"{row.kind}:{row.principal}"].append(row.privilege)
    return dict(held)


def _facts(table: TableFacts) -> dict[str, Any]:
    return {name: list(value) if isinstance(value := getattr(table, name), tuple) else value for name in _FACTS}


def _gone(name: Name = METASTORE) -> NotFound:
    code = f"{name.kind}_DOES_NOT_EXIST" if name != METASTORE else "RESOURCE_DOES_NOT_EXIST"
    return NotFound(f"{name.kind.capitalize()} {name.sql} does not exist." if name != METASTORE else "It does not exist any more.", code=code)


def _taken(name: Name) -> BadRequest:
    code = f"{name.kind}_ALREADY_EXISTS"
    return BadRequest(f"[{code}] {name.kind.capitalize()} {name.sql} exists already.", status=409, code=code)
