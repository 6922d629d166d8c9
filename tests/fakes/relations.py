"""A catalog of a few tables for query tests: everything resolves below one folder; `secret` is forbidden, `v_…` are views of ours."""

from headgate.admin.statement_ports import Parameter, Query, Relation, Relations, TableSource, ViewSource
from headgate.catalog.names import DEFAULTS, Defaults, Name
from headgate.catalog.types import Structure, parse_columns
from headgate.core.errors import Forbidden, NotFound
from headgate.core.principal import Principal
from headgate.storage.query.compile import compile_query
from headgate.storage.query.compiled import Compiled

COLUMNS = Structure(
    parse_columns(
        "a: int, b: int, c: int, d: int, g: string, n: bigint, x: int, y: int, s: string, at: timestamp, day: date, price: decimal(10,2), ok: boolean, "
        "requester: string, arr: array<int>, m: map<string,int>, v: variant, resource: struct<attributes: struct<a: map<string,string>, x: struct<y: int>>>"
    )
)


class FakeRelations:
    """Tables by name, all with the same columns, and views by text. Remembers what was asked for."""

    def __init__(self, root: str = "/nowhere", tables: tuple[str, ...] = ("t", "u"), views: dict[str, str] | None = None) -> None:
        self._root, self._tables, self._views = root, tables, views or {}
        self.asked: list[str] = []

    def resolve(self, name: Name) -> Relation:
        """What this principal may read."""
        self.asked.append(str(name))
        if name.leaf == "secret":
            raise Forbidden(f"no SELECT on {name}", code="INSUFFICIENT_PERMISSIONS")
        return self._found(name)

    def resolve_inside(self, view: ViewSource, name: Name) -> Relation:
        """What a view of ours reads."""
        del view
        return self._found(name)

    def _found(self, name: Name) -> Relation:
        if name.leaf in self._views:
            return ViewSource(name, self._views[name.leaf])
        if name.leaf in {*self._tables, "secret"} and name.parts[:2] == ("main", "default"):
            return TableSource(name, f"{self._root}/{name.leaf}", COLUMNS)
        raise NotFound(f"[TABLE_OR_VIEW_NOT_FOUND] {name}", code="TABLE_OR_VIEW_NOT_FOUND")


def compile_text(
    text: str, principal: Principal, relations: Relations, parameters: tuple[Parameter, ...] = (), defaults: Defaults = DEFAULTS
) -> Compiled:
    """A query's text, compiled for this principal."""
    return compile_query(Query(text=text, principal=principal, defaults=defaults, parameters=parameters), relations)
