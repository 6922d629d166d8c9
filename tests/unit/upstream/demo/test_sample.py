"""Smallest values of JSON Schemas."""

import pytest

from headgate.upstream.demo.sample import sample, sample_json


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string"}, "demo"),
        ({"type": "STRING"}, "demo"),
        ({"type": ["integer", "null"]}, 1),
        ({"enum": ["b", "a"]}, "b"),
        ({"const": 7}, 7),
        ({"default": None}, None),
        ({"anyOf": [{"type": "boolean"}, {"type": "string"}]}, True),
        ({"type": "array", "items": {"type": "number"}}, []),
        ({"type": "array", "items": {"type": "number"}, "minItems": 1}, [1]),
        ({"properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "required": ["b"]}, {"b": "demo"}),
        ({"properties": {"a": {"type": "integer"}}}, {"a": 1}),
        ({"type": "object", "required": ["gone"], "properties": {}}, {}),
        ("nonsense", "demo"),
        ({"type": "unheard-of"}, "demo"),
    ],
)
def test_sample(schema, value):
    """Each kind of schema has a value."""
    assert sample(schema) == value


def test_recursion_ends():
    """A schema that holds itself is cut off."""
    schema: dict = {"type": "object", "properties": {}, "required": ["child"]}
    schema["properties"]["child"] = schema
    assert len(sample_json(schema)) < 200
