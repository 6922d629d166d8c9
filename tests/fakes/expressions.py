"""The values of expressions of Databricks' SQL, by the whole path of a query within this process."""

import functools

from tests.oracle.ours import Ours


@functools.cache
def _ours():
    return Ours()


def evaluated(expression):
    """The value of an expression as the oracle writes values; the error's code in brackets if there is none."""
    answer = _ours().answer(expression if expression.upper().startswith("SELECT ") else f"SELECT {expression}")
    return f"[{answer['error']}]" if "error" in answer else answer["rows"][0][0]


def named(expression):
    """The name of the expression's column."""
    return _ours().answer(f"SELECT {expression}")["names"][0]
