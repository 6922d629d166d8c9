"""Tools and the choice of them."""

import json

import msgspec
import pytest

from headgate.core.conversation import Tool, ToolChoice, WebSearch
from headgate.core.errors import BadRequest
from headgate.dialects.gemini.decode_tools import tool_choice, tools
from headgate.dialects.gemini.members import members


def raw(value):
    """A value as it is in a body."""
    return msgspec.Raw(json.dumps(value, separators=(",", ":")).encode())


def test_functions_keep_their_schema():
    """`parametersJsonSchema` as it is written, `parameters` as JSON Schema, or none."""
    schema = {"type": "object", "properties": {}, "$schema": "x"}
    declared = [
        {"name": "a", "description": "A.", "parametersJsonSchema": schema},
        {"name": "b", "parameters": {"type": "OBJECT"}},
        {"name": "c"},
    ]
    assert tools(raw([{"functionDeclarations": declared[:2]}, {"function_declarations": declared[2:]}]), {}) == (
        Tool("a", description="A.", schema=raw(schema)),
        Tool("b", schema=raw({"type": "object"})),
        Tool("c"),
    )


@pytest.mark.parametrize(
    ("kind", "server_type"),
    [("googleSearch", "web_search"), ("urlContext", "web_fetch"), ("codeExecution", "code_execution"), ("googleMaps", "googleMaps")],
)
def test_other_kinds_run_at_the_provider(kind, server_type):
    """Their definition is kept."""
    search = WebSearch() if server_type == "web_search" else None
    expected = Tool(kind, "server", server_type=server_type, dialect="gemini", raw=raw({kind: {}}), search=search)
    assert tools(raw([{kind: {}}]), {}) == (expected,)


def test_what_has_no_place_in_a_tool_is_noted():
    """Of a function by its name; of a search with its settings."""
    unread = {}
    function, search = tools(
        raw([
            {"functionDeclarations": [{"name": "f", "response": {}}]},
            {"googleSearch": {"excludeDomains": ["a.it"], "searchTypes": {"webSearch": {}}}},
        ]),
        unread,
    )

    assert function == Tool("f")
    assert unread == {"tools.response": raw({})}
    assert search.search == WebSearch(blocked_domains=("a.it",), others=("searchTypes",))


@pytest.mark.parametrize(
    ("calling", "choice"),
    [
        ({}, ToolChoice()),
        ({"mode": "AUTO"}, ToolChoice()),
        ({"mode": "any"}, ToolChoice("required")),
        ({"mode": "ANY", "allowedFunctionNames": ["a"]}, ToolChoice("named", ("a",))),
        ({"mode": "ANY", "allowed_function_names": ["a", "b"]}, ToolChoice("allowed", ("a", "b"), must_call=True)),
        ({"mode": "NONE"}, ToolChoice("none")),
        ({"mode": "VALIDATED", "allowedFunctionNames": ["a"]}, ToolChoice("allowed", ("a",))),
    ],
)
def test_each_mode_is_a_choice(calling, choice):
    """With the names that are allowed."""
    assert tool_choice(members(raw({"functionCallingConfig": calling}), "toolConfig"))[0] == choice


def test_what_has_no_place_is_kept():
    """By a name with dots."""
    config = {"functionCallingConfig": {"mode": "VALIDATED", "streamFunctionCallArguments": True}, "retrievalConfig": {}}
    _, beyond = tool_choice(members(raw(config), "toolConfig"))
    assert sorted(beyond) == [
        "toolConfig.functionCallingConfig.mode",
        "toolConfig.functionCallingConfig.streamFunctionCallArguments",
        "toolConfig.retrievalConfig",
    ]


def test_what_is_no_tool_is_refused():
    """The message says where it is."""
    with pytest.raises(BadRequest, match=r"`tools\[0\].functionDeclarations\[0\].name` is missing"):
        tools(raw([{"functionDeclarations": [{}]}]), {})
    with pytest.raises(BadRequest, match="must be AUTO, ANY, NONE or VALIDATED"):
        tool_choice(members(raw({"functionCallingConfig": {"mode": "SOME"}}), "toolConfig"))
