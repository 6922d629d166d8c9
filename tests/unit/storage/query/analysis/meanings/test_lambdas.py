"""Variables of lambdas: each has a name of its own in DuckDB's text."""

from tests.fakes.expressions import evaluated, named


def test_a_lambda_inside_of_another_sees_both_variables():
    """However the query calls them."""
    assert evaluated("transform(array(1, 2), x -> filter(array(1, 2, 3), y -> y > x))") == [[2, 3], [3]]
    assert evaluated("transform(array(array(1)), x -> transform(x, x -> x + 1))") == [[2]]


def test_a_lambda_of_too_many_parameters_is_an_error_of_databricks():
    """By its class."""
    assert evaluated("filter(array(1), (a, b, c) -> true)") == "[INVALID_LAMBDA_FUNCTION_CALL]"
    assert evaluated("transform_values(map(1, 2), v -> 1)") == "[INVALID_LAMBDA_FUNCTION_CALL]"


def test_no_lambda_where_one_is_wanted_is_refused():
    """With the function's name."""
    assert evaluated("transform(array(1), 1)") == "[UNSUPPORTED_FEATURE]"
    assert named("filter(array(1), x -> true)") == "filter(array(1), lambdafunction(true, namedlambdavariable()))"
