"""Literals other than numbers: texts, bytes, truth, NULL and intervals, each with the type that Databricks gives it."""

import re

import msgspec
from sqlglot import exp

from headgate.storage.query.analysis import kinds
from headgate.storage.query.analysis.value import Value, refused
from headgate.storage.query.duckdb_text import literal

_UNITS = {
    "YEAR": ("months", 12), "MONTH": ("months", 1), "QUARTER": ("months", 3), "WEEK": ("micros", 604_800_000_000), "DAY": ("micros", 86_400_000_000),
    "HOUR": ("micros", 3_600_000_000), "MINUTE": ("micros", 60_000_000), "SECOND": ("micros", 1_000_000), "MILLISECOND": ("micros", 1000),
    "MICROSECOND": ("micros", 1),
}  # fmt: skip
_AMOUNT = re.compile(r"\s*([+-]?)(\d+)(?:\.(\d{1,9}))?\s*")
_YEAR_MONTH = re.compile(r"\s*([+-]?)(\d+)-(\d{1,2})\s*")
_PARTS = ("DAY", "HOUR", "MINUTE", "SECOND")


def string(text: str) -> Value:
    """A quoted text."""
    return Value(text=literal(text), kind=kinds.STRING, name=text, constant=text)


def truth(yes: bool) -> Value:  # ruff: ignore[boolean-type-hint-positional-argument] - the value itself
    """TRUE or FALSE."""
    return Value(text="true" if yes else "false", kind=kinds.BOOLEAN, name="true" if yes else "false", constant=yes)


def null() -> Value:
    """NULL."""
    return Value(text="NULL", kind=kinds.VOID, name="NULL")


def binary(digits: str) -> Value:
    """`X'1F'`."""
    even = digits if len(digits) % 2 == 0 else f"0{digits}"
    return Value(text=f"unhex('{even}')", kind=kinds.BINARY, name=f"X'{even.upper()}'")


def interval(node: exp.Expression) -> Value:
    """`INTERVAL '3' DAY`, `INTERVAL 3 DAYS`, `INTERVAL '1-2' YEAR TO MONTH`, `INTERVAL '1 02:03:04.5' DAY TO SECOND`."""
    if not isinstance(node.this, exp.Literal):
        raise refused("An INTERVAL of an expression is not taken; multiply an interval, such as INTERVAL 1 DAY * days.")
    written, unit = str(node.this.this), node.args.get("unit")
    if isinstance(unit, exp.IntervalSpan):
        return _span(written, unit.this.name.upper(), unit.expression.name.upper())
    name = "" if unit is None else unit.name.upper().removesuffix("S")
    found = _AMOUNT.fullmatch(written)
    if found is None or name not in _UNITS:
        raise refused(f"INTERVAL {written[:50]!r} {name} is not read; write INTERVAL '3' DAY.", "INVALID_INTERVAL_FORMAT")
    sort, factor = _UNITS[name]
    fraction = found[3] or ""
    if fraction and name != "SECOND":
        raise refused("Only seconds of an interval have a fraction.", "INVALID_INTERVAL_FORMAT")
    amount = int(found[2]) * factor + (int(fraction.ljust(9, "0")) // 1000 if fraction else 0)
    amount = -amount if found[1] == "-" else amount
    if sort == "months":
        return msgspec.structs.replace(months(amount, f"INTERVAL '{written.strip()}' {name}"), kind=kinds.MONTHS)
    return _days_or_less(amount, name)


def _days_or_less(amount: int, unit: str) -> Value:
    """An interval of one unit, with the name that Spark gives it: weeks as days, and fractions of a second as seconds."""
    sign, whole = "-" if amount < 0 else "", abs(amount)
    if unit in {"WEEK", "DAY"}:
        return msgspec.structs.replace(micros(amount, f"INTERVAL '{sign}{whole // _UNITS['DAY'][1]}' DAY"), kind=kinds.DAYS)
    shown = unit if unit in {"HOUR", "MINUTE"} else "SECOND"
    count, rest = divmod(whole, _UNITS[shown][1])
    fraction = f".{rest:06}".rstrip("0") if rest else ""
    return msgspec.structs.replace(micros(amount, f"INTERVAL '{sign}{count:02}{fraction}' {shown}"), kind=kinds.PART_TIME)


def _span(written: str, first: str, last: str) -> Value:
    shown = f"INTERVAL '{written}' {first} TO {last}"
    if (first, last) == ("YEAR", "MONTH"):
        found = _YEAR_MONTH.fullmatch(written)
        if found is None:
            raise refused(f"{shown} is not read.", "INVALID_INTERVAL_FORMAT")
        amount = int(found[2]) * 12 + int(found[3])
        return months(-amount if found[1] == "-" else amount, shown)
    sign, micro = _clock(written, first, last, shown)
    made = micros(sign * micro, shown)
    return made if (first, last) == ("DAY", "SECOND") else msgspec.structs.replace(made, kind=kinds.PART_TIME)


def _clock(written: str, first: str, last: str, shown: str) -> tuple[int, int]:
    """The sign and microseconds of `1 02:03:04.5` and its parts."""
    if first not in _PARTS or last not in _PARTS or _PARTS.index(first) >= _PARTS.index(last):
        raise refused(f"{shown} is no interval.", "INVALID_INTERVAL_FORMAT")
    numbers = re.fullmatch(r"\s*([+-]?)(.*?)\s*", written)
    pieces = [] if numbers is None else re.split(r"[ :]", numbers[2])
    wanted = _PARTS[_PARTS.index(first) : _PARTS.index(last) + 1]
    if numbers is None or len(pieces) != len(wanted) or not all(re.fullmatch(r"\d+(\.\d{1,9})?", piece) for piece in pieces):
        raise refused(f"{shown} is not read.", "INVALID_INTERVAL_FORMAT")
    total = 0
    for unit, piece in zip(wanted, pieces, strict=True):
        whole, _, fraction = piece.partition(".")
        total += int(whole) * _UNITS[unit][1] + (int(fraction.ljust(9, "0")) // 1000 if fraction else 0)
    return (-1 if numbers[1] == "-" else 1), total


def months(count: int, name: str) -> Value:
    """An interval of so many months."""
    return Value(text=f"to_months(CAST({count} AS INTEGER))", kind=kinds.YEAR_MONTH, name=name)


def micros(count: int, name: str) -> Value:
    """An interval of so many microseconds."""
    return Value(text=f"to_microseconds(CAST({count} AS BIGINT))", kind=kinds.DAY_TIME, name=name)
