"""The tools of Responses requests, and the choice of them."""

import json

import msgspec
import pytest

from headgate.core.conversation import APPLY_PATCH, CUSTOM, LOCAL_SHELL, SERVER, SHELL, TOOL_SEARCH, Location, Tool, ToolChoice, WebSearch
from headgate.core.errors import BadRequest
from headgate.dialects.openai_responses.decode_tools import first_of_each, read_choice, read_tools, server_type

SCHEMA = msgspec.Raw(b'{"type":"object","properties":{"b":{},"a":{"maximum":1.50}}}')


def raw(value):
    """A value as it comes in a body."""
    return msgspec.Raw(json.dumps(value).encode())


def own(kind, definition, name="", **members):
    """A tool of OpenAI's own types."""
    return Tool(name or definition["type"], kind, dialect="openai_responses", raw=raw(definition), **members)


def test_a_function_keeps_its_schema_as_it_was_written():
    """The order of its keys, and its numbers."""
    tools = read_tools(msgspec.Raw(b'[{"type":"function","name":"f","description":"d","parameters":' + bytes(SCHEMA) + b',"strict":false}]'), {})
    assert tools == (Tool("f", description="d", schema=SCHEMA, strict=False),)
    assert read_tools(raw([{"type": "function", "name": "f", "parameters": None, "strict": None}]), {}) == (Tool("f"),)


def test_a_custom_tool_has_a_grammar_or_none():
    """As Codex's `apply_patch` has."""
    lark = {"type": "custom", "name": "apply_patch", "description": "d", "format": {"type": "grammar", "syntax": "lark", "definition": "start: X"}}
    assert read_tools(raw([lark, {"type": "custom", "name": "c", "format": {"type": "text"}}]), {}) == (
        Tool("apply_patch", CUSTOM, "d", grammar="start: X", grammar_syntax="lark"),
        Tool("c", CUSTOM),
    )


def test_a_namespace_is_its_tools():
    """Each knows the namespace and what is said of it."""
    namespace = {
        "type": "namespace",
        "name": "ns",
        "description": "all of it",
        "tools": [{"type": "function", "name": "f", "parameters": {}}, {"type": "custom", "name": "c"}],
    }
    assert read_tools(raw([namespace]), {}) == (
        Tool("f", schema=msgspec.Raw(b"{}"), namespace="ns", namespace_description="all of it"),
        Tool("c", CUSTOM, namespace="ns", namespace_description="all of it"),
    )


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        (
            {"type": "tool_search", "execution": "client", "description": "d", "parameters": {"type": "object"}},
            {"kind": TOOL_SEARCH, "description": "d", "schema": raw({"type": "object"})},
        ),
        ({"type": "tool_search"}, {"kind": SERVER, "server_type": "tool_search"}),
        ({"type": "local_shell"}, {"kind": LOCAL_SHELL}),
        ({"type": "shell", "environment": {"type": "local"}}, {"kind": SHELL}),
        ({"type": "shell", "environment": {"type": "container_auto"}}, {"kind": SERVER, "server_type": "shell"}),
        ({"type": "apply_patch"}, {"kind": APPLY_PATCH}),
        (
            {"type": "web_search", "external_web_access": False},
            {"kind": SERVER, "server_type": "web_search", "search": WebSearch(others=("external_web_access",))},
        ),
        ({"type": "web_search_preview_2025_03_11"}, {"kind": SERVER, "server_type": "web_search", "name": "web_search", "search": WebSearch()}),
        ({"type": "code_interpreter", "container": "c"}, {"kind": SERVER, "server_type": "code_execution", "name": "code_execution"}),
        ({"type": "mcp", "server_label": "wiki"}, {"kind": SERVER, "server_type": "mcp", "name": "wiki"}),
        ({"type": "of_next_year"}, {"kind": SERVER, "server_type": "of_next_year"}),
    ],
)
def test_openais_own_tools_keep_their_definitions(definition, expected):
    """Those that the client runs by their kind, the others as the provider's."""
    assert read_tools(raw([definition]), {}) == (own(definition=definition, **expected),)


@pytest.mark.parametrize(
    ("tools", "message"),
    [
        ({}, "`tools` must be a list of tools."),
        (["f"], "`tools[0]` must be an object with a `type`."),
        ([{"type": "function"}], "`tools[0].name` must be a text."),
        ([{"type": "custom", "name": 1}], "`tools[0].name` must be a text."),
        ([{"type": "function", "name": "f", "parameters": []}], "`tools[0].parameters` must be a JSON Schema."),
        ([{"type": "namespace", "name": "n", "tools": [{"type": "function"}]}], "`tools[0].tools[0].name` must be a text."),
    ],
)
def test_what_is_no_tool_is_refused(tools, message):
    """In words that say where it is."""
    with pytest.raises(BadRequest) as refused:
        read_tools(raw(tools), {})
    assert refused.value.message == message


def test_the_first_of_each_name_counts():
    """The same name in another namespace is another tool."""
    tools = (Tool("f", description="1"), Tool("f", namespace="ns"), Tool("g"), Tool("f", description="2"))
    assert first_of_each(tools) == tools[:3]


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (None, ToolChoice()),
        ("none", ToolChoice("none")),
        ("required", ToolChoice("required")),
        ({"type": "function", "name": "f"}, ToolChoice("named", ("f",))),
        ({"type": "custom", "name": "c"}, ToolChoice("named", ("c",))),
        ({"type": "web_search_preview"}, ToolChoice("named", ("web_search",))),
        ({"type": "mcp", "server_label": "wiki"}, ToolChoice("named", ("wiki",))),
        ({"type": "apply_patch"}, ToolChoice("named", ("apply_patch",))),
        (
            {"type": "allowed_tools", "mode": "required", "tools": [{"type": "function", "name": "f"}, {"type": "image_generation"}]},
            ToolChoice("allowed", ("f", "image_generation"), must_call=True),
        ),
        ({"type": "allowed_tools", "mode": "auto", "tools": []}, ToolChoice("allowed")),
    ],
)
def test_choices(choice, expected):
    """Of a mode, of one tool, of some."""
    assert read_choice(raw(choice)) == expected


@pytest.mark.parametrize("choice", ["any", 1, {}, {"type": ""}])
def test_what_is_no_choice_is_refused(choice):
    """BadRequest says what may be chosen."""
    with pytest.raises(BadRequest, match="tool_choice"):
        read_choice(raw(choice))


def test_dates_of_versions_are_no_types():
    """All versions of the search are one type."""
    assert [server_type(kind) for kind in ("web_search", "web_search_2025_08_26", "file_search")] == ["web_search", "web_search", "file_search"]


def test_the_settings_of_a_search_are_read():
    """What only OpenAI's has is known by its name."""
    place = {"type": "approximate", "timezone": "Europe/Rome"}
    tool = {"type": "web_search", "filters": {"allowed_domains": ["a.it"], "x": 1}, "user_location": place, "search_context_size": "low", "later": 1}
    (found,) = read_tools(raw([tool]), {})

    assert found.search == WebSearch(
        allowed_domains=("a.it",), location=Location(timezone="Europe/Rome"), context="low", others=("later", "filters.x")
    )


def test_what_has_no_place_in_a_tool_is_noted():
    """Of tools that the client runs; a tool of OpenAI's is kept whole."""
    unread = {}
    tools = [
        {"type": "function", "name": "f", "output_schema": {}, "allowed_callers": ["programmatic"]},
        {"type": "shell", "environment": {"type": "local", "skills": [1]}},
        {"type": "image_generation", "size": "1"},
        {"type": "namespace", "name": "n", "later": 1, "tools": [{"type": "custom", "name": "c", "async": True, "allowed_callers": ["direct"]}]},
    ]
    read_tools(raw(tools), unread)

    assert [*unread] == ["tools.output_schema", "tools.allowed_callers", "tools.environment", "tools.later", "tools.async"]
