"""Telling Cursor's chat-shaped requests from its others."""

import json

import pytest

from headgate.core.errors import BadRequest
from headgate.dialects.cursor.shape import require_chat_shape
from headgate.dialects.scan import scan

USER = {"role": "user", "content": "hello"}
FUNCTION = {"type": "function", "function": {"name": "read", "parameters": {}}}
NESTED_CUSTOM = {"type": "custom", "custom": {"name": "ApplyPatch"}}
CUSTOM = {"type": "custom", "name": "ApplyPatch", "format": {"type": "grammar"}}
CALL = {"role": "assistant", "content": [], "tool_calls": [{"id": "c", "type": "function", "function": {"name": "read", "arguments": "{}"}}]}


def body(**members):
    """A scanned body with these members."""
    return scan(json.dumps({"model": "m", "stream": True, **members}).encode())


@pytest.mark.parametrize(
    "members",
    [
        {"messages": [USER]},
        {"messages": [USER], "tools": [FUNCTION, NESTED_CUSTOM], "tool_choice": "auto", "user": "u"},
        {"messages": [USER, CALL, {"role": "tool", "tool_call_id": "c", "content": "speaks of a tool_result"}]},
        {"messages": [USER], "reasoning": {"effort": "high"}, "store": False},
        {"messages": 7, "tools": "x", "tool_choice": {"type": "function", "function": {"name": "read"}}},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "a tool_use is what?"}]}]},
    ],
)
def test_chat_bodies_pass(members):
    """Unknown fields and odd values are the provider's to judge."""
    require_chat_shape(body(**members))


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"input": [USER]}, "input"),
        ({"input": [USER], "messages": [USER]}, "input"),
        ({}, "messages"),
        ({"messages": [USER], "tools": [FUNCTION, CUSTOM]}, "name"),
        ({"messages": [USER], "tools": [{"name": "read", "input_schema": {}}]}, "name"),
        ({"messages": [USER], "tools": [{"type": "function", "name": "read", "parameters": {}}]}, "name"),
        ({"messages": [USER], "tool_choice": {"type": "tool"}}, "tool_choice"),
        ({"messages": [USER, {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "read", "input": {}}]}]}, "tool_use"),
        ({"messages": [USER, {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "x"}]}]}, "tool_result"),
    ],
)
def test_other_shapes_are_refused_with_their_reason(members, reason):
    """Responses bodies, Anthropic's tools and blocks, and mixtures: a 400 that says what gave them away."""
    with pytest.raises(BadRequest, match=reason) as refused:
        require_chat_shape(body(**members))
    assert refused.value.code == "unsupported_shape"
