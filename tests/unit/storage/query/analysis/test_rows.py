"""Functions that give rows: each answer is Spark's."""

import pytest

from tests.fakes.expressions import evaluated


@pytest.mark.parametrize(
    ("statement", "value"),
    [
        ("SELECT c1 || c0 FROM (SELECT json_tuple('{\"a\":1.50,\"b\":\"x\"}', 'a', 'b'))", "x1.5"),
        ("SELECT json_tuple('x', 'a')", None),
        ("SELECT json_tuple(NULL, 'a')", "[DATATYPE_MISMATCH.NON_STRING_TYPE]"),
        ("SELECT j.x FROM people LATERAL VIEW json_tuple('{\"a\":[1]}', 'a') j AS x", "[1]"),
        ("SELECT collect_list(col0) FROM (SELECT stack(3, 1, 2))", [1, 2]),
        ("SELECT max(col1) FROM (SELECT stack(2, 1, 'a', 2, 'b'))", "b"),
        ("SELECT stack(2, 1, 'a')", "[DATATYPE_MISMATCH.STACK_COLUMN_DIFF_TYPES]"),
        ("SELECT explode_outer(array())", None),
        ("SELECT sum(key) FROM (SELECT posexplode_outer(map(7, 8)))", 7),
        ("SELECT stack(0, 1)", "[DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE]"),
    ],
)
def test_each_value_is_sparks(statement, value):
    """One value each, or the error's class."""
    assert evaluated(statement) == value
