"""The rows of `information_schema` as one principal may see them: what listings show to it, and the grants that `SHOW GRANTS` shows to it."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from headgate.admin.listings import moment
from headgate.admin.locations import url_of
from headgate.catalog import information_schema, types
from headgate.catalog.catalog import Catalog
from headgate.catalog.entries import Entry
from headgate.catalog.holders import holders_of, name_of
from headgate.catalog.names import METASTORE, Name
from headgate.catalog.privileges import GRANTABLE_ON, MANAGE, api_spelling
from headgate.catalog.types import Decimal, Field, Primitive, Type
from headgate.core.principal import Principal

Row = tuple[object, ...]
_BITS = {"byte": 8, "short": 16, "integer": 32, "long": 64, "float": 32, "double": 64}
_TIME_PRECISION = {"date": 0, "timestamp": 3, "timestamp_ntz": 3}
_NO_FORMAT = "UNKNOWN_DATA_SOURCE_FORMAT"  # of a view


class InformationRows:
    """Makes rows out of one snapshot of the catalog, for one principal."""

    def __init__(self, snapshot: Catalog, principal: Principal) -> None:
        self._snapshot = snapshot
        self._principal = principal
        self._made: Mapping[str, Callable[[list[Entry]], Iterator[Row]]] = {
            "catalogs": self._places,
            "schemata": lambda found: self._places(self._below(found)),
            "tables": lambda found: map(self._table, self._tables(found)),
            "columns": lambda found: (row for entry in self._tables(found) for row in _columns(entry)),
            "views": lambda found: (self._view(entry) for entry in self._tables(found) if entry.is_view),
            "table_privileges": lambda found: self._privileges(self._tables(found)),
            "schema_privileges": lambda found: self._privileges(self._below(found)),
            "catalog_privileges": self._privileges,
        }

    def rows(self, relation: Name) -> list[Row]:
        """The rows of a relation."""
        catalogs = [entry for entry in self._snapshot.listed(self._principal, METASTORE) if information_schema.is_about(relation, entry.name)]
        return list(self._made[relation.leaf](catalogs))

    def _below(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        for entry in entries:
            yield from self._snapshot.listed(self._principal, entry.name)

    def _tables(self, catalogs: Iterable[Entry]) -> Iterator[Entry]:
        return self._below(self._below(catalogs))

    def _places(self, entries: Iterable[Entry]) -> Iterator[Row]:
        for entry in entries:
            yield (*entry.name.parts, name_of(entry.owner), entry.comment or None, *_times(entry))

    def _table(self, entry: Entry) -> Row:
        kind = entry.table.table_type if entry.table is not None else ""
        taken = "NO" if entry.is_view or entry.is_system else "YES"
        stored = (_NO_FORMAT, None) if entry.is_view else ("DELTA", url_of(entry.location))
        return (*entry.name.parts, kind, taken, "PRESERVE", name_of(entry.owner), entry.comment or None, *_times(entry), *stored)

    def _view(self, entry: Entry) -> Row:
        # A view's text can hold what its readers must not know.
        own = entry.owner in holders_of(self._principal) or self._snapshot.allows(self._principal, MANAGE, entry.name)
        text = entry.table.view_text if entry.table is not None and own else None
        return (*entry.name.parts, text, "NONE", "NO", "NO", None, "NO")

    def _privileges(self, entries: Iterable[Entry]) -> Iterator[Row]:
        own = holders_of(self._principal)
        for entry in entries:
            shown = None if self._snapshot.allows(self._principal, MANAGE, entry.name) else own
            for place in entry.name.lineage()[1:]:
                inherited = "NONE" if place == entry.name else place.kind
                for holder, held in self._snapshot.grants.get(place, {}).items():
                    if shown is not None and holder not in shown:
                        continue
                    for privilege in sorted(held):
                        if entry.name.kind in GRANTABLE_ON[privilege]:
                            yield (None, name_of(holder), *entry.name.parts, api_spelling(privilege), "NO", inherited)


def _times(entry: Entry) -> Row:
    return (moment(entry.created_at_ms), entry.created_by, moment(entry.updated_at_ms), entry.updated_by)


def _columns(entry: Entry) -> Iterator[Row]:
    if entry.table is None:
        return
    changed = "NO" if entry.is_view or entry.is_system else "YES"
    partitions = {name: place for place, name in enumerate(entry.table.partitioned_by, start=1)}
    for place, field in enumerate(entry.table.schema.fields, start=1):
        yield (
            *entry.name.parts, field.name, place, None, "YES" if field.nullable else "NO", *_type(field), None, None, None, "NO", *([None] * 6), "NO", None,
            "NO", "NO", None, changed, partitions.get(field.name), field.comment or None,
        )  # fmt: skip


def _type(field: Field) -> Row:
    """From `full_data_type` to `datetime_precision`."""
    return (types.text(field.type), types.type_name(field.type), None, None, *_numbers(field.type), _precision_of_time(field.type))


def _numbers(kind: Type) -> Row:
    match kind:
        case Decimal(precision, scale):
            return (precision, 10, scale)
        case Primitive(name) if name in _BITS:
            return (_BITS[name], 2, None if name in {"float", "double"} else 0)
        case _:
            return (None, None, None)


def _precision_of_time(kind: Type) -> int | None:
    return _TIME_PRECISION.get(kind.name) if isinstance(kind, Primitive) else None
