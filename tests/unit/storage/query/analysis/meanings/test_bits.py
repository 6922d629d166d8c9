"""The functions and operators that shift bits, and the one that gives a bit."""

import pytest

from headgate.storage.query.analysis.functions import BY_NAME
from headgate.storage.query.analysis.meanings import bits
from tests.fakes.expressions import evaluated


def test_a_function_and_an_operator_each():
    """Three ways to shift; the operators are read as functions of their own names."""
    assert [meaning.names for meaning in bits.MEANINGS][:4] == [("<<", ">>", ">>>"), ("shiftleft",), ("shiftright",), ("shiftrightunsigned",)]
    assert BY_NAME[">>>"].example == "1 << 4"


@pytest.mark.parametrize(
    ("expression", "value"),
    [("bit_get(11, 2)", 0), ("bit_get(-1L, 63)", 1), ("getbit(NULL, 1)", None), ("bit_get(11, 32)", "[INVALID_PARAMETER_VALUE.BIT_POSITION_RANGE]")],
)
def test_one_bit(expression, value):
    """Counted from the lowest, within the width of the number's type."""
    assert evaluated(expression) == value
