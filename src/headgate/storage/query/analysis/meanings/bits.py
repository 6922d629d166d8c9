"""The bits of whole numbers."""

from collections.abc import Callable

from headgate.catalog.types import Type
from headgate.storage.query.analysis import kinds, shifts
from headgate.storage.query.analysis.call import FunctionCall
from headgate.storage.query.analysis.meaning import Meaning, ruled
from headgate.storage.query.analysis.value import Value, mismatch


def _function(word: str) -> Callable[[FunctionCall], Value]:
    def shifted(call: FunctionCall) -> Value:
        call.counted(2)
        found = shifts.shifted(word, call.value(0), call.value(1))
        return call.gives(found.text, found.kind)

    return shifted


def _operator(call: FunctionCall) -> Value:
    return shifts.shifted(call.name, call.value(0), call.value(1))


def _bit(call: FunctionCall) -> Value:
    """One bit of a whole number, counted from its lowest."""
    call.counted(2)
    value = call.value(0)
    if value.kind == kinds.VOID:
        return call.gives("CAST(NULL AS TINYINT)", kinds.TINYINT)
    if not kinds.is_integral(value.kind):
        raise mismatch(f"{call.name} takes a whole number, not {kinds.sql(value.kind)}.")
    return call.gives(f"databricks_bit({value.text}, {call.cast(1, kinds.INT)}, {_WIDTHS[value.kind]})", kinds.TINYINT)


_WIDTHS: dict[Type, int] = {kinds.TINYINT: 8, kinds.SMALLINT: 16, kinds.INT: 32, kinds.BIGINT: 64}
MEANINGS: tuple[Meaning, ...] = (
    ruled("<< >> >>>", _operator, example="1 << 4", gives="16"),
    ruled("shiftleft", _function("<<"), example="shiftleft(1, 4)", gives="16"),
    ruled("shiftright", _function(">>"), example="shiftright(-8, 1)", gives="-4"),
    ruled("shiftrightunsigned", _function(">>>"), example="shiftrightunsigned(-8, 1)", gives="2147483644"),
    ruled("bit_get getbit", _bit, example="bit_get(11, 1)", gives="1"),
)
