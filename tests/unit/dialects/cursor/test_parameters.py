"""What an endpoint may limit of Cursor's requests."""

import json

import pytest

from headgate.dialects.cursor.faces import CLIENT
from headgate.dialects.faces import Operation

CHAT = Operation("chat", "cursor/v1/chat/completions")
USER = {"role": "user", "content": "hello"}


def read(**members):
    """A request."""
    return CLIENT.read(json.dumps({"model": "m", "messages": [USER], **members}).encode(), CHAT, "")


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"max_output_tokens": 9}, 9),
        ({"max_tokens": 8}, 8),
        ({"max_completion_tokens": 7, "max_output_tokens": 9}, 7),
        ({"max_tokens": 8, "n": 2}, 16),
        ({}, 0),
    ],
)
def test_a_bound_by_any_name(members, expected):
    """For each of several answers, where it is one of Chat Completions."""
    assert CLIENT.output_tokens_max(read(**members)) == expected


def test_every_bound_is_lowered():
    """Otherwise the larger one could count."""
    found = CLIENT.bounded(read(max_output_tokens=500, max_tokens=400), 100)
    assert (json.loads(found.body)["max_output_tokens"], json.loads(found.body)["max_tokens"]) == (100, 100)
    small = read(max_output_tokens=50)
    assert CLIENT.bounded(small, 100) is small
    assert CLIENT.bounded(read(), 100).output_max == 100
    assert json.loads(CLIENT.bounded(read(max_tokens=400), 100).body)["max_tokens"] == 100


def test_tools_in_every_shape_are_seen():
    """By name where the client runs them, by type where the provider does; also within the input."""
    tools = [
        {"type": "function", "function": {"name": "one"}},
        {"type": "function", "name": "two"},
        {"type": "custom", "name": "ApplyPatch"},
        {"name": "three", "input_schema": {}},
        {"type": "namespace", "name": "n", "tools": [{"type": "function", "name": "four"}]},
        {"type": "web_search"},
        {"type": "web_search_20250305", "name": "web_search"},
        7,
    ]
    inner = [{"type": "additional_tools", "tools": [{"type": "function", "name": "five"}]}]
    found = CLIENT.tools(read(tools=tools, input=inner, web_search_options={}))
    assert found.client == ["one", "two", "ApplyPatch", "three", "four", "(unnamed)", "five"]
    assert found.server == ["web_search", "web_search", "web_search_20250305"]
    assert CLIENT.tools(read(tools={"type": "function", "name": "one"})).client == ["one"]
    assert CLIENT.tools(read()).client == []
