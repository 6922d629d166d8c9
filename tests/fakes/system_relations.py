"""The catalog as it is at the start, with a telemetry table of each signal: what Headgate's own statements read."""

from headgate.admin.relations import USAGE_PARTS
from headgate.admin.statement_ports import Relation, TableSource, ViewSource
from headgate.catalog import otel_tables, system
from headgate.catalog.ledger.live import live_relations
from headgate.catalog.ledger.own_views import OWN_VIEWS
from headgate.catalog.ledger.settled import SettledTime
from headgate.catalog.ledger.sources import OtelTable
from headgate.catalog.ledger.views import ledger_views
from headgate.catalog.names import Name
from headgate.catalog.otel_tables import OtelKind
from headgate.catalog.usage_sums import SUMS_BY_NAME
from headgate.catalog.usage_table import USAGE
from headgate.core.errors import NotFound

NOTHING_SETTLED = SettledTime()
SETTLED = SettledTime(days_until_us=1_790_000_000_000_000, draft_until_us=1_790_086_400_000_000, edition=7, whole=True)
_TELEMETRY = tuple(OtelTable(Name(("main", "default", signal)), OtelKind(signal, "v1")) for signal in ("logs", "metrics", "spans"))


class SystemRelations:
    """Everybody may read everything. `known` says how far the ledger is settled."""

    def __init__(self, known: SettledTime = NOTHING_SETTLED) -> None:
        self._tables = {table.name: table.schema for table in system.TABLES}
        self._tables |= {table.name: otel_tables.schema(table.kind.signal, table.kind.version) for table in _TELEMETRY}
        live = live_relations(USAGE.name, _TELEMETRY, 30, known) if known.until_us else ()
        views = (*system.VIEWS, *OWN_VIEWS, *ledger_views(USAGE.name, _TELEMETRY, 30, known), *live)
        self.views = {view.name: view.text for view in views} | {name: sums.text for name, sums in SUMS_BY_NAME.items()}

    def resolve(self, name: Name) -> Relation:
        """A view or a table."""
        if name in self.views:
            return ViewSource(name, self.views[name])
        if name not in self._tables:
            raise NotFound(f"[TABLE_OR_VIEW_NOT_FOUND] {name}", code="TABLE_OR_VIEW_NOT_FOUND")
        return TableSource(name, f"/nowhere/{name}", self._tables[name], made_on_write=True)

    def resolve_inside(self, view: ViewSource, name: Name) -> Relation:
        """The same, and the parts of the usage table that have sums."""
        del view
        part, schema = USAGE_PARTS.get(name, (None, None))
        return self.resolve(name) if part is None or schema is None else TableSource(name, f"/nowhere/{name}", schema, made_on_write=True, part=part)
