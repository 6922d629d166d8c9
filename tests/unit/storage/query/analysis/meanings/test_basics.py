"""Conditions: the first value that is not NULL."""

import pytest

from tests.fakes.expressions import evaluated, named

_TEXTS = "SELECT {} FROM VALUES (CAST(NULL AS STRING), 'b', 'c', 1) AS t(one, two, three, four)"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("coalesce(one, two, three)", "b"),
        ("coalesce(one, one)", None),
        ("coalesce(one, one, 'unknown')", "unknown"),
        ("nvl(two, three)", "b"),
        ("coalesce(one)", None),
        ("coalesce(one, upper(two), three)", "B"),
        ("coalesce(one, four)", 1),
        ("coalesce(NULL, four, 2.5)", "1.0"),
        ("coalesce(array(1), map(1, 2))", "[DATATYPE_MISMATCH]"),
        ("coalesce()", "[WRONG_NUM_ARGS]"),
    ],
)
def test_the_first_that_is_not_null(expression, value):
    """Of columns with texts and of anything else, in their common type."""
    assert evaluated(_TEXTS.format(expression)) == value


def test_what_is_grouped_by_it():
    """The expression is one and the same in the select list and as a key."""
    rows = "VALUES ('a', NULL), (NULL, 'a'), (NULL, NULL) AS t(one, two)"
    text = f"SELECT concat_ws(',', sort_array(collect_list(concat(k, n)))) FROM (SELECT coalesce(one, two, '-') AS k, count(*) AS n FROM {rows} GROUP BY coalesce(one, two, '-'))"
    assert evaluated(text) == "-1,a2"


def test_its_column_is_named_as_it_is_called():
    """Not as it is computed."""
    assert named("coalesce('a', 'b')") == "coalesce(a, b)"
