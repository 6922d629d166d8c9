"""FROM clauses: tables, subqueries, VALUES, joins and functions that give rows; each relation gets a new alias and shows its columns to the scope."""

from collections.abc import Mapping, Sequence
from itertools import starmap
from typing import Protocol

import msgspec
from sqlglot import exp

from headgate.catalog.types import Structure, Type
from headgate.storage.query.analysis import casts, kinds, pivot, rows
from headgate.storage.query.analysis.expressions import Expressions
from headgate.storage.query.analysis.plan import (
    Clauses,
    Cte,
    CteSource,
    JoinedSource,
    OutputColumn,
    PlanSource,
    QueryPlan,
    QuerySource,
    Stored,
    StoredSource,
    TextSource,
    column_name,
)
from headgate.storage.query.analysis.scope import NamedRelation, NamedValue, NameScope, reference
from headgate.storage.query.analysis.value import ScopeColumn, Value, mismatch, refused

_SIDES = {"": "JOIN", "INNER": "JOIN", "LEFT": "LEFT JOIN", "RIGHT": "RIGHT JOIN", "FULL": "FULL JOIN"}
_SEMI = frozenset({"SEMI", "ANTI"})


class Subplans(Protocol):
    """Analyses queries in a FROM clause, and knows common table expressions."""

    def plan(self, tree: exp.Expression, outer: NameScope | None = None) -> QueryPlan:
        """The query."""

    def cte(self, mark: str) -> Cte | None:
        """The common table expression that has this mark."""


class FromClauses:
    """Analyses the FROM clauses of one statement."""

    def __init__(self, plans: Subplans, expressions: Expressions, stored: Mapping[str, Stored | QueryPlan]) -> None:
        self._plans = plans
        self._expressions = expressions
        self._stored = stored
        self._pivoting: dict[str, tuple[_Made, str, Sequence[OutputColumn]]] = {}  # relations under a PIVOT, by the marks that stand for them
        self._count = 0

    def alias(self) -> str:
        """A new alias; no two relations of a statement have the same."""
        self._count += 1
        return f"t{self._count}"

    def from_clause(self, tree: exp.Select, scope: NameScope) -> list[JoinedSource]:
        """The relations of a SELECT, with its joins and LATERAL VIEWs."""
        begin = tree.args.get("from_")
        if begin is None:
            return []
        joined = self._relation(begin.this, scope, "")
        for join in tree.args.get("joins") or ():
            joined += self._join(join, scope)
        for lateral in tree.args.get("laterals") or ():
            joined.append(self._view(lateral, scope))
        return joined

    def values(self, tree: exp.Values, scope: NameScope) -> Clauses:
        """A FROM clause of VALUES alone."""
        return Clauses(joined=self._relation(tree, scope, ""))

    def generators(self, tree: exp.Select, scope: NameScope, clauses: Clauses) -> list[exp.Expression]:
        """The select list, with each function that gives rows replaced by the columns that it gives; its rows are joined."""
        found: list[exp.Expression] = []
        for item in tree.expressions:
            inner = item.this if isinstance(item, (exp.Alias, exp.Aliases)) else item
            if not rows.is_rows(inner):
                found.append(item)
                continue
            found += self._generated(item, inner, scope, clauses)
        return found

    def _generated(self, item: exp.Expression, inner: exp.Expression, scope: NameScope, clauses: Clauses) -> list[exp.Expression]:
        names = [item.alias] if isinstance(item, exp.Alias) else [name.name for name in item.expressions] if isinstance(item, exp.Aliases) else []
        uses = scope.uses.begin()
        made = rows.rows(inner, scope, self._expressions)
        scope.uses.end()
        clauses.uses |= uses
        outputs = rows.renamed(made.outputs, names)
        if made.outer and not clauses.joined:
            clauses.joined.append(JoinedSource("", TextSource("(SELECT 0)", self.alias(), 1)))
        source = TextSource(f"LATERAL ({made.text})", self.alias(), len(outputs))
        clauses.joined.append(_beside(source, outer=made.outer) if clauses.joined else JoinedSource("", source))
        name = f"headgate rows {source.alias}"
        relation = show(name, source, outputs, scope)
        relation.hidden = frozenset(range(len(outputs)))
        return [
            exp.Alias(this=exp.column(output.name, table=name, quoted=True), alias=exp.to_identifier(output.name, quoted=True)) for output in outputs
        ]

    # one relation

    def _relation(self, tree: exp.Expression, scope: NameScope, word: str) -> list[JoinedSource]:
        made, name, outputs = self._source(tree, scope)
        alias = tree.args.get("alias")
        if alias is not None and not tree.args.get("pivots"):  # before a PIVOT it is the name of what is pivoted
            name = alias.name or name
            outputs = rows.renamed(outputs, [column.name for column in alias.columns], "ASSIGNMENT_ARITY_MISMATCH")
        source, stored = made
        show(name, source, outputs, scope, stored)
        joined = [JoinedSource(word, source)]
        for inner in tree.args.get("joins") or ():
            joined += self._join(inner, scope)
        for lateral in tree.args.get("laterals") or ():
            joined.append(self._view(lateral, scope))
        return joined

    def _source(self, tree: exp.Expression, scope: NameScope) -> tuple["_Made", str, Sequence[OutputColumn]]:
        if tree.args.get("sample") is not None:
            raise refused("TABLESAMPLE is not taken; use a condition such as `rand() < 0.1` in a program that reads the files.")
        if tree.args.get("pivots"):
            return self._pivoted(tree, scope)
        match tree:
            case exp.Table() if isinstance(tree.this, exp.Identifier):
                return self._named(tree.name)
            case exp.Table():
                return self._function(tree.this, scope)
            case exp.Subquery():
                plan = self._plans.plan(_inner(tree))
                return (QuerySource(plan, self.alias()), ()), "", plan.outputs
            case exp.Values():
                return self._values(tree, scope)
            case exp.Lateral() if isinstance(tree.this, exp.Subquery):
                plan = self._plans.plan(tree.this.this, scope)
                return (QuerySource(plan, self.alias(), lateral=True), ()), "", plan.outputs
            case exp.Lateral():
                return self._function(tree.this, scope)
            case _:
                raise refused(f"{type(tree).__name__} is not taken in a FROM clause.")

    def _pivoted(self, tree: exp.Expression, scope: NameScope) -> tuple["_Made", str, Sequence[OutputColumn]]:
        """`PIVOT (aggregates FOR column IN (values))`: the other columns are the groups, and each value has a column for each aggregate."""
        inner = tree.copy()
        pivots = inner.args.pop("pivots")
        inner.set("alias", None)
        if len(pivots) != 1:
            raise refused("One PIVOT or UNPIVOT is taken for a relation.")
        make = pivot.unpivoted if pivots[0].args.get("unpivot") else pivot.pivoted
        alias = tree.args.get("alias")
        source, name, outputs = self._source(inner, NameScope(scope.uses))
        made = source, name, rows.renamed(outputs, [column.name for column in alias.columns] if alias is not None else [])
        mark = f"headgate pivoted {len(self._pivoting)}"
        self._pivoting[mark] = made
        shown = None if alias is None or alias.this is None else exp.TableAlias(this=alias.this.copy())
        relation = exp.Table(this=exp.to_identifier(mark, quoted=True), alias=shown)
        plan = self._plans.plan(make(relation, pivots[0], [output.name for output in made[2]]))
        return (QuerySource(plan, self.alias()), ()), pivots[0].alias or "", plan.outputs

    def _named(self, mark: str) -> tuple["_Made", str, Sequence[OutputColumn]]:
        if mark in self._pivoting:
            return self._pivoting[mark]
        cte = self._plans.cte(mark)
        if cte is not None:
            return (CteSource(cte, self.alias()), ()), mark, cte.plan.outputs
        found = self._stored.get(mark)
        if found is None:
            raise refused(f"The relation {mark[:80]!r} is not known.", "TABLE_OR_VIEW_NOT_FOUND")
        if isinstance(found, Stored):
            return (StoredSource(found.view, self.alias()), tuple(output.name for output in found.outputs)), mark, found.outputs
        return (QuerySource(found, self.alias()), ()), mark, found.outputs

    def _function(self, tree: exp.Expression, scope: NameScope) -> tuple["_Made", str, Sequence[OutputColumn]]:
        made = rows.rows(tree, scope, self._expressions)
        source = TextSource(f"LATERAL ({made.text})", self.alias(), len(made.outputs))
        return (source, ()), made.name, made.outputs

    def _values(self, tree: exp.Values, scope: NameScope) -> tuple["_Made", str, Sequence[OutputColumn]]:
        """`VALUES (1, 'a'), (2, 'b')`: columns `col1`, `col2`, each of the type that its values have in common."""
        empty = scope.inner()
        table = [
            [self._expressions.value(one, empty) for one in (row.expressions if isinstance(row, exp.Tuple) else [row])] for row in tree.expressions
        ]
        if any(len(row) == 1 and isinstance(row[0].kind, Structure) for row in table):
            raise refused("A row of VALUES that is one STRUCT has a column for each field: list the values themselves.")
        if len({len(row) for row in table}) != 1:
            raise refused("The rows of VALUES have different numbers of columns.", "INVALID_INLINE_TABLE")
        types = [kinds.common_of(row[place].kind for row in table) for place in range(len(table[0]))]
        if any(kind is None for kind in types):
            raise refused("The values of a column have no type in common.", "INVALID_INLINE_TABLE")
        found: list[Type] = [kind for kind in types if kind is not None]
        texts = ", ".join("(" + ", ".join(starmap(_as, zip(row, found, strict=True))) + ")" for row in table)
        source = TextSource(f"(VALUES {texts})", self.alias(), len(found))
        return (source, ()), "", [OutputColumn(f"col{place}", kind) for place, kind in enumerate(found, start=1)]

    # joins

    def _join(self, tree: exp.Join, scope: NameScope) -> list[JoinedSource]:
        side, kind = str(tree.args.get("side") or "").upper(), str(tree.args.get("kind") or "").upper()
        earlier = list(scope.relations)
        natural = str(tree.args.get("method") or "").upper() == "NATURAL"
        semi = kind in _SEMI
        word = _word(side, kind)
        joined = self._relation(tree.this, scope, f" {word} ")
        added = scope.relations[len(earlier) :]
        using = [name.name for name in tree.args.get("using") or ()]
        if natural:
            using = _shared(earlier, added, scope)
        if using:
            condition = self._using(using, side, earlier, added, scope)
        else:
            on = tree.args.get("on")
            condition = "" if on is None else self._expressions.boolean(on, scope)
        if not condition and word != "CROSS JOIN":
            if word == "JOIN":
                word, joined = "CROSS JOIN", [msgspec.structs.replace(joined[0], word=" CROSS JOIN "), *joined[1:]]
            else:
                condition = "true"
        if semi:
            del scope.relations[len(earlier) :]
        if condition:
            joined = [*joined[:-1], msgspec.structs.replace(joined[-1], condition=f"{joined[-1].condition} ON {condition}")]
        return joined

    def _using(self, names: Sequence[str], side: str, earlier: Sequence[NamedRelation], added: Sequence[NamedRelation], scope: NameScope) -> str:
        conditions = []
        for name in names:
            left = scope.joined.get(name.lower()) or scope.named(_only(earlier, name))
            column = _only(added, name)
            right = scope.named(column)
            kind = kinds.common(left.value.kind, column.kind)
            if kind is None:
                raise mismatch(f"USING ({name}): {kinds.sql(left.value.kind)} and {kinds.sql(column.kind)} are not compared.")
            first, second = casts.implicit(left.value, kind, "USING"), casts.implicit(right.value, kind, "USING")
            conditions.append(f"({first} = {second})")
            for used in (*left.uses, *right.uses):
                scope.uses.add(used)
            text = {"RIGHT": second, "FULL": f"coalesce({first}, {second})"}.get(side, first)
            for relation in (*earlier, *added):
                relation.hidden |= {place for place, one in enumerate(relation.columns) if one.name.lower() == name.lower()}
            scope.joined[name.lower()] = NamedValue(Value(text=text, kind=kind, name=left.value.name), left.uses | right.uses)
        return " AND ".join(conditions)

    def _view(self, tree: exp.Lateral, scope: NameScope) -> JoinedSource:
        """`LATERAL VIEW [OUTER] explode(…) name AS column`."""
        made = rows.rows(tree.this, scope, self._expressions)
        alias = tree.args.get("alias")
        outputs = rows.renamed(made.outputs, [column.name for column in alias.columns] if alias is not None else [])
        source = TextSource(f"LATERAL ({made.text})", self.alias(), len(outputs))
        show(alias.name if alias is not None else "", source, outputs, scope)
        return _beside(source, outer=made.outer or bool(tree.args.get("outer")))


_Made = tuple[PlanSource, tuple[str, ...]]
"""A source, and the names of its columns where they are not ours."""


def show(name: str, source: PlanSource, outputs: Sequence[OutputColumn], scope: NameScope, stored: Sequence[str] = ()) -> NamedRelation:
    """Show a relation's columns to the scope. `stored` are the names that a table has for them."""
    columns = [
        ScopeColumn(output.name, output.kind, reference(source.alias, stored[place] if stored else column_name(place)), source, place)
        for place, output in enumerate(outputs)
    ]
    relation = NamedRelation(name, columns)
    scope.relations.append(relation)
    return relation


def _beside(source: PlanSource, *, outer: bool) -> JoinedSource:
    """Rows that each row before them gives. `outer` keeps a row that gives none."""
    return JoinedSource(" LEFT JOIN ", source, " ON true") if outer else JoinedSource(" CROSS JOIN ", source)


def _word(side: str, kind: str) -> str:
    if kind in _SEMI:
        return f"{kind} JOIN"
    if kind == "CROSS":
        return "CROSS JOIN"
    found = _SIDES.get(side)
    if found is None or kind not in {"", "INNER", "OUTER"}:
        raise refused(f"{side} {kind} JOIN is not taken.")
    return found


def _shared(earlier: Sequence[NamedRelation], added: Sequence[NamedRelation], scope: NameScope) -> list[str]:
    here = {column.name.lower() for relation in added for column in relation.columns}
    names = [*scope.joined, *(column.name for relation in earlier for place, column in enumerate(relation.columns) if place not in relation.hidden)]
    return [name for name in dict.fromkeys(names) if name.lower() in here]


def _only(relations: Sequence[NamedRelation], name: str) -> ScopeColumn:
    found = [
        column
        for relation in relations
        for place, column in enumerate(relation.columns)
        if column.name.lower() == name.lower() and place not in relation.hidden
    ]
    if len(found) != 1:
        raise refused(f"USING ({name}): each side needs one column of this name.", "UNRESOLVED_USING_COLUMN_FOR_JOIN")
    return found[0]


def _inner(tree: exp.Subquery) -> exp.Expression:
    """A subquery's query; what follows it in the FROM clause is not the query's."""
    if not isinstance(tree.this, exp.Query):
        raise refused("Parentheses around a join are not taken; write the join without them.")
    inner: exp.Expression = tree.args["this"]
    return inner


def _as(value: Value, kind: Type) -> str:
    return f"CAST(NULL AS {kinds.duckdb(kind)})" if value.kind == kinds.VOID else casts.implicit(value, kind, "VALUES")
