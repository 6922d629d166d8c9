"""Shifts of bits."""

import pytest

from headgate.core.errors import BadRequest
from headgate.storage.query.analysis import kinds, shifts
from headgate.storage.query.analysis.value import Value

INT = Value(text="a", kind=kinds.INT, name="a")


def test_the_left_side_says_the_type():
    """A BIGINT stays one, and all else becomes an INT; the name is the operator's."""
    long = shifts.shifted(">>", Value(text="b", kind=kinds.BIGINT, name="b"), INT)
    short = shifts.shifted("<<", Value(text="c", kind=kinds.SMALLINT, name="c"), INT)

    assert (long.kind, long.name, long.text) == (kinds.BIGINT, "(b >> a)", "CAST(((b) >> ((a) & 63)) AS BIGINT)")
    assert (short.kind, short.name) == (kinds.INT, "(c << a)")


def test_only_numbers_have_bits():
    """As Databricks says of a BOOLEAN."""
    with pytest.raises(BadRequest, match=r"\[DATATYPE_MISMATCH\] << takes whole numbers, and 'd' is BOOLEAN"):
        shifts.shifted("<<", Value(text="d", kind=kinds.BOOLEAN, name="d"), INT)
