"""Resolves a name in a query to a table or view of the catalog, if the principal may read it."""

import functools
import itertools
from collections.abc import Mapping

from headgate.admin.statement_ports import Relation, TablePart, TableSource, ViewSource
from headgate.catalog import types
from headgate.catalog.catalog import Catalog
from headgate.catalog.entries import Entry
from headgate.catalog.ledger.settled import SettledTime
from headgate.catalog.ledger.sources import OtelTable
from headgate.catalog.ledger.views import ledger_views
from headgate.catalog.names import Name
from headgate.catalog.otel_tables import OtelKind, recognise
from headgate.catalog.privileges import SELECT
from headgate.catalog.system import AI_GATEWAY
from headgate.catalog.types import Structure
from headgate.catalog.usage_sums import SUMS, SUMS_BY_NAME
from headgate.catalog.usage_table import USAGE
from headgate.core.errors import BadRequest, NotFound
from headgate.core.principal import Principal

LEDGER_TABLES_MAX = 48  # a query reads at most 64 tables, and some more than once
LEDGER_DAYS = 90  # what the joined ledger looks back on: pairs are found in memory
_NOTHING = SettledTime()
# What the text of a view of sums reads in place of the usage table.
_PARTS: Mapping[Name, tuple[TablePart, Structure]] = {
    **{sums.in_files: (TablePart(USAGE.name, "summed", sums.name.leaf), sums.schema) for sums in SUMS},
    **{sums.in_rows: (TablePart(USAGE.name, "rest", sums.name.leaf), USAGE.schema) for sums in SUMS},
}


class CatalogRelations:
    """Implements `Relations` over one snapshot of the catalog: a statement sees one state of it from beginning to end."""

    def __init__(self, snapshot: Catalog, principal: Principal, settled: SettledTime = _NOTHING) -> None:
        self._snapshot = snapshot
        self._settled = settled
        self._session = principal
        self._ledger: dict[Name, str] | None = None

    def resolve(self, name: Name) -> Relation:
        """What the name means, if this principal may read it."""
        return self._relation(self._snapshot.require(self._session, SELECT, name))

    def resolve_inside(self, view: ViewSource, name: Name) -> Relation:
        """What a name in the text of one of Headgate's views means. Users cannot create views, so no privilege is checked."""
        part, schema = _PARTS.get(name, (None, USAGE.schema))
        entry = self._snapshot.find(part.table if part is not None else name)
        if entry is not None and part is not None:
            return TableSource(name, entry.location, schema, made_on_write=True, part=part)
        if entry is None:
            raise NotFound(f"[TABLE_OR_VIEW_NOT_FOUND] {name.sql}, which {view.name.sql} reads, cannot be found.", code="TABLE_OR_VIEW_NOT_FOUND")
        return self._relation(entry)

    def _relation(self, entry: Entry) -> Relation:
        if entry.table is None:
            raise BadRequest(f"[EXPECT_TABLE_NOT_SCHEMA] {entry.name.sql} is a {entry.name.kind.lower()}, not a table.", code="EXPECT_TABLE")
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
