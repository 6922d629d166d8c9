"""Which data files can hold a row that a query uses, by the statistics of the table's log and by partition values. A file is left out only if surely none is in it.

Statistics are taken with care: texts may be cut, times have milliseconds only, and no least or greatest number says whether there is NaN, which is above
all. https://github.com/delta-io/delta/blob/master/PROTOCOL.md#per-file-statistics
"""

import math
import operator
from collections.abc import Callable, Sequence
from decimal import Decimal as Number
from typing import Any, NamedTuple

import msgspec

from headgate.catalog.types import Decimal, Primitive, Type
from headgate.storage.query import bound_values
from headgate.storage.query.bound_values import Scalar, ValueRange
from headgate.storage.query.bounds import Bound, ColumnComparison, Either, Every, Nullness
from headgate.storage.query.file_facts import DataFileFacts
from headgate.storage.query.table_files import DataFile, TableVersion

_WHOLE = frozenset({"long", "integer", "short", "byte"})
_FLOATS = frozenset({"double", "float"})
_TIMES = frozenset({"timestamp", "timestamp_ntz"})
_STAT_US = 1000  # statistics have milliseconds
# What writers put behind a greatest text that they cut.
_TIE_BREAKERS = "\u7fff\uffff\U0010ffff"


# What becomes of a bare text that is compared with a column.
_READ_AS: dict[str, Callable[[ValueRange], ValueRange | None]] = {
    "date": bound_values.as_date,
    "timestamp": bound_values.as_time,
    "timestamp_ntz": bound_values.as_local_time,
}


class _Range(NamedTuple):
    """What the values of a column in a file lie between; an end that is not known is `None`. `nulls` says whether some are null, `values` whether some are
    not, `exact` that the ends are the values themselves.
    """

    least: Scalar | float | None
    greatest: Scalar | float | None
    nulls: bool = True
    values: bool = True
    exact: bool = False


def left(opened: TableVersion, bound: Bound | None, now_us: int) -> TableVersion:
    """The snapshot with those files only that can hold a row within the bound."""
    facts = opened.facts
    if bound is None or facts is None:
        return opened
    files = [file for file in opened.files if file.path in facts.places]
    known = _Files(opened, facts, files)
    may = dict(zip((file.path for file in files), known.may(bound, now_us), strict=True))
    return msgspec.structs.replace(opened, files=tuple(file for file in opened.files if may.get(file.path, True)))


class _Files:
    """The files of a snapshot of which the log says something."""

    def __init__(self, opened: TableVersion, facts: DataFileFacts, files: Sequence[DataFile]) -> None:
        self._fields = {field.name.lower(): field for field in opened.schema.fields}
        self._partitions = {name.lower() for name in opened.partition_columns}
        self._facts = facts
        self._files = files
        self._ranges: dict[str, list[_Range] | None] = {}

    def may(self, bound: Bound, now_us: int) -> list[bool]:
        """Whether each file may hold a row within the bound."""
        match bound:
            case ColumnComparison(column, compared, value):
                ranges, field = self._of(column), self._fields.get(column)
                wanted = _fitting(bound_values.span(value, now_us), field.type) if field is not None else None
                if ranges is None or field is None or wanted is None:
                    return [True] * len(self._files)
                has_nan = isinstance(field.type, Primitive) and field.type.name in _FLOATS
                return [each.values and _may_compare(each, compared, wanted, nan=has_nan) for each in ranges]
            case Nullness(column, null):
                ranges = self._of(column)
                return [True] * len(self._files) if ranges is None else [each.nulls if null else each.values for each in ranges]
            case Every(parts):
                return [all(each) for each in zip(*(self.may(part, now_us) for part in parts), strict=True)]
            case Either(parts):
                found = [self.may(part, now_us) for part in parts]
                return [any(each) for each in zip(*found, strict=True)] if found else [False] * len(self._files)

    def _of(self, column: str) -> list[_Range] | None:
        if column not in self._ranges:
            self._ranges[column] = self._made(column)
        return self._ranges[column]

    def _made(self, column: str) -> list[_Range] | None:
        field = self._fields.get(column)
        if field is None or not isinstance(field.type, (Primitive, Decimal)):
            return None
        if column in self._partitions:
            return [_of_partition(dict(file.partition).get(field.name, ""), field.type) for file in self._files]
        facts, rows, places = self._facts.column(field.name), self._facts.rows, self._facts.places
        found = []
        for place in (places[file.path] for file in self._files):
            nulls, count = facts.nulls[place], rows[place]
            least, greatest = _widened(facts.least[place], facts.greatest[place], field.type)
            found.append(_Range(least, greatest, nulls != 0, nulls is None or count is None or nulls < count))
        return found


def _of_partition(text: str | None, kind: Type) -> _Range:
    """The one value of a partition, as it is read from its text."""
    if text is None:
        return _Range(None, None, values=False)
    if text.lower() in {"", "null", "__hive_default_partition__"}:
        return _Range(None, None)  # readers differ in whether it is a null
    match kind:
        case Primitive("string"):
            return _Range(text, text, nulls=False, exact=True)
        case Primitive("date"):
            us = bound_values.date_us(text)
            return _Range(us, us)
        case Primitive(name) if name in _WHOLE and text.removeprefix("-").isdigit() and text.isascii() and len(text) < 19:
            return _Range(int(text), int(text))
        case _:
            return _Range(None, None)


def _widened(least: object, greatest: object, kind: Type) -> tuple[Scalar | float | None, Scalar | float | None]:
    """The ends of a range that surely holds the values, of ends as a writer states them."""
    match kind:
        case Primitive("string"):
            low = least.partition("\ufffd")[0] if isinstance(least, str) else None
            return low, greatest.rstrip(_TIE_BREAKERS) if isinstance(greatest, str) else None
        case Primitive(name) if name in _TIMES:
            # They are truncated to milliseconds: downwards, but before 1970 some writers do so towards it.
            begin = least - _STAT_US if isinstance(least, int) and least <= 0 else least
            return begin if isinstance(begin, int) else None, greatest + _STAT_US if isinstance(greatest, int) else None
        case Primitive(name) if name in _FLOATS:
            return _finite(least), _finite(greatest)
        case Primitive(name) if name in _WHOLE or name in {"date", "boolean"}:
            return least if isinstance(least, int) else None, greatest if isinstance(greatest, int) else None
        case Decimal():
            return least if isinstance(least, Number) else None, greatest if isinstance(greatest, Number) else None
        case _:
            return None, None


def _finite(value: object) -> float | None:
    return value if isinstance(value, float) and math.isfinite(value) else None


def _fitting(value: ValueRange | None, kind: Type) -> ValueRange | None:
    """The value as it is compared with a column of a type, widened where numbers may be rounded. `None` where the comparison is not understood."""
    match value, kind:
        case ValueRange("text", typed=False), Primitive(name) if name in _READ_AS:
            return _READ_AS[name](value)
        case (
            (ValueRange("text"), Primitive("string"))
            | (ValueRange("date" | "time"), Primitive("date" | "timestamp" | "timestamp_ntz"))
            | (ValueRange("boolean"), Primitive("boolean"))
            | (ValueRange("whole"), Primitive("long" | "integer" | "short" | "byte"))
        ):
            return value
        case ValueRange("whole" | "number"), Primitive() | Decimal() if isinstance(kind, Decimal) or kind.name in _WHOLE | _FLOATS:
            return _about(value, kind)
        case _:
            return None


def _about(value: ValueRange, kind: Type) -> ValueRange:
    """A number and what could be rounded to it."""
    share = Number("1e-6") if kind == Primitive("float") else Number("1e-12")
    slack = abs(Number(value.low)) * share
    if kind not in {Primitive("float"), Primitive("double")}:
        slack += Number(1).scaleb(-kind.scale) if isinstance(kind, Decimal) else 1
    slack += Number("1e-30")  # a number so small may be rounded to 0
    return value._replace(low=Number(value.low) - slack, high=Number(value.high) + slack)


def _may_compare(values: _Range, compared: str, wanted: ValueRange, *, nan: bool) -> bool:
    below = compared in {"<", "<=", "="} and values.least is not None and _GREATER[compared](values.least, wanted.high)
    above = compared in {">", ">=", "="} and values.greatest is not None and not (nan and compared != "=")
    return not below and not (above and _is_beyond(wanted.low, values, equal=compared == ">"))


def _is_beyond(wanted: Scalar, values: _Range, *, equal: bool) -> bool:
    """Whether all values are less than what is wanted (or equal to it)."""
    greatest = values.greatest
    if isinstance(wanted, str) and isinstance(greatest, str) and not values.exact:
        # A text that was cut stands for all that begin with it.
        return wanted > greatest and not wanted.startswith(greatest)
    return wanted > greatest or (equal and wanted == greatest)  # type: ignore[operator]


_GREATER: dict[str, Callable[[Any, Any], bool]] = {"<": operator.ge, "<=": operator.gt, "=": operator.gt}
