"""Maps of maps, and of a text: each value is Spark's."""

import pytest

from tests.fakes.expressions import evaluated


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("map_concat(map(1, 'a'), map(2, 'b'))", [[1, "a"], [2, "b"]]),
        ("map_concat(map(1, 'a'), map(1, 'b'))", "[DUPLICATED_MAP_KEY]"),
        ("map_concat(map(1, 'a'), map('x', 'b'))", "[DATATYPE_MISMATCH]"),
        ("map_concat(map(1, 'a'), NULL)", "[DATATYPE_MISMATCH]"),
        ("map_concat()", []),
        ("transform_keys(map(1, 'a', 2, 'b'), (k, v) -> k + 1)", [[2, "a"], [3, "b"]]),
        ("transform_keys(map(1, 'a', 2, 'b'), (k, v) -> 1)", "[DUPLICATED_MAP_KEY]"),
        ("transform_keys(map(1, 'a'), (k, v) -> CAST(NULL AS INT))", "[NULL_MAP_KEY]"),
        ("transform_values(map(1, 'a'), (k, v) -> concat(v, k))", [[1, "a1"]]),
        ("transform_values(NULL::MAP<INT, INT>, (k, v) -> 1)", None),
        ("transform_values(map('a', map('b', 1)), (k, v) -> transform_values(v, (l, w) -> k || l || w))", [["a", [["b", "ab1"]]]]),
        ("map_zip_with(map(1, 'a', 2, 'b'), map(2, 'c', 3, 'd'), (k, a, b) -> concat(a, b))", [[1, None], [2, "bc"], [3, None]]),
        ("map_zip_with(map(1, 'a'), map(1.5, 'c'), (k, a, b) -> coalesce(a, b))", [["1.0", "a"], ["1.5", "c"]]),
        ("map_zip_with(map(1, 'a'), map(1, 'b'), (k, a) -> a)", "[INVALID_LAMBDA_FUNCTION_CALL]"),
        ("str_to_map('a:1:2,b:,c')", [["a", "1:2"], ["b", ""], ["c", None]]),
        ("str_to_map('a|1;b|2', ';', '\\\\|')", [["a", "1"], ["b", "2"]]),
        ("str_to_map('')", [["", None]]),
        ("str_to_map('a1b', '[0-9]')", "[UNSUPPORTED_FEATURE]"),
        ("str_to_map('a:1,a:2')", "[DUPLICATED_MAP_KEY]"),
    ],
)
def test_each_value_is_sparks(expression, value):
    """One value each, or the error's class."""
    assert evaluated(expression) == value
