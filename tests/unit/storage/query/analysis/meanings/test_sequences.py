"""Sequences: each value is Spark's."""

import pytest

from tests.fakes.expressions import evaluated


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("sequence(3, 1)", [3, 2, 1]),
        ("sequence(DATE'2026-01-31', DATE'2026-02-02')", ["2026-01-31", "2026-02-01", "2026-02-02"]),
        ("sequence(DATE'2026-01-31', DATE'2026-05-05', INTERVAL 1 MONTH)", ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]),
        ("sequence(DATE'2026-01-31', DATE'2026-01-20', INTERVAL -5 DAYS)", ["2026-01-31", "2026-01-26", "2026-01-21"]),
        ("sequence(DATE'2026-01-01', DATE'2026-01-01', INTERVAL 0 DAY)", "[INVALID_PARAMETER_VALUE]"),
        ("sequence(DATE'2026-01-01', DATE'2026-01-05', INTERVAL -1 DAY)", "[INVALID_PARAMETER_VALUE]"),
        ("sequence(DATE'2026-01-01', DATE'2026-01-05', INTERVAL 12 HOURS)", "[UNSUPPORTED_FEATURE]"),
        ("sequence(DATE'2026-01-01', DATE'2026-01-05', 1)", "[DATATYPE_MISMATCH]"),
        ("sequence(DATE'2026-01-01', NULL)", None),
        (
            "sequence(TIMESTAMP'2026-03-31 00:00:00', TIMESTAMP'2026-01-02 03:00:00', INTERVAL -1 MONTH)",
            ["2026-03-31T00:00:00Z", "2026-02-28T00:00:00Z", "2026-01-31T00:00:00Z"],
        ),
        ("size(sequence(DATE'2026-01-01', TIMESTAMP'2026-01-02 00:00:00', INTERVAL 6 HOURS))", 5),
        ("sequence('2026-01-01', '2026-01-02', INTERVAL 1 DAY)", "[DATATYPE_MISMATCH]"),
    ],
)
def test_each_value_is_sparks(expression, value):
    """One value each, or the error's class."""
    assert evaluated(expression) == value
