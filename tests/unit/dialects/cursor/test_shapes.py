"""Which dialect each element of Cursor's requests is written in."""

import json

import msgspec
import pytest

from headgate.dialects.cursor.shapes import ANTHROPIC, CHAT, RESPONSES, is_mixed, of_choice, of_entry, of_part, of_tool

USER = {"role": "user", "content": "hello"}
FUNCTION = {"type": "function", "function": {"name": "read", "parameters": {}}}
CUSTOM = {"type": "custom", "name": "ApplyPatch", "format": {"type": "grammar"}}
CALLS = {"tool_calls": [{"id": "c", "type": "function", "function": {"name": "read", "arguments": "{}"}}]}


@pytest.mark.parametrize(
    ("part", "dialect"),
    [
        ({"type": "text", "text": "a"}, ""),
        ({"type": "refusal", "refusal": "a"}, ""),
        ({"type": "image_url", "image_url": {"url": "u"}}, CHAT),
        ({"type": "input_image", "image_url": "u"}, RESPONSES),
        ({"type": "output_text", "text": "a"}, RESPONSES),
        ({"type": "tool_use", "id": "t"}, ANTHROPIC),
        ({"type": "image", "source": {}}, ANTHROPIC),
        ("text", ""),
    ],
)
def test_parts(part, dialect):
    """By their type."""
    assert of_part(part) == dialect


@pytest.mark.parametrize(
    ("entry", "dialect"),
    [
        (USER, "usual"),
        ({"type": "message", **USER}, "usual"),
        ({"type": "function_call", "call_id": "c"}, RESPONSES),
        ({"type": "reasoning"}, RESPONSES),
        ({"role": "tool", "tool_call_id": "c"}, CHAT),
        ({"role": "assistant", **CALLS}, CHAT),
        (7, "usual"),
    ],
)
def test_messages_and_items(entry, dialect):
    """What none of them gives away is of the list's own dialect."""
    assert of_entry(entry, "usual") == dialect


@pytest.mark.parametrize(
    ("tool", "dialect"),
    [
        (FUNCTION, CHAT),
        ({"type": "custom", "custom": {"name": "ApplyPatch"}}, CHAT),
        (CUSTOM, RESPONSES),
        ({"type": "function", "name": "read", "parameters": {}}, RESPONSES),
        ({"name": "read", "parameters": {}}, RESPONSES),
        ({"type": "web_search"}, RESPONSES),
        ({"name": "read", "description": "d", "input_schema": {}}, ANTHROPIC),
        ({"type": "web_search_20250305", "name": "web_search"}, ANTHROPIC),
        ({"type": "function"}, CHAT),
        (7, CHAT),
    ],
)
def test_tools(tool, dialect):
    """Nested, flat, or with an `input_schema`."""
    assert of_tool(tool) == dialect


@pytest.mark.parametrize(
    ("choice", "dialect"),
    [
        (None, CHAT),
        ("required", CHAT),
        ({"type": "function", "function": {"name": "read"}}, CHAT),
        ({"type": "allowed_tools", "allowed_tools": {"tools": []}}, CHAT),
        ({"type": "function", "name": "read"}, RESPONSES),
        ({"type": "allowed_tools", "tools": []}, RESPONSES),
        ({"type": "tool"}, ANTHROPIC),
        ({"type": "any"}, ANTHROPIC),
    ],
)
def test_choices(choice, dialect):
    """Words are the same everywhere."""
    assert of_choice(choice) == dialect


def fields(**members):
    """The top-level fields of a body."""
    return {name: msgspec.Raw(json.dumps(value).encode()) for name, value in {"model": "m", "stream": True, **members}.items()}


@pytest.mark.parametrize(
    "members",
    [
        {"messages": [USER]},
        {"messages": [USER], "tools": [FUNCTION, {"type": "custom", "custom": {"name": "ApplyPatch"}}], "tool_choice": "auto", "user": "u"},
        {"messages": [USER, {"role": "assistant", **CALLS}, {"role": "tool", "tool_call_id": "c", "content": 'of a "tool_result": []'}]},
        {"messages": [USER], "reasoning": {"effort": "high"}, "store": False, "input": None, "text": None},
        {"messages": 7, "tools": "x", "tool_choice": {"type": "function", "function": {"name": "read"}}},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "a tool_use is what?"}]}]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "x", "also": "thinking"}]}]},
    ],
)
def test_chat_bodies_are_not_mixed(members):
    """Unknown fields and odd values are the provider's to judge."""
    assert not is_mixed(fields(**members))


@pytest.mark.parametrize(
    "members",
    [
        {"input": [USER]},
        {"input": "hello"},
        {"input": [USER], "messages": [USER]},
        {},
        {"messages": [USER], "tools": [FUNCTION, CUSTOM]},
        {"messages": [USER], "tools": [{"name": "read", "input_schema": {}}]},
        {"messages": [USER], "tool_choice": {"type": "tool"}},
        {"messages": [USER], "text": {"verbosity": "low"}},
        {"messages": [USER], "system": "Be brief."},
        {"messages": [USER, {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "read", "input": {}}]}]},
        {"messages": [USER, {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "x"}]}]},
        {"messages": [USER, {"type": "function_call_output", "call_id": "c", "output": "x"}]},
        {"messages": [{"role": "user", "content": [{"type": "input_text", "text": "x"}]}]},
        {"messages": [USER, {"role": "assistant", "content": [], **CALLS}]},
    ],
)
def test_other_bodies_are_mixed(members):
    """One sign is enough; an empty content is one, because OpenAI refuses it."""
    assert is_mixed(fields(**members))
