"""The types of JSON texts: each is Spark's."""

import pytest

from tests.fakes.expressions import evaluated


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('{"b":1,"a":[1.5,null,2],"c":{"x":true}, "d e":null}', "STRUCT<a: ARRAY<DOUBLE>, b: BIGINT, c: STRUCT<x: BOOLEAN>, `d e`: STRING>"),
        ("[]", "ARRAY<STRING>"),
        ('[1,"a"]', "ARRAY<STRING>"),
        ("{}", "STRUCT<>"),
        ('[{"a":[1]},{"a":["x"]},{"a":null},{"B":1}]', "ARRAY<STRUCT<B: BIGINT, a: ARRAY<STRING>>>"),
        ("[[1],[null,2.5]]", "ARRAY<ARRAY<DOUBLE>>"),
        ("x", "[UNSUPPORTED_FEATURE]"),
        ('{"a":1,"a":2}', "[UNSUPPORTED_FEATURE]"),
        ("12345678901234567890", "[UNSUPPORTED_FEATURE]"),
    ],
)
def test_each_type_is_sparks(text, kind):
    """Fields are in the order of their names; a bare null is a text."""
    assert evaluated(f"schema_of_json('{text}')") == kind
