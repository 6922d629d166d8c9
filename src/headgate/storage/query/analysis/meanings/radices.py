"""`conv`: a whole number's digits in another base. It is one of 64 bits without a sign; a negative base to convert to gives it one.

https://docs.databricks.com/en/sql/language-manual/functions/conv.html
"""

from headgate.storage.query.analysis import kinds
from headgate.storage.query.analysis.call import FunctionCall
from headgate.storage.query.analysis.meaning import Meaning, ruled
from headgate.storage.query.analysis.value import Value, refused

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_BITS = 64


def _conv(call: FunctionCall) -> Value:
    call.counted(3)
    text = call.cast(0, kinds.STRING)
    given, wanted = _base(call, 1), _base(call, 2)
    if not 2 <= given <= len(_DIGITS) or not 2 <= abs(wanted) <= len(_DIGITS):
        return call.gives(f"CAST(CASE WHEN {text} IS NOT NULL THEN NULL END AS VARCHAR)", kinds.STRING)
    known = _DIGITS[:given]
    found = f"regexp_extract(upper(trim({text}, ' ')), '^(-?)([{known}]*)', ['sign', 'digits'])"
    read = f"databricks_conv_read({text}, {found}, {given}::UHUGEINT)"
    return call.gives(f"databricks_conv({read}, {wanted}, [{', '.join(_powers(abs(wanted)))}])", kinds.STRING)


def _base(call: FunctionCall, place: int) -> int:
    constant = call.value(place).constant
    if not isinstance(constant, str) or not constant.lstrip("-").isdecimal():
        raise refused(f"The bases of {call.name} are written out.")
    return int(constant)


def _powers(base: int) -> list[str]:
    """What each digit counts, the highest first."""
    powers = [1]
    while powers[-1] * base < 1 << _BITS:
        powers.append(powers[-1] * base)
    return [f"{power}::UHUGEINT" for power in reversed(powers)]


MEANINGS: tuple[Meaning, ...] = (ruled("conv", _conv, example="conv('7b', 16, 10)", gives="123"),)
