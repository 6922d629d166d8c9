"""The cleaner of schemas for Gemini."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.dialects.gemini.schemas import KEPT, cleaned
from tests.fakes.examples import examples


def raw(value):
    """A schema as a client writes it."""
    return msgspec.Raw(json.dumps(value).encode())


@pytest.mark.parametrize(
    ("schema", "clean", "lost"),
    [
        ({"const": "a"}, {"enum": ["a"]}, ()),
        ({"type": "boolean", "const": True}, {"type": "boolean", "description": "Always true."}, ()),
        ({"type": "integer", "exclusiveMinimum": 0}, {"type": "integer", "minimum": 1}, ()),
        ({"type": "number", "exclusiveMaximum": 2}, {"type": "number", "maximum": 2, "description": "Must be less than 2."}, ()),
        (
            {"type": "number", "minimum": 1, "exclusiveMinimum": True, "description": "A."},
            {"type": "number", "minimum": 1, "description": "A. Must be greater than 1."},
            (),
        ),
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}, ()),
        ({"$schema": "x", "type": "string", "default": "a", "examples": ["b"]}, {"type": "string"}, ("default", "examples")),
        ({"$schema": "x", "type": "string", "readOnly": True}, {"type": "string"}, ()),
        ({"type": "object", "propertyNames": {}, "patternProperties": {}, "not": {}, "if": {}}, {"type": "object"}, ("if", "not", "patternProperties", "propertyNames")),
        ({"type": "string", "minLength": 1, "pattern": "a"}, {"type": "string"}, ("minLength", "pattern")),
        (
            {"$ref": "#/definitions/A", "description": "An A.", "type": "object"},
            {"anyOf": [{"$ref": "#/$defs/A"}], "description": "An A.", "type": "object"},
            (),
        ),
        ({"$ref": "#/$defs/A", "nullable": True}, {"anyOf": [{"$ref": "#/$defs/A"}, {"type": "null"}]}, ()),
        ({"$ref": "#/$defs/A", "anyOf": [{}], "title": "T"}, {"$ref": "#/$defs/A"}, ("anyOf", "title")),
        ({"$ref": 5, "type": "string"}, {"type": "string"}, ("$ref",)),
        ({"definitions": {"A": {"const": 1}}, "type": "object"}, {"$defs": {"A": {"enum": [1]}}, "type": "object"}, ()),
        (
            {"allOf": [{"properties": {"a": {"type": "string"}}, "required": ["a"]}, {"properties": {"b": True}, "required": ["a", "b"]}], "type": "object"},
            {"type": "object", "properties": {"b": {}, "a": {"type": "string"}}, "required": ["a", "b"]},
            (),
        ),
        ({"type": "string", "allOf": [{"type": "integer"}]}, {"type": "string"}, ("allOf.type",)),
        ({"allOf": [{"$ref": "#/$defs/A"}], "description": "An A."}, {"description": "An A.", "anyOf": [{"$ref": "#/$defs/A"}]}, ()),
        ({"anyOf": [{"const": "a"}, {"type": "null"}]}, {"anyOf": [{"enum": ["a"]}, {"type": "null"}]}, ()),
        ({"type": "array", "items": [{"type": "string"}]}, {"type": "array", "prefixItems": [{"type": "string"}]}, ()),
        ({"enum": [True, "a"]}, {}, ("enum",)),
    ],
)  # fmt: skip
def test_what_gemini_does_not_know_is_said_in_its_words(schema, clean, lost):
    """Or left out and named; notes that say nothing about a value are left out unnamed."""
    result = cleaned(raw(schema))
    assert json.loads(bytes(result.schema)) == clean
    assert result.lost == lost


def test_properties_may_have_the_names_of_keywords():
    """They are no keywords there, and arguments in an enumeration are no schemas."""
    schema = {"type": "object", "properties": {"not": {"type": "string"}, "pattern": {"type": "string", "enum": ["const"]}}, "required": ["not"]}
    assert cleaned(raw(schema)).schema == raw(schema)


@pytest.mark.parametrize("value", [True, "x", [], None])
def test_what_is_no_object_stays(value):
    """The provider refuses it."""
    assert cleaned(raw(value)).schema == raw(value)


NAMES = st.sampled_from(["a", "const", "type"])
LEAVES = st.one_of(
    st.fixed_dictionaries({"type": st.sampled_from(["string", "integer", "null"]), "description": st.text(max_size=5)}),
    st.fixed_dictionaries({"enum": st.lists(st.text(max_size=3), min_size=1, max_size=2)}),
    st.fixed_dictionaries({"$ref": st.just("#/$defs/A")}),
)
SUPPORTED = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.fixed_dictionaries({
            "type": st.just("object"),
            "properties": st.dictionaries(NAMES, inner, max_size=3),
            "additionalProperties": st.booleans() | inner,
            "required": st.lists(NAMES, max_size=2),
        }),
        st.fixed_dictionaries({"type": st.just("array"), "items": inner, "minItems": st.integers(0, 3)}),
        st.fixed_dictionaries({"anyOf": st.lists(inner, min_size=1, max_size=3)}),
    ),
    max_leaves=8,
)
KEYWORDS = st.sampled_from([*sorted(KEPT), "const", "allOf", "not", "exclusiveMinimum", "exclusiveMaximum", "nullable", "definitions", "pattern"])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYWORDS, inner, max_size=4),
    max_leaves=12,
)


@given(SUPPORTED)
@examples(80)
def test_supported_schemas_stay_byte_for_byte(schema):
    """Nothing is lost of them."""
    result = cleaned(raw(schema))
    assert result.schema == raw(schema)
    assert result.lost == ()


@given(ANYTHING)
@examples(150)
def test_cleaning_twice_is_cleaning_once(value):
    """What is clean stays as it is, whatever was cleaned."""
    once = cleaned(raw(value)).schema
    assert cleaned(once).schema == once


def test_thousands_of_parts_are_merged_at_once():
    """What came first stays, names are there once, and the schema that was given is not changed."""
    parts = [{"properties": {f"p{n}": {"type": "string"}}, "required": [f"p{n}", "a"]} for n in range(20_000)]
    schema = {"type": "object", "properties": {"p1": {"type": "integer"}}, "required": ["a", 1], "allOf": parts}
    clean = json.loads(bytes(cleaned(msgspec.Raw(msgspec.json.encode(schema))).schema))

    assert len(clean["properties"]) == 20_000
    assert clean["properties"]["p1"] == {"type": "integer"}
    assert clean["required"] == ["a", *(f"p{n}" for n in range(20_000))]


def test_a_schema_that_comes_again_is_cleaned_once():
    """It is the same object; a very large one is cleaned anew, and is equal."""
    small, large = raw({"const": "a"}), raw({"const": "a" * 20_000})

    assert cleaned(small) is cleaned(raw({"const": "a"}))
    assert cleaned(large) == cleaned(large)
    assert cleaned(large) is not cleaned(large)
