"""The tools of Cursor's requests."""

import json

import msgspec
import pytest

from headgate.core.conversation import CUSTOM, SERVER, ToolChoice
from headgate.core.errors import BadRequest
from headgate.dialects.cursor.decode_tools import decode_choice, decode_tools


def raw(value):
    """A field."""
    return msgspec.Raw(json.dumps(value).encode())


def test_tools_in_every_shape_keep_their_order():
    """Nested, flat, free-form, Anthropic's, without a type, run by the provider."""
    schema = {"type": "object", "b": 1.0, "a": 2}
    found = decode_tools(
        raw([
            {"type": "function", "function": {"name": "one", "parameters": schema}},
            {"type": "function", "name": "two", "parameters": schema, "strict": False},
            {"type": "custom", "name": "ApplyPatch", "format": {"type": "grammar", "syntax": "lark", "definition": "start: x"}},
            {"name": "three", "description": "Three.", "input_schema": schema},
            {"name": "four", "parameters": schema},
            {"type": "web_search"},
        ])
    ).tools
    assert [tool.name for tool in found] == ["one", "two", "ApplyPatch", "three", "four", "web_search"]
    assert [bytes(tool.schema) for tool in found if tool.schema is not None] == [json.dumps(schema).encode()] * 4
    assert (found[2].kind, found[2].grammar, found[2].grammar_syntax) == (CUSTOM, "start: x", "lark")
    assert found[5].kind == SERVER
    assert decode_tools(msgspec.Raw(b"null")).tools == ()


def test_what_has_no_place_in_a_tool_is_noted():
    """Of each dialect."""
    found = decode_tools(raw([{"type": "function", "name": "f", "output_schema": {}}, {"name": "g", "input_schema": {}, "input_examples": [{}]}]))

    assert [*found.beyond] == ["tools.output_schema", "tools.input_examples"]


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (None, ToolChoice()),
        ("required", ToolChoice("required")),
        ({"type": "function", "function": {"name": "one"}}, ToolChoice("named", ("one",))),
        ({"type": "function", "name": "two"}, ToolChoice("named", ("two",))),
        ({"type": "tool", "name": "three"}, ToolChoice("named", ("three",))),
        ({"type": "tool"}, ToolChoice("required")),
        ({"type": "any"}, ToolChoice("required")),
        ({"type": "auto"}, ToolChoice("auto")),
        ({"type": "none"}, ToolChoice("none")),
    ],
)
def test_every_choice(choice, expected):
    """Anthropic's `tool` without a name means any of them."""
    assert decode_choice(raw(choice)) == expected


def test_what_is_no_list_is_refused():
    """As everywhere."""
    with pytest.raises(BadRequest, match="tools"):
        decode_tools(raw({}))
    with pytest.raises(BadRequest):
        decode_tools(raw([{"type": "function"}]))
