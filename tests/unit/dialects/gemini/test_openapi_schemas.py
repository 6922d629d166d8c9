"""Schemas in OpenAPI's words, said as JSON Schema."""

import json

import msgspec
import pytest

from headgate.dialects.gemini.openapi_schemas import json_schema


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"type": "STRING", "description": "A path."}, {"type": "string", "description": "A path."}),
        ({"type": "TYPE_UNSPECIFIED"}, {}),
        ({"type": "INTEGER", "nullable": True}, {"type": ["integer", "null"]}),
        ({"type": "STRING", "enum": ["a"], "nullable": True}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"any_of": [{"type": "STRING"}], "nullable": True}, {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        ({"type": "ARRAY", "items": {"type": "NUMBER"}, "minItems": "1"}, {"type": "array", "items": {"type": "number"}, "minItems": 1}),
        (
            {"type": "OBJECT", "properties": {"type": {"type": "BOOLEAN"}}, "required": ["type"], "propertyOrdering": ["type"]},
            {"type": "object", "properties": {"type": {"type": "boolean"}}, "required": ["type"]},
        ),
        ({"type": "object", "additionalProperties": False}, {"type": "object", "additionalProperties": False}),
        ({"defs": {"A": {"type": "STRING"}}, "ref": "#/$defs/A"}, {"$defs": {"A": {"type": "string"}}, "$ref": "#/$defs/A"}),
    ],
)
def test_a_schema_is_said_as_json_schema(written, said):
    """Types in small letters, null as a type, numbers as numbers; properties keep their names."""
    assert json.loads(bytes(json_schema(msgspec.Raw(json.dumps(written).encode()), {}))) == said


def test_what_is_no_schema_stays():
    """It is for the provider to refuse."""
    assert bytes(json_schema(msgspec.Raw(b"true"), {})) == b"true"


def test_an_example_is_noted():
    """JSON Schema has lists of them, and no model needs one."""
    unread = {}
    json_schema(msgspec.Raw(b'{"type":"STRING","example":"a"}'), unread)

    assert unread == {"schema.example": msgspec.Raw(b'"a"')}
