"""Expressions whose value is the same for every row, as constants of bounds: literals, casts of them, the time of the query, and intervals before or after.

Reads sqlglot's tree as it is before anything is rewritten. What is not understood is no constant.
"""

from collections.abc import Callable

from sqlglot import exp

from headgate.storage.query.bounds import Constant, ConstantStep

_UNITS = {"MICROSECOND", "MILLISECOND", "SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR"}
_TYPES = {
    exp.DType.DATE: "date",
    exp.DType.TIMESTAMPTZ: "timestamp",
    exp.DType.TIMESTAMP: "timestamp",
    exp.DType.TIMESTAMPLTZ: "timestamp",
    exp.DType.TIMESTAMPNTZ: "timestamp_ntz",
    exp.DType.TEXT: "string",
    exp.DType.VARCHAR: "string",
    exp.DType.BIGINT: "long",
    exp.DType.INT: "long",
    exp.DType.SMALLINT: "long",
    exp.DType.TINYINT: "long",
    exp.DType.DOUBLE: "double",
    exp.DType.BOOLEAN: "boolean",
}
_FOLDED_MAX = 16  # levels of an expression


def constant(node: exp.Expr | None, levels: int = _FOLDED_MAX) -> Constant | None:
    """The constant that an expression is, if it is one that we fold."""
    found = _FOLDS.get(type(node)) if node is not None and levels else None
    return found(node, levels - 1) if found is not None and isinstance(node, exp.Expression) else None


def _literal(node: exp.Expression, _levels: int) -> Constant | None:
    return Constant("text" if node.is_string else "number", str(node.this))


def _boolean(node: exp.Expression, _levels: int) -> Constant | None:
    return Constant("text", "true" if node.this else "false", (ConstantStep("cast", "boolean"),))


def _negative(node: exp.Expression, _levels: int) -> Constant | None:
    inner = node.this
    return Constant("number", f"-{inner.this}") if isinstance(inner, exp.Literal) and not inner.is_string else None


def _paren(node: exp.Expression, levels: int) -> Constant | None:
    return constant(node.this, levels)


def _now(node: exp.Expression, _levels: int) -> Constant | None:
    return None if node.args.get("this") else Constant("now")


def _today(node: exp.Expression, _levels: int) -> Constant | None:
    return None if node.args.get("this") else Constant("today")


def _cast(node: exp.Expression, levels: int) -> Constant | None:
    to = node.args.get("to")
    kind = _TYPES.get(to.this) if isinstance(to, exp.DataType) and not to.expressions and not node.args.get("format") else None
    return _stepped(node.this, ConstantStep("cast", kind), levels) if kind is not None else None


def _called(node: exp.Expression, levels: int) -> Constant | None:
    """A call, by the function's name as it was written."""
    found = _CALLS.get((node.name.lower(), len(node.expressions)))
    return found(node.expressions, levels) if found is not None else None


def _date(arguments: list[exp.Expr], levels: int) -> Constant | None:
    """`date(…)`, `to_date(…)`."""
    return _stepped(arguments[0], ConstantStep("cast", "date"), levels)


def _truncated(arguments: list[exp.Expr], levels: int) -> Constant | None:
    """`date_trunc('DAY', …)`."""
    unit = _unit(arguments[0])
    return None if unit is None else _stepped(arguments[1], ConstantStep("trunc", unit), levels)


def _moved(sign: int) -> Callable[[exp.Expression, int], Constant | None]:
    def moved(node: exp.Expression, levels: int) -> Constant | None:
        step = _interval(node.expression, sign)
        if step is None:
            whole = _whole(node.expression)
            # Whole numbers are days, and only beside dates.
            step = ConstantStep("add", "DATE_DAY", sign * whole) if whole is not None else None
        if step is not None:
            return _stepped(node.this, step, levels)
        step = _interval(node.this, 1) if sign > 0 else None
        return _stepped(node.expression, step, levels) if step is not None else None

    return moved


def _added(arguments: list[exp.Expr], levels: int) -> Constant | None:
    """`dateadd(DAY, -7, …)`."""
    unit, count = _unit(arguments[0]), _whole(arguments[1])
    return None if unit is None or count is None else _stepped(arguments[2], ConstantStep("add", unit, count), levels)


def _days(sign: int) -> Callable[[list[exp.Expr], int], Constant | None]:
    """`date_add(…, 7)` and `date_sub(…, 7)`: the result is a date."""

    def days(arguments: list[exp.Expr], levels: int) -> Constant | None:
        count, day = _whole(arguments[1]), constant(arguments[0], levels)
        if count is None or day is None:
            return None
        return day.then(ConstantStep("cast", "date")).then(ConstantStep("add", "DATE_DAY", sign * count))

    return days


def _stepped(node: exp.Expr | None, step: ConstantStep, levels: int) -> Constant | None:
    found = constant(node, levels)
    return None if found is None else found.then(step)


def _interval(node: exp.Expr | None, sign: int) -> ConstantStep | None:
    if not isinstance(node, exp.Interval):
        return None
    unit, count = _unit(node.args.get("unit")), _whole(node.this, quoted=True)
    return None if unit is None or count is None else ConstantStep("add", unit, sign * count)


def _unit(node: exp.Expr | None) -> str | None:
    if not isinstance(node, (exp.Var, exp.Literal, exp.Column)):
        return None
    unit = node.name.upper()
    return unit if unit in _UNITS else unit.removesuffix("S") if unit.removesuffix("S") in _UNITS else None


def _whole(node: exp.Expr | None, *, quoted: bool = False) -> int | None:
    """A whole number that is written out, with signs before it."""
    match node:
        case exp.Literal():
            text = str(node.this).strip()
            digits = text.removeprefix("-") if quoted or not node.is_string else ""
            return int(text) if digits.isascii() and digits.isdigit() and len(digits) <= 9 else None
        case exp.Paren():
            return _whole(node.this, quoted=quoted)
        case exp.Neg():
            count = _whole(node.this)
            return None if count is None else -count
        case exp.Mul():
            one, other = _whole(node.this), _whole(node.expression)
            return None if one is None or other is None else one * other
        case _:
            return None


_CALLS: dict[tuple[str, int], Callable[[list[exp.Expr], int], Constant | None]] = {
    **{(name, 0): lambda _arguments, _levels: Constant("now") for name in ("current_timestamp", "now")},
    **{(name, 0): lambda _arguments, _levels: Constant("today") for name in ("current_date", "curdate")},
    **{(name, 1): _date for name in ("date", "to_date")},
    ("date_trunc", 2): _truncated,
    ("date_add", 2): _days(1),
    ("date_sub", 2): _days(-1),
    **{(name, 3): _added for name in ("date_add", "dateadd", "timestampadd")},
}
_FOLDS: dict[type[exp.Expr], Callable[[exp.Expression, int], Constant | None]] = {
    exp.Literal: _literal,
    exp.Boolean: _boolean,
    exp.Neg: _negative,
    exp.Paren: _paren,
    exp.CurrentTimestamp: _now,
    exp.CurrentDate: _today,
    exp.Cast: _cast,
    exp.Sub: _moved(-1),
    exp.Add: _moved(1),
    exp.Anonymous: _called,
}
