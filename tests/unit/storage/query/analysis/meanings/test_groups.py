"""Aggregates and functions of windows: each value is Spark's."""

import pytest

from tests.fakes.expressions import evaluated


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("SELECT count_if(id > 0) FROM people WHERE FALSE", 0),
        ("SELECT corr(a, b) FROM VALUES (3, 2), (3, 3) AS t(a, b)", None),
        ("SELECT kurtosis(a) FROM VALUES (1), (2), (2) AS t(a)", "[UNSUPPORTED_FEATURE]"),
        ("SELECT row_number() OVER () FROM people", "[WINDOW_FUNCTION_FRAME_NOT_ORDERED]"),
        ("SELECT lag(id) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM people", "[UNSUPPORTED_FEATURE]"),
        ("SELECT row_number() OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM people ORDER BY 1", 1),
    ],
)
def test_each_value_is_sparks(expression, value):
    """One value each, or the error's class."""
    assert evaluated(expression) == value
