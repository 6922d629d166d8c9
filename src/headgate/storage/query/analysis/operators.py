"""Operators: what both sides are cast to, the type that comes out, and DuckDB's text."""

from collections.abc import Callable, Sequence

from sqlglot import exp

from headgate.catalog.types import Array, Decimal, Map, Structure, Type
from headgate.storage.query.analysis import casts, kinds, nested_order
from headgate.storage.query.analysis.value import Value, mismatch, refused

_SIGN_DIGITS_MAX = 34
Operator = Callable[[Value, Value], Value]


def _named(left: Value, word: str, right: Value) -> str:
    return f"({left.name} {word} {right.name})"


def _wrong(left: Value, word: str, right: Value) -> Exception:
    if isinstance(left.kind, Structure) and isinstance(right.kind, Structure):
        return refused(f"{_named(left, word, right)} compares structs whose fields have other names or types, which is not taken: cast one of them.")
    for one, other in ((left, right), (right, left)):
        reckoned = (*kinds.INTERVALS, *kinds.TIMES) if word == "-" else kinds.INTERVALS
        if one.kind in reckoned and (kinds.is_number(other.kind) if word in {"*", "/"} else other.kind in {kinds.STRING, kinds.VOID}):
            return refused(f"{_named(left, word, right)} is not taken: cast the other side of an INTERVAL or a time, or count in seconds.")
    return mismatch(f"Cannot resolve {_named(left, word, right)!r}: the types {kinds.sql(left.kind)} and {kinds.sql(right.kind)} do not fit.")


def _numbers(left: Value, word: str, right: Value) -> Type:
    """The common type of two numbers; a text is taken for a number."""
    first = kinds.DOUBLE if left.kind == kinds.VOID == right.kind else left.kind
    found = kinds.common(first, right.kind)
    if found is None or not kinds.is_number(found):
        raise _wrong(left, word, right)
    return found


def _arithmetic(word: str) -> Operator:
    def value(left: Value, right: Value) -> Value:
        kind = _numbers(left, word, right)
        name = _named(left, word, right)
        sides = _side(left, kind), _side(right, kind)
        first, second = (casts.implicit(one, side, word) for one, side in zip((left, right), sides, strict=True))
        text = f"({first} {word} {second})"
        if not isinstance(kind, Decimal):
            return Value(text=text, kind=kind, name=name)
        result = decimal_result(word, *sides)
        if word == "*" and isinstance(result, Decimal) and (scale := sum(one.scale for one in sides if isinstance(one, Decimal))) > result.scale:
            text = f"databricks_product({first}, {second}, 1e{kinds.PRECISION_MAX - scale}, 1e{kinds.PRECISION_MAX - result.scale})"
        return Value(text=text if result == _duckdb_result(word, *sides) else f"CAST({text} AS {kinds.duckdb(result)})", kind=result, name=name)

    return value


def _side(one: Value, kind: Type) -> Type:
    """Decimals keep their own digits: the result has room for both. A whole number's literal has the digits that it is written with."""
    if not isinstance(kind, Decimal):
        return kind
    if kinds.is_integral(one.kind) and one.kind != kinds.TINYINT and isinstance(one.constant, str):
        return Decimal(len(one.constant.lstrip("-0")) or 1, 0)
    return kinds.decimal_of(one.kind) or kind


def _duckdb_result(word: str, left: Type, right: Type) -> Type | None:
    """The decimal that DuckDB makes of two."""
    if not isinstance(left, Decimal) or not isinstance(right, Decimal):
        return None
    if word == "*":
        return kinds.capped(left.precision + right.precision, left.scale + right.scale)
    scale = max(left.scale, right.scale)
    return kinds.capped(max(left.precision - left.scale, right.precision - right.scale) + scale + 1, scale)


def decimal_result(word: str, left: Type, right: Type) -> Type:
    """The digits of a result of decimals (https://spark.apache.org/docs/latest/sql-ref-ansi-compliance.html, `DecimalPrecision` of Spark)."""
    first, second = kinds.decimal_of(left) or Decimal(10, 0), kinds.decimal_of(right) or Decimal(10, 0)
    scale = max(first.scale, second.scale)
    match word:
        case "*":
            return kinds.bounded(first.precision + second.precision + 1, first.scale + second.scale)
        case "/":
            scale = max(6, first.scale + second.precision + 1)
            return kinds.bounded(first.precision - first.scale + second.scale + scale, scale)
        case "%":
            return kinds.bounded(min(first.precision - first.scale, second.precision - second.scale) + scale, scale)
        case _:
            return kinds.bounded(max(first.precision - first.scale, second.precision - second.scale) + scale + 1, scale)


def _add(left: Value, right: Value) -> Value:
    if left.kind in kinds.TIMES or left.kind in kinds.INTERVALS or right.kind in kinds.TIMES:
        first, second = (right, left) if right.kind in kinds.TIMES else (left, right)
        return _moved(first, "+", second)
    return _arithmetic("+")(left, right)


def _subtract(left: Value, right: Value) -> Value:
    if left.kind in kinds.TIMES and right.kind in kinds.TIMES:
        return _between(left, right)
    if left.kind in kinds.TIMES or left.kind in kinds.INTERVALS:
        return _moved(left, "-", right)
    return _arithmetic("-")(left, right)


def _between(left: Value, right: Value) -> Value:
    """The time between two days or moments."""
    name = _named(left, "-", right)
    if left.kind == right.kind == kinds.DATE:
        return Value(text=f"to_days(CAST({left.text} - {right.text} AS INTEGER))", kind=kinds.DAYS, name=name)
    kind = kinds.common(left.kind, right.kind) or kinds.TIMESTAMP
    first, second = casts.implicit(left, kind, "-"), casts.implicit(right, kind, "-")
    return Value(text=f"to_microseconds(epoch_us({first}) - epoch_us({second}))", kind=kinds.DAY_TIME, name=name)


def _moved(time: Value, word: str, by: Value) -> Value:
    """A day or moment that is moved by an interval, a day by a number of days, or an interval by another."""
    if time.kind in kinds.INTERVALS:
        kind = kinds.common(time.kind, by.kind)
        if kind not in kinds.INTERVALS:
            raise _wrong(time, word, by)
        return Value(text=f"({time.text} {word} {by.text})", kind=kind, name=_named(time, word, by))
    if time.kind == kinds.DATE and by.kind in {kinds.TINYINT, kinds.SMALLINT, kinds.INT}:
        name = f"{'date_add' if word == '+' else 'date_sub'}({time.name}, {by.name})"
        return Value(text=f"({time.text} {word} {casts.implicit(by, kinds.INT, word)})", kind=kinds.DATE, name=name)
    if by.kind == kinds.VOID:
        by = Value(text="CAST(NULL AS INTERVAL)", kind=kinds.DAY_TIME, name=by.name)
    if time.kind not in kinds.TIMES or by.kind not in kinds.INTERVALS:
        raise _wrong(time, word, by)
    if time.kind == kinds.DATE and by.kind == kinds.DAYS:
        days = f"extractansiintervaldays({by.name})"
        name = f"date_add({time.name}, {days if word == '+' else f'(- {days})'})"
        return Value(text=f"CAST({time.text} {word} {by.text} AS DATE)", kind=kinds.DATE, name=name)
    name = f"{time.name} {word} {by.name}"
    if time.kind == kinds.DATE and by.kind in kinds.YEAR_MONTHS:
        return Value(text=f"CAST({time.text} {word} {by.text} AS DATE)", kind=kinds.DATE, name=name)
    start = kinds.TIMESTAMP if time.kind == kinds.DATE else time.kind
    text = casts.implicit(time, start, word)
    if start == kinds.TIMESTAMP:  # in UTC, where a day is a day: without DuckDB's calendar
        return Value(text=f"make_timestamptz(epoch_us(make_timestamp(epoch_us({text})) {word} {by.text}))", kind=start, name=name)
    return Value(text=f"({text} {word} {by.text})", kind=start, name=name)


def _multiply(left: Value, right: Value) -> Value:
    for interval, factor in ((left, right), (right, left)):
        if interval.kind in kinds.INTERVALS and kinds.is_integral(factor.kind):
            kind = kinds.DAY_TIME if interval.kind in kinds.DAY_TIMES else kinds.YEAR_MONTH
            return Value(text=f"({interval.text} * {casts.implicit(factor, kinds.BIGINT, '*')})", kind=kind, name=_named(left, "*", right))
    return _arithmetic("*")(left, right)


def _divide(left: Value, right: Value) -> Value:
    """Whole numbers divide as DOUBLE. By zero is an error."""
    kind = _numbers(left, "/", right)
    name = _named(left, "/", right)
    if isinstance(kind, Decimal):
        return _decimal_division(left, right, name)
    first, second = (_as_double(one, kind) for one in (left, right))
    return Value(text=_guarded("/", first, second, right), kind=kinds.DOUBLE, name=name)


def _as_double(one: Value, kind: Type) -> str:
    """A side of a division. A text beside a whole number has to be one itself."""
    through = kinds.BIGINT if one.kind == kinds.STRING and kinds.is_integral(kind) else one.kind
    return casts.cast(casts.implicit(one, through, "/"), through, kinds.DOUBLE)


def _decimal_division(left: Value, right: Value, name: str) -> Value:
    text, kind = decimal_quotient(left, right, name, or_null=False)
    return Value(text=text, kind=kind, name=name)


def decimal_quotient(left: Value, right: Value, name: str, *, or_null: bool) -> tuple[str, Type]:
    """Of decimals, exactly: as whole numbers, rounded half up. DuckDB's own division of decimals gives a DOUBLE. By zero NULL where `or_null`."""
    common = Decimal(kinds.PRECISION_MAX, 0)
    first, second = _side(left, common), _side(right, common)
    result = decimal_result("/", first, second)
    if not isinstance(result, Decimal) or not isinstance(first, Decimal) or not isinstance(second, Decimal):
        raise _wrong(left, "/", right)
    over, under = (unscaled(casts.cast(one.text, one.kind, side), side) for one, side in ((left, first), (right, second)))
    shift = result.scale + second.scale - first.scale
    if not 0 <= shift <= kinds.PRECISION_MAX:
        raise mismatch(f"{name} divides decimals of these digits, which is not taken: cast one side to DOUBLE.")
    divisor, longest = f"nullif({under}, 0)" if or_null else under, 10 ** (kinds.PRECISION_MAX - shift)
    if first.precision + shift > kinds.PRECISION_MAX:
        if isinstance(left.constant, str) and kinds.is_number(left.kind) and abs(int(left.constant.replace(".", ""))) > longest:
            raise refused(f"{name} divides a number of so many digits, which is not taken: cast one side to DOUBLE.")
        quotient = f"databricks_long_quotient({over}, {divisor}, {10**shift}::HUGEINT, {longest}::HUGEINT)"
    else:
        quotient = f"databricks_quotient({over} * {10**shift}::HUGEINT, {divisor})"
    return f"CAST(CAST({quotient} AS DECIMAL(38,0)) * {unit(result.scale)} AS {kinds.duckdb(result)})", result


def unscaled(text: str, kind: Decimal) -> str:
    """A decimal as the whole number of its last digits."""
    return f"CAST({text} * CAST({10**kind.scale} AS DECIMAL({kind.scale + 1},0)) AS HUGEINT)" if kind.scale else f"CAST({text} AS HUGEINT)"


def unit(scale: int) -> str:
    """One of the last place of so many, as a decimal."""
    return f"CAST({'0.' + '0' * (scale - 1) + '1' if scale else '1'} AS DECIMAL({scale + 1},{scale}))"


def is_null(inner: Value) -> Value:
    """Whether a value is NULL. What a VARIANT holds may be a JSON null, which is none on Databricks."""
    if inner.kind == kinds.VARIANT and not inner.is_column:
        raise refused(f"Whether {inner.name!r} is NULL is not taken, as it is a VARIANT: cast it, as in ({inner.name}::STRING) IS NULL.")
    return Value(text=f"({inner.text} IS NULL)", kind=kinds.BOOLEAN, name=f"({inner.name} IS NULL)")


def negative(inner: Value) -> Value:
    """A number or an interval with the other sign."""
    refuse_digits(inner)
    if not kinds.is_number(inner.kind) and inner.kind not in kinds.INTERVALS:
        inner = Value(text=casts.implicit(inner, kinds.DOUBLE, "-"), kind=kinds.DOUBLE, name=inner.name)
    # DuckDB makes a wider number of a constant's negative, where Databricks fails.
    text = f"(0 - {inner.text})" if kinds.is_integral(inner.kind) and inner.constant is not None else f"(-{inner.text})"
    return Value(text=text, kind=inner.kind, name=f"(- {inner.name})")


def refuse_digits(inner: Value) -> None:
    """Refuse a decimal literal of more digits than Databricks keeps where it changes a sign."""
    if isinstance(inner.kind, Decimal) and inner.kind.precision > _SIGN_DIGITS_MAX and inner.constant is not None:
        raise refused(f"The sign of a number of {inner.kind.precision} digits is not changed.", "NUMERIC_VALUE_OUT_OF_RANGE")


def _guarded(word: str, first: str, second: str, right: Value) -> str:
    """A division whose divisor may be zero; a literal that is not needs no guard."""
    if isinstance(right.constant, str) and kinds.is_number(right.kind) and float(right.constant):
        return f"({first} {word} {second})"
    return f"databricks_divided({first}, {second})" if word == "/" else f"databricks_{'mod' if word == '%' else 'div'}({first}, {second})"


def remainder_parts(left: Value, right: Value) -> tuple[Type, str, str, Type]:
    """The type that both sides of `%` are cast to, the texts, and the type that comes out."""
    kind = _numbers(left, "%", right)
    first, second = casts.implicit(left, kind, "%"), casts.implicit(right, kind, "%")
    return kind, first, second, decimal_result("%", _side(left, kind), _side(right, kind)) if isinstance(kind, Decimal) else kind


def remainder(left: Value, right: Value) -> Value:
    """`%`, with the sign of the left side."""
    kind, first, second, result = remainder_parts(left, right)
    return Value(text=casts.cast(_guarded("%", first, second, right), kind, result), kind=result, name=_named(left, "%", right))


def _whole_division(left: Value, right: Value) -> Value:
    kind, name = _numbers(left, "div", right), _named(left, "div", right)
    if isinstance(kind, Decimal):
        over, under = (unscaled(casts.implicit(one, kind, "div"), kind) for one in (left, right))
        return Value(text=f"CAST({_guarded('//', over, under, right)} AS BIGINT)", kind=kinds.BIGINT, name=name)
    if not kinds.is_integral(kind):
        raise mismatch("div of numbers with a fraction is not taken: use floor(a / b).")
    first, second = casts.implicit(left, kinds.BIGINT, "div"), casts.implicit(right, kinds.BIGINT, "div")
    return Value(text=_guarded("//", first, second, right), kind=kinds.BIGINT, name=name)


def comparison(word: str, shown: str = "") -> Operator:
    """`=`, `<` and so on, on the common type."""

    def value(left: Value, right: Value) -> Value:
        kind = kinds.common(left.kind, right.kind)
        if kind is None or (not _is_comparable(kind)):
            raise _wrong(left, shown or word, right)
        first, second = casts.implicit(left, kind, word), casts.implicit(right, kind, word)
        if word[0] in "<>" and word != "<>":
            first, second = nested_order.key(first, kind), nested_order.key(second, kind)
        return Value(text=f"({first} {word} {second})", kind=kinds.BOOLEAN, name=_named(left, shown or word, right))

    return value


def _is_comparable(kind: Type) -> bool:
    match kind:
        case Map():
            return False
        case Array(element):
            return _is_comparable(element)
        case Structure(fields):
            return all(_is_comparable(field.type) for field in fields)
        case _:
            return kind != kinds.VARIANT


def _not_equal(left: Value, right: Value) -> Value:
    found = comparison("<>", "=")(left, right)
    return Value(text=found.text, kind=kinds.BOOLEAN, name=f"(NOT {found.name})")


def _distinct(left: Value, right: Value) -> Value:
    """`IS DISTINCT FROM`."""
    found = comparison("IS NOT DISTINCT FROM", "<=>")(left, right)
    return Value(text=f"(NOT {found.text})", kind=kinds.BOOLEAN, name=f"(NOT {found.name})")


def _logic(word: str) -> Operator:
    def value(left: Value, right: Value) -> Value:
        first, second = (casts.implicit(one, kinds.BOOLEAN, word) for one in (left, right))
        return Value(text=f"({first} {word} {second})", kind=kinds.BOOLEAN, name=_named(left, word, right))

    return value


def _bits(word: str, duckdb: str) -> Operator:
    def value(left: Value, right: Value) -> Value:
        kind = kinds.common(left.kind, right.kind)
        if kind is None or not kinds.is_integral(kind):
            raise _wrong(left, word, right)
        first, second = casts.implicit(left, kind, word), casts.implicit(right, kind, word)
        return Value(text=duckdb.format(first, second), kind=kind, name=_named(left, word, right))

    return value


def _concat(left: Value, right: Value) -> Value:
    name = f"concat({left.name}, {right.name})"
    if kinds.VOID in {left.kind, right.kind} and (isinstance(left.kind, Array) or isinstance(right.kind, Array)):
        raise _wrong(left, "||", right)
    if isinstance(left.kind, Array) and isinstance(right.kind, Array):
        kind = kinds.common(left.kind, right.kind)
        if kind is None:
            raise _wrong(left, "||", right)
        first, second = casts.implicit(left, kind, "||"), casts.implicit(right, kind, "||")
        return Value(text=f"CASE WHEN {first} IS NOT NULL AND {second} IS NOT NULL THEN list_concat({first}, {second}) END", kind=kind, name=name)
    if left.kind == right.kind == kinds.BINARY:
        return Value(text=f"({left.text} || {right.text})", kind=kinds.BINARY, name=name)
    first, second = (casts.implicit(one, kinds.STRING, "||") for one in (left, right))
    return Value(text=f"({first} || {second})", kind=kinds.STRING, name=name)


BINARY: dict[type[exp.Expression], Operator] = {
    exp.Add: _add,
    exp.Sub: _subtract,
    exp.Mul: _multiply,
    exp.Div: _divide,
    exp.IntDiv: _whole_division,
    exp.Mod: remainder,
    exp.EQ: comparison("="),
    exp.NEQ: _not_equal,
    exp.LT: comparison("<"),
    exp.LTE: comparison("<="),
    exp.GT: comparison(">"),
    exp.GTE: comparison(">="),
    exp.NullSafeEQ: comparison("IS NOT DISTINCT FROM", "<=>"),
    exp.NullSafeNEQ: _distinct,
    exp.And: _logic("AND"),
    exp.Or: _logic("OR"),
    exp.BitwiseAnd: _bits("&", "({} & {})"),
    exp.BitwiseOr: _bits("|", "({} | {})"),
    exp.BitwiseXor: _bits("^", "xor({}, {})"),
    exp.DPipe: _concat,
}
"""The operators of two sides, by sqlglot's classes."""


def joined_patterns(patterns: Sequence[Value], inner: str, *, any_one: bool, negate: bool) -> Value:
    """`LIKE ANY` and `LIKE ALL`, where NOT is of each pattern. `inner` is the name of what is compared."""
    negated = "NOT " if negate else ""
    lowered = patterns[0].name.startswith("ilike(")
    if any(one.name.endswith(" NULL") for one in patterns):
        shown = (" OR " if any_one else " AND ").join(f"(NOT {one.name})" if negate else one.name for one in patterns)
        text = (" OR " if any_one else " AND ").join(f"({negated}{one.text})" for one in patterns)
        return Value(text=f"({text})", kind=kinds.BOOLEAN, name=f"({shown})")
    shown = f"{'not' if negate else ''}like{'any' if any_one else 'all'}({f'lower({inner})' if lowered else inner})"
    text = (" OR " if any_one else " AND ").join(f"({negated}{one.text})" for one in patterns)
    return Value(text=f"({text})", kind=kinds.BOOLEAN, name=shown)
