"""Which values a column takes, and as what: the rules of ANSI store assignment that INSERT has, as expressions in Databricks' SQL.

Source: https://docs.databricks.com/sql/language-manual/sql-ref-ansi-compliance.html, "Store assignment". A cast that loses digits in front of the point, or
a value that is out of range, is an error when the rows are made.
"""

from headgate.catalog import types
from headgate.catalog.types import Array, Decimal, Map, Primitive, Structure, Type

_INTEGERS = ("byte", "short", "integer", "long")
_FLOATS = ("float", "double")
_TIMES = ("date", "timestamp", "timestamp_ntz")
_VARIANT, _VOID = Primitive("variant"), Primitive("void")  # `array()` is an array of the latter


def assigned(source: Type, target: Type, column: str) -> str:
    """The expression that makes a value for a column of the type `target` out of `column`, which has the type `source`; empty where none may be made."""
    if _same(source, target):
        return column
    kind = f"CAST({{}} AS {types.sql(target)})"
    if _is_fraction(source) and _is_integer(target):
        # Digits behind the point are cut off, as Spark does it.
        return kind.format(f"CASE WHEN {column} < 0 THEN ceil({column}) ELSE floor({column}) END")
    return kind.format(column) if _is_stored(source, target) else ""


def _is_stored(source: Type, target: Type) -> bool:
    match source, target:
        case (Array(inner), Array(outer)):
            return _is_widened(inner, outer)
        case (Map(key, value), Map(outer_key, outer_value)):
            return _is_widened(key, outer_key) and _is_widened(value, outer_value)
        case (Primitive(), Primitive("string")) | (Decimal(), Primitive("string")):
            return source != _VARIANT and source != Primitive("binary")
        case (Primitive(before), Primitive(after)) if before in _TIMES and after in _TIMES:
            return True
        case _:
            return _is_number(source) and _is_number(target)


def _is_widened(source: Type, target: Type) -> bool:
    """Whether a value inside another one is stored as it is. Casts that may fail are not made there."""
    if _same(source, target) or source == _VOID:
        return True
    match source, target:
        case (Primitive(before), Primitive(after)):
            return before in _INTEGERS and after in _INTEGERS and _INTEGERS.index(before) < _INTEGERS.index(after)
        case _:
            return False


def _same(source: Type, target: Type) -> bool:
    """Whether two types are one, whatever the comments of fields. Names of fields differ by their case too: values are matched by them later."""
    match source, target:
        case (Array(inner), Array(outer)):
            return _same(inner, outer)
        case (Map(key, value), Map(outer_key, outer_value)):
            return _same(key, outer_key) and _same(value, outer_value)
        case (Structure(fields), Structure(others)):
            return len(fields) == len(others) and all(
                one.name == other.name and _same(one.type, other.type) for one, other in zip(fields, others, strict=True)
            )
        case _:
            return source == target and source != _VARIANT


def _is_integer(kind: Type) -> bool:
    return isinstance(kind, Primitive) and kind.name in _INTEGERS


def _is_fraction(kind: Type) -> bool:
    return isinstance(kind, Decimal) or (isinstance(kind, Primitive) and kind.name in _FLOATS)


def _is_number(kind: Type) -> bool:
    return _is_integer(kind) or _is_fraction(kind)
