"""The functions and operators that shift bits."""

from headgate.storage.query.analysis.functions import BY_NAME
from headgate.storage.query.analysis.meanings import bits


def test_a_function_and_an_operator_each():
    """Three ways to shift; the operators are read as functions of their own names."""
    assert [meaning.names for meaning in bits.MEANINGS] == [("<<", ">>", ">>>"), ("shiftleft",), ("shiftright",), ("shiftrightunsigned",)]
    assert BY_NAME[">>>"].example == "1 << 4"
