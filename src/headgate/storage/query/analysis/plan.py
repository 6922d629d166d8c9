"""Analysed queries, and how they are written as DuckDB's text: only the columns that something reads are written, at every level."""

from collections.abc import Collection, Sequence
from typing import Protocol

import msgspec

from headgate.catalog.types import Type
from headgate.storage.query.analysis import casts, zeros
from headgate.storage.query.analysis.scope import reference
from headgate.storage.query.analysis.value import ScopeColumn, Value
from headgate.storage.query.duckdb_text import quoted


class OutputColumn(msgspec.Struct, frozen=True):
    """A column of a query's answer."""

    name: str
    kind: Type


class Stored(msgspec.Struct, frozen=True):
    """A table that a query may read: the name of the view that opens it, and its columns."""

    view: str
    outputs: tuple[OutputColumn, ...]


class QueryPlan(Protocol):
    """A query that was analysed."""

    outputs: tuple[OutputColumn, ...]

    def text(self, wanted: Collection[int], names: Sequence[str] = ()) -> str:
        """DuckDB's text with these columns, by their places; named `c0`, `c1`, … by their places unless names for all are given."""


def everything(plan: QueryPlan) -> range:
    """The places of all columns."""
    return range(len(plan.outputs))


def column_name(place: int) -> str:
    """The name of a column between the levels of a query."""
    return f"c{place}"


def _named(place: int, names: Sequence[str]) -> str:
    return quoted(names[place] if names else column_name(place))


class PlanSource(Protocol):
    """A relation in a FROM clause."""

    alias: str

    def text(self, wanted: Collection[int]) -> str:
        """The relation with its alias; it has at least these columns."""


class StoredSource:
    """A table, by the name of the view that opens it."""

    def __init__(self, view: str, alias: str) -> None:
        self.alias = alias
        self._view = view

    def text(self, wanted: Collection[int]) -> str:
        """The view; DuckDB reads the columns that are used."""
        del wanted
        return f"{quoted(self._view)} AS {quoted(self.alias)}"


class QuerySource:
    """A subquery, or a view's query."""

    def __init__(self, plan: QueryPlan, alias: str, *, lateral: bool = False) -> None:
        self.alias = alias
        self._plan = plan
        self._lateral = "LATERAL " if lateral else ""

    def text(self, wanted: Collection[int]) -> str:
        """The subquery."""
        return f"{self._lateral}({self._plan.text(wanted)}) AS {quoted(self.alias)}"


class TextSource:
    """Rows whose text is settled: VALUES, rows of a function. `columns` is how many there are."""

    def __init__(self, text: str, alias: str, columns: int) -> None:
        self.alias = alias
        self._text = text
        self._columns = columns

    def text(self, wanted: Collection[int]) -> str:
        """The rows."""
        del wanted
        names = ", ".join(column_name(place) for place in range(self._columns))
        return f"{self._text} AS {quoted(self.alias)}({names})"


class Cte:
    """A common table expression. Its references say which of its columns they read, so it is written after them."""

    def __init__(self, mark: str, plan: QueryPlan, *, recursive: bool = False) -> None:
        self.mark = mark
        self.plan = plan
        self.recursive = recursive
        self.wanted: set[int] = set()
        self.read = False

    def text(self) -> str:
        """The definition."""
        wanted = sorted(everything(self.plan)) if self.recursive else sorted(self.wanted)
        names = f"({', '.join(column_name(place) for place in wanted)})" if self.recursive else ""
        return f"{quoted(self.mark)}{names} AS ({self.plan.text(wanted)})"


class CteSource:
    """A reference to a common table expression."""

    def __init__(self, cte: Cte, alias: str) -> None:
        self.alias = alias
        self._cte = cte

    def text(self, wanted: Collection[int]) -> str:
        """The name."""
        self._cte.wanted.update(wanted)
        self._cte.read = True
        return f"{quoted(self._cte.mark)} AS {quoted(self.alias)}"


class WithPlan:
    """A query behind its common table expressions."""

    def __init__(self, ctes: Sequence[Cte], body: QueryPlan) -> None:
        self.outputs = body.outputs
        self._ctes = tuple(ctes)
        self._body = body
        # Subqueries inside of expressions are written while they are analysed: what they read is read.
        self._read_by_expressions = {cte.mark: (frozenset(cte.wanted), cte.read) for cte in ctes}

    def text(self, wanted: Collection[int], names: Sequence[str] = ()) -> str:
        """The definitions that are read, and the query."""
        for cte in self._ctes:
            wanted_already, cte.read = self._read_by_expressions[cte.mark]
            cte.wanted = set(wanted_already)
        body = self._body.text(wanted, names)
        definitions = [cte.text() for cte in reversed(self._ctes) if cte.read]
        if not definitions:
            return body
        recursive = "RECURSIVE " if any(cte.recursive for cte in self._ctes) else ""
        return f"WITH {recursive}{', '.join(reversed(definitions))} {body}"


class JoinedSource(msgspec.Struct, frozen=True):
    """A source with what is before it in the FROM clause, and its condition."""

    word: str
    source: PlanSource
    condition: str = ""


class SelectItem(msgspec.Struct, frozen=True):
    """A column of a select list, and the columns that it reads."""

    value: Value
    uses: frozenset[ScopeColumn]


class OrderKey(msgspec.Struct, frozen=True):
    """A key of an ORDER BY: an item of the select list by its place, or a text; with its direction."""

    direction: str
    place: int | None = None
    text: str = ""


class Clauses(msgspec.Struct, kw_only=True):
    """What is beside the select list, as text, and the columns that it reads."""

    joined: list[JoinedSource] = []
    where: str = ""
    group: str = ""
    having: str = ""
    windows: str = ""
    qualify: str = ""
    order: list[OrderKey] = []
    limit: str = ""
    distinct: bool = False
    aggregate: bool = False  # whether the rows of the answer are groups
    uses: set[ScopeColumn] = set()


class SelectPlan:
    """A SELECT."""

    def __init__(self, items: Sequence[SelectItem], clauses: Clauses) -> None:
        self.items = tuple(items)
        self.clauses = clauses
        self.outputs = tuple(OutputColumn(item.value.name, item.value.kind) for item in self.items)

    def text(self, wanted: Collection[int], names: Sequence[str] = ()) -> str:
        """The SELECT with these items, and those that its order or its groups need."""
        clauses = self.clauses
        places = set(range(len(self.items))) if clauses.distinct else set(wanted) | {key.place for key in clauses.order if key.place is not None}
        if not places and clauses.aggregate and not clauses.group:
            places = {0}  # or it would be no aggregate
        used = set(clauses.uses).union(*(self.items[place].uses for place in places))
        listed = sorted(places)
        items = ", ".join(f"{self.items[place].value.text} AS {_named(place, names)}" for place in listed) or "1 AS c"
        parts = [f"SELECT {'DISTINCT ' if clauses.distinct else ''}{items}"]
        parts += self._from(used)
        parts += [
            f"{word} {text}"
            for word, text in (
                ("WHERE", clauses.where),
                ("GROUP BY", clauses.group),
                ("HAVING", clauses.having),
                ("WINDOW", clauses.windows),
                ("QUALIFY", clauses.qualify),
                ("ORDER BY", self._order(listed)),
            )
            if text
        ]
        if clauses.limit:
            parts.append(clauses.limit)
        return " ".join(parts)

    def _from(self, used: set[ScopeColumn]) -> list[str]:
        if not self.clauses.joined:
            return []
        read: dict[object, set[int]] = {}
        for column in used:
            read.setdefault(column.source, set()).add(column.place)
        pieces = [f"{one.word}{one.source.text(read.get(one.source, set()))}{one.condition}" for one in self.clauses.joined]
        return ["FROM " + "".join(pieces)]

    def _order(self, listed: Sequence[int]) -> str:
        return ", ".join(f"{key.text if key.place is None else listed.index(key.place) + 1} {key.direction}" for key in self.clauses.order)


class SetPlan:
    """UNION, INTERSECT or EXCEPT of two queries, whose columns are cast to what they have in common."""

    def __init__(self, word: str, left: QueryPlan, right: QueryPlan, outputs: Sequence[OutputColumn]) -> None:
        self.outputs = tuple(outputs)
        self._word = word
        self._sides = (left, right)

    def text(self, wanted: Collection[int], names: Sequence[str] = ()) -> str:
        """Both queries. Where duplicates count, all columns are needed."""
        places = sorted(wanted) if self._word == "UNION ALL" and wanted else sorted(everything(self))
        left, right = (self._side(side, places, names) for side in self._sides)
        return f"({left}) {self._word} ({right})"

    def _side(self, side: QueryPlan, places: Sequence[int], names: Sequence[str]) -> str:
        union = self._word == "UNION"
        if (
            not (union and any(zeros.may_be(output.kind) for output in self.outputs))
            and all(side.outputs[place].kind == self.outputs[place].kind for place in places)
            and isinstance(side, (SelectPlan, SetPlan))
            and not _extra(side, places)
        ):
            return side.text(places, names)
        inner = side.text(places)
        texts = [(place, casts.cast(reference("s", column_name(place)), side.outputs[place].kind, self.outputs[place].kind)) for place in places]
        items = ", ".join(f"{zeros.positive(text, self.outputs[place].kind) if union else text} AS {_named(place, names)}" for place, text in texts)
        return f"SELECT {items} FROM ({inner}) AS s"  # ruff: ignore[hardcoded-sql-expression] - analysed text


def _extra(side: QueryPlan, places: Sequence[int]) -> bool:
    """Whether a side writes more columns than it is asked for."""
    return isinstance(side, SelectPlan) and (
        (side.clauses.distinct and len(places) < len(side.items))
        or any(key.place is not None and key.place not in places for key in side.clauses.order)
    )
