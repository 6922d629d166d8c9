"""The columns of tables as their own logs have them, where the catalog has others: a program that writes by path may have added one, and an older version has fewer.

A query is compiled with the catalog's columns. Where a table turns out to have others, it is compiled once more with these, which are remembered.
"""

from collections import OrderedDict
from collections.abc import Iterable

import msgspec

from headgate.admin.statement_ports import Relation, Relations, TableSource, ViewSource
from headgate.catalog import types
from headgate.catalog.names import Name
from headgate.catalog.types import Structure
from headgate.storage.query.compiled import AsOf, TableRead
from headgate.storage.query.table_files import TableVersion

_KEPT_MAX = 256


class ActualSchemas:
    """The columns of tables by their locations. Used on one event loop."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Structure] = OrderedDict()

    def over(self, relations: Relations, others: dict[str, Structure]) -> "ActualRelations":
        """The catalog with the columns that are known by now; `others` are those of this query alone."""
        return ActualRelations(relations, {**self._known, **others})

    def others(self, opened: Iterable[tuple[TableRead, TableVersion]]) -> dict[str, Structure]:
        """The columns of those tables that have others than the query was compiled with. Those of newest states are remembered."""
        found: dict[str, Structure] = {}
        for read, version in opened:
            if version.version < 0 or read.source.part is not None or _same(read.source.schema, version.schema):
                continue
            found[read.source.location] = version.schema
            if read.as_of == AsOf():
                self._known[read.source.location] = version.schema
                while len(self._known) > _KEPT_MAX:
                    self._known.popitem(last=False)
        return found


class ActualRelations:
    """Implements `Relations` with these columns in place of the catalog's. `seen` are the tables that were looked up."""

    def __init__(self, relations: Relations, known: dict[str, Structure]) -> None:
        self._relations = relations
        self._known = known
        self.seen: list[TableSource] = []

    def resolve(self, name: Name) -> Relation:
        """What the name means, if this principal may read it."""
        return self._with(self._relations.resolve(name))

    def resolve_inside(self, view: ViewSource, name: Name) -> Relation:
        """What a name in the text of a view means."""
        return self._with(self._relations.resolve_inside(view, name))

    def _with(self, found: Relation) -> Relation:
        if not isinstance(found, TableSource) or found.part is not None:
            return found
        if found.location in self._known:
            found = msgspec.structs.replace(found, schema=self._known[found.location])
        self.seen.append(found)
        return found


def _same(one: Structure, other: Structure) -> bool:
    return one == other or types.text(one) == types.text(other)
