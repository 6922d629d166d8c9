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
        ("make_timestamp(2026, 1, 5, 10, 20, 0, 'Asia/Tokyo')", "2026-01-05T01:20:00Z"),
        ("CAST(TIMESTAMP'2026-01-01 10:00:00' - TIMESTAMP'2026-01-03 00:00:00.5' AS STRING)", "INTERVAL '-1 14:00:00.5' DAY TO SECOND"),
        ("CAST(DATE'2026-01-31' - DATE'2026-01-01' AS STRING)", "INTERVAL '30' DAY"),
        ("CAST(make_ym_interval(-1, 1) AS STRING)", "INTERVAL '-0-11' YEAR TO MONTH"),
        ("CAST(INTERVAL '3' HOUR * 2 AS STRING)", "INTERVAL '0 06:00:00' DAY TO SECOND"),
        ("CAST(INTERVAL '25' HOUR AS STRING)", "[UNSUPPORTED_FEATURE]"),
        ("CAST(INTERVAL '3' DAY + INTERVAL '1' HOUR AS STRING)", "[UNSUPPORTED_FEATURE]"),
        ("typeof(DATE'2026-01-31' - DATE'2026-01-01')", "interval day"),
        ("extract(HOUR FROM (TIMESTAMP'2026-01-02 10:00:00' - TIMESTAMP'2026-01-05 00:00:00.5'))", -14),
        ("extract(SECOND FROM INTERVAL '1 02:03:04.5' DAY TO SECOND)", "4.500000"),
        ("date_part('DAYS', DATE'2026-01-31' - DATE'2026-01-01')", 30),
        ("extract(HOUR FROM INTERVAL '1' DAY)", "[INVALID_EXTRACT_FIELD]"),
        ("SELECT CAST(sum(x) AS STRING) FROM VALUES (INTERVAL '1' DAY), (INTERVAL '2' DAY) AS t(x)", "INTERVAL '3' DAY"),
        ("SELECT extract(MONTH FROM sum(x)) FROM VALUES (INTERVAL '0-7' YEAR TO MONTH), (INTERVAL '0-7' YEAR TO MONTH) AS t(x)", 2),
        ("try_to_date('2026-13-01')", None),
    ],
)
def test_each_value_is_sparks(expression, value):
    """One value each, or the error's class."""
    assert evaluated(expression) == value


def test_what_is_left_out_is_in_the_columns_name():
    """As Spark shows it."""
    assert named("DATE'2026-01-01' + make_ym_interval(1)") == "DATE '2026-01-01' + make_ym_interval(1, 0)"
