"""Numbers in other bases: each value is Spark's."""

import pytest

from tests.fakes.expressions import evaluated


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("conv(255, 10, 16)", "FF"),
        ("conv('-1', 10, 16)", "FFFFFFFFFFFFFFFF"),
        ("conv('-1', 10, -16)", "-1"),
        ("conv('12x', 10, 2)", "1100"),
        ("conv('-', 10, 2)", "0"),
        ("conv('', 10, 2)", None),
        ("conv(NULL, 10, 2)", None),
        ("conv('-9223372036854775809', 10, -10)", "-9223372036854775807"),
        ("conv('99999999999999999999', 10, 16)", "[ARITHMETIC_OVERFLOW]"),
        ("conv('FF', 1, 10)", None),
        ("conv('10', id, 2) FROM range(3)", "[UNSUPPORTED_FEATURE]"),
    ],
)
def test_each_value_is_sparks(expression, value):
    """One value each, or the error's class."""
    assert evaluated(expression) == value
