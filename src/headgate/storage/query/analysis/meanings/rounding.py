"""Functions that round numbers. Of decimals they give a decimal, exactly: the number is counted in units of its last place."""

import decimal

from headgate.catalog.types import Decimal, Type
from headgate.storage.query.analysis import casts, kinds, operators
from headgate.storage.query.analysis.call import FunctionCall
from headgate.storage.query.analysis.meaning import Meaning, ruled
from headgate.storage.query.analysis.value import Value, refused

_UNITS = {"round": "up", "bround": "even", "ceil": "ceil", "ceiling": "ceil", "floor": "floor"}
_AS_DECIMAL: dict[Type, Decimal] = {kinds.DOUBLE: Decimal(30, 15), kinds.FLOAT: Decimal(14, 7), kinds.VOID: Decimal(38, 18)}
_PLACES_MIN, _PLACES_MAX = -4, 20
_GUARD_DIGITS = 17  # behind the places that are kept: all that a DOUBLE near a half has
_WHOLE_MAX = 20  # a DOUBLE of more digits before the place is what it was


def _round(call: FunctionCall) -> Value:
    """`round(x, places)`: half goes away from zero; `bround` has half go to the even neighbour."""
    call.counted(1, 2)
    value, places = call.value(0), _places(call)
    if isinstance(value.kind, Decimal):
        return _named(call, *_decimal(call.name, value.text, value.kind, places))
    result = value.kind if kinds.is_number(value.kind) else kinds.DOUBLE
    text = casts.implicit(value, result, call.name)
    if kinds.is_integral(result):
        rounded = text if places >= 0 else f"CAST({_decimal(call.name, text, _whole_decimal(result), places)[0]} AS {kinds.duckdb(result)})"
        return _named(call, rounded, result)
    return _named(call, f"CAST({_floating(call.name, casts.cast(text, result, kinds.DOUBLE), places)} AS {kinds.duckdb(result)})", result)


def _floating(name: str, text: str, places: int) -> str:
    """A DOUBLE, rounded by its decimal digits: near a half through a decimal, as 1.005 is a little less than it is written. No zero is negative."""
    if not _PLACES_MIN <= places <= _PLACES_MAX:
        raise refused(f"{name} of a DOUBLE to {places} places is not taken: cast it to a DECIMAL.")
    function = "round" if name == "round" else "round_even"
    given = Decimal(kinds.PRECISION_MAX, max(places, 0) + _GUARD_DIGITS)
    digits = f"TRY_CAST(CAST({text} AS VARCHAR) AS {kinds.duckdb(given)})"  # DuckDB may compute it for every row
    near_half = f"round({digits}, {places})" if name == "round" else f"databricks_half_even({digits}, {_ten(places)}, {_ten(places, 5)}, {places})"
    return (
        f"(CASE WHEN databricks_is_clear({text}, 1e{places}) THEN {function}({text}, {places}) + 0e0 "
        f"WHEN abs({text}) < 1e{_WHOLE_MAX - max(places, 0)} THEN CAST({near_half} AS DOUBLE) ELSE {text} END)"
    )


def _ten(places: int, tenths: int = 10) -> str:
    """One of the last of so many places, or five tenths of it, as a decimal."""
    return f"CAST({decimal.Decimal(tenths).scaleb(-places - 1):f} AS DECIMAL({abs(places) + 3},{max(places + 1, 0)}))"


def _named(call: FunctionCall, text: str, kind: Type) -> Value:
    """The places are a part of the name, whether they are written or not."""
    return Value(text=text, kind=kind, name=call.title if len(call) == 2 else f"{call.name}({call.value(0).name}, 0)")


def _whole(call: FunctionCall) -> Value:
    """`ceil` and `floor` give a BIGINT, of decimals a decimal without places; with places a decimal of everything."""
    call.counted(1, 2)
    value = call.value(0)
    if len(call) == 2:
        given = kinds.decimal_of(value.kind) or _AS_DECIMAL.get(value.kind, _AS_DECIMAL[kinds.DOUBLE])
        text, kind = _decimal(call.name, casts.implicit(value, given, call.name), given, _places(call))
        return call.gives(text, kind)
    function = "floor" if call.name == "floor" else "ceil"
    if isinstance(value.kind, Decimal):
        kind = kinds.bounded(value.kind.precision - value.kind.scale + 1, 0)
        return _in_capitals(call, f"CAST({function}({value.text}) AS {kinds.duckdb(kind)})", kind)
    if kinds.is_integral(value.kind):
        return _in_capitals(call, casts.cast(value.text, value.kind, kinds.BIGINT), kinds.BIGINT)
    text = casts.implicit(value, kinds.DOUBLE, call.name)
    return _in_capitals(call, f"CAST(CASE WHEN isnan({text}) THEN 0 ELSE {function}({text}) END AS BIGINT)", kinds.BIGINT)


def _in_capitals(call: FunctionCall, text: str, kind: Type) -> Value:
    name = call.name if call.name == "ceiling" else call.name.upper()
    return Value(text=text, kind=kind, name=f"{name}({call.value(0).name})")


def _places(call: FunctionCall) -> int:
    return int(call.constant(1, "The number of places")) if len(call) == 2 else 0


def _whole_decimal(kind: Type) -> Decimal:
    return kinds.decimal_of(kind) or Decimal(kinds.PRECISION_MAX, 0)


def _decimal(name: str, text: str, given: Decimal, places: int) -> tuple[str, Decimal]:
    """A decimal with so many places, or with tens and hundreds made round; and its type (`RoundBase` of Spark)."""
    digits = given.precision - given.scale + 1
    scale = max(0, min(places, given.scale))
    kind = Decimal(min(kinds.PRECISION_MAX, digits + scale if places >= 0 else max(digits, 1 - places)), scale)
    if places >= given.scale or given.scale - places > kinds.PRECISION_MAX:
        return f"CAST({text if places >= given.scale else 0} AS {kinds.duckdb(kind)})", kind
    if name == "round" and places >= 0:
        return f"CAST(round({text}, {places}) AS {kinds.duckdb(kind)})", kind
    units = f"databricks_units_{_UNITS[name]}({operators.unscaled(text, given)}, {10 ** (given.scale - places)}::HUGEINT)"
    if places < 0:
        return f"CAST({units} * {10**-places}::HUGEINT AS {kinds.duckdb(kind)})", kind
    return f"CAST(CAST({units} AS DECIMAL(38,0)) * {operators.unit(scale)} AS {kinds.duckdb(kind)})", kind


MEANINGS: tuple[Meaning, ...] = (
    ruled("round bround", _round, example="round(2.5, 0)", gives="3"),
    ruled("ceil ceiling floor", _whole, example="ceil(-0.1)", gives="0"),
)
