"""Which column a name means: the relations of one query level, the levels around it, and a lambda's variables."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from headgate.catalog.types import Array, Map, Structure, Type
from headgate.storage.query.analysis.value import ScopeColumn, Value, refused
from headgate.storage.query.duckdb_text import quoted


class NamedRelation:
    """A relation as expressions see it: the name before the dot, and its columns. `hidden` columns are found by the name before the dot alone."""

    __slots__ = ("_by_name", "columns", "hidden", "name")

    def __init__(self, name: str, columns: Sequence[ScopeColumn], hidden: frozenset[int] = frozenset()) -> None:
        self.name = name.lower()
        self.columns = tuple(columns)
        self.hidden = hidden  # places of columns that a USING has joined into one
        self._by_name: dict[str, list[ScopeColumn]] = {}

    def named(self, name: str) -> Sequence[ScopeColumn]:
        """The columns of this name."""
        if not self._by_name:
            for column in self.columns:
                self._by_name.setdefault(column.name.lower(), []).append(column)
        return self._by_name.get(name.lower(), ())


class Uses:
    """Collects the columns that are used while expressions are analysed, for each clause that is being analysed."""

    def __init__(self) -> None:
        self._open: list[set[ScopeColumn]] = []

    def add(self, column: ScopeColumn) -> None:
        """Note a use in all that is open."""
        for found in self._open:
            found.add(column)

    def begin(self) -> set[ScopeColumn]:
        """Collect from here; the set grows until `end`."""
        found: set[ScopeColumn] = set()
        self._open.append(found)
        return found

    def end(self) -> None:
        """Collect no more in what was begun last."""
        self._open.pop()


class NamedValue(msgspec.Struct, frozen=True):
    """A value that has a name in a query, and the columns that it reads."""

    value: Value
    uses: frozenset[ScopeColumn]


class WindowText(msgspec.Struct, frozen=True):
    """What is in the parentheses of OVER: as DuckDB takes it, and as a column's name shows it, with the frame apart."""

    text: str
    shown: str
    frame: str
    has_order: bool


class NameScope:
    """One query level. `aliases` are what its select list has named so far."""

    def __init__(self, uses: Uses, outer: "NameScope | None" = None) -> None:
        self.uses = uses
        self.outer = outer
        self.relations: list[NamedRelation] = []
        self.joined: dict[str, NamedValue] = {}  # columns that a USING has joined
        self.aliases: dict[str, NamedValue] = {}
        self.prefers_aliases = False  # in ORDER BY, the select list's names come first
        self.windows: dict[str, WindowText] = {}
        self.grouping_calls: list[tuple[str, tuple[str, ...]]] = []  # calls of `grouping` and `grouping_id` that were met, with their arguments
        self.zero_keys: dict[str, Type] = {}  # texts of keys of groups that may be negative zeros
        self.aggregates = 0  # aggregate calls that were met, so that a query without GROUP BY knows that it is one

    def inner(self) -> "NameScope":
        """A level inside of this one, for a subquery."""
        return NameScope(self.uses, self)

    def find(self, parts: Sequence[str]) -> Value:
        """The value of a dotted name. Raises where it means nothing, or two things."""
        scope: NameScope | None = self
        while scope is not None:
            found = scope._here(parts)  # ruff: ignore[private-member-access] - another level of the same kind
            if found is not None:
                return found
            scope = scope.outer
        shown = ".".join(f"`{part}`" for part in parts)
        known = sorted({column.name for relation in self.relations for column in relation.columns})
        raise refused(
            f"A column, variable, or function parameter with name {shown} cannot be resolved."
            + (f" There are: {', '.join(known[:12])}." if known else ""),
            "UNRESOLVED_COLUMN",
        )

    def columns_of(self, name: str) -> tuple[ScopeColumn, ...] | None:
        """The columns of the relation before a star."""
        found = [relation for relation in self.relations if relation.name == name.lower()]
        return found[0].columns if len(found) == 1 else None

    def visible(self) -> Iterator[NamedValue]:
        """What a bare star means."""
        yield from self.joined.values()
        for relation in self.relations:
            for place, column in enumerate(relation.columns):
                if place not in relation.hidden:
                    yield self.named(column)

    def named(self, column: ScopeColumn) -> NamedValue:
        """A column under its own name. Not noted as used."""
        return NamedValue(Value(text=column.text, kind=column.kind, name=column.name), frozenset({column}))

    def value(self, column: ScopeColumn) -> Value:
        """A column as an expression."""
        self.uses.add(column)
        return Value(text=column.text, kind=column.kind, name=column.name, is_column=True)

    def _here(self, parts: Sequence[str]) -> Value | None:
        first = parts[0].lower()
        if self.prefers_aliases and len(parts) == 1 and first in self.aliases:
            return self._used(self.aliases[first])
        if len(parts) > 1:
            qualified = [column for relation in self.relations if relation.name == first for column in relation.named(parts[1])]
            if qualified:
                return self._walk(self._only(qualified, parts), parts[1:])
        if first in self.joined:
            return fields(_written(self._used(self.joined[first]), parts[0]), parts[1:])
        named = [column for relation in self.relations for column in relation.named(first) if column.place not in relation.hidden]
        if named:
            return self._walk(self._only(named, parts[:1]), parts)
        if first not in self.aliases:
            return None
        return fields(_written(self._used(self.aliases[first]), f"lateralAliasReference({parts[0]})"), parts[1:])

    def _used(self, named: NamedValue) -> Value:
        for column in named.uses:
            self.uses.add(column)
        return named.value

    def _only(self, columns: Sequence[ScopeColumn], parts: Sequence[str]) -> ScopeColumn:
        if len(columns) > 1:
            raise refused(f"Reference `{'`.`'.join(parts)}` is ambiguous; put the relation's name before it.", "AMBIGUOUS_REFERENCE")
        return columns[0]

    def _walk(self, column: ScopeColumn, path: Sequence[str]) -> Value:
        return fields(_written(self.value(column), path[0]), path[1:])


class LambdaScope(NameScope):
    """A lambda's variables, before everything else."""

    def __init__(self, outer: NameScope, variables: Mapping[str, Value]) -> None:
        super().__init__(outer.uses, outer)
        self._variables = {name.lower(): value for name, value in variables.items()}

    def _here(self, parts: Sequence[str]) -> Value | None:
        found = self._variables.get(parts[0].lower())
        return None if found is None else fields(found, parts[1:])


def _written(value: Value, name: str) -> Value:
    """A value under its name as the query writes it, with capitals or without: so it is in the names of columns."""
    return msgspec.structs.replace(value, name=name)


def fields(value: Value, path: Sequence[str]) -> Value:
    """A field of a struct, of its struct, and so on."""
    for part in path:
        value = field(value, part)
    return value


def field(value: Value, name: str) -> Value:
    """A field of a struct; the list of it for an array of structs."""
    kind: Type = value.kind
    if isinstance(kind, Structure):
        for one in kind.fields:
            if one.name.lower() == name.lower():
                return Value(text=f"struct_extract({value.text}, '{_escaped(one.name)}')", kind=one.type, name=f"{value.name}.{name}")
        known = ", ".join(one.name for one in kind.fields)
        raise refused(f"No such struct field `{name}` in {known}.", "FIELD_NOT_FOUND")
    if isinstance(kind, Map):
        return Value(text=f"element_at({value.text}, '{_escaped(name)}')[1]", kind=kind.value, name=f"{value.name}[{name}]")
    if isinstance(kind, Array) and isinstance(kind.element, Structure):
        item = f"f{len(value.text)}"
        part = field(Value(text=item, kind=kind.element, name=name), name)
        return Value(text=f"list_transform({value.text}, lambda {item}: {part.text})", kind=Array(part.kind), name=f"{value.name}.{name}")
    raise refused(f"Can't extract a value from {value.name!r}: it needs a complex type, and is no STRUCT.", "INVALID_EXTRACT_BASE_FIELD_TYPE")


def _escaped(name: str) -> str:
    return name.replace("'", "''")


def reference(relation: str, column: str) -> str:
    """A column of a relation in DuckDB's text."""
    return f"{quoted(relation)}.{quoted(column)}"
