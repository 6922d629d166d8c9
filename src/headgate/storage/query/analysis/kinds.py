"""The types of expressions, and which type several of them have in common.

They are the catalog's column types and six more: that of a bare NULL, and five of intervals. The rules are those of ANSI mode
(https://docs.databricks.com/en/sql/language-manual/sql-ref-ansi-compliance.html, https://spark.apache.org/docs/latest/sql-ref-ansi-compliance.html).
"""

from collections.abc import Iterable

import msgspec

from headgate.catalog import types
from headgate.catalog.types import Array, Decimal, Field, Map, Primitive, Structure, Type
from headgate.storage.query.duckdb_text import NOTATION, quoted

VOID = Primitive("void")
BOOLEAN = Primitive("boolean")
TINYINT = Primitive("byte")
SMALLINT = Primitive("short")
INT = Primitive("integer")
BIGINT = Primitive("long")
FLOAT = Primitive("float")
DOUBLE = Primitive("double")
STRING = Primitive("string")
BINARY = Primitive("binary")
DATE = Primitive("date")
TIMESTAMP = Primitive("timestamp")
TIMESTAMP_NTZ = Primitive("timestamp_ntz")
VARIANT = Primitive("variant")
DAYS = Primitive("interval day")  # whole days: a day moved by them is a day
DAY_TIME = Primitive("interval day to second")
PART_TIME = Primitive("interval hour to second")  # any other units of a day: Databricks has a type for each
YEAR_MONTH = Primitive("interval year to month")
MONTHS = Primitive("interval month")  # years alone or months alone

INTEGRALS = (TINYINT, SMALLINT, INT, BIGINT)
FRACTIONALS = (FLOAT, DOUBLE)
TIMES = (DATE, TIMESTAMP, TIMESTAMP_NTZ)
DAY_TIMES = (DAYS, DAY_TIME, PART_TIME)
YEAR_MONTHS = (YEAR_MONTH, MONTHS)
INTERVALS = (*DAY_TIMES, *YEAR_MONTHS)
PRECISION_MAX = 38
_SCALE_KEPT = 6  # digits after the point that a decimal keeps when it has too many

_DIGITS = {TINYINT: 3, SMALLINT: 5, INT: 10, BIGINT: 20}


def is_integral(kind: Type) -> bool:
    """Whether it is a whole number's type."""
    return kind in INTEGRALS


def is_number(kind: Type) -> bool:
    """Whether it is a number's type."""
    return kind in INTEGRALS or kind in FRACTIONALS or isinstance(kind, Decimal)


def is_atomic(kind: Type) -> bool:
    """Whether it has no parts and is no VARIANT."""
    return isinstance(kind, Decimal) or (isinstance(kind, Primitive) and kind not in {VARIANT, VOID})


def holds_interval(kind: Type) -> bool:
    """Whether it is an interval's type, or has one among its parts."""
    match kind:
        case Array(element):
            return holds_interval(element)
        case Map(key, value):
            return holds_interval(key) or holds_interval(value)
        case Structure(fields):
            return any(holds_interval(field.type) for field in fields)
        case _:
            return kind in INTERVALS


def sql(kind: Type) -> str:
    """The type as Databricks' SQL and its messages write it: `DECIMAL(10,2)`, `ARRAY<STRING>`."""
    return types.write(kind, _SQL)


def duckdb(kind: Type) -> str:
    """The type that holds its values in DuckDB."""
    return types.write(kind, _DUCKDB)


_SQL = msgspec.structs.replace(types.SQL, field=lambda field: f"{field.name}: {sql(field.type)}")
_DUCKDB = msgspec.structs.replace(
    NOTATION,
    primitives={**NOTATION.primitives, "void": "INTEGER", **{kind.name: "INTERVAL" for kind in INTERVALS}},
    field=lambda field: f"{quoted(field.name)} {duckdb(field.type)}",
)


def decimal_of(kind: Type) -> Decimal | None:
    """The decimal that holds every value of a whole number's type, or the decimal itself."""
    if isinstance(kind, Decimal):
        return kind
    return Decimal(_DIGITS[kind], 0) if isinstance(kind, Primitive) and kind in _DIGITS else None


def bounded(precision: int, scale: int) -> Decimal:
    """A decimal of so many digits, or the one of 38 digits that keeps its whole part and at least six places."""
    if precision <= PRECISION_MAX:
        return Decimal(precision, min(scale, precision))
    whole = precision - scale
    return Decimal(PRECISION_MAX, max(PRECISION_MAX - whole, min(scale, _SCALE_KEPT)))


def capped(precision: int, scale: int) -> Decimal:
    """A decimal of so many digits, or of 38 with the same places; sums and averages grow so."""
    return Decimal(min(precision, PRECISION_MAX), min(scale, PRECISION_MAX))


def wider(left: Decimal, right: Decimal) -> Decimal:
    """The decimal that holds the values of both."""
    scale = max(left.scale, right.scale)
    whole = max(left.precision - left.scale, right.precision - right.scale)
    return bounded(whole + scale, scale)


def common(left: Type, right: Type) -> Type | None:
    """The type that both are cast to where they meet: in a comparison, a CASE, an array. None where there is none."""
    if right in {left, VOID}:
        return left
    if left == VOID:
        return right
    numeric = _common_number(left, right) if is_number(left) and is_number(right) else None
    if numeric is not None:
        return numeric
    if STRING in {left, right}:
        return _with_string(right if left == STRING else left)
    if left in TIMES and right in TIMES:
        return TIMESTAMP if TIMESTAMP in {left, right} else TIMESTAMP_NTZ
    if left in INTERVALS and right in INTERVALS:
        return _common_interval(left, right)
    return _common_parts(left, right)


def common_of(kinds: Iterable[Type]) -> Type | None:
    """The type that all have in common; that of NULL if there are none."""
    found: Type = VOID
    for kind in kinds:
        joined = common(found, kind)
        if joined is None:
            return None
        found = joined
    return found


def _common_number(left: Type, right: Type) -> Type | None:
    if is_integral(left) and is_integral(right):
        return max(left, right, key=INTEGRALS.index)
    if left in FRACTIONALS or right in FRACTIONALS:
        return DOUBLE  # also FLOAT with any other number
    first, second = decimal_of(left), decimal_of(right)
    return None if first is None or second is None else wider(first, second)


def _with_string(other: Type) -> Type | None:
    """A string beside another type becomes that type, whole numbers BIGINT and other numbers DOUBLE."""
    if is_integral(other):
        return BIGINT
    if is_number(other):
        return DOUBLE
    return other if is_atomic(other) and other not in INTERVALS else None


def _common_interval(left: Type, right: Type) -> Type | None:
    """From the larger unit of both to the smaller one."""
    if left in DAY_TIMES and right in DAY_TIMES:
        return DAY_TIME if DAY_TIME in {left, right} else PART_TIME
    return YEAR_MONTH if left in YEAR_MONTHS and right in YEAR_MONTHS else None


def _common_parts(left: Type, right: Type) -> Type | None:
    match left, right:
        case Array(first), Array(second):
            element = common(first, second)
            return None if element is None else Array(element)
        case Map(key, value), Map(other_key, other_value):
            keys, values = common(key, other_key), common(value, other_value)
            return None if keys is None or values is None else Map(keys, values)
        case Structure(fields), Structure(others) if [one.name.lower() for one in fields] == [one.name.lower() for one in others]:
            joined = [common(one.type, other.type) for one, other in zip(fields, others, strict=True)]
            if any(kind is None for kind in joined):
                return None
            return Structure(tuple(Field(one.name, kind) for one, kind in zip(fields, joined, strict=True) if kind is not None))
        case _:
            return None


def takes(given: Type, wanted: Type) -> bool:
    """Whether a function that wants one type takes a value of another, by an implicit cast."""
    if given in {wanted, VOID}:
        return True
    match given, wanted:
        case Array(first), Array(second):
            return takes(first, second)
        case Map(key, value), Map(other_key, other_value):
            return takes(key, other_key) and takes(value, other_value)
        case _:
            pass
    if not is_atomic(given) or not is_atomic(wanted) or given in INTERVALS or wanted in INTERVALS:
        return given in INTERVALS and wanted == STRING
    if STRING in {wanted, given}:
        return True
    if is_number(given) and is_number(wanted):
        return not (is_integral(wanted) and not is_integral(given))
    return given in TIMES and wanted in TIMES
