"""Parts of JSON texts and of VARIANT: each value is Spark's."""

import pytest

from tests.fakes.expressions import evaluated


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("get_json_object('bad', '$.a')", None),
        ("get_json_object('{\"a\":1}', 'a')", None),
        ("get_json_object('{\"a b\":1}', '$[\\'a b\\']')", "1"),
        ("get_json_object('{\"a\":[{\"b\":1}]}', '$.a[*].b')", "[UNSUPPORTED_FEATURE]"),
        ("json_array_length('{\"a\":1}')", None),
        ("json_object_keys('{\"a\":1}')", ["a"]),
        ("variant_get(parse_json('{\"a\":1.9}'), '$.a', 'int')", 1),
        ("variant_get(parse_json('{\"a\":1}'), 'a', 'int')", "[INVALID_VARIANT_GET_PATH]"),
        ("parse_json('{\"a\":1}')::STRING", '{"a":1}'),
    ],
)
def test_each_value_is_sparks(expression, value):
    """One value each, or the error's class."""
    assert evaluated(expression) == value
