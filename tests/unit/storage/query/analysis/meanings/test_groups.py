"""Aggregates and functions of windows: each value is Spark's."""

import pytest

from tests.fakes.expressions import evaluated


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("SELECT count_if(id > 0) FROM people WHERE FALSE", 0),
        ("SELECT corr(a, b) FROM VALUES (3, 2), (3, 3) AS t(a, b)", None),
        ("SELECT kurtosis(a) FROM VALUES (3), (4) AS t(a)", "-2.0"),
        ("SELECT skewness(a) FROM VALUES (3), (3) AS t(a)", None),
        ("SELECT skewness(a) FILTER (WHERE a < 9) FROM VALUES (3), (4), (7), (9) AS t(a)", "0.5280049792181881"),
        ("SELECT try_sum(a) FROM VALUES (9223372036854775807L), (1L) AS t(a)", None),
        ("SELECT try_avg(a) FROM VALUES (1.5), (2.5) AS t(a)", "2.00000"),
        ("SELECT try_sum(a) FROM VALUES (99999999999999999999999999999999999999BD) AS t(a)", "[UNSUPPORTED_FEATURE]"),
        ("SELECT regr_slope(y, x) FROM VALUES (1, 2), (3, 3) AS t(y, x)", "2.0"),
        ("SELECT regr_slope(y, x) FROM VALUES (1, 2), (3, 2) AS t(y, x)", None),
        ("SELECT regr_intercept(y, x) FROM VALUES (1, 2), (3, 3) AS t(y, x)", "-3.0"),
        ("SELECT nth_value(a, 2) OVER (ORDER BY a DESC) FROM VALUES (1), (2) AS t(a) ORDER BY a", 1),
        ("SELECT nth_value(a, 1, true) OVER (ORDER BY a DESC) FROM VALUES (1), (NULL) AS t(a) ORDER BY a", 1),
        ("SELECT nth_value(a, 0) OVER (ORDER BY a) FROM VALUES (1) AS t(a)", "[DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE]"),
        ("SELECT nth_value(a, a) OVER (ORDER BY a) FROM VALUES (1) AS t(a)", "[DATATYPE_MISMATCH.NON_FOLDABLE_INPUT]"),
        ("SELECT row_number() OVER () FROM people", "[WINDOW_FUNCTION_FRAME_NOT_ORDERED]"),
        ("SELECT lag(id) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM people", "[UNSUPPORTED_FEATURE]"),
        ("SELECT row_number() OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM people ORDER BY 1", 1),
    ],
)
def test_each_value_is_sparks(expression, value):
    """One value each, or the error's class."""
    assert evaluated(expression) == value
