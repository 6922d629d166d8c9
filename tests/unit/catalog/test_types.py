"""Column types in their three spellings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.catalog import types
from headgate.catalog.types import Array, Decimal, Field, Map, Primitive, Structure
from headgate.core.errors import BadRequest

scalars = st.one_of(st.sampled_from(sorted(types.PRIMITIVES.values())).map(Primitive), st.builds(Decimal, st.just(38), st.integers(0, 18)))
names = st.from_regex(r"[a-z_][a-z0-9_ ]{0,8}", fullmatch=True)


def _nested(inner):
    fields = st.lists(st.builds(Field, names, inner), min_size=1, max_size=3).map(lambda items: Structure(tuple(items)))
    return st.one_of(st.builds(Array, inner), st.builds(Map, inner, inner), fields)


@given(st.recursive(scalars, _nested, max_leaves=8))
def test_every_type_survives_its_spellings(kind):
    """Type text, SQL and Delta JSON all lead back to the same type."""
    assert types.parse_text(types.text(kind)) == kind
    assert types.parse_text(types.sql(kind)) == kind
    schema = Structure((Field("c", kind, nullable=False, comment="why"),))
    assert types.from_delta_json(types.to_delta_json(schema)) == schema


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("LONG", "bigint"),
        ("Integer", "int"),
        (" array < long > ", "array<bigint>"),
        ("struct<a: LONG, `b c`: map<string, decimal(10, 2)>>", "struct<a:bigint,`b c`:map<string,decimal(10,2)>>"),
        ("struct<>", "struct<>"),
        ("decimal", "decimal(10,0)"),
    ],
)
def test_aliases_and_spaces(text, expected):
    """Other spellings of a type are understood."""
    assert types.text(types.parse_text(text)) == expected


@pytest.mark.parametrize(
    "text",
    ["", "map<string>", "array<int", "int>", "struct<a>", "struct<a:int", "blob", "decimal(40,2)", "decimal(5,6)", "array<" * 40 + "int" + ">" * 40],
)
def test_what_is_no_type_is_refused(text):
    """Unknown, unfinished and absurdly nested types are refused."""
    with pytest.raises(BadRequest):
        types.parse_text(text)


@pytest.mark.parametrize("fields", [10, 1000])
def test_a_type_text_is_read_in_one_pass(fields):
    """A struct costs the same for each field, however many follow it: a text of a megabyte must not stop whoever reads it."""
    looked = []

    class Counted(str):  # ruff: ignore[no-slots-in-str-subclass,subclass-builtin] - a text that tells how much of it is copied
        def __getitem__(self, part):
            found = str.__getitem__(self, part)
            looked.append(len(found))
            return Counted(found)

        def strip(self, *args):
            return Counted(str.strip(self, *args))

        def lstrip(self, *args):
            found = Counted(str.lstrip(self, *args))
            looked.append(len(found))
            return found

    kind = types.parse_text(Counted("struct<" + ",".join(f"a{number}: map<int,string>" for number in range(fields)) + ">"))
    assert len(kind.fields) == fields
    assert sum(looked) <= 100 * fields


@pytest.mark.parametrize(
    "value",
    [7, None, [], {}, {"type": "struct", "fields": [7]}, {"type": "struct", "fields": [{"name": "a"}]}, {"type": "struct", "fields": {"a": 1}},
     {"type": "struct", "fields": [{"name": 7, "type": "long"}]}, {"type": "map", "keyType": "string"}, {"type": {"type": "array"}}],
)  # fmt: skip
def test_what_is_no_delta_type_is_refused(value):
    """Whatever a client sends as a schema is refused, never a failure of ours; so is one that is nested absurdly deep."""
    with pytest.raises(BadRequest):
        types.from_delta(value)
    with pytest.raises(BadRequest):
        types.from_delta({"type": "array", "elementType": value})


def test_a_deep_delta_type_is_refused():
    """Deep nesting is refused before it exhausts the stack."""
    deep: object = "long"
    for _ in range(5000):
        deep = {"type": "array", "elementType": deep}
    with pytest.raises(BadRequest, match="deeper"):
        types.from_delta(deep)


def test_odd_metadata_of_a_field_is_left_alone():
    """A field whose metadata is no object has no comment."""
    assert types.field_from_delta({"name": "a", "type": "long", "metadata": 7}) == Field("a", Primitive("long"))


def test_unknown_delta_types_are_refused_by_name():
    """A table with a type we do not know is not read wrongly."""
    with pytest.raises(BadRequest, match="geometry"):
        types.from_delta_json('{"type":"struct","fields":[{"name":"g","type":"geometry","nullable":true,"metadata":{}}]}')


def test_type_names_of_the_interfaces():
    """Databricks' short names."""
    assert [types.type_name(types.parse_text(text)) for text in ("bigint", "int", "string", "map<int,int>", "decimal(3,1)", "variant")] == [
        "LONG",
        "INT",
        "STRING",
        "MAP",
        "DECIMAL",
        "VARIANT",
    ]
