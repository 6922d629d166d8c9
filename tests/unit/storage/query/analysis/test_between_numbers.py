"""Casts of numbers to truth values and moments, and back: each value is Spark's."""

import pytest

from tests.fakes.expressions import evaluated


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("CAST(TRUE AS INT)", 1),
        ("CAST(TRUE AS DECIMAL(3,2))", "1.00"),
        ("CAST(NULL::BOOLEAN AS INT)", None),
        ("CAST(-0.0D AS BOOLEAN)", False),
        ("CAST(double('NaN') AS BOOLEAN)", True),
        ("CAST(1767571200 AS TIMESTAMP)", "2026-01-05T00:00:00Z"),
        ("CAST(1.9999999D AS TIMESTAMP)", "1970-01-01T00:00:01.999999Z"),
        ("CAST(-1.5 AS TIMESTAMP)", "1969-12-31T23:59:58.500000Z"),
        ("CAST(1767571200123L AS TIMESTAMP)", "[UNSUPPORTED_FEATURE]"),
        ("CAST(double('NaN') AS TIMESTAMP)", "[CAST_INVALID_INPUT]"),
        ("TRY_CAST(1L AS TIMESTAMP)", "[UNSUPPORTED_FEATURE]"),
        ("CAST(TIMESTAMP'1969-12-31 23:59:59.5' AS BIGINT)", -1),
        ("CAST(TIMESTAMP'2026-01-05 10:00:00.9' AS DECIMAL(12,1))", "1767607200.9"),
        ("TRY_CAST(TIMESTAMP'9999-01-01' AS INT)", None),
        ("CAST(INTERVAL '-3' DAY AS BIGINT)", -3),
    ],
)
def test_each_value_is_sparks(expression, value):
    """One value each, or the error's class."""
    assert evaluated(expression) == value
