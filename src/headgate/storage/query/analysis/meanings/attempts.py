"""`try_add` and its kin: NULL where a sum, a difference or a product has no place in its type, and where a divisor is zero."""

from sqlglot import exp

from headgate.catalog.types import Decimal
from headgate.storage.query.analysis import casts, kinds, operators
from headgate.storage.query.analysis.call import FunctionCall
from headgate.storage.query.analysis.meaning import Meaning, ruled
from headgate.storage.query.analysis.value import Value, refused

_OPERATORS: dict[str, tuple[type[exp.Expression], str]] = {"try_add": (exp.Add, "+"), "try_subtract": (exp.Sub, "-"), "try_multiply": (exp.Mul, "*")}


def _tried(call: FunctionCall) -> Value:
    call.counted(2)
    left, right = call.values
    node, word = _OPERATORS[call.name]
    found = operators.BINARY[node](left, right)
    if isinstance(found.kind, Decimal) and found.kind.precision == kinds.PRECISION_MAX:
        raise refused(f"{call.name} of decimals that give {kinds.sql(found.kind)} is not taken: cast to fewer digits.")
    if not kinds.is_integral(found.kind):
        return call.gives(found.text, found.kind)
    first, second = (casts.implicit(one, found.kind, call.name) for one in (left, right))
    wide = "HUGEINT" if found.kind == kinds.BIGINT else "BIGINT"
    return call.gives(f"TRY_CAST(CAST({first} AS {wide}) {word} {second} AS {kinds.duckdb(found.kind)})", found.kind)


def _remainder(call: FunctionCall) -> Value:
    call.counted(2)
    kind, first, second, result = operators.remainder_parts(*call.values)
    return call.gives(casts.cast(f"(CASE WHEN {second} <> 0 THEN {first} % {second} END)", kind, result), result)


MEANINGS: tuple[Meaning, ...] = (
    ruled("try_add try_subtract try_multiply", _tried, example="try_add(2147483647, 1)", gives="NULL"),
    ruled("try_mod", _remainder, example="try_mod(7, 0)", gives="NULL"),
)
