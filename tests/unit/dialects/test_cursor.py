"""Cursor's mount, as the gateway uses it; and its chat-shaped requests, apart from its others."""

import json

import pytest

from headgate.core.endpoint import Endpoint, Provider, target_of
from headgate.core.errors import BadRequest, UpstreamFailed
from headgate.core.event import Finished, Started
from headgate.dialects.cursor import CLIENT, require_chat_shape
from headgate.dialects.faces import Operation
from headgate.dialects.openai_chat.stream import StreamReader, UsageFilter
from headgate.dialects.registry import PROVIDERS
from headgate.dialects.scan import scan

CHAT = Operation("chat", "cursor/v1/chat/completions")
GPT = Endpoint("gpt-5.2", (target_of(Provider("lab", "openai", "http://127.0.0.1/v1"), "gpt-5.2"),))
USER = {"role": "user", "content": "hello"}
FUNCTION = {"type": "function", "function": {"name": "read", "parameters": {}}}
NESTED_CUSTOM = {"type": "custom", "custom": {"name": "ApplyPatch"}}
CUSTOM = {"type": "custom", "name": "ApplyPatch", "format": {"type": "grammar"}}
CALL = {"role": "assistant", "content": [], "tool_calls": [{"id": "c", "type": "function", "function": {"name": "read", "arguments": "{}"}}]}
PROVIDER = PROVIDERS[CLIENT.speaks]


def read(body):
    """A body as it is checked."""
    return CLIENT.read(body, CHAT, "")


def test_a_chat_body_goes_to_a_chat_provider():
    """As everywhere: the model spliced, usage asked for and hidden."""
    asked = read(b'{"model":"a","stream":true,"messages":[]}')
    assert PROVIDER.body(asked, "b") == b'{"model":"b","stream_options":{"include_usage":true},"stream":true,"messages":[]}'
    assert PROVIDER.path(CHAT, "b", "x=y") == "/chat/completions"
    assert isinstance(PROVIDER.answer_filter(asked), UsageFilter)
    assert PROVIDER.answer_filter(read(b'{"model":"a","messages":[]}')) is None


def test_a_responses_body_is_refused_in_chat_shape():
    """A clear 400, which Cursor shows."""
    with pytest.raises(BadRequest) as refused:
        read(b'{"model":"a","stream":true,"input":[]}')
    status, _, body = CLIENT.error(refused.value, "req_1")
    assert status == 400
    assert json.loads(body)["error"]["code"] == "unsupported_shape"


def test_the_parts_are_put_together():
    """Reader, whole answers, lengths, errors in a stream, listings; no session."""
    assert isinstance(PROVIDER.reader(), StreamReader)
    answer = b'{"id":"c","model":"m","choices":[{"message":{"content":"hello"},"finish_reason":"stop"}]}'
    assert list(PROVIDER.read_answer(answer)) == [Started("c", "m"), Finished("stop")]
    assert PROVIDER.answer_text_length(answer) == 5
    asked = read(b'{"model":"m","messages":[{"content":"hello"}]}')
    assert CLIENT.request_text_length(asked) == 5
    assert not CLIENT.session_id(asked)
    assert PROVIDER.stream_text_length(b'data: {"choices":[{"delta":{"content":"hello"}}]}\n\n') == 5
    assert CLIENT.stream_error(UpstreamFailed("It broke."), "req_1").startswith(b'data: {"error":')
    assert json.loads(CLIENT.model(GPT))["id"] == "gpt-5.2"
    assert json.loads(CLIENT.models([GPT], {}))["data"][0]["id"] == "gpt-5.2"
    assert CLIENT.keep_alive == b": keep-alive\n\n"


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
