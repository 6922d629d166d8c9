"""Queries: SELECT, set operations, VALUES and WITH. Every level has its scope; every column its Databricks type."""

from collections.abc import Mapping, Sequence

import msgspec
from sqlglot import exp

from headgate.admin.statement_ports import Query
from headgate.catalog.types import Map, Structure, Type
from headgate.storage.query.analysis import casts, kinds, zeros
from headgate.storage.query.analysis.call import Session
from headgate.storage.query.analysis.expressions import Expressions
from headgate.storage.query.analysis.from_clauses import FromClauses, show
from headgate.storage.query.analysis.group_by import GroupBy
from headgate.storage.query.analysis.plan import (
    Clauses,
    Cte,
    JoinedSource,
    OrderKey,
    OutputColumn,
    QueryPlan,
    QuerySource,
    SelectItem,
    SelectPlan,
    SetPlan,
    Stored,
    WithPlan,
    everything,
)
from headgate.storage.query.analysis.rows import renamed
from headgate.storage.query.analysis.scope import NamedValue, NameScope, Uses, field
from headgate.storage.query.analysis.select_list import has_aggregate, is_path, is_star, ordinal, refuse_order
from headgate.storage.query.analysis.value import mismatch, refused
from headgate.storage.query.analysis.windows import direction

_SELECT_PARTS = frozenset(
    {"with_", "expressions", "from_", "joins", "laterals", "where", "group", "having", "windows", "qualify", "distinct", "order", "limit", "offset"}
)  # fmt: skip
_OUTER_PARTS = frozenset({
    "this",
    "expression",
    "expressions",
    "alias",
    "with_",
    "order",
    "limit",
    "offset",
    "distinct",
    "by_name",
    "side",
    "kind",
    "on",
})


class QueryAnalysis:
    """Analyses the queries of one statement. `stored` are tables and views by the marks that stand for them in the tree."""

    def __init__(self, query: Query, stored: Mapping[str, Stored | QueryPlan]) -> None:
        self.session = Session(query)
        self._expressions = Expressions(self.session, self)
        self._relations = FromClauses(self, self._expressions, stored)
        self._ctes: dict[str, Cte] = {}

    def plan(self, tree: exp.Expression, outer: NameScope | None = None) -> QueryPlan:
        """The query."""
        uses = outer.uses if outer is not None else Uses()
        defined = tree.args.get("with_")
        if defined is None:
            return self._body(tree, uses, outer)
        ctes = [self._cte(cte, recursive=bool(defined.recursive)) for cte in defined.expressions]
        return WithPlan(ctes, self._body(tree, uses, outer))

    def scalar(self, tree: exp.Expression, scope: NameScope) -> tuple[str, tuple[tuple[str, Type], ...]]:
        """A query inside of an expression: its text and columns."""
        plan = self.plan(tree, scope)
        return plan.text(everything(plan)), tuple((output.name, output.kind) for output in plan.outputs)

    def cte(self, mark: str) -> Cte | None:
        """The common table expression that has this mark."""
        return self._ctes.get(mark)

    def _body(self, tree: exp.Expression, uses: Uses, outer: NameScope | None) -> QueryPlan:
        match tree:
            case exp.Select():
                return self._select(tree, uses, outer)
            case exp.SetOperation():
                return self._ordered(self._set_operation(tree, outer), tree, uses, outer)
            case exp.Subquery():
                return self._ordered(self.plan(tree.this, outer), tree, uses, outer)
            case exp.Values():
                scope = NameScope(uses, outer)
                return self._ordered(self._star_of(scope, self._relations.values(tree, scope)), tree, uses, outer)
            case _:
                raise refused(f"{type(tree).__name__} is not a query.")

    # WITH

    def _cte(self, tree: exp.CTE, *, recursive: bool) -> Cte:
        mark = tree.args["alias"].this.name
        inner = tree.this
        if recursive and isinstance(inner, exp.Union) and any(table.name == mark for table in inner.expression.find_all(exp.Table)):
            made = self._recursive(mark, tree, inner)
        else:
            made = Cte(mark, _renamed(self.plan(inner), [column.name for column in tree.args["alias"].columns]))
        self._ctes[mark] = made
        return made

    def _recursive(self, mark: str, tree: exp.CTE, inner: exp.Union) -> Cte:
        """The first arm settles names and types, and the second reads them."""
        names = [column.name for column in tree.args["alias"].columns]
        anchor = _renamed(self.plan(inner.this), names)
        self._ctes[mark] = Cte(mark, anchor, recursive=True)
        step = self.plan(inner.expression)
        word = "UNION" if inner.args.get("distinct") else "UNION ALL"
        if [one.kind for one in step.outputs] != [one.kind for one in anchor.outputs]:
            raise mismatch("The arms of a recursive common table expression give columns of other types: cast them.")
        found = self._ctes[mark]
        found.plan = SetPlan(word, anchor, step, anchor.outputs)
        return found

    # set operations

    def _set_operation(self, tree: exp.SetOperation, outer: NameScope | None) -> QueryPlan:
        left, right = self.plan(tree.this, outer), self.plan(tree.expression, outer)
        word = {exp.Union: "UNION", exp.Intersect: "INTERSECT", exp.Except: "EXCEPT"}[type(tree)]
        if tree.args.get("by_name"):
            raise refused(f"{word} BY NAME is not Databricks' SQL: list the columns of both sides.", "PARSE_SYNTAX_ERROR")
        if len(left.outputs) != len(right.outputs):
            raise refused(
                f"{word} can only be performed on inputs with the same number of columns, but the first has {len(left.outputs)} columns and the second "
                f"{len(right.outputs)}.", "NUM_COLUMNS_MISMATCH",
            )  # fmt: skip
        outputs = []
        for first, second in zip(left.outputs, right.outputs, strict=True):
            kind = kinds.common(first.kind, second.kind)
            if kind is None:
                raise refused(f"{word}: {kinds.sql(first.kind)} and {kinds.sql(second.kind)} have no type in common.", "INCOMPATIBLE_COLUMN_TYPE")
            outputs.append(OutputColumn(first.name, kind))
        return SetPlan(word if tree.args.get("distinct", True) else f"{word} ALL", left, right, outputs)

    def _ordered(self, plan: QueryPlan, tree: exp.Expression, uses: Uses, outer: NameScope | None) -> QueryPlan:
        """A query with an ORDER BY or a LIMIT behind its parentheses."""
        self._refuse_others(tree, _OUTER_PARTS)
        if not any(tree.args.get(part) is not None for part in ("order", "limit", "offset")):
            return plan
        scope = NameScope(uses, outer)
        source = QuerySource(plan, self._relations.alias())
        show("", source, plan.outputs, scope)
        items = self._visible(scope)
        clauses = Clauses(joined=[JoinedSource("", source)])
        self._tail(tree, scope, items, clauses)
        return SelectPlan(items, clauses)

    def _star_of(self, scope: NameScope, clauses: Clauses) -> QueryPlan:
        return SelectPlan(self._visible(scope), clauses)

    def _visible(self, scope: NameScope) -> list[SelectItem]:
        return [SelectItem(named.value, named.uses) for named in scope.visible()]

    # SELECT

    def _select(self, tree: exp.Select, uses: Uses, outer: NameScope | None) -> QueryPlan:
        self._refuse_others(tree, _SELECT_PARTS)
        if not tree.expressions:
            raise refused("SELECT lists nothing.", "PARSE_SYNTAX_ERROR")
        scope = NameScope(uses, outer)
        clauses = Clauses()
        clauses.uses = uses.begin()
        clauses.joined = self._relations.from_clause(tree, scope)
        where = tree.args.get("where")
        if where is not None:
            clauses.where = self._expressions.boolean(where.this, scope)
            if scope.aggregates:
                raise refused("An aggregate is not taken in WHERE; use HAVING.", "INVALID_WHERE_CONDITION")
        self._named_windows(tree, scope, clauses)
        uses.end()
        generated = self._relations.generators(tree, scope, clauses)
        items = self._items(generated, scope)
        grouped = uses.begin()
        group_by = GroupBy(self._expressions, scope, items)
        clauses.group = group_by.text(tree)
        having, qualify = tree.args.get("having"), tree.args.get("qualify")
        if having is not None:
            clauses.having = self._expressions.boolean(having.this, scope)
        if qualify is not None:
            if has_aggregate(qualify.this, inside_windows=True):
                raise refused("QUALIFY takes no aggregate: give it a name in the select list, and use the name.", "UNRESOLVED_COLUMN")
            clauses.qualify = self._expressions.boolean(qualify.this, scope)
        uses.end()
        clauses.uses |= grouped
        distinct = tree.args.get("distinct")
        if distinct is not None:
            if distinct.args.get("on") is not None:
                raise refused("DISTINCT ON is not taken.")
            clauses.distinct = True
            if any(isinstance(item.value.kind, Map) for item in items):
                raise refused("DISTINCT is not taken with a MAP.", "UNSUPPORTED_FEATURE")
        self._tail(tree, scope, items, clauses)
        group_by.check_calls()
        items = zeros.grouped(zeros.distinct(items) if clauses.distinct else items, scope.zero_keys)
        clauses.aggregate = bool(clauses.group or clauses.having or scope.aggregates)
        return SelectPlan(items, clauses)

    def _refuse_others(self, tree: exp.Expression, taken: frozenset[str]) -> None:
        for part, value in tree.args.items():
            if value and part not in taken:
                raise refused(f"{part.strip('_').replace('_', ' ').upper()} is not taken in a query.")

    def _named_windows(self, tree: exp.Select, scope: NameScope, clauses: Clauses) -> None:
        texts = []
        for number, window in enumerate(tree.args.get("windows") or ()):
            found = self._expressions.windows.specification(window, scope)
            scope.windows[window.this.name.lower()] = msgspec.structs.replace(found, text=f"w{number}")
            texts.append(f"w{number} AS {found.text}")
        clauses.windows = ", ".join(texts)

    def _items(self, trees: Sequence[exp.Expression], scope: NameScope) -> list[SelectItem]:
        items: list[SelectItem] = []
        for tree in trees:
            items += self._star(tree, scope) if is_star(tree) else [self._item(tree, scope)]
        return items

    def _item(self, tree: exp.Expression, scope: NameScope) -> SelectItem:
        uses = scope.uses.begin()
        inner = tree.this if isinstance(tree, exp.Alias) else tree
        value = self._expressions.value(inner, scope)
        scope.uses.end()
        if isinstance(tree, exp.Alias):
            value = msgspec.structs.replace(value, name=tree.alias)
        elif is_path(inner):
            value = msgspec.structs.replace(value, name=inner.name)
        elif value.title:
            value = msgspec.structs.replace(value, name=value.title)
        item = SelectItem(value, frozenset(uses))
        if isinstance(tree, exp.Alias):
            scope.aliases[tree.alias.lower()] = NamedValue(value, item.uses)
        return item

    def _star(self, tree: exp.Expression, scope: NameScope) -> list[SelectItem]:
        star = tree.this if isinstance(tree, exp.Column) else tree
        self._refuse_others(star, frozenset({"except_"}))
        left_out = {one.name.lower() for one in star.args.get("except_") or ()}
        if isinstance(tree, exp.Column):
            found = self._qualified(tree, scope)
        else:
            found = list(scope.visible())
        if not found:
            raise refused("A star needs a FROM clause.", "INVALID_USAGE_OF_STAR_OR_REGEX")
        unknown = left_out - {named.value.name.lower() for named in found}
        if unknown:
            raise refused(f"EXCEPT names {', '.join(sorted(unknown))}, which is no column.", "UNRESOLVED_COLUMN")
        return [SelectItem(named.value, named.uses) for named in found if named.value.name.lower() not in left_out]

    def _qualified(self, tree: exp.Column, scope: NameScope) -> list[NamedValue]:
        """`t.*`, or the fields of a struct."""
        names = [part.name for part in tree.parts[:-1]]
        columns = scope.columns_of(names[-1]) if len(names) == 1 else None
        if columns is not None:
            return [scope.named(column) for column in columns]
        uses = scope.uses.begin()
        whole = scope.find(names)
        scope.uses.end()
        if not isinstance(whole.kind, Structure):
            raise refused(f"{'.'.join(names)}.* names no relation and no struct.", "CANNOT_RESOLVE_STAR_EXPAND")
        values = [msgspec.structs.replace(field(whole, one.name), name=one.name) for one in whole.kind.fields]
        return [NamedValue(value, frozenset(uses)) for value in values]

    # ORDER BY, LIMIT

    def _tail(self, tree: exp.Expression, scope: NameScope, items: Sequence[SelectItem], clauses: Clauses) -> None:
        order = tree.args.get("order")
        uses = scope.uses.begin()
        if order is not None:
            scope.prefers_aliases = True
            for item in items:
                scope.aliases.setdefault(item.value.name.lower(), NamedValue(item.value, item.uses))
            clauses.order = [key for one in order.expressions for key in self._order_keys(one, scope, items)]
            scope.prefers_aliases = False
        limit, offset = tree.args.get("limit"), tree.args.get("offset")
        if isinstance(limit, exp.Fetch):
            raise refused("FETCH is not Databricks' SQL: write LIMIT.", "PARSE_SYNTAX_ERROR")
        parts = []
        if limit is not None and limit.expression != exp.var("ALL"):
            parts.append(f"LIMIT {self._bound(limit.expression, scope)}")
        if offset is not None:
            parts.append(f"OFFSET {self._bound(offset.expression, scope)}")
        clauses.limit = " ".join(parts)
        if clauses.distinct and any(key.place is None for key in clauses.order):
            raise refused("SELECT DISTINCT is ordered by what is in its select list.", "UNRESOLVED_COLUMN")
        scope.uses.end()
        clauses.uses |= uses

    def _bound(self, tree: exp.Expression, scope: NameScope) -> str:
        return casts.implicit(self._expressions.value(tree, scope), kinds.INT, "LIMIT")

    def _order_keys(self, tree: exp.Expression, scope: NameScope, items: Sequence[SelectItem]) -> list[OrderKey]:
        """The key, or every column for ALL."""
        key, way = direction(tree)
        if isinstance(key, exp.Var) and key.name.upper() == "ALL":
            for item in items:
                refuse_order(item.value.kind)
            return [OrderKey(way, place) for place in range(len(items))]
        return [self._order_key(tree, scope, items)]

    def _order_key(self, tree: exp.Expression, scope: NameScope, items: Sequence[SelectItem]) -> OrderKey:
        key, way = direction(tree)
        place = ordinal(key)
        if place is not None:
            if not 1 <= place <= len(items):
                raise refused(f"ORDER BY position {place} is not in the select list, which has {len(items)} columns.", "ORDER_BY_POS_OUT_OF_RANGE")
            refuse_order(items[place - 1].value.kind)
            return OrderKey(way, place - 1)
        value = self._expressions.value(key, scope)
        refuse_order(value.kind)
        text = value.text if value.constant is None else f"({value.text} || '')" if value.kind == kinds.STRING else value.text
        found = next((place for place, item in enumerate(items) if item.value.text == text), None)
        return OrderKey(way, found, "" if found is not None else text)


def _renamed(plan: QueryPlan, names: Sequence[str]) -> QueryPlan:
    """A query under other column names."""
    plan.outputs = renamed(plan.outputs, names, "ASSIGNMENT_ARITY_MISMATCH")
    return plan
