"""Intervals and moments that are made of numbers: each value is Spark's."""

import pytest

from tests.fakes.expressions import evaluated, named


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("DATE'2026-01-01' + make_dt_interval(1, 2)", "2026-01-02T02:00:00Z"),
        ("TIMESTAMP'2026-01-01 00:00:00' + make_dt_interval(0, 0, 0, 1.5)", "2026-01-01T00:00:01.500000Z"),
        ("TIMESTAMP'2026-01-01 00:00:00' + make_dt_interval(NULL, 1)", None),
        ("DATE'2026-01-31' + make_ym_interval(0, 1)", "2026-02-28"),
        ("make_timestamp(2026, 1, 5, 10, 20, 60)", "2026-01-05T10:21:00Z"),
        ("make_timestamp_ntz(2026, 1, 5, 10, 20, 30.5)", "2026-01-05T10:20:30.500000"),
        ("make_timestamp(2026, 1, 5, 10, 20, NULL)", None),
        ("make_timestamp(2026, 2, 30, 10, 20, 0)", "[DATETIME_FIELD_OUT_OF_BOUNDS.WITHOUT_SUGGESTION]"),
        ("try_make_timestamp(2026, 13, 5, 10, 20, 0)", None),
        ("make_timestamp(2026, 1, 5, 10, 20, 0, 'UTC')", "[UNSUPPORTED_FEATURE]"),
        ("try_to_date('2026-13-01')", None),
    ],
)
def test_each_value_is_sparks(expression, value):
    """One value each, or the error's class."""
    assert evaluated(expression) == value


def test_what_is_left_out_is_in_the_columns_name():
    """As Spark shows it."""
    assert named("DATE'2026-01-01' + make_ym_interval(1)") == "DATE '2026-01-01' + make_ym_interval(1, 0)"
