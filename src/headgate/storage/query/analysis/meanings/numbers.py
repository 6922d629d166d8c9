"""Numbers. By zero, beyond a type's range and outside of a function's domain are as Databricks has them in ANSI mode."""

from headgate.catalog.types import Decimal
from headgate.storage.query.analysis import casts, kinds, nested_order, operators
from headgate.storage.query.analysis.call import FunctionCall
from headgate.storage.query.analysis.meaning import Meaning, form, not_taken, ruled, scalar
from headgate.storage.query.analysis.value import Value, mismatch, refused


def _plain_double(names: str, example: str, gives: str, text: str) -> Meaning:
    return scalar(names, form("double -> double", text), example=example, gives=gives)


def _extreme(call: FunctionCall) -> Value:
    """`greatest` and `least` leave NULL out."""
    call.counted(2, 256)
    kind = kinds.common_of(value.kind for value in call.values)
    texts = sum(value.kind == kinds.STRING for value in call.values)
    if kind is None or (texts and texts < sum(value.kind != kinds.VOID for value in call.values)):
        raise mismatch(f"The values of {call.name} have no type in common.")
    if nested_order.is_nested(kind):
        raise refused(f"{call.name} of {kinds.sql(kind)} is not taken: use CASE with comparisons.")
    arguments = ", ".join(casts.implicit(value, kind, call.name) for value in call.values)
    return call.gives(f"{call.name}({arguments})", kind)


def _mod(call: FunctionCall) -> Value:
    call.counted(2)
    found = operators.remainder(call.value(0), call.value(1))
    return call.gives(found.text, found.kind)


def _positive_remainder(call: FunctionCall) -> Value:
    """`pmod`, of decimals with the digits of `%`."""
    call.counted(2)
    kind, first, second, result = operators.remainder_parts(call.value(0), call.value(1))
    return call.gives(casts.cast(f"databricks_pmod({first}, {second})", kind, result), result)


def _positive(call: FunctionCall) -> Value:
    call.counted(1)
    value = call.value(0)
    kind = value.kind if kinds.is_number(value.kind) or value.kind in kinds.INTERVALS else kinds.DOUBLE
    return Value(text=casts.implicit(value, kind, "+"), kind=kind, name=f"(+ {value.name})")


def _abs(call: FunctionCall) -> Value:
    call.counted(1)
    value = call.value(0)
    if value.kind in kinds.INTERVALS:
        raise refused("abs of an INTERVAL is not taken.")
    operators.refuse_digits(value)
    kind = value.kind if kinds.is_number(value.kind) else kinds.DOUBLE
    return call.gives(f"abs({call.cast(0, kind)})", kind)


def _sign(call: FunctionCall) -> Value:
    call.counted(1)
    if call.value(0).kind in kinds.INTERVALS:
        raise refused(f"{call.name} of an INTERVAL is not taken: compare it with INTERVAL 0 DAY.")
    text = call.cast(0, kinds.DOUBLE)
    return call.gives(f"(CASE WHEN isnan({text}) OR {text} = 0 THEN {text} ELSE CAST(sign({text}) AS DOUBLE) END)", kinds.DOUBLE)


def _negative(call: FunctionCall) -> Value:
    call.counted(1)
    found = operators.negative(call.value(0))
    return call.gives(found.text, found.kind)


def _try_divide(call: FunctionCall) -> Value:
    call.counted(2)
    left, right = call.values
    kind = kinds.common(left.kind, right.kind)
    if isinstance(kind, Decimal):
        return call.gives(*operators.decimal_quotient(left, right, call.title, or_null=True))
    first, second = call.cast(0, kinds.DOUBLE), call.cast(1, kinds.DOUBLE)
    return call.gives(f"(CASE WHEN {second} <> 0 THEN {first} / {second} END)", kinds.DOUBLE)


MEANINGS: tuple[Meaning, ...] = (
    ruled("abs", _abs, example="abs(-1)", gives="1"),
    ruled("sign signum", _sign, example="sign(-4)", gives="-1.0"),
    ruled("positive", _positive, example="positive(1)", gives="1"),
    ruled("negative", _negative, example="negative(1)", gives="-1"),
    ruled("greatest least", _extreme, example="greatest(10, 9, 2)", gives="10"),
    ruled("mod", _mod, example="mod(7, 3)", gives="1"),
    _plain_double("exp", "exp(0)", "1.0", "exp($1)"),
    _plain_double("sqrt", "sqrt(4)", "2.0", "(CASE WHEN $1 < 0 THEN CAST('NaN' AS DOUBLE) ELSE sqrt($1) END)"),
    _plain_double("cbrt", "cbrt(27)", "3.0", "databricks_cbrt($1)"),
    _plain_double("ln", "ln(1)", "0.0", "(CASE WHEN $1 > 0 OR isnan($1) THEN ln($1) END)"),
    _plain_double("log10", "log10(10)", "1.0", "(CASE WHEN $1 > 0 OR isnan($1) THEN log10($1) END)"),
    _plain_double("log2", "log2(2)", "1.0", "(CASE WHEN $1 > 0 OR isnan($1) THEN log2($1) END)"),
    scalar(
        "log",
        form("double, double -> double", "(CASE WHEN $1 > 0 AND $2 > 0 THEN ln($2) / ln($1) END)"),
        form("double -> double", "(CASE WHEN $1 > 0 OR isnan($1) THEN ln($1) END)", "LOG(E(), $1)"),
        example="log(10, 10)",
        gives="1.0",
    ),
    _plain_double("degrees", "degrees(0)", "0.0", "degrees($1)"),
    _plain_double("radians", "radians(0)", "0.0", "radians($1)"),
    _plain_double("sin", "sin(0)", "0.0", "sin($1)"),
    _plain_double("cos", "cos(0)", "1.0", "cos($1)"),
    _plain_double("tan", "tan(0)", "0.0", "tan($1)"),
    _plain_double("atan", "atan(0)", "0.0", "atan($1)"),
    scalar("atan2", form("double, double -> double", "atan2($1, $2)"), example="atan2(0, 1)", gives="0.0"),
    scalar("power pow", form("double, double -> double", "pow($1, $2)"), example="pow(2, 3)", gives="8.0"),
    scalar("pi", form("-> double", "pi()"), example="pi()", gives="3.141592653589793"),
    scalar("e", form("-> double", "exp(1.0::DOUBLE)", "E()"), example="e()", gives="2.718281828459045"),
    scalar("isnan", form("double -> boolean", "coalesce(isnan($1), false)"), example="isnan(CAST('NaN' AS DOUBLE))", gives="true"),
    scalar("nanvl", form("double, double -> double", "(CASE WHEN isnan($1) THEN $2 ELSE $1 END)"), example="nanvl(1.0, 2.0)", gives="1.0"),
    scalar(
        "factorial",
        form("int -> bigint", "databricks_factorial($1)"),
        form("double -> bigint", "databricks_factorial(CAST(trunc($1) AS INTEGER))"),
        example="factorial(5)",
        gives="120",
    ),
    ruled("pmod", _positive_remainder, example="pmod(-10, 3)", gives="2"),
    scalar("bin", form("bigint -> string", "bin($1)"), form("double -> string", "bin(CAST(trunc($1) AS BIGINT))"), example="bin(13)", gives="1101"),
    scalar(
        "bit_count",
        form("I -> int", "CAST(bit_count(CAST($1 AS BIGINT)) AS INTEGER)"),
        form("boolean -> int", "CAST($1 AS INTEGER)"),
        example="bit_count(7)",
        gives="3",
    ),
    _plain_double("rint", "rint(2.5)", "2.0", "round_even($1, 0)"),
    _plain_double("asin", "asin(0)", "0.0", "(CASE WHEN abs($1) <= 1 THEN asin($1) WHEN $1 IS NOT NULL THEN CAST('NaN' AS DOUBLE) END)"),
    _plain_double("acos", "acos(1)", "0.0", "(CASE WHEN abs($1) <= 1 THEN acos($1) WHEN $1 IS NOT NULL THEN CAST('NaN' AS DOUBLE) END)"),
    _plain_double("sinh", "sinh(0)", "0.0", "sinh($1)"),
    _plain_double("cosh", "cosh(0)", "1.0", "cosh($1)"),
    _plain_double("tanh", "tanh(0)", "0.0", "tanh($1)"),
    _plain_double("asinh", "asinh(0)", "0.0", "asinh($1)"),
    _plain_double("acosh", "acosh(1)", "0.0", "(CASE WHEN $1 >= 1 THEN acosh($1) WHEN $1 IS NOT NULL THEN CAST('NaN' AS DOUBLE) END)"),
    _plain_double("atanh", "atanh(0)", "0.0", "databricks_atanh($1)"),
    _plain_double("cot", "cot(1)", "0.6420926159343306", "(1 / tan($1))"),
    _plain_double("sec", "sec(0)", "1.0", "(1 / cos($1))"),
    _plain_double("csc", "csc(1)", "1.1883951057781212", "(1 / sin($1))"),
    _plain_double("expm1", "expm1(0)", "0.0", "databricks_expm1($1)"),
    _plain_double("log1p", "log1p(0)", "0.0", "databricks_log1p($1)"),
    scalar("hypot", form("double, double -> double", "sqrt($1 * $1 + $2 * $2)"), example="hypot(3, 4)", gives="5.0"),
    ruled("try_divide", _try_divide, example="try_divide(3, 2)", gives="1.5"),
    scalar(
        "width_bucket",
        form("double, double, double, bigint -> bigint", "databricks_width_bucket($1, $2, $3, $4)"),
        example="width_bucket(2.5, 0, 10, 5)",
        gives="2",
    ),
    not_taken("rand random randn uniform", "a statement gives the same rows each time; choose rows by a condition on a column."),
)
