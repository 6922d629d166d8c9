"""What the catalog knows of a securable: its name, owner and place, and for a table or view its columns. Values alone; nothing is looked up here."""

import msgspec

from headgate.catalog import types
from headgate.catalog.holders import Holder
from headgate.catalog.names import Name
from headgate.catalog.types import Structure

MANAGED, EXTERNAL, VIEW = "MANAGED", "EXTERNAL", "VIEW"
SYSTEM = "system"  # the catalog of Headgate's own tables, which no statement changes


class TableFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What only tables and views have. `columns` is Delta's schema string; a view has its query in `view_text`.

    Of a view that a user made, `view_defaults` are the catalog and the schema that complete short names in its text, and `view_outputs` are the names
    that its query gave its columns when it was made. Headgate's own views have neither.
    """

    table_type: str
    columns: str
    partitioned_by: tuple[str, ...] = ()
    view_text: str = ""
    view_defaults: tuple[str, ...] = ()
    view_outputs: tuple[str, ...] = ()

    @property
    def schema(self) -> Structure:
        """The columns, decoded."""
        return types.from_delta_json(self.columns)


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """The metastore, a catalog, a schema, a table, a view or a model service. Times are wall-clock milliseconds.

    `location` is an absolute path of this machine or an object-storage URL: of a table its own place, of a catalog or schema the root for new
    tables in it, empty for the usual one.
    """

    id: str
    name: Name
    owner: Holder
    comment: str = ""
    location: str = ""
    properties: dict[str, str] = {}
    created_at_ms: int = 0
    created_by: str = ""
    updated_at_ms: int = 0
    updated_by: str = ""
    table: TableFacts | None = None

    @property
    def is_view(self) -> bool:
        """Whether it is a query under a name rather than stored rows."""
        return self.table is not None and self.table.table_type == VIEW

    @property
    def is_system(self) -> bool:
        """Whether it belongs to Headgate itself."""
        return self.name.parts[:1] == (SYSTEM,)
