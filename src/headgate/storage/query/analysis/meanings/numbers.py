"""Numbers. By zero, beyond a type's range and outside of a function's domain are as Databricks has them in ANSI mode."""

from headgate.catalog.types import Decimal, Type
from headgate.storage.query.analysis import casts, kinds, operators
from headgate.storage.query.analysis.call import FunctionCall
from headgate.storage.query.analysis.meaning import Meaning, form, not_taken, ruled, scalar
from headgate.storage.query.analysis.value import Value, mismatch


def _plain_double(names: str, example: str, gives: str, text: str) -> Meaning:
    return scalar(names, form("double -> double", text), example=example, gives=gives)


def _round(call: FunctionCall) -> Value:
    """`round(x, places)`: half goes away from zero; `bround` has half go to the even neighbour."""
    call.counted(1, 2)
    value = call.value(0)
    places = int(call.constant(1, "The number of places")) if len(call) == 2 else 0
    function = "round" if call.name == "round" else "round_even"
    if isinstance(value.kind, Decimal):
        scale = max(0, min(places, value.kind.scale))
        whole = value.kind.precision - value.kind.scale
        kind = kinds.bounded(whole + scale + (1 if places < value.kind.scale else 0), scale)
        if call.name != "round" or places < 0:
            raise mismatch(f"{call.name} of a DECIMAL with {places} places is not taken: cast it to DOUBLE.")
        return call.gives(f"CAST(round({value.text}, {places}) AS {kinds.duckdb(kind)})", kind)
    result = value.kind if kinds.is_number(value.kind) else kinds.DOUBLE
    text = casts.implicit(value, result, call.name)
    if kinds.is_integral(result) and places >= 0:
        return call.gives(text, result)
    return call.gives(f"CAST({function}({text}, {places}) AS {kinds.duckdb(result)})", result)


def _whole(call: FunctionCall) -> Value:
    """`ceil` and `floor` give a BIGINT, of decimals a decimal without places."""
    call.counted(1)
    value = call.value(0)
    function = "floor" if call.name == "floor" else "ceil"
    if isinstance(value.kind, Decimal):
        kind = kinds.bounded(value.kind.precision - value.kind.scale + 1, 0)
        return _named_whole(call, f"CAST({function}({value.text}) AS {kinds.duckdb(kind)})", kind)
    if kinds.is_integral(value.kind):
        return _named_whole(call, casts.cast(value.text, value.kind, kinds.BIGINT), kinds.BIGINT)
    text = casts.implicit(value, kinds.DOUBLE, call.name)
    return _named_whole(call, f"CAST({function}({text}) AS BIGINT)", kinds.BIGINT)


def _named_whole(call: FunctionCall, text: str, kind: Type) -> Value:
    return Value(text=text, kind=kind, name=f"{call.name.upper()}({call.value(0).name})")


def _extreme(call: FunctionCall) -> Value:
    """`greatest` and `least` leave NULL out."""
    call.counted(2, 256)
    kind = kinds.common_of(value.kind for value in call.values)
    if kind is None:
        raise mismatch(f"The values of {call.name} have no type in common.")
    texts = ", ".join(casts.implicit(value, kind, call.name) for value in call.values)
    return call.gives(f"{call.name}({texts})", kind)


def _mod(call: FunctionCall) -> Value:
    call.counted(2)
    return operators.remainder(call.value(0), call.value(1))


MEANINGS: tuple[Meaning, ...] = (
    scalar("abs", form("N -> N", "abs($1)"), form("double -> double", "abs($1)"), example="abs(-1)", gives="1"),
    scalar("sign signum", form("double -> double", "CAST(sign($1) AS DOUBLE)"), example="sign(-4)", gives="-1.0"),
    scalar("positive", form("N -> N", "$1"), form("double -> double", "$1"), example="positive(1)", gives="1"),
    scalar("negative", form("N -> N", "(-$1)"), form("double -> double", "(-$1)"), example="negative(1)", gives="-1"),
    ruled("round bround", _round, example="round(2.5, 0)", gives="3"),
    ruled("ceil ceiling floor", _whole, example="ceil(-0.1)", gives="0"),
    ruled("greatest least", _extreme, example="greatest(10, 9, 2)", gives="10"),
    ruled("mod", _mod, example="mod(7, 3)", gives="1"),
    _plain_double("exp", "exp(0)", "1.0", "exp($1)"),
    _plain_double("sqrt", "sqrt(4)", "2.0", "(CASE WHEN $1 < 0 THEN CAST('NaN' AS DOUBLE) ELSE sqrt($1) END)"),
    _plain_double("ln", "ln(1)", "0.0", "(CASE WHEN $1 > 0 OR isnan($1) THEN ln($1) END)"),
    _plain_double("log10", "log10(10)", "1.0", "(CASE WHEN $1 > 0 OR isnan($1) THEN log10($1) END)"),
    _plain_double("log2", "log2(2)", "1.0", "(CASE WHEN $1 > 0 OR isnan($1) THEN log2($1) END)"),
    scalar(
        "log",
        form("double, double -> double", "(CASE WHEN $1 > 0 AND $2 > 0 THEN ln($2) / ln($1) END)"),
        form("double -> double", "(CASE WHEN $1 > 0 OR isnan($1) THEN ln($1) END)"),
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
    scalar("e", form("-> double", "exp(1.0::DOUBLE)"), example="e()", gives="2.718281828459045"),
    scalar("isnan", form("double -> boolean", "coalesce(isnan($1), false)"), example="isnan(CAST('NaN' AS DOUBLE))", gives="true"),
    scalar("nanvl", form("double, double -> double", "(CASE WHEN isnan($1) THEN $2 ELSE $1 END)"), example="nanvl(1.0, 2.0)", gives="1.0"),
    scalar("factorial", form("int -> bigint", "databricks_factorial($1)"), example="factorial(5)", gives="120"),
    scalar(
        "pmod",
        form("I, I -> I", "databricks_pmod($1, $2)"),
        form("double, double -> double", "databricks_pmod($1, $2)"),
        example="pmod(-10, 3)",
        gives="2",
    ),
    scalar(
        "try_divide",
        form("double, double -> double", "(CASE WHEN $2 <> 0 THEN $1 / $2 END)"),
        example="try_divide(3, 2)",
        gives="1.5",
    ),
    not_taken("cbrt", "use power(x, 1.0 / 3); DuckDB's root differs in its last digit."),
    not_taken("rand random randn uniform", "a statement that gives other rows each time is not kept; use hash(…) of a column."),
)
