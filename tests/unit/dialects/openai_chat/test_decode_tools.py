"""The tools of a Chat Completions request."""

import json

import msgspec
import pytest

from headgate.core.conversation import CUSTOM, SERVER, Tool, ToolChoice
from headgate.core.errors import BadRequest
from headgate.dialects.openai_chat.decode_request import read_request
from headgate.dialects.openai_chat.decode_tools import decode_choice, decode_tools

READ = {"type": "function", "function": {"name": "read", "parameters": {"type": "object"}}}


def request(**members):
    """A request with these members."""
    return read_request({name: msgspec.Raw(json.dumps(value).encode()) for name, value in members.items()}, {})


def test_a_function():
    """Its schema stays text, with the order of its keys; `strict` is what the client says."""
    schema = {"type": "object", "b": 1.0, "a": 2}
    function = {"name": "read", "description": "Reads.", "parameters": schema, "strict": True}
    (tool,) = decode_tools(request(tools=[{"type": "function", "function": function}]), {})
    assert (tool.name, tool.description, tool.strict, bytes(tool.schema)) == ("read", "Reads.", True, b'{"type": "object", "b": 1.0, "a": 2}')
    (bare,) = decode_tools(request(tools=[{"function": {"name": "now", "parameters": None}}]), {})
    assert bare == Tool("now")


def test_a_custom_tool():
    """With a grammar, and with any text."""
    grammar = {"type": "grammar", "grammar": {"syntax": "lark", "definition": "start: x"}}
    written = [
        {"type": "custom", "custom": {"name": "patch", "format": grammar}},
        {"type": "custom", "custom": {"name": "say", "description": "Says."}},
    ]
    assert decode_tools(request(tools=written), {}) == (
        Tool("patch", kind=CUSTOM, grammar="start: x", grammar_syntax="lark"),
        Tool("say", kind=CUSTOM, description="Says."),
    )


def test_tools_that_the_provider_runs():
    """A type of its own is kept as it is, and web search is asked for by options."""
    odd, search = decode_tools(request(tools=[{"type": "browser", "x": 1}], web_search_options={}), {})
    assert (odd.name, odd.kind, odd.server_type, odd.dialect, bytes(odd.raw)) == (
        "browser",
        SERVER,
        "browser",
        "openai_chat",
        b'{"type": "browser", "x": 1}',
    )
    assert (search.name, search.kind, search.server_type, bytes(search.raw)) == ("web_search", SERVER, "web_search", b"{}")
    assert decode_tools(request(web_search_options=None), {}) == ()


def test_the_older_functions():
    """They come after the tools."""
    assert [tool.name for tool in decode_tools(request(tools=[READ], functions=[{"name": "now"}]), {})] == ["read", "now"]


@pytest.mark.parametrize("tool", [{"type": "function"}, {"type": "custom"}, {"type": "function", "function": {}}, {"function": {"name": 7}}, 7])
def test_a_tool_without_a_name_is_refused_with_its_place(tool):
    """The second one, here."""
    with pytest.raises(BadRequest, match=r"tools\[1\]"):
        decode_tools(request(tools=[READ, tool]), {})


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (None, ToolChoice()),
        ("auto", ToolChoice("auto")),
        ("none", ToolChoice("none")),
        ("required", ToolChoice("required")),
        ({"type": "function", "function": {"name": "read"}}, ToolChoice("named", ("read",))),
        ({"type": "custom", "custom": {"name": "patch"}}, ToolChoice("named", ("patch",))),
        (
            {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [{"type": "function", "function": {"name": "read"}}, {}]}},
            ToolChoice("allowed", ("read",), must_call=True),
        ),
        ({"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": []}}, ToolChoice("allowed")),
    ],
)
def test_every_choice(choice, expected):
    """As the specification has them."""
    assert decode_choice(request(tool_choice=choice)) == expected


def test_the_older_choice():
    """It names a function, or is a word."""
    assert decode_choice(request(function_call={"name": "read"})) == ToolChoice("named", ("read",))
    assert decode_choice(request(function_call="none")) == ToolChoice("none")


@pytest.mark.parametrize("choice", ["any", {"type": "tool"}, {}])
def test_a_choice_of_nothing_is_refused(choice):
    """It would change what is asked."""
    with pytest.raises(BadRequest, match="tool_choice"):
        decode_choice(request(tool_choice=choice))
