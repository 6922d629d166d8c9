"""Aggregates that depend on an order: each value is Spark's."""

import pytest

from tests.fakes.expressions import evaluated, named


@pytest.mark.parametrize(
    ("call", "value"),
    [
        ("percentile_cont(0.25) WITHIN GROUP (ORDER BY a)", "1.75"),
        ("percentile_cont(0.25) WITHIN GROUP (ORDER BY a DESC)", "4.75"),
        ("percentile_cont(array(0.25, 0.5)) WITHIN GROUP (ORDER BY a DESC)", ["4.75", "2.5"]),
        ("percentile_disc(0.25) WITHIN GROUP (ORDER BY a DESC)", "10.0"),
        ("percentile_disc(array(0, 0.3)) WITHIN GROUP (ORDER BY a)", ["1.0", "2.0"]),
        ("percentile_cont(0.5) WITHIN GROUP (ORDER BY a) FILTER (WHERE a > 3)", "10.0"),
        ("percentile_cont(1.5) WITHIN GROUP (ORDER BY a)", "[DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE]"),
        ("percentile_cont(a) WITHIN GROUP (ORDER BY a)", "[DATATYPE_MISMATCH.NON_FOLDABLE_INPUT]"),
        ("percentile_cont(0.5)", "[INVALID_WITHIN_GROUP_EXPRESSION.WITHIN_GROUP_MISSING]"),
        ("percentile_cont(0.5) WITHIN GROUP (ORDER BY a, a)", "[INVALID_WITHIN_GROUP_EXPRESSION.WRONG_NUM_ORDERINGS]"),
        ("percentile_cont(0.5) WITHIN GROUP (ORDER BY a) OVER (ORDER BY a)", "[INVALID_WINDOW_SPEC_FOR_AGGREGATION_FUNC]"),
        ("sum(a) WITHIN GROUP (ORDER BY a)", "[INVALID_SQL_SYNTAX]"),
        ("mode(a, true)", 1),
        ("mode() WITHIN GROUP (ORDER BY a DESC)", 10),
        ("mode(DISTINCT a)", "[INVALID_WITHIN_GROUP_EXPRESSION.DISTINCT_UNSUPPORTED]"),
        ("listagg(a, ', ') WITHIN GROUP (ORDER BY a DESC)", "10, 3, 2, 1"),
        ("listagg(DISTINCT a % 2, '') WITHIN GROUP (ORDER BY a % 2 DESC)", "10"),
        ("listagg(DISTINCT a % 2)", "01"),
        ("listagg(DISTINCT a) WITHIN GROUP (ORDER BY -a)", "[INVALID_WITHIN_GROUP_EXPRESSION.MISMATCH_WITH_DISTINCT_INPUT]"),
        ("string_agg(a, a)", "[DATATYPE_MISMATCH.NON_FOLDABLE_INPUT]"),
        ("string_agg(a) FILTER (WHERE a > 10)", None),
    ],
)
def test_each_value_is_sparks(call, value):
    """One value each over four numbers, or the error's class."""
    assert evaluated(f"SELECT {call} FROM VALUES (1), (2), (3), (10) AS t(a)") == value


def test_a_fraction_is_counted_in_binary_as_spark_counts_it():
    """A hundred times 0.07 is a little more than seven, so it is the eighth row."""
    assert evaluated("SELECT percentile_disc(0.07) WITHIN GROUP (ORDER BY id) FROM range(1, 101)") == "8.0"


def test_the_most_frequent_of_numbers_counts_both_zeros_as_one():
    """The negative zero is written as zero."""
    assert evaluated("SELECT mode(a) FROM VALUES (-0D), (0D), (-0D), (1D), (1D) AS t(a)") == "0.0"


def test_the_order_is_in_the_columns_name():
    """As Spark prints it: `mode` the other way round."""
    assert named("listagg('a', ', ') WITHIN GROUP (ORDER BY 1 DESC)") == "listagg(a, , ) WITHIN GROUP (ORDER BY 1 DESC NULLS LAST)"
    assert named("mode(1, true)") == "mode() WITHIN GROUP (ORDER BY 1 DESC)"
