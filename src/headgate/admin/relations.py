"""Resolves a name in a query to a table or view of the catalog, if the principal may read it."""

import functools
import itertools
from collections.abc import Mapping, Sequence

from headgate.admin.information_rows import InformationRows
from headgate.admin.statement_ports import Relation, TablePart, TableSource, ViewSource
from headgate.admin.view_owners import ViewOwners, nobody
from headgate.catalog import information_schema, types
from headgate.catalog.catalog import Catalog
from headgate.catalog.entries import Entry, TableFacts
from headgate.catalog.holders import name_of
from headgate.catalog.ledger.live import LiveRelation, live_relations
from headgate.catalog.ledger.settled import SettledTime
from headgate.catalog.ledger.sources import OtelTable
from headgate.catalog.ledger.views import ledger_views
from headgate.catalog.names import Defaults, Name
from headgate.catalog.otel_tables import OtelKind, recognise
from headgate.catalog.privileges import MANAGE, SELECT, USE_CATALOG
from headgate.catalog.system import AI_GATEWAY
from headgate.catalog.types import Structure
from headgate.catalog.usage_sums import SUMS, SUMS_BY_NAME
from headgate.catalog.usage_table import USAGE
from headgate.core.errors import BadRequest, Forbidden, NotFound
from headgate.core.principal import Principal

LEDGER_TABLES_MAX = 48  # a query reads at most 64 tables, and some more than once
LEDGER_DAYS = 90  # what the joined ledger looks back on: pairs are found in memory
_NOTHING = SettledTime()
# What the text of a view of sums reads in place of the usage table.
USAGE_PARTS: Mapping[Name, tuple[TablePart, Structure]] = {
    **{sums.in_files: (TablePart(USAGE.name, "summed", sums.name.leaf), sums.schema) for sums in SUMS},
    **{sums.in_rows: (TablePart(USAGE.name, "rest", sums.name.leaf), USAGE.schema) for sums in SUMS},
}


class CatalogRelations:
    """Implements `Relations` over one snapshot of the catalog: a statement sees one state of it from beginning to end."""

    def __init__(self, snapshot: Catalog, principal: Principal, settled: SettledTime = _NOTHING, owners: ViewOwners = nobody) -> None:
        self._snapshot = snapshot
        self._settled = settled
        self._session = principal
        self._owners = owners
        self._ledger: dict[Name, str] | None = None
        self._live: dict[Name, LiveRelation] | None = None

    def resolve(self, name: Name) -> Relation:
        """What the name means, if this principal may read it."""
        if self._is_information(name):
            return self._information(name)
        return self._relation(self._snapshot.require(self._session, SELECT, name))

    def resolve_inside(self, view: ViewSource, name: Name) -> Relation:
        """What a name in the text of a view means. A user's view reads with its owner's rights, one of Headgate's own reads whatever it names."""
        made = self._snapshot.find(view.name)
        if not (made.is_system if made is not None else self._live_relation(view.name)):
            return self._inside(view, made, name)
        part, schema = USAGE_PARTS.get(name, (None, USAGE.schema))
        entry = self._snapshot.find(part.table if part is not None else name)
        if entry is not None and part is not None:
            return TableSource(name, entry.location, schema, made_on_write=True, part=part)
        if entry is None and (live := self._live_relation(name)) is not None:
            return TableSource(name, "", live.schema, made_on_write=True, part=TablePart(USAGE.name, "live", text=live.text))
        if entry is None:
            raise NotFound(f"[TABLE_OR_VIEW_NOT_FOUND] {name.sql}, which {view.name.sql} reads, cannot be found.", code="TABLE_OR_VIEW_NOT_FOUND")
        return self._relation(entry)

    def rows(self, name: Name) -> Sequence[tuple[object, ...]]:
        """The rows of a relation of `information_schema`, as this principal may see them, also in a view of another user."""
        return InformationRows(self._snapshot, self._session).rows(name)

    def _is_information(self, name: Name) -> bool:
        # A schema of this name that was made before it was reserved stays what it is.
        return information_schema.is_relation(name) and self._snapshot.find(name.parent) is None

    def _information(self, name: Name) -> TableSource:
        self._snapshot.require(self._session, USE_CATALOG, Name(name.parts[:1]))
        schema = information_schema.RELATIONS.get(name.leaf)
        if schema is None:
            known = ", ".join(information_schema.RELATIONS)
            raise NotFound(
                f"[TABLE_OR_VIEW_NOT_FOUND] The table or view {name.sql} cannot be found. {information_schema.SCHEMA} has {known}.",
                code="TABLE_OR_VIEW_NOT_FOUND",
            )
        return TableSource(name, "", schema, made_on_write=True, part=TablePart(name, "catalog"))

    def _inside(self, view: ViewSource, made: Entry | None, name: Name) -> Relation:
        owner = self._owners(made.owner) if made is not None else None
        if made is None or owner is None or not owner.active:
            whose = f" {name_of(made.owner)}" if made is not None else ""
            raise Forbidden(
                f"[INSUFFICIENT_PERMISSIONS] View {view.name.sql} reads with the rights of its owner,{whose or ' a user'} who does not exist any more "
                "or is deactivated. An administrator can run: ALTER VIEW … OWNER TO …",
                code="INSUFFICIENT_PERMISSIONS",
            )
        if self._is_information(name):
            return self._information(name)
        try:
            return self._relation(self._snapshot.require(owner, SELECT, name))
        except (Forbidden, NotFound) as error:
            known = self._snapshot.allows(self._session, MANAGE, view.name)
            reason = error.message if known else "The owner of the view may not read what it names any more, or that is gone."
            raise type(error)(
                f"{reason} (View {view.name.sql} reads with the rights of its owner, {name_of(made.owner)}.)", code=error.code
            ) from error

    def _relation(self, entry: Entry) -> Relation:
        if entry.table is None:
            raise BadRequest(f"[EXPECT_TABLE_NOT_SCHEMA] {entry.name.sql} is a {entry.name.kind.lower()}, not a table.", code="EXPECT_TABLE")
        if entry.is_view and not entry.is_system:
            return ViewSource(entry.name, view_query(entry.table), Defaults(*entry.table.view_defaults))
        if entry.is_view:
            sums = SUMS_BY_NAME.get(entry.name)
            return ViewSource(entry.name, sums.text if sums is not None else self._ledger_text(entry.name) or entry.table.view_text)
        return TableSource(entry.name, entry.location, entry.table.schema, made_on_write=entry.is_system)

    def _ledger_text(self, name: Name) -> str:
        """The text of a view of the joined ledger, over the telemetry tables that the catalog has now; empty for any other view."""
        if name.parent != AI_GATEWAY:
            return ""
        if self._ledger is None:
            views = ledger_views(USAGE.name, telemetry_tables(self._snapshot), LEDGER_DAYS, self._settled)
            self._ledger = {view.name: view.text for view in views}
        return self._ledger.get(name, "")

    def _live_relation(self, name: Name) -> LiveRelation | None:
        """What of the ledger is not settled."""
        if name.parent != AI_GATEWAY or not self._settled.until_us:
            return None
        if self._live is None:
            found = live_relations(USAGE.name, telemetry_tables(self._snapshot), LEDGER_DAYS, self._settled)
            self._live = {live.name: live for live in found}
        return self._live.get(name)


def view_query(view: TableFacts) -> str:
    """The query of a user's view. It has the columns that the view had when it was made, by their names then, whatever the tables have now."""
    columns = [field.name for field in view.schema.fields]
    inner = f"FROM (\n{view.view_text}\n) AS `query`"
    if len({name.lower() for name in view.view_outputs}) < len(columns):  # a name would not say which column is meant
        listed = ", ".join(map(_quoted, columns))
        return f"SELECT {listed} {inner}({listed})"
    named = ", ".join(f"{_quoted(output)} AS {_quoted(column)}" for output, column in zip(view.view_outputs, columns, strict=True))
    return f"SELECT {named} {inner}"


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def telemetry_tables(snapshot: Catalog) -> list[OtelTable]:
    """The tables of the catalog that have the columns of an OpenTelemetry table, oldest first.

    Tables beyond `LEDGER_TABLES_MAX` are left out: a user who creates many must not break the ledger for everyone.
    """
    tables = sorted((entry for entry in snapshot.tables() if not entry.is_view), key=lambda entry: entry.created_at_ms)
    kinds = ((entry.name, _kind(entry.table.columns)) for entry in tables if entry.table is not None)
    return list(itertools.islice((OtelTable(name, kind) for name, kind in kinds if kind is not None), LEDGER_TABLES_MAX))


@functools.lru_cache(maxsize=4096)  # every query of the ledger asks this of every table, and reading the columns of one takes a while
def _kind(columns: str) -> OtelKind | None:
    return recognise(types.from_delta_json(columns))
