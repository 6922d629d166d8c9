"""Aggregates and functions of windows: DISTINCT, FILTER, WITHIN GROUP, IGNORE NULLS and OVER around a call."""

from collections.abc import Callable

import msgspec
from sqlglot import exp

from headgate.storage.query.analysis import casts, functions, kinds, nested_order
from headgate.storage.query.analysis.call import Analyse, FunctionCall
from headgate.storage.query.analysis.scope import NameScope, WindowText
from headgate.storage.query.analysis.value import Value, refused

_BOUNDS = {"UNBOUNDED": "UNBOUNDED", "CURRENT ROW": "CURRENT ROW"}


_ORDERED = frozenset({"listagg", "string_agg", "mode", "percentile_cont", "percentile_disc"})
"""Functions that heed the order of WITHIN GROUP."""
_WITH_NULLS = frozenset({"first", "first_value", "last", "last_value", "any_value", "lag", "lead", "nth_value"})


class Windows:
    """Analyses what is around a call of an aggregate. `analyse` makes the values of its arguments."""

    def __init__(self, analyse: Analyse) -> None:
        self._analyse = analyse

    def value(self, tree: exp.Expression, scope: NameScope, make: Callable[[str, list[exp.Expression]], FunctionCall]) -> Value:
        """A call with something around it."""
        condition = nulls = shown = ""
        over: WindowText | None = None
        order: list[exp.Expression] | None = None
        node = window = tree
        while not isinstance(node, (exp.Anonymous, exp.Any)):
            match node:
                case exp.Window():
                    over, window = self._over(node, scope), node
                case exp.Filter():
                    wanted = self._analyse(node.expression.this, scope)
                    condition = casts.implicit(wanted, kinds.BOOLEAN, "FILTER")
                    shown = f" FILTER (WHERE {wanted.name})"
                case exp.WithinGroup():
                    order = list(node.expression.expressions)
                case exp.IgnoreNulls():
                    nulls = " IGNORE NULLS"
                case exp.RespectNulls():
                    pass
                case _:
                    raise refused(f"{type(node).__name__} is not taken with OVER or FILTER.")
            node = node.this
        call = make("any" if isinstance(node, exp.Any) else node.name, [node.this] if isinstance(node, exp.Any) else list(node.expressions))
        call.condition, call.window, call.nulls = condition, "" if over is None else f" OVER {over.text}", nulls
        if order is not None:
            _check_order(call.name, window)
            call.order = tuple((self._analyse(key, scope), way) for key, way in map(direction, order))
        if isinstance(window, exp.Window) and functions.meaning_of(call.name).sort == "window":
            _check_place(call.name, window)
        found = self._called(call, scope, windowed=over is not None)
        return msgspec.structs.replace(found, name=found.name + shown + ("" if over is None else _shown(call, over)))

    def aggregate(self, call: FunctionCall, scope: NameScope) -> Value:
        """A call with nothing around it."""
        return self._called(call, scope, windowed=False)

    def _called(self, call: FunctionCall, scope: NameScope, *, windowed: bool) -> Value:
        meaning = functions.meaning_of(call.name)
        if meaning.sort == "window" and not windowed:
            raise refused(f"The function {call.name} needs OVER (…).", "WINDOW_FUNCTION_WITHOUT_OVER_CLAUSE")
        if meaning.sort not in {"aggregate", "window"}:
            code = "UNSUPPORTED_EXPR_FOR_WINDOW" if windowed else "INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX"
            raise refused(f"The function {call.name} is no aggregate: FILTER, OVER and the like are not taken with it.", code)
        self._unwrap(call)
        if call.nulls and call.name not in _WITH_NULLS:
            raise refused(f"IGNORE NULLS is not taken with {call.name}.", "FUNCTION_WITH_UNSUPPORTED_CLAUSE")
        if meaning.sort == "aggregate" and not windowed:
            scope.aggregates += 1
        return functions.value(call)

    def _unwrap(self, call: FunctionCall) -> None:
        """DISTINCT, and IGNORE NULLS where it is written inside of the parentheses."""
        arguments = list(call.arguments)
        if len(arguments) == 1 and isinstance(arguments[0], exp.Distinct):
            call.distinct = True
            arguments = list(arguments[0].expressions)
        for place, argument in enumerate(arguments):
            if isinstance(argument, (exp.IgnoreNulls, exp.RespectNulls)):
                call.nulls = " IGNORE NULLS" if isinstance(argument, exp.IgnoreNulls) else ""
                arguments[place] = argument.this
        call.arguments = tuple(arguments)

    def _over(self, tree: exp.Window, scope: NameScope) -> WindowText:
        if tree.args.get("alias") is not None and not any(tree.args.get(part) for part in ("partition_by", "order", "spec")):
            name = tree.args["alias"].name.lower()
            if name not in scope.windows:
                raise refused(f"The window {name} is not defined.", "MISSING_WINDOW_SPECIFICATION")
            return scope.windows[name]
        return self.specification(tree, scope)

    def specification(self, tree: exp.Window, scope: NameScope) -> WindowText:
        """What is in the parentheses of OVER, and of a named window."""
        parts, shown = [], []
        partition = tree.args.get("partition_by")
        if partition:
            values = [self._analyse(one, scope) for one in partition]
            parts.append("PARTITION BY " + ", ".join(value.text for value in values))
            shown.append("PARTITION BY " + ", ".join(value.name for value in values))
        order = tree.args.get("order")
        if order is not None:
            keys = [direction(one) for one in order.expressions]
            ordered = [(self._analyse(key, scope), way) for key, way in keys]
            parts.append("ORDER BY " + ", ".join(f"{nested_order.key(value.text, value.kind)} {way}" for value, way in ordered))
            shown.append("ORDER BY " + ", ".join(f"{value.name} {way}" for value, way in ordered))
        spec, frame = tree.args.get("spec"), ""
        if spec is not None:
            text, frame = self._frame(spec, scope)
            parts.append(text)
        return WindowText(f"({' '.join(parts)})", " ".join(shown), frame, order is not None)

    def _frame(self, spec: exp.WindowSpec, scope: NameScope) -> tuple[str, str]:
        """The frame as DuckDB takes it, and as it is shown."""
        start, start_shown = self._bound(spec.args.get("start"), spec.args.get("start_side"), scope)
        end = spec.args.get("end")
        sort = str(spec.args.get("kind") or "ROWS").upper()
        if end is None:
            return f"{sort} {start}", f"{sort} BETWEEN {start_shown} AND CURRENT ROW"
        last, last_shown = self._bound(end, spec.args.get("end_side"), scope)
        return f"{sort} BETWEEN {start} AND {last}", f"{sort} BETWEEN {start_shown} AND {last_shown}"

    def _bound(self, bound: object, side: object, scope: NameScope) -> tuple[str, str]:
        word = f" {side}" if side else ""
        if isinstance(bound, exp.Expression):
            value = self._analyse(bound, scope)
            return f"{value.text}{word}", f"{value.name}{word}"
        text = f"{_BOUNDS[str(bound).upper()]}{word}"
        return text, text


def _shown(call: FunctionCall, over: WindowText) -> str:
    """OVER in a column's name, where the frame is shown that a function has by itself."""
    if call.name in {"lag", "lead"}:
        rows = call.value(1).name if len(call) > 1 else "1"
        frame = "ROWS BETWEEN {0} FOLLOWING AND {0} FOLLOWING".format(f"-{rows}" if call.name == "lag" else rows)
    elif functions.meaning_of(call.name).sort == "window" and call.name != "cume_dist":
        frame = "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"
    elif over.has_order:
        frame = over.frame or "RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"
    else:
        frame = over.frame or "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"
    return f" OVER ({over.shown}{' ' if over.shown else ''}{frame})"


def _check_order(name: str, window: exp.Expression) -> None:
    """Refuse WITHIN GROUP with another function, and beside a window whose rows are ordered too."""
    functions.meaning_of(name)
    if name not in _ORDERED:
        raise refused(f"WITHIN GROUP is not taken with {name}.", "INVALID_SQL_SYNTAX")
    if isinstance(window, exp.Window) and window.args.get("alias") is not None:
        raise refused(f"A window by its name is not taken with {name} and WITHIN GROUP: write it out.")
    if isinstance(window, exp.Window) and (window.args.get("order") is not None or window.args.get("spec") is not None):
        raise refused(f"{name} with WITHIN GROUP takes no ORDER BY and no frame in OVER (…).", "INVALID_WINDOW_SPEC_FOR_AGGREGATION_FUNC")


def _check_place(name: str, window: exp.Window) -> None:
    """A function that counts rows needs an order, and takes no frame but the one that it has anyway, `nth_value` any. A window by its name is not looked at."""
    if window.args.get("alias") is not None:
        return
    if window.args.get("order") is None:
        raise refused(f"The window function {name} needs an ORDER BY in OVER (…).", "WINDOW_FUNCTION_FRAME_NOT_ORDERED")
    spec = window.args.get("spec")
    if spec is None or name == "nth_value":
        return
    parts = [str(spec.args.get(part) or "").upper() for part in ("kind", "start", "start_side", "end")]
    if parts != ["ROWS", "UNBOUNDED", "PRECEDING", "CURRENT ROW"] or name in {"lag", "lead"}:
        raise refused(f"A frame is not taken with {name}: leave it out.")


def direction(tree: exp.Expression) -> tuple[exp.Expression, str]:
    """The expression of a key of an ORDER BY, and its direction. NULL comes first in a rising order and last in a falling one, unless it is said otherwise."""
    if not isinstance(tree, exp.Ordered):
        return tree, "ASC NULLS FIRST"
    return tree.this, f"{'DESC' if tree.args.get('desc') else 'ASC'} NULLS {'FIRST' if tree.args.get('nulls_first') else 'LAST'}"
