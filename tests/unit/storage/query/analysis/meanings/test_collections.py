"""Arrays, maps and lambdas: each value is Spark's."""

import pytest

from tests.fakes.expressions import evaluated, named


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("array_append(NULL::ARRAY<INT>, 1)", None),
        ("array_prepend(array(1), 2)", [2, 1]),
        ("array_join(array('a', NULL), ',', 'x')", "a,x"),
        ("array_contains(array('1'), 1)", "[DATATYPE_MISMATCH]"),
        ("array_position(array(1, NULL), NULL)", None),
        ("array_remove(array(1, NULL, 2), 1)", [None, 2]),
        ("array_repeat('x', -1)", []),
        ("array_union(array(1, 2, 2), array(2, 3, NULL))", [1, 2, 3, None]),
        ("slice(NULL::ARRAY<INT>, 0, 1)", None),
        ("element_at(NULL::ARRAY<INT>, 0)", None),
        ("aggregate(array('b', 'a', NULL), 0, (acc, x) -> acc + 1)", 3),
    ],
)
def test_each_value_is_sparks(expression, value):
    """One value each, or the error's class."""
    assert evaluated(expression) == value


def test_a_lambda_is_in_the_columns_name():
    """With its variables under Spark's one name."""
    assert named("transform(array(1), x -> x + 1)") == "transform(array(1), lambdafunction((namedlambdavariable() + 1), namedlambdavariable()))"
