"""Literals of numbers, with or without the suffix that says their type: `1`, `1L`, `1.5BD`, `1e3`
(https://docs.databricks.com/en/sql/language-manual/data-types/special-floating-point-values.html, `sql-ref-literals` of Spark).
"""

import decimal
import struct

from sqlglot import exp

from headgate.catalog.types import Decimal, Type
from headgate.storage.query.analysis import kinds
from headgate.storage.query.analysis.value import Value, refused
from headgate.storage.query.query_parser import LITERAL

_BITS = {"Y": (8, kinds.TINYINT), "S": (16, kinds.SMALLINT), "L": (64, kinds.BIGINT)}
_FLOAT_MAX, _DOUBLE_MAX = decimal.Decimal("3.4028234663852886E38"), decimal.Decimal("1.7976931348623157E308")
_PLAIN_FROM, _PLAIN_TO = 1e-3, 1e7


def of(tree: exp.Expression, sign: str = "") -> Value | None:
    """The number that a tree is a literal of, behind a sign; None for other trees."""
    if isinstance(tree, exp.Literal) and not tree.is_string:
        return number(f"{sign}{tree.this}")
    suffix = tree.meta.get(LITERAL)
    return None if suffix is None else number(f"{sign}{tree.this.this}", str(suffix))


def number(written: str, suffix: str = "") -> Value:
    """A number as it was written, with its sign. Without a suffix whole ones are INT, BIGINT or DECIMAL by size, others DECIMAL, with an exponent DOUBLE."""
    if suffix in _BITS:
        bits, kind = _BITS[suffix]
        return _whole(written, bits, kind)
    if suffix in {"F", "D"} or (not suffix and "e" in written.lower()):
        return _floating(written, kinds.FLOAT if suffix == "F" else kinds.DOUBLE)
    if not suffix and "." not in written:
        for bits, kind in ((32, kinds.INT), (64, kinds.BIGINT)):
            if _fits(int(written), bits):
                return _whole(written, bits, kind)
    return _decimal(written)


def _fits(value: int, bits: int) -> bool:
    return -(1 << bits - 1) <= value < 1 << bits - 1


def _whole(written: str, bits: int, kind: Type) -> Value:
    value = int(written)
    if not _fits(value, bits):
        raise _beyond(written, kind)
    text = str(value) if kind == kinds.INT and value >= 0 else f"CAST({value} AS {kinds.duckdb(kind)})"
    return Value(text=text, kind=kind, name=str(value), constant=str(value))


def _floating(written: str, kind: Type) -> Value:
    value = decimal.Decimal(written)
    if abs(value) > (_FLOAT_MAX if kind == kinds.FLOAT else _DOUBLE_MAX):
        raise _beyond(written, kind)
    name = shown(float(value), single=kind == kinds.FLOAT)
    return Value(text=f"CAST({_plain(written)} AS {kinds.duckdb(kind)})", kind=kind, name=name, constant=written)


def _plain(written: str) -> str:
    """As DuckDB reads a DOUBLE: with an exponent, or it would be a decimal of its own first."""
    return written if "e" in written.lower() else f"{written}e0"


def _beyond(written: str, kind: Type) -> Exception:
    return refused(f"The number {written[:50]} is beyond the range of {kinds.sql(kind)}.", code="INVALID_NUMERIC_LITERAL_RANGE")


def _decimal(written: str) -> Value:
    value = decimal.Decimal(written)
    _, digits, exponent = value.as_tuple()
    scale = max(0, -int(exponent))
    kind = Decimal(max(len(str(int("".join(map(str, digits))))) + max(0, int(exponent)), scale), scale)
    if kind.precision > kinds.PRECISION_MAX:
        raise refused(f"The number {written[:50]} has more than {kinds.PRECISION_MAX} digits.", "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION")
    value = abs(value) if value == 0 else value
    return Value(text=f"CAST({value:f} AS {kinds.duckdb(kind)})", kind=kind, name=str(value), constant=written)


def shown(value: float, *, single: bool = False) -> str:
    """A DOUBLE or FLOAT as Databricks prints it: `1.0E7` from ten millions on."""
    short = _short(value) if single else repr(value)
    size = abs(value)
    if size == 0 or _PLAIN_FROM <= size < _PLAIN_TO:
        return f"{decimal.Decimal(short):f}" if "." in f"{decimal.Decimal(short):f}" else f"{decimal.Decimal(short):f}.0"
    two = f"{value:.1e}"  # at least two digits, so that the least number is 4.9E-324
    sign, digits, exponent = decimal.Decimal(two if not single and repr(float(two)) == short else short).normalize().as_tuple()
    text = "".join(map(str, digits))
    return f"{'-' if sign else ''}{text[0]}.{text[1:] or '0'}E{int(exponent) + len(text) - 1}"


def _short(value: float) -> str:
    """The shortest digits that make the same FLOAT."""
    wanted = struct.pack("f", value)
    return next((text for text in (f"{value:.{digits}g}" for digits in range(1, 9)) if struct.pack("f", float(text)) == wanted), f"{value:.9g}")
