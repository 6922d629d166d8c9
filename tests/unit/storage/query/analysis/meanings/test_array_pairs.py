"""Two arrays, or an array and an element: each value is Spark's."""

import pytest

from tests.fakes.expressions import evaluated, named


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("arrays_overlap(array(1, NULL), array(1))", True),
        ("arrays_overlap(array(1, NULL), array(2))", None),
        ("arrays_overlap(array(1, NULL), array())", False),
        ("arrays_overlap(array(1), array('1'))", "[DATATYPE_MISMATCH]"),
        ("arrays_overlap(array(1), array(1.5))", "[DATATYPE_MISMATCH]"),
        ("array_except(array(1, 2, 2, NULL, NULL, 3), array(3))", [1, 2, None]),
        ("array_except(array(1, 2, NULL), array(1L, NULL))", [2]),
        ("array_except(array(0D, -0D), array(1D))", ["0.0"]),
        ("array_intersect(array(2, 1, NULL, 2), array(NULL, 1, 2))", [2, 1, None]),
        ("array_insert(array(1, 2, 3), 6, 9)", [1, 2, 3, None, None, 9]),
        ("array_insert(array(1, 2, 3), -1, 9)", [1, 2, 3, 9]),
        ("array_insert(array(1, 2, 3), -4, 9)", [9, 1, 2, 3]),
        ("array_insert(array(1, 2, 3), -6, 9)", [9, None, None, 1, 2, 3]),
        ("array_insert(array(1), 0, 9)", "[INVALID_INDEX_OF_ZERO]"),
        ("array_insert(array(1), 1L, 9)", "[DATATYPE_MISMATCH]"),
        ("arrays_zip(array(1, 2), array('a'))", [[1, "a"], [2, None]]),
        ("SELECT arrays_zip(parts, array(7))[1].parts FROM requests WHERE id = 1", 2),
        ("SELECT arrays_zip(parts, parts) FROM requests", "[UNSUPPORTED_FEATURE]"),
        ("zip_with(array(1, 2), array(3), (a, b) -> a + b)", [4, None]),
        ("zip_with(NULL::ARRAY<INT>, array(3), (a, b) -> a)", None),
        ("zip_with(array(1), array(3), a -> a)", "[INVALID_LAMBDA_FUNCTION_CALL]"),
        ("transform(array(1, 2), x -> zip_with(array(x), array(3), (a, b) -> a + b + x))", [[5], [7]]),
    ],
)
def test_each_value_is_sparks(expression, value):
    """One value each, or the error's class."""
    assert evaluated(expression) == value


def test_a_lambda_of_two_arrays_is_in_the_columns_name():
    """Behind both arrays, with its variables under Spark's one name."""
    assert named("zip_with(array(1), array(2), (a, b) -> a)") == (
        "zip_with(array(1), array(2), lambdafunction(namedlambdavariable(), namedlambdavariable(), namedlambdavariable()))"
    )
