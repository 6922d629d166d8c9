"""Expressions: each kind of node has a method here, and a node of another kind is refused."""

from collections.abc import Callable
from typing import Protocol

from sqlglot import exp

from headgate.catalog.types import Array, Map, Structure, Type
from headgate.storage.query.analysis import cast_types, casts, functions, kinds, literals, node_parts, number_literals, operators, time_literals
from headgate.storage.query.analysis.call import FunctionCall, Session
from headgate.storage.query.analysis.scope import NameScope, field
from headgate.storage.query.analysis.value import Value, mismatch, refused
from headgate.storage.query.analysis.windows import Windows

_DEPTH_MAX = 200


class Subqueries(Protocol):
    """Analyses queries inside of expressions."""

    def scalar(self, tree: exp.Expression, scope: NameScope) -> tuple[str, tuple[tuple[str, Type], ...]]:
        """The query's text and columns. It may use the columns of the scope around it."""


class Expressions:
    """Analyses the expressions of one statement."""

    def __init__(self, session: Session, subqueries: Subqueries) -> None:
        self._session = session
        self._subqueries = subqueries
        self.windows = Windows(self.value)
        self._depth = 0
        self._lambdas = 0

    def value(self, tree: exp.Expression, scope: NameScope) -> Value:
        """The value of an expression."""
        self._depth += 1
        if self._depth > _DEPTH_MAX:
            raise refused(f"An expression of more than {_DEPTH_MAX} levels is not taken.")
        try:
            return self._value(tree, scope)
        finally:
            self._depth -= 1

    def boolean(self, tree: exp.Expression, scope: NameScope) -> str:
        """The text of a condition."""
        value = self.value(tree, scope)
        if value.kind not in {kinds.BOOLEAN, kinds.VOID}:
            raise mismatch(f"A condition is a BOOLEAN, and {value.name!r} is {kinds.sql(value.kind)}.")
        return casts.implicit(value, kinds.BOOLEAN, "a condition")

    def _value(self, tree: exp.Expression, scope: NameScope) -> Value:
        self._refuse_others(tree)
        operator = operators.BINARY.get(type(tree))
        if operator is not None:
            return operator(self.value(tree.this, scope), self.value(tree.expression, scope))
        method = _NODES.get(type(tree))
        if method is None:
            raise refused(f"{type(tree).__name__} is not taken in an expression.")
        return method(self, tree, scope)

    def _refuse_others(self, tree: exp.Expression) -> None:
        """Refuse a part of a node that no method here looks at: left out, it would change what the expression means."""
        taken = node_parts.of(tree)
        for part, value in tree.args.items():
            if value and part not in taken:
                raise refused(f"{part.strip('_').replace('_', ' ').upper()} is not taken with {type(tree).__name__}.")

    def _call(self, name: str, arguments: list[exp.Expression], scope: NameScope) -> FunctionCall:
        return FunctionCall(name, arguments, scope, self.value, self._session)

    # names and literals

    def _column(self, tree: exp.Expression, scope: NameScope) -> Value:
        if isinstance(tree.this, exp.Star):
            raise refused("A star is taken in a select list and in count(*) alone.")
        return scope.find([part.name for part in tree.parts])  # type: ignore[attr-defined]

    def _identifier(self, tree: exp.Expression, scope: NameScope) -> Value:
        return scope.find([tree.name])

    def _dot(self, tree: exp.Expression, scope: NameScope) -> Value:
        if not isinstance(tree.expression, exp.Identifier):
            raise refused("Behind a dot there is a field's name.")
        return field(self.value(tree.this, scope), tree.expression.name)

    def _literal(self, tree: exp.Expression, _scope: NameScope) -> Value:
        return literals.string(str(tree.this)) if tree.is_string else number_literals.number(str(tree.this))

    def _raw_string(self, tree: exp.Expression, _scope: NameScope) -> Value:
        return literals.string(str(tree.this))

    def _joined_strings(self, tree: exp.Expression, _scope: NameScope) -> Value:
        """`'a' 'b'`, which is one literal."""
        if not all(isinstance(part, exp.Literal) and part.is_string for part in tree.expressions):
            raise refused("Only quoted texts may follow each other.")
        return literals.string("".join(str(part.this) for part in tree.expressions))

    def _paren(self, tree: exp.Expression, scope: NameScope) -> Value:
        return self.value(tree.this, scope)

    # conditions

    def _not(self, tree: exp.Expression, scope: NameScope) -> Value:
        inner = self.value(tree.this, scope)
        of_null = isinstance(tree.this, exp.Is) and isinstance(tree.this.expression, exp.Null)
        name = f"({inner.name[1:-1].removesuffix(' IS NULL')} IS NOT NULL)" if of_null else f"(NOT {inner.name})"
        return Value(text=f"(NOT {casts.implicit(inner, kinds.BOOLEAN, 'NOT')})", kind=kinds.BOOLEAN, name=name)

    def _is(self, tree: exp.Expression, scope: NameScope) -> Value:
        inner = self.value(tree.this, scope)
        what = tree.expression
        if isinstance(what, exp.Null):
            return operators.is_null(inner)
        if isinstance(what, exp.Boolean):
            word = "true" if what.this else "false"
            text = casts.implicit(inner, kinds.BOOLEAN, "IS")
            return Value(text=f"({text} IS NOT DISTINCT FROM {word})", kind=kinds.BOOLEAN, name=f"({inner.name} <=> {word})")
        return operators.comparison("IS NOT DISTINCT FROM", "<=>")(inner, self.value(what, scope))

    def _between(self, tree: exp.Expression, scope: NameScope) -> Value:
        inner, low, high = (self.value(tree.args[part], scope) for part in ("this", "low", "high"))
        first, second = operators.comparison(">=")(inner, low), operators.comparison("<=")(inner, high)
        return Value(text=f"({first.text} AND {second.text})", kind=kinds.BOOLEAN, name=f"between({inner.name}, {low.name}, {high.name})")

    def _in(self, tree: exp.Expression, scope: NameScope) -> Value:
        if tree.args.get("query") is not None:
            return self._in_query(tree, scope)
        values = [self.value(tree.this, scope), *(self.value(one, scope) for one in tree.expressions)]
        kind = kinds.common_of(one.kind for one in values)
        if kind is None or len(values) == 1:
            raise mismatch(f"The values of {values[0].name} IN (…) have no type in common.")
        text, *others = (casts.implicit(one, kind, "IN") for one in values)
        name = f"({values[0].name} IN ({', '.join(one.name for one in values[1:])}))"
        return Value(text=f"({text} IN ({', '.join(others)}))", kind=kinds.BOOLEAN, name=name)

    def _in_query(self, tree: exp.Expression, scope: NameScope) -> Value:
        inner = self.value(tree.this, scope)
        query, columns = self._subqueries.scalar(tree.args["query"].this, scope)
        if len(columns) != 1:
            raise mismatch(f"The subquery of IN gives {len(columns)} columns, not one.")
        given = columns[0][1]
        if given == kinds.VOID:
            raise refused("IN with a subquery of NULL is not taken: cast the NULL to a type.")
        kind = kinds.common(inner.kind, given)
        if kind is None:
            raise mismatch(f"{kinds.sql(inner.kind)} and {kinds.sql(given)} are not compared by IN.")
        if kind != given:
            query = f"SELECT {casts.cast('q.c', given, kind)} FROM ({query}) AS q(c)"  # ruff: ignore[hardcoded-sql-expression] - analysed text
        return Value(text=f"({casts.implicit(inner, kind, 'IN')} IN ({query}))", kind=kinds.BOOLEAN, name=f"({inner.name} IN (listquery()))")

    def _case(self, tree: exp.Expression, scope: NameScope) -> Value:
        operand = None if tree.this is None else self.value(tree.this, scope)
        conditions: list[str] = []
        results: list[Value] = []
        shown = "CASE"
        for branch in tree.args["ifs"]:
            when = self.value(branch.this, scope)
            if operand is not None:
                when = operators.comparison("=")(operand, when)
            elif when.kind == kinds.VOID:
                raise mismatch("WHEN takes a BOOLEAN, not NULL.")
            conditions.append(casts.implicit(when, kinds.BOOLEAN, "CASE"))
            results.append(self.value(branch.args["true"], scope))
            shown += f" WHEN {when.name} THEN {results[-1].name}"
        default = tree.args.get("default")
        otherwise = self.value(default, scope) if default is not None else literals.null()
        shown += f" ELSE {otherwise.name} END" if default is not None else " END"
        return self._branches(conditions, results, otherwise, shown)

    def _if(self, tree: exp.Expression, scope: NameScope) -> Value:
        """`if(condition, one, other)`."""
        condition = self.value(tree.this, scope)
        one = self.value(tree.args["true"], scope)
        false = tree.args.get("false")
        if false is None:
            raise refused("The `if` requires 3 parameters.", "WRONG_NUM_ARGS")
        other = self.value(false, scope)
        name = f"(IF({condition.name}, {one.name}, {other.name}))"
        return self._branches([casts.implicit(condition, kinds.BOOLEAN, "if")], [one], other, name)

    def _branches(self, conditions: list[str], results: list[Value], otherwise: Value, name: str) -> Value:
        kind = kinds.common_of(one.kind for one in (*results, otherwise))
        if kind is None:
            raise mismatch(f"The branches of {name[:80]} have no type in common.")
        texts = [casts.implicit(one, kind, "CASE") for one in results]
        branches = " ".join(f"WHEN {condition} THEN {text}" for condition, text in zip(conditions, texts, strict=True))
        return Value(text=f"(CASE {branches} ELSE {casts.implicit(otherwise, kind, 'CASE')} END)", kind=kind, name=name)

    # casts, parts, calls

    def _cast(self, tree: exp.Expression, scope: NameScope) -> Value:
        number = number_literals.of(tree)
        if number is not None:
            return number
        to = cast_types.named(tree.args["to"])
        if tree.args.get("typed"):
            return time_literals.value(str(tree.this.this), to)
        inner = self.value(tree.this, scope)
        return Value(text=casts.cast(inner.text, inner.kind, to), kind=to, name=casts.shown("CAST", inner, to), title=casts.title(tree.this, inner))

    def _try_cast(self, tree: exp.Expression, scope: NameScope) -> Value:
        inner, to = self.value(tree.this, scope), cast_types.named(tree.args["to"])
        text = casts.tried(inner.text, inner.kind, to)
        return Value(text=text, kind=to, name=casts.shown("TRY_CAST", inner, to), title=casts.title(tree.this, inner))

    def _negative(self, tree: exp.Expression, scope: NameScope) -> Value:
        number = number_literals.of(tree.this, "-")  # the least number of a type is one literal with its sign
        if number is not None:
            return number
        return operators.negative(self.value(tree.this, scope))

    def _bits_negated(self, tree: exp.Expression, scope: NameScope) -> Value:
        inner = self.value(tree.this, scope)
        if not kinds.is_integral(inner.kind):
            raise mismatch(f"~ takes a whole number, not {kinds.sql(inner.kind)}.")
        return Value(text=f"(~{inner.text})", kind=inner.kind, name=f"~{inner.name}")

    def _bracket(self, tree: exp.Expression, scope: NameScope) -> Value:
        if len(tree.expressions) != 1:
            raise refused("One value is taken in brackets.")
        inner, key = self.value(tree.this, scope), self.value(tree.expressions[0], scope)
        return element(inner, key)

    def _function(self, tree: exp.Expression, scope: NameScope) -> Value:
        return self._called(self._call(tree.name, list(tree.expressions), scope), scope)

    def _called(self, call: FunctionCall, scope: NameScope) -> Value:
        if functions.meaning_of(call.name).sort != "scalar":
            return self.windows.aggregate(call, scope)
        return functions.value(call)

    def _without_parentheses(self, tree: exp.Expression, scope: NameScope) -> Value:
        name = (
            "current_date" if isinstance(tree, exp.CurrentDate) else "current_timestamp" if isinstance(tree, exp.CurrentTimestamp) else "current_user"
        )
        return functions.value(self._call(name, [], scope))

    def _array(self, tree: exp.Expression, scope: NameScope) -> Value:
        return functions.value(self._call("array", list(tree.expressions), scope))

    def _written(self, tree: exp.Expression, scope: NameScope) -> Value:
        """A function with a grammar of its own, such as `substring(text FROM 2)`."""
        name, parts = _GRAMMAR[type(tree)]
        arguments = [tree.args.get(part) for part in parts]
        return functions.value(self._call(name, [one for one in arguments if one is not None], scope))

    def _like(self, tree: exp.Expression, scope: NameScope) -> Value:
        """`LIKE`, and `LIKE ANY` and `ALL`, where NOT is of each pattern."""
        negate = bool(tree.args.get("negate"))
        name = "ilike" if isinstance(tree, exp.ILike) else "like"
        pattern = tree.expression
        if isinstance(pattern, (exp.Any, exp.All)):
            patterns = pattern.this.expressions if isinstance(pattern.this, exp.Tuple) else [pattern.this.unnest()]
            joined = [functions.value(self._call(name, [tree.this, one], scope)) for one in patterns]
            return operators.joined_patterns(joined, self.value(tree.this, scope).name, any_one=isinstance(pattern, exp.Any), negate=negate)
        found = functions.value(self._call(name, [tree.this, pattern], scope))
        return _negated(found) if negate else found

    def _escaped(self, tree: exp.Expression, scope: NameScope) -> Value:
        like = tree.this
        name = "ilike" if isinstance(like, exp.ILike) else "like"
        found = functions.value(self._call(name, [like.this, like.expression, tree.expression], scope))
        return _negated(found) if like.args.get("negate") else found

    def _extract(self, tree: exp.Expression, scope: NameScope) -> Value:
        unit = exp.Literal.string(tree.this.name)
        return functions.value(self._call("extract", [unit, tree.expression], scope))

    def _trim(self, tree: exp.Expression, scope: NameScope) -> Value:
        name = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(str(tree.args.get("position") or "").upper(), "trim")
        characters = tree.args.get("expression")
        arguments = [tree.this] if characters is None else [characters, tree.this]
        return functions.value(self._call(name, arguments, scope))

    def _json_path(self, tree: exp.Expression, _scope: NameScope) -> Value:
        """The path of `:` as `get_json_object` takes it."""
        parts: list[str] = []
        for part in tree.expressions:
            match part:
                case exp.JSONPathRoot():
                    parts.append("$")
                case exp.JSONPathKey() if isinstance(part.this, str):
                    parts.append(f".{part.this}" if part.this.isidentifier() else f"['{part.this}']")
                case exp.JSONPathSubscript() if isinstance(part.this, int):
                    parts.append(f"[{part.this}]")
                case exp.JSONPathSubscript() if isinstance(part.this, exp.JSONPathWildcard):
                    parts.append("[*]")
                case _:
                    raise refused("A path names fields and elements.")
        return literals.string("".join(parts))

    def _any(self, tree: exp.Expression, scope: NameScope) -> Value:
        return self._called(self._call("any", [tree.this.unnest()], scope), scope)

    def _windowed(self, tree: exp.Expression, scope: NameScope) -> Value:
        return self.windows.value(tree, scope, lambda name, arguments: self._call(name, arguments, scope))

    # subqueries

    def _subquery(self, tree: exp.Expression, scope: NameScope) -> Value:
        inner = tree.this if isinstance(tree, exp.Subquery) else tree
        text, columns = self._subqueries.scalar(inner, scope)
        if len(columns) != 1:
            raise refused(f"A scalar subquery gives one column, and this one {len(columns)}.", "INVALID_SUBQUERY_EXPRESSION")
        return Value(text=f"({text})", kind=columns[0][1], name="scalarsubquery()")

    def _exists(self, tree: exp.Expression, scope: NameScope) -> Value:
        inner = tree.this
        if not isinstance(inner, exp.Query):
            raise refused("EXISTS takes a subquery, or an array and a lambda.")
        text, _ = self._subqueries.scalar(tree.this.this if isinstance(inner, exp.Subquery) else tree.this, scope)
        return Value(text=f"(EXISTS ({text}))", kind=kinds.BOOLEAN, name="exists()")


def _negated(value: Value) -> Value:
    return Value(text=f"(NOT {value.text})", kind=kinds.BOOLEAN, name=f"(NOT {value.name})")


def element(inner: Value, key: Value) -> Value:
    """`array[place]`, which is an error beyond the end, and `map[key]`, which is NULL without the key."""
    name = f"{inner.name}[{key.name}]"
    match inner.kind:
        case Array(kind):
            place = casts.implicit(key, kinds.INT if key.kind != kinds.BIGINT else kinds.BIGINT, "[]")
            return Value(text=f"databricks_item({inner.text}, {place})", kind=kind, name=name)
        case Map(wanted, kind):
            return Value(text=f"element_at({inner.text}, {casts.implicit(key, wanted, '[]')})[1]", kind=kind, name=name)
        case Structure() if isinstance(key.constant, str) and key.kind == kinds.STRING:
            return field(inner, key.constant)
        case _:
            raise refused(f"Can't extract a value from {inner.name!r}: it needs an ARRAY or a MAP.", "INVALID_EXTRACT_BASE_FIELD_TYPE")


_GRAMMAR: dict[type[exp.Expression], tuple[str, tuple[str, ...]]] = {
    exp.RegexpLike: ("rlike", ("this", "expression")),
    exp.Substring: ("substring", ("this", "start", "length")),  # with FROM
    exp.StrPosition: ("locate", ("substr", "this")),  # with IN
    exp.Overlay: ("overlay", ("this", "expression", "from_", "for_")),
    exp.JSONExtract: (":", ("this", "expression")),
}
"""Functions that the parser has classes for, by the name that they have here and the order of their parts."""
_Method = Callable[[Expressions, exp.Expression, NameScope], Value]
_E = Expressions
# ruff: ignore[private-member-access] on the lines below: the table is a part of the class
_NODES: dict[type[exp.Expression], _Method] = {
    exp.Column: _E._column,
    exp.Identifier: _E._identifier,
    exp.Dot: _E._dot,
    exp.Literal: _E._literal,
    exp.RawString: _E._raw_string,
    exp.Concat: _E._joined_strings,
    exp.Boolean: lambda _self, tree, _scope: literals.truth(bool(tree.this)),
    exp.Null: lambda _self, _tree, _scope: literals.null(),
    exp.HexString: lambda _self, tree, _scope: literals.binary(tree.name),
    exp.Interval: lambda _self, tree, _scope: literals.interval(tree),
    exp.Paren: _E._paren,
    exp.Not: _E._not,
    exp.Is: _E._is,
    exp.Between: _E._between,
    exp.In: _E._in,
    exp.Case: _E._case,
    exp.If: _E._if,
    exp.Cast: _E._cast,
    exp.TryCast: _E._try_cast,
    exp.Neg: _E._negative,
    exp.BitwiseNot: _E._bits_negated,
    exp.Bracket: _E._bracket,
    exp.Anonymous: _E._function,
    exp.Array: _E._array,
    exp.Like: _E._like,
    exp.ILike: _E._like,
    exp.Escape: _E._escaped,
    exp.Extract: _E._extract,
    exp.Trim: _E._trim,
    **dict.fromkeys(_GRAMMAR, _E._written),
    exp.JSONPath: _E._json_path,
    exp.Any: _E._any,
    exp.Window: _E._windowed,
    exp.Filter: _E._windowed,
    exp.WithinGroup: _E._windowed,
    exp.IgnoreNulls: _E._windowed,
    exp.RespectNulls: _E._windowed,
    exp.Subquery: _E._subquery,
    exp.Exists: _E._exists,
    **dict.fromkeys((exp.CurrentDate, exp.CurrentTimestamp, exp.CurrentUser, exp.SessionUser), _E._without_parentheses),
}
