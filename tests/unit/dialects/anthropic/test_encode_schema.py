"""Schemas of tools as Anthropic takes them."""

import msgspec
import pytest

from headgate.dialects.anthropic.encode_schema import input_schema

EMPTY = {"type": "object", "properties": {}}


def made(schema):
    """The schema that is sent, and what is reported."""
    losses = []
    raw = None if schema is None else msgspec.Raw(msgspec.json.encode(schema))
    return msgspec.json.decode(msgspec.json.encode(input_schema(raw, losses))), [loss.what for loss in losses]


def test_an_object_is_sent_as_it_was_written():
    """To the byte."""
    raw = msgspec.Raw(b'{ "$schema":"x", "type":"object","properties":{"b":{"minimum":1.0}} }')

    assert bytes(input_schema(raw, [])) == bytes(raw)


@pytest.mark.parametrize("schema", [None, True, 5])
def test_no_schema_takes_anything(schema):
    """Anthropic requires one."""
    assert made(schema) == (EMPTY, [])


def test_a_missing_type_is_added():
    """The root must be an object."""
    assert made({"properties": {"a": {}}}) == ({"type": "object", "properties": {"a": {}}}, [])
    assert made({"type": ["object", "null"]}) == ({"type": ["object", "null"]}, [])


def test_another_type_is_wrapped():
    """And reported, because the arguments have another form."""
    assert made({"type": "array", "items": {}}) == (
        {"type": "object", "properties": {"value": {"type": "array", "items": {}}}, "required": ["value"]},
        ["input_schema"],
    )


@pytest.mark.parametrize("either", ["anyOf", "oneOf"])
def test_alternatives_become_one_object(either):
    """With the properties of all; required is what each requires. It is reported, because more arguments are allowed than before."""
    schema = {
        "type": "object", "description": "d", "properties": {"a": {"x": 1}}, "required": ["a"],
        either: [
            {"properties": {"a": {"x": 2}, "b": {}, "c": {}}, "required": ["b", "c"]},
            {"type": "object", "properties": {"b": {}, "d": {}}, "required": ["b"]},
        ],
    }  # fmt: skip

    assert made(schema) == (
        {"type": "object", "description": "d", "properties": {"a": {"x": 1}, "b": {}, "c": {}, "d": {}}, "required": ["a", "b"]},
        ["input_schema"],
    )


def test_what_holds_together_is_merged():
    """Every branch's required properties are."""
    schema = {"allOf": [{"properties": {"a": {}}, "required": ["a"]}, {"properties": {"b": {}}, "required": ["b"]}]}

    assert made(schema) == ({"type": "object", "properties": {"a": {}, "b": {}}, "required": ["a", "b"]}, [])


@pytest.mark.parametrize("schema", [{"anyOf": 5}, {"anyOf": []}, {"anyOf": [5]}, {"allOf": [{"required": 5}], "required": 5, "properties": 5}])
def test_a_broken_schema_takes_anything(schema):
    """Nothing is raised."""
    assert made(schema) == (EMPTY, [])


def test_a_schema_may_be_deep():
    """Its deepest branches are left out."""
    schema = {"properties": {"deep": {}}}
    for _ in range(20):
        schema = {"anyOf": [schema]}

    assert made(schema) == (EMPTY, [])


@pytest.mark.parametrize(("combined", "required"), [("allOf", ["a", *(f"p{n}" for n in range(20_000))]), ("anyOf", ["a"])])
def test_thousands_of_parts_are_merged_at_once(combined, required):
    """Each is looked at once."""
    parts = [{"properties": {f"p{n}": {}}, "required": ["a", f"p{n}"]} for n in range(20_000)]
    merged = input_schema(msgspec.Raw(msgspec.json.encode({"type": "object", combined: parts})), [])

    assert len(merged["properties"]) == 20_000
    assert merged["required"] == required
