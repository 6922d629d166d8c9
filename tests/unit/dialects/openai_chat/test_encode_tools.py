"""Tools as Chat Completions has them."""

import json

import msgspec
import pytest

from headgate.core.conversation import CUSTOM, SERVER, Tool, ToolChoice
from headgate.core.errors import Untranslatable
from headgate.dialects.openai_chat.encode_tools import encode_tools

SCHEMA = msgspec.Raw(b'{"type":"object","b":1.0,"a":2}')
READ = Tool("read", description="Reads.", schema=SCHEMA)
NOW = Tool("now")
PATCH = Tool("patch", kind=CUSTOM, grammar="start: x", grammar_syntax="lark")
AUTO = ToolChoice()


def encoded(tools, choice=AUTO, *, allowed_known=True):
    """The members, as JSON."""
    return json.loads(msgspec.json.encode(encode_tools(tools, choice, allowed_known=allowed_known)))


def test_a_function_keeps_its_schema():
    """One without gets that of an empty object; `strict` is written where the client asked for it."""
    strict = msgspec.structs.replace(NOW, strict=False)
    assert b'"parameters":{"type":"object","b":1.0,"a":2}' in msgspec.json.encode(encode_tools([READ], AUTO, allowed_known=True))
    assert encoded([NOW, strict])["tools"] == [
        {"type": "function", "function": {"name": "now", "parameters": {"type": "object", "properties": {}}}},
        {"type": "function", "function": {"name": "now", "parameters": {"type": "object", "properties": {}}, "strict": False}},
    ]


def test_custom_tools():
    """With their grammar, or any text."""
    say = Tool("say", kind=CUSTOM, description="Says.")
    assert encoded([PATCH, say])["tools"] == [
        {"type": "custom", "custom": {"name": "patch", "format": {"type": "grammar", "grammar": {"syntax": "lark", "definition": "start: x"}}}},
        {"type": "custom", "custom": {"name": "say", "description": "Says."}},
    ]


def test_tools_of_the_provider_are_of_this_dialect_alone():
    """Each as it was written."""
    search = Tool("web_search", kind=SERVER, server_type="web_search", dialect="openai_chat", raw=msgspec.Raw(b'{"search_context_size":"low"}'))
    own = Tool("browser", kind=SERVER, server_type="browser", dialect="openai_chat", raw=msgspec.Raw(b'{"type":"browser"}'))
    other = Tool("web_search", kind=SERVER, server_type="web_search", dialect="anthropic", raw=msgspec.Raw(b"{}"))
    assert encoded([search, own, other]) == {"tools": [{"type": "browser"}], "web_search_options": {"search_context_size": "low"}}
    assert encoded([other]) == {}


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (ToolChoice("none"), "none"),
        (ToolChoice("required"), "required"),
        (ToolChoice("named", ("read",)), {"type": "function", "function": {"name": "read"}}),
        (ToolChoice("named", ("patch",)), {"type": "custom", "custom": {"name": "patch"}}),
        (
            ToolChoice("allowed", ("now",), must_call=True),
            {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [{"type": "function", "function": {"name": "now"}}]}},
        ),
    ],
)
def test_every_choice(choice, expected):
    """As the specification has them."""
    assert encoded([READ, NOW, PATCH], choice)["tool_choice"] == expected


@pytest.mark.parametrize(("tools", "choice"), [([READ], AUTO), ([], ToolChoice("required"))])
def test_a_choice_that_says_nothing_is_left_out(tools, choice):
    """`auto` is the default everywhere, and no server takes a choice without tools."""
    assert "tool_choice" not in encoded(tools, choice)


def test_a_server_without_allowed_tools_sees_them_alone():
    """And must call one where the client says so."""
    fields = encoded([READ, NOW], ToolChoice("allowed", ("now",), must_call=True), allowed_known=False)
    assert [tool["function"]["name"] for tool in fields["tools"]] == ["now"]
    assert fields["tool_choice"] == "required"
    assert "tool_choice" not in encoded([READ, NOW], ToolChoice("allowed", ("now",)), allowed_known=False)


def test_a_tool_that_must_be_called_must_be_there():
    """Another answer than the one that was asked for is none."""
    with pytest.raises(Untranslatable, match="gone"):
        encoded([READ], ToolChoice("named", ("gone",)))
