"""What a name in a query means to whoever asks: a table or a view of the catalog, once the privilege to read it has been shown."""

from headgate.admin.table_ports import Relation, Session, TableSource, ViewSource
from headgate.catalog.entries import Entry
from headgate.catalog.names import Name
from headgate.catalog.privileges import SELECT
from headgate.catalog.snapshot import CatalogSnapshot
from headgate.core.errors import BadRequest, NotFound


class CatalogRelations:
    """Implements `Relations` over one snapshot of the catalog: a statement sees one state of it from beginning to end."""

    def __init__(self, snapshot: CatalogSnapshot, session: Session) -> None:
        self._snapshot = snapshot
        self._session = session

    def resolve(self, name: Name) -> Relation:
        """What the name means, if this principal may read it."""
        return _relation(self._snapshot.require(self._session, SELECT, name))

    def resolve_inside(self, view: ViewSource, name: Name) -> Relation:
        """What a name in the text of one of our views means. Views are ours alone, so their names are ours too."""
        entry = self._snapshot.find(name)
        if entry is None:
            raise NotFound(f"[TABLE_OR_VIEW_NOT_FOUND] {name.sql}, which {view.name.sql} reads, cannot be found.", code="TABLE_OR_VIEW_NOT_FOUND")
        return _relation(entry)


def _relation(entry: Entry) -> Relation:
    if entry.table is None:
        raise BadRequest(f"[EXPECT_TABLE_NOT_SCHEMA] {entry.name.sql} is a {entry.name.kind.lower()}, not a table.", code="EXPECT_TABLE")
    if entry.is_view:
        return ViewSource(entry.name, entry.table.view_text)
    return TableSource(entry.name, entry.location, entry.table.schema, made_on_write=entry.is_system)
