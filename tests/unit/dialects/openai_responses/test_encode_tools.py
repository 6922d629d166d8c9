"""Tools and choices as Responses writes them."""

import json

import msgspec
import pytest

from headgate.core.conversation import APPLY_PATCH, CUSTOM, LOCAL_SHELL, SERVER, TOOL_SEARCH, Location, Tool, ToolChoice, WebSearch
from headgate.core.loss import Loss
from headgate.core.model_profile import ModelProfile
from headgate.dialects.openai_responses.decode_tools import read_choice, read_tools
from headgate.dialects.openai_responses.encode_tools import encode_choice, encode_tools

SCHEMA = msgspec.Raw(b'{"type":"object","properties":{"b":{},"a":{}}}')
NO_PARAMETERS = {"type": "object", "properties": {}}


def written(*tools, **profile):
    """The list as JSON has it, and the losses."""
    definitions, losses = encode_tools(tools, ModelProfile(**profile))
    return json.loads(msgspec.json.encode(definitions)), losses


def test_a_function_is_not_strict_unless_asked():
    """OpenAI's default would rewrite its schema; a missing one is that of no parameters."""
    assert written(Tool("f", description="d", schema=SCHEMA), Tool("g", strict=True)) == (
        [
            {"type": "function", "name": "f", "description": "d", "parameters": json.loads(bytes(SCHEMA)), "strict": False},
            {"type": "function", "name": "g", "parameters": NO_PARAMETERS, "strict": True},
        ],
        [],
    )


def test_a_model_that_is_not_strict():
    """It is reported."""
    definitions, losses = written(Tool("g", strict=True), strict_schemas=False)
    assert definitions[0]["strict"] is False
    assert losses == [Loss("strict", "the model does not keep to the schema of g strictly")]


def test_custom_tools_and_searches():
    """As OpenAI's own clients write them."""
    assert written(
        Tool("exec", CUSTOM, "d", grammar="start: X", grammar_syntax="lark"), Tool("c", CUSTOM), Tool("tool_search", TOOL_SEARCH, "d", SCHEMA)
    )[0] == [
        {"type": "custom", "name": "exec", "description": "d", "format": {"type": "grammar", "syntax": "lark", "definition": "start: X"}},
        {"type": "custom", "name": "c"},
        {"type": "tool_search", "execution": "client", "description": "d", "parameters": json.loads(bytes(SCHEMA))},
    ]


def test_a_namespace_is_at_the_place_of_its_first_tool():
    """With all its tools, also those that come later."""
    one, two = (Tool(name, namespace="ns", namespace_description="all") for name in ("a", "b"))
    definitions, _ = written(one, Tool("f"), two)
    assert [definition["name"] for definition in definitions] == ["ns", "f"]
    assert definitions[0]["description"] == "all"
    assert [tool["name"] for tool in definitions[0]["tools"]] == ["a", "b"]


def test_own_tools_are_written_as_they_came():
    """Byte for byte; those of another dialect by their type, and a search where the model has one."""
    raw = msgspec.Raw(b'{"type":"web_search","external_web_access":false}')
    definitions, losses = encode_tools(
        [
            Tool("web_search", SERVER, server_type="web_search", dialect="openai_responses", raw=raw),
            Tool("web_search", SERVER, server_type="web_search", dialect="anthropic", raw=msgspec.Raw(b"{}")),
            Tool("code", SERVER, server_type="code_execution", dialect="anthropic", raw=msgspec.Raw(b"{}")),
            Tool("local_shell", LOCAL_SHELL),
        ],
        ModelProfile(),
    )
    assert definitions == [raw, {"type": "web_search"}, {"type": "local_shell"}]
    assert losses == [Loss("code", "the provider does not have this tool")]
    assert written(Tool("web_search", SERVER, server_type="web_search"), web_search=False)[0] == []


CHOICES = ToolChoice("allowed", ("f", "exec", "web_search", "apply_patch", "wiki", "code_execution"), must_call=True)
TOOLS = (
    Tool("f"),
    Tool("exec", CUSTOM),
    Tool("web_search", SERVER, server_type="web_search"),
    Tool("apply_patch", APPLY_PATCH),
    Tool("wiki", SERVER, server_type="mcp"),
    Tool("code_execution", SERVER, server_type="code_execution", dialect="openai_responses", raw=msgspec.Raw(b'{"type":"code_interpreter"}')),
)


def test_a_choice_names_tools_by_their_kind():
    """By name what the client runs, by type or label what the provider runs."""
    chosen = encode_choice(CHOICES, TOOLS)
    assert chosen == {
        "type": "allowed_tools",
        "mode": "required",
        "tools": [
            {"type": "function", "name": "f"},
            {"type": "custom", "name": "exec"},
            {"type": "web_search"},
            {"type": "apply_patch"},
            {"type": "mcp", "server_label": "wiki"},
            {"type": "code_interpreter"},
        ],
    }
    assert read_choice(msgspec.Raw(msgspec.json.encode(chosen))) == CHOICES
    assert encode_choice(ToolChoice("named", ("code_execution",)), TOOLS) == {"type": "code_interpreter"}
    within = {"type": "allowed_tools", "mode": "required", "tools": [{"type": "web_search"}]}
    assert encode_choice(ToolChoice("named", ("web_search",)), TOOLS) == within
    assert encode_choice(ToolChoice("named", ("exec",)), TOOLS) == {"type": "custom", "name": "exec"}
    assert encode_choice(ToolChoice("named", ("gone",)), TOOLS) == {"type": "function", "name": "gone"}
    search = encode_choice(ToolChoice("named", ("web_search",)), TOOLS)
    assert search == {"type": "allowed_tools", "mode": "required", "tools": [{"type": "web_search"}]}


@pytest.mark.parametrize("mode", ["auto", "none", "required"])
def test_a_choice_of_a_mode(mode):
    """In the same word; a named one without a name is none."""
    assert encode_choice(ToolChoice(mode), ()) == mode
    assert encode_choice(ToolChoice("named"), ()) == "auto"


def test_tools_are_read_as_they_were_written():
    """Of the client's kinds."""
    tools = (Tool("f", description="d", schema=SCHEMA, strict=True), Tool("c", CUSTOM, namespace="n", namespace_description="d"))
    assert read_tools(msgspec.Raw(msgspec.json.encode(encode_tools(tools, ModelProfile())[0])), {}) == tools


def test_the_settings_of_a_search_are_written():
    """Those that OpenAI's has; the others are lost."""
    search = WebSearch(allowed_domains=("a.it",), blocked_domains=("b.it",), location=Location("Rome"), uses_max=3, context="low")
    definitions, losses = encode_tools((Tool("web_search", SERVER, server_type="web_search", search=search),), ModelProfile())

    assert definitions == [
        {
            "type": "web_search",
            "filters": {"allowed_domains": ["a.it"]},
            "user_location": {"type": "approximate", "city": "Rome"},
            "search_context_size": "low",
        }
    ]
    assert [loss.what for loss in losses] == ["tools.web_search.blocked_domains", "tools.web_search.max_uses"]
