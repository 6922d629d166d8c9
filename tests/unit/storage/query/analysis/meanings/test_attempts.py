"""Sums, differences, products and remainders that are tried: each value is Spark's."""

import pytest

from tests.fakes.expressions import evaluated


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("try_add(2147483647, 1)", None),
        ("try_add(2147483647, 1L)", 2147483648),
        ("try_subtract((-128Y), 1Y)", None),
        ("try_multiply(9223372036854775807, 2)", None),
        ("try_multiply(1.5, 2)", "3.0"),
        ("try_add('1', 2)", 3),
        ("try_add(DATE'2026-01-31', INTERVAL 1 MONTH)", "2026-02-28"),
        ("try_add(99999999999999999999999999999999999999BD, 1)", "[UNSUPPORTED_FEATURE]"),
        ("try_mod(7, 0)", None),
        ("try_mod(-7, 3)", -1),
        ("try_mod(5.5, 2)", "1.5"),
        ("try_add(array(1), 1)", "[DATATYPE_MISMATCH]"),
        ("width_bucket(10, 0, 10, 5)", 6),
        ("width_bucket(5, 10, 0, 5)", 3),
        ("width_bucket(double('NaN'), 0, 10, 5)", None),
    ],
)
def test_what_has_no_place_in_its_type_is_null(expression, value):
    """And no error."""
    assert evaluated(expression) == value
