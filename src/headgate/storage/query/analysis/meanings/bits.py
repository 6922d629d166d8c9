"""The bits of whole numbers."""

from collections.abc import Callable

from headgate.storage.query.analysis import shifts
from headgate.storage.query.analysis.call import FunctionCall
from headgate.storage.query.analysis.meaning import Meaning, ruled
from headgate.storage.query.analysis.value import Value


def _function(word: str) -> Callable[[FunctionCall], Value]:
    def shifted(call: FunctionCall) -> Value:
        call.counted(2)
        found = shifts.shifted(word, call.value(0), call.value(1))
        return call.gives(found.text, found.kind)

    return shifted


def _operator(call: FunctionCall) -> Value:
    return shifts.shifted(call.name, call.value(0), call.value(1))


MEANINGS: tuple[Meaning, ...] = (
    ruled("<< >> >>>", _operator, example="1 << 4", gives="16"),
    ruled("shiftleft", _function("<<"), example="shiftleft(1, 4)", gives="16"),
    ruled("shiftright", _function(">>"), example="shiftright(-8, 1)", gives="-4"),
    ruled("shiftrightunsigned", _function(">>>"), example="shiftrightunsigned(-8, 1)", gives="2147483644"),
)
