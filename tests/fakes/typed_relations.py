"""A catalog of two tables with columns, for what is derived from names of columns."""

import msgspec

from headgate.admin.statement_ports import Relation, TableSource
from headgate.catalog.names import Name
from headgate.catalog.types import Field, Primitive, Structure
from tests.fakes.relations import FakeRelations

COLUMNS = {"a": "long", "b": "string", "d": "date", "ts": "timestamp", "f": "double"}
SCHEMA = Structure(tuple(Field(name, Primitive(kind)) for name, kind in COLUMNS.items()))


class TypedRelations(FakeRelations):
    """`t` and `u` have these columns."""

    def _found(self, name: Name) -> Relation:
        found = super()._found(name)
        return msgspec.structs.replace(found, schema=SCHEMA) if isinstance(found, TableSource) else found
