"""JSON texts of values: each is Spark's."""

import pytest

from tests.fakes.expressions import evaluated


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("to_json(struct(CAST('NaN' AS DOUBLE) AS x))", '{"x":"NaN"}'),
        ("to_json(struct(1 AS a, NULL AS b, 'x' AS c))", '{"a":1,"c":"x"}'),
        ("to_json(struct(1.50 AS a))", '{"a":1.50}'),
        ("to_json(struct(TIMESTAMP'2026-01-05 10:00:00.123' AS t))", '{"t":"2026-01-05T10:00:00.123Z"}'),
        ("to_json(struct(X'616263' AS b, TRUE AS z))", '{"b":"YWJj","z":true}'),
        ("to_json(array(struct(1 AS a), NULL))", '[{"a":1},null]'),
        ("to_json(map('a', 1, 'b', NULL))", '{"a":1,"b":null}'),
        ("to_json(NULL)", None),
        ("to_json(struct(1 AS a), map('pretty', 'true'))", "[UNSUPPORTED_FEATURE]"),
    ],
)
def test_each_value_is_sparks(expression, value):
    """One value each, or the error's class."""
    assert evaluated(expression) == value
