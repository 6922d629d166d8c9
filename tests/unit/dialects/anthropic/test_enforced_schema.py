"""Schemas that Anthropic enforces."""

import msgspec
import pytest

from headgate.dialects.anthropic.enforced_schema import answer_schema, is_enforced

CLOSED = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}


def made(schema):
    """The schema that is sent, and what is reported."""
    losses = []
    sent = answer_schema(msgspec.Raw(msgspec.json.encode(schema)), losses)
    return msgspec.json.decode(msgspec.json.encode(sent)), [loss.why for loss in losses]


def test_what_anthropic_takes_is_sent_as_it_was_written():
    """To the byte."""
    raw = msgspec.Raw(b'{ "type":"object", "properties":{"a":{"const":1.0}},"additionalProperties":false }')

    assert answer_schema(raw, []) is raw


def test_objects_are_closed():
    """Wherever they are."""
    nested = {"anyOf": [{"type": "object", "properties": {}}], "$defs": {"x": {"type": "array", "items": {"type": "object"}}}}

    assert made(nested) == (
        {
            "anyOf": [{"type": "object", "properties": {}, "additionalProperties": False}],
            "$defs": {"x": {"type": "array", "items": {"type": "object", "additionalProperties": False}}},
        },
        [],
    )


def test_bounds_move_into_the_description():
    """The model reads them there, and the loss names them."""
    schema = {**CLOSED, "properties": {"a": {"type": "integer", "description": "How many.", "minimum": 1}, "b": {"type": "array", "minItems": 2}}}

    body, losses = made(schema)

    assert body["properties"] == {
        "a": {"type": "integer", "description": 'How many.\n\n{"minimum":1}'},
        "b": {"type": "array", "description": '{"minItems":2}'},
    }
    assert losses == ["Anthropic does not enforce minimum, minItems: the model reads it in a description."]


def test_a_map_is_described():
    """Anthropic takes closed objects alone."""
    assert made({"type": "object", "additionalProperties": {"type": "string"}}) == (
        {"type": "object", "description": '{"additionalProperties":{"type":"string"}}', "additionalProperties": False},
        ["Anthropic does not enforce additionalProperties: the model reads it in a description."],
    )


def test_one_of_is_any_of():
    """Anthropic has the one word."""
    assert made({"oneOf": [{"type": "string"}]}) == ({"anyOf": [{"type": "string"}]}, [])


def test_a_property_may_have_the_name_of_a_bound():
    """Only schemas are rewritten."""
    assert made({**CLOSED, "properties": {"minimum": {"type": "string"}}})[1] == []
    assert made({**CLOSED, "properties": {"a": {"enum": [{"minimum": 1}]}}})[1] == []


@pytest.mark.parametrize("schema", [True, [], "x"])
def test_what_is_no_object_is_sent_as_it_is(schema):
    """The provider says what is wrong with it."""
    assert made(schema) == (schema, [])


@pytest.mark.parametrize(("schema", "enforced"), [(CLOSED, True), ({"type": "object"}, False), ({**CLOSED, "maxProperties": 1}, False)])
def test_a_strict_tool_needs_a_schema_that_is_enforced(schema, enforced):
    """Anthropic would refuse another."""
    assert is_enforced(msgspec.Raw(msgspec.json.encode(schema))) is enforced


def test_a_tool_without_a_schema_is_not_strict():
    """Nor one whose schema cannot be read."""
    assert not is_enforced(None)
    assert not is_enforced(msgspec.Raw(b"{"))
