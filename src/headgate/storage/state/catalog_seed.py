"""Writes what the catalog holds from the start, and brings the entries of our own tables to the present release. Leaves everything else alone.

An entry that is there keeps its grants: what an administrator has taken back is not given again.
"""

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, insert, select, update

from headgate.catalog import system, types
from headgate.catalog.entries import MANAGED, VIEW
from headgate.catalog.holders import group
from headgate.catalog.ledger.own_views import OWN_GRANTS, OWN_VIEWS
from headgate.catalog.ledger.views import ledger_views
from headgate.catalog.names import METASTORE, Name
from headgate.catalog.usage_table import USAGE
from headgate.core.ids import new_uuid
from headgate.core.principal import ADMINS
from headgate.storage.state.database import Database
from headgate.storage.state.schema import MODEL_SERVICE, grants, holder_columns, owner_columns, securables, table_facts

_MAKER = "headgate"


class _Wanted(NamedTuple):
    """An entry as it should be; `facts` are the columns of `table_facts`."""

    name: Name
    comment: str
    location: str = ""
    properties: dict[str, str] | None = None
    facts: dict[str, Any] | None = None


def ensure(database: Database, now_ns: int) -> None:
    """Write what is missing or out of date. A current store costs one read."""
    wanted = _system()
    with database.reading() as connection:
        if _is_current(connection, wanted):
            return
    with database.writing("catalog") as connection:
        _Seed(connection, now_ns).run(wanted)


def _system() -> list[_Wanted]:
    found = [
        _Wanted(system.SYSTEM_CATALOG, "Headgate's own tables."),
        _Wanted(system.AI_GATEWAY, "What went through the gateway."),
        _Wanted(system.ACCESS, "What was done and refused."),
    ]
    for table in system.TABLES:
        facts = {"table_type": MANAGED, "columns": types.to_delta_json(table.schema), "partitioned_by": list(table.partitioned_by), "view_text": ""}
        found.append(_Wanted(table.name, table.comment, "/".join(table.name.parts), table.properties, facts))
    for view in (
        *system.VIEWS,
        *OWN_VIEWS,
        *ledger_views(USAGE.name, ()),
    ):  # the ledger's text is made anew for each query, from the telemetry tables there are
        facts = {"table_type": VIEW, "columns": types.to_delta_json(view.schema), "partitioned_by": [], "view_text": view.text}
        found.append(_Wanted(view.name, view.comment, "", {}, facts))
    return found


def _is_current(connection: Connection, wanted: list[_Wanted]) -> bool:
    root = connection.execute(select(securables.c.id).where(securables.c.parent_id.is_(None))).scalar()
    if root is None:
        return False
    ids = {METASTORE: str(root)}
    for level in (1, 2, 3):  # each in one read
        entries = [entry for entry in wanted if len(entry.name.parts) == level]
        parents = {ids[entry.name.parent] for entry in entries if entry.name.parent in ids}
        there = {(row.parent_id, row.name): row for row in connection.execute(_rows(securables.c.parent_id.in_(parents)))}
        for entry in entries:
            row = there.get((ids.get(entry.name.parent, ""), entry.name.leaf))
            if row is None or not _same(entry, row):
                return False
            ids[entry.name] = row.id
    return True


def _rows(where: ColumnElement[bool]) -> Select[Any]:
    """Entries that are no model service, with what only tables have."""
    joined = select(securables, *(column for column in table_facts.c if column.name != "securable_id")).outerjoin(table_facts)
    return joined.where(where & (securables.c.kind != MODEL_SERVICE))


def _row(connection: Connection, parent_id: str, leaf: str) -> Any:  # ruff: ignore[any-type] - a row of two tables
    return connection.execute(_rows((securables.c.parent_id == parent_id) & (securables.c.name == leaf))).one_or_none()


def _same(entry: _Wanted, row: Any) -> bool:  # ruff: ignore[any-type] - see `_row`
    facts = entry.facts or {}
    return (
        row.comment == entry.comment
        and dict(row.properties) == (entry.properties or {})
        and all(getattr(row, key) == value for key, value in facts.items())
    )


class _Seed:
    """One writing transaction."""

    def __init__(self, connection: Connection, now_ns: int) -> None:
        self._connection = connection
        self._now_ns = now_ns
        self._ids: dict[Name, str] = {}
        self._made: set[Name] = set()

    def run(self, wanted: list[_Wanted]) -> None:
        """Write entries from the root down, then the grants on those that are new."""
        root = self._connection.execute(select(securables.c.id).where(securables.c.parent_id.is_(None))).scalar()
        first = [] if root is not None else [_Wanted(system.MAIN, "The catalog for everybody's tables."), _Wanted(system.DEFAULT, "")]
        self._ids[METASTORE] = str(root) if root is not None else self._insert(_Wanted(METASTORE, ""), None)
        for entry in [*first, *wanted]:
            self._ensure(entry)
        for name, holder, privilege in (*system.FIRST_GRANTS, *OWN_GRANTS):
            if name in self._made:
                self._connection.execute(insert(grants).values(securable_id=self._ids[name], privilege=privilege, **holder_columns(holder)))

    def _ensure(self, entry: _Wanted) -> None:
        parent = self._ids[entry.name.parent]
        row = _row(self._connection, parent, entry.name.leaf)
        if row is None:
            self._ids[entry.name] = self._insert(entry, parent)
            return
        self._ids[entry.name] = row.id
        values = {"comment": entry.comment, "properties": entry.properties or {}, "updated_at_ms": self._now_ns // 1_000_000, "updated_by": _MAKER}
        self._connection.execute(update(securables).where(securables.c.id == row.id).values(**values))
        if entry.facts is not None:
            self._connection.execute(update(table_facts).where(table_facts.c.securable_id == row.id).values(**entry.facts))

    def _insert(self, entry: _Wanted, parent: str | None) -> str:
        made, now_ms = new_uuid(self._now_ns), self._now_ns // 1_000_000
        values = {
            "name": entry.name.leaf,
            **owner_columns(group(ADMINS)),
            "comment": entry.comment,
            "location": entry.location,
            "properties": entry.properties or {},
        }
        times = {"created_at_ms": now_ms, "created_by": _MAKER, "updated_at_ms": now_ms, "updated_by": _MAKER}
        self._connection.execute(insert(securables).values(id=made, parent_id=parent, **values, **times))
        if entry.facts is not None:
            self._connection.execute(insert(table_facts).values(securable_id=made, **entry.facts))
        self._made.add(entry.name)
        return made
