"""What a query's tree says of the rows that it can use: from which relations it reads, under which conditions, and which of their columns it hands on.

Reads sqlglot's tree after its names are resolved, and changes nothing in it. Whatever is not understood has no conditions and hands nothing on.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec
from sqlglot import exp

from headgate.storage.query import tree_nodes
from headgate.storage.query.bounds import FLIPPED, NEVER, Bound, ColumnComparison, Constant, Nullness, Operator, either, every
from headgate.storage.query.constant_syntax import constant

Columns = Mapping[str, frozenset[str]]
"""The names of the columns of tables, in small letters."""
_ColumnOf = Callable[[exp.Column], str | None]

_COMPARISONS: dict[type[exp.Expr], Operator] = {exp.EQ: "=", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">="}
_SOURCES_MAX = 16  # of one query; more are read whole
_NAMED = (exp.CTE, exp.Select, exp.Union, exp.Table)
# What a query may have besides conditions, so that a condition on its result is one on its rows.
_HANDS_ON = frozenset({"with_", "expressions", "from_", "joins", "laterals", "where", "order"})
_UNION_HANDS_ON = frozenset({"with_", "this", "expression", "distinct", "order"})


class RowSource(msgspec.Struct):
    """A relation that a query reads: a name, or a query of its own. `bound` holds for all of its rows that can be used, `kept` says that a condition on the
    result is one on these rows.
    """

    alias: str
    target: "str | Outline | None"
    bound: Bound | None = None
    kept: bool = True


class Outline(msgspec.Struct):
    """A query: what it reads, or the arms of a union. `names` are the columns of its result in order, as (name, source, column); `star` is the source all of
    whose columns are among them. `open` says that it hands conditions on its result on to what it reads.
    """

    sources: list[RowSource] = []
    arms: "list[Outline]" = []
    names: list[tuple[str, int, str]] = []
    star: int = -1
    open: bool = False

    def origin(self, name: str, columns: Columns) -> tuple[int, str] | None:
        """The source and its column that a column of the result is, if it is nothing else."""
        found = [(source, column) for each, source, column in self.names if each == name]
        if self.star < 0:
            return found[0] if len(found) == 1 and found[0][0] >= 0 else None
        target = self.sources[self.star].target
        if found or (isinstance(target, str) and target in columns and name not in columns[target]):
            return None
        return self.star, name

    def column_names(self) -> list[str]:
        """The names of its columns in order; none where a star is among them."""
        if self.arms:
            return self.arms[0].column_names()
        return [] if self.star >= 0 else [name for name, _, _ in self.names]


class Outliner:
    """Makes outlines of the queries of one tree. `columns` are the tables that are known, `named` the nodes of the tree that define or name a relation,
    `outlined` those of queries that have an outline.
    """

    def __init__(self, tree: exp.Expression, columns: Columns) -> None:
        self._columns = columns
        self._windowed: set[int] = set()
        self.named: list[exp.Expr] = []
        for node in tree_nodes.walk(tree):
            if isinstance(node, _NAMED):
                self.named.append(node)
            elif isinstance(node, exp.Window):
                self._windowed.add(id(node.find_ancestor(exp.Select)))
        self.outlined: set[int] = set()

    def outline(self, node: exp.Expr | None) -> Outline:
        """A query's outline."""
        while isinstance(node, exp.Subquery) and not _besides(node, {"this", "alias", "with_"}):
            node = node.this
        if isinstance(node, exp.Select):
            return self._select(node)
        if isinstance(node, exp.Union):
            self.outlined.add(id(node))
            arms = [self.outline(node.this), self.outline(node.expression)]
            return Outline(arms=arms, open=not _besides(node, _UNION_HANDS_ON))
        return Outline()

    def _select(self, node: exp.Select) -> Outline:
        self.outlined.add(id(node))
        sources = list(self._sources(node))
        scope = _Scope(sources, self._columns, lateral=bool(node.args.get("laterals")))
        if 0 < len(sources) <= _SOURCES_MAX:
            self._join(node, sources, scope)
        names, star, plain = _result(node, scope)
        return Outline(sources, [], names, star, plain and id(node) not in self._windowed and not _besides(node, _HANDS_ON))

    def _sources(self, node: exp.Select) -> Iterator[RowSource]:
        begins = node.args.get("from_")
        if begins is not None:
            yield self._source(begins.this)
        for join in node.args.get("joins") or ():
            yield self._source(join.this)

    def _source(self, node: exp.Expr) -> RowSource:
        alias = node.args.get("alias")
        name = alias.name.lower() if isinstance(alias, exp.TableAlias) else ""
        renames = isinstance(alias, exp.TableAlias) and bool(alias.columns)
        if isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
            whole = not renames and not _besides(node, {"this", "alias"})
            return RowSource(name, node.name if whole else None)
        if isinstance(node, exp.Subquery):
            whole = not renames and not _besides(node, {"this", "alias", "with_"})
            return RowSource(name, self.outline(node.this) if whole else None)
        return RowSource(name, None)

    def _join(self, node: exp.Select, sources: list[RowSource], scope: "_Scope") -> None:
        """Give every source the conditions that its rows must meet."""
        joins = node.args.get("joins") or ()
        for place, join in enumerate(joins, start=1):
            side, kind = _way(join)
            inner = not side and kind in {"", "INNER", "CROSS"}
            if not inner:
                keeps_left = kind in {"SEMI", "ANTI"} or (side == "LEFT" and kind in {"", "OUTER"})
                sources[place].kept = False
                if not keeps_left:
                    for source in sources[:place]:
                        source.kept, source.bound = False, None
            if inner or side == "LEFT":
                # The rows of the right side that fail it are joined with nothing.
                for left in range(0 if inner else place, place + 1):
                    if sources[left].kept or left == place:
                        sources[left].bound = every([sources[left].bound, scope.bound(join.args.get("on"), left)])
        where = node.args.get("where")
        for place, source in enumerate(sources):
            if source.kept and where is not None:
                source.bound = every([source.bound, scope.bound(where.this, place)])


def _way(join: exp.Join) -> tuple[str, str]:
    if str(join.args.get("method") or "").upper() not in {"", "NATURAL"}:
        return "ASOF", ""
    return str(join.args.get("side") or "").upper(), str(join.args.get("kind") or "").upper()


class _Scope:
    """The columns that the names of one query's conditions mean."""

    def __init__(self, sources: list[RowSource], columns: Columns, *, lateral: bool) -> None:
        self._sources = sources
        self._columns = columns
        self._lateral = lateral

    def find(self, column: exp.Column) -> tuple[int, str] | None:
        """The source, and the column's name in it."""
        if column.args.get("db") or not isinstance(column.this, exp.Identifier):
            return None
        name, qualifier = column.name.lower(), column.table.lower()
        if qualifier:
            found = [place for place, source in enumerate(self._sources) if source.alias == qualifier]
        elif len(self._sources) == 1:
            found = [] if self._lateral else [0]
        else:
            found = self._having(name)
        if len(found) != 1 or not self._has(found[0], name, qualifier):
            return None
        return found[0], name

    def _having(self, name: str) -> list[int]:
        """The sources that have the column, where all are tables."""
        if self._lateral or any(not isinstance(source.target, str) or source.target not in self._columns for source in self._sources):
            return []
        return [place for place, source in enumerate(self._sources) if name in self._columns[str(source.target)]]

    def _has(self, place: int, name: str, qualifier: str) -> bool:
        target = self._sources[place].target
        if not isinstance(target, str) or target not in self._columns:
            return target is not None
        # With a column of the qualifier's name it may be that column's field.
        return name in self._columns[target] and qualifier not in self._columns[target]

    def bound(self, node: exp.Expr | None, place: int) -> Bound | None:
        """What a condition says of the rows of one source."""

        def column_of(column: exp.Column) -> str | None:
            found = self.find(column)
            return found[1] if found is not None and found[0] == place else None

        return _bound(node, column_of)


def _besides(node: exp.Expression, known: Iterable[str]) -> bool:
    return any(value and key not in known for key, value in node.args.items())


def _result(node: exp.Select, scope: _Scope) -> tuple[list[tuple[str, int, str]], int, bool]:
    """The names of a query's columns, the source of a star, and whether all of it is understood."""
    names: list[tuple[str, int, str]] = []
    star, plain = -1, True
    for item in node.expressions:
        value = item.this if isinstance(item, exp.Alias) else item
        if isinstance(value, exp.Star) or (isinstance(value, exp.Column) and isinstance(value.this, exp.Star)):
            found = _starred(value, scope)
            plain = plain and star < 0 and found is not None
            star = found if found is not None else star
            continue
        origin = scope.find(value) if isinstance(value, exp.Column) else None
        names.append((item.alias_or_name.lower(), *(origin or (-1, ""))))
    return names, star, plain


def _starred(value: exp.Expression, scope: _Scope) -> int | None:
    sources, star = scope._sources, value.this if isinstance(value, exp.Column) else value  # ruff: ignore[private-member-access] the same module
    if _besides(star, ()):
        return None
    qualifier = value.table.lower() if isinstance(value, exp.Column) else ""
    found = [place for place, source in enumerate(sources) if not qualifier or source.alias == qualifier]
    return found[0] if len(found) == 1 and (qualifier or not scope._lateral) else None  # ruff: ignore[private-member-access] the same module


def _bound(node: exp.Expr | None, column_of: _ColumnOf) -> Bound | None:
    found = _CONDITIONS.get(type(node)) if isinstance(node, exp.Expression) else None
    return found(node, column_of) if found is not None and isinstance(node, exp.Expression) else None


def _paren(node: exp.Expression, column_of: _ColumnOf) -> Bound | None:
    return _bound(node.this, column_of)


def _and(node: exp.Expression, column_of: _ColumnOf) -> Bound | None:
    return every(_bound(part, column_of) for part in _flat(node, exp.And))


def _or(node: exp.Expression, column_of: _ColumnOf) -> Bound | None:
    return either(_bound(part, column_of) for part in _flat(node, exp.Or))


def _boolean(node: exp.Expression, _column_of: _ColumnOf) -> Bound | None:
    return None if node.this else NEVER


def _not(node: exp.Expression, column_of: _ColumnOf) -> Bound | None:
    return _nullness(node.this.unnest() if isinstance(node.this, exp.Paren) else node.this, column_of, null=False)


def _is(node: exp.Expression, column_of: _ColumnOf) -> Bound | None:
    return _nullness(node, column_of, null=True)


def _between(node: exp.Expression, column_of: _ColumnOf) -> Bound | None:
    if node.args.get("symmetric"):
        return None
    return every([_comparison(node.this, ">=", node.args.get("low"), column_of), _comparison(node.this, "<=", node.args.get("high"), column_of)])


def _in(node: exp.Expression, column_of: _ColumnOf) -> Bound | None:
    if _besides(node, {"this", "expressions"}) or not node.expressions:
        return None
    return either(_comparison(node.this, "=", value, column_of) for value in node.expressions)


def _compared(node: exp.Expression, column_of: _ColumnOf) -> Bound | None:
    operator = _COMPARISONS[type(node)]
    found = _comparison(node.this, operator, node.expression, column_of)
    return found if found is not None else _comparison(node.expression, FLIPPED[operator], node.this, column_of)


def _flat(node: exp.Expression, kind: type[exp.Expression]) -> Iterator[exp.Expr]:
    """The operands of a chain of one operator, which may be long."""
    left = [node]
    while left:
        each = left.pop()
        for part in (each.expression, each.this):
            if isinstance(part, kind):
                left.append(part)
            else:
                yield part


def _nullness(node: exp.Expr, column_of: _ColumnOf, *, null: bool) -> Bound | None:
    if not isinstance(node, exp.Is) or node.args.get("negate") or not isinstance(node.expression, exp.Null) or not isinstance(node.this, exp.Column):
        return None
    column = column_of(node.this)
    return None if column is None else Nullness(column, null)


def _comparison(node: exp.Expr, operator: Operator, other: exp.Expr | None, column_of: _ColumnOf) -> Bound | None:
    column = column_of(node) if isinstance(node, exp.Column) else None
    value: Constant | None = constant(other) if column is not None else None
    return None if column is None or value is None else ColumnComparison(column, operator, value)


_CONDITIONS: dict[type[exp.Expr], Callable[[exp.Expression, _ColumnOf], Bound | None]] = {
    exp.Paren: _paren,
    exp.And: _and,
    exp.Or: _or,
    exp.Boolean: _boolean,
    exp.Not: _not,
    exp.Is: _is,
    exp.Between: _between,
    exp.In: _in,
    **dict.fromkeys(_COMPARISONS, _compared),
}
