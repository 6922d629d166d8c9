"""Cursor's requests as conversations."""

import json

import pytest

from headgate.core.conversation import ASSISTANT, CUSTOM, SYSTEM, USER, Reasoning, Text, ToolCall, ToolResult, Turn
from headgate.core.errors import BadRequest
from headgate.dialects.cursor.codec import CLIENT
from headgate.dialects.cursor.faces import read
from headgate.dialects.faces import Operation
from headgate.dialects.openai_chat import codec as chat

CHAT = Operation("chat", "cursor/v1/chat/completions")
USER_SAYS = {"role": "user", "content": "Rome?"}
FLAT = {"type": "function", "name": "get_weather", "parameters": {"type": "object"}}
PATCH = {"type": "custom", "name": "ApplyPatch", "format": {"type": "grammar", "syntax": "lark", "definition": "start: x"}}


def decode(**members):
    """The conversation of a body."""
    return CLIENT.decode(read(json.dumps({"model": "m", "stream": True, **members}).encode(), CHAT, ""), CHAT)


def test_a_chat_body_is_decoded_as_one():
    """By the codec of Chat Completions."""
    asked = read(json.dumps({"model": "m", "messages": [USER_SAYS], "temperature": 0.5}).encode(), CHAT, "")
    assert CLIENT.decode(asked, CHAT) == chat.CLIENT.decode(asked, CHAT)


def test_a_responses_body_with_members_of_chat():
    """Cursor asks for counts as chat clients do."""
    found = decode(
        input=[{"role": "system", "content": "Be brief."}, {"role": "user", "content": [{"type": "input_text", "text": "Rome?"}]}],
        tools=[FLAT, PATCH],
        tool_choice="auto",
        reasoning={"effort": "high", "summary": "auto"},
        text={"verbosity": "low"},
        include=["reasoning.encrypted_content"],
        max_output_tokens=9,
        store=False,
        stream_options={"include_usage": True},
    )
    assert found.turns == (Turn(SYSTEM, (Text("Be brief."),)), Turn(USER, (Text("Rome?"),)))
    assert [(tool.name, tool.kind) for tool in found.tools] == [("get_weather", "function"), ("ApplyPatch", CUSTOM)]
    assert found.reasoning == Reasoning(mode="on", effort="high", shown=True)
    assert (found.verbosity, found.output_tokens_max, found.stored, found.usage_in_stream, found.stream) == ("low", 9, False, True, True)
    assert found.beyond == {}


def test_an_anthropic_body_with_members_of_chat():
    """Blocks, tools, a choice without a name, the instructions beside the messages."""
    found = decode(
        system="Be brief.",
        messages=[
            USER_SAYS,
            {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "get_weather", "input": {}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "Sunny.", "is_error": True}]},
        ],
        tools=[{"name": "get_weather", "description": "d", "input_schema": {"type": "object"}}],
        tool_choice={"type": "tool"},
        stop_sequences=["x"],
        max_tokens=9,
    )
    assert [turn.role for turn in found.turns] == [SYSTEM, USER, ASSISTANT, USER]
    assert found.turns[-1].parts == (ToolResult("t", (Text("Sunny."),), failed=True),)
    assert (found.choice.mode, found.stop, found.output_tokens_max) == ("required", ("x",), 9)


def test_a_body_with_input_and_messages():
    """They say the same, and the results are in the messages alone."""
    call = {"type": "function_call", "call_id": "c", "name": "get_weather", "arguments": "{}"}
    found = decode(input=[USER_SAYS, call], messages=[{"role": "tool", "tool_call_id": "c", "content": "Sunny."}], tools=[FLAT])
    assert found.turns == (
        Turn(USER, (Text("Rome?"),)),
        Turn(ASSISTANT, (ToolCall("c", "get_weather", "{}"),)),
        Turn(USER, (ToolResult("c", (Text("Sunny."),)),)),
    )


def test_a_custom_call_comes_back_as_a_function():
    """Its text is the text of the custom tool."""
    call = {"id": "c", "type": "function", "function": {"name": "ApplyPatch", "arguments": "*** Begin Patch"}}
    spoken = [{"role": "assistant", "content": [], "tool_calls": [call]}, {"role": "tool", "tool_call_id": "c", "content": "Done."}]
    found = decode(messages=spoken, tools=[PATCH])
    assert found.turns == (
        Turn(ASSISTANT, (ToolCall("c", "ApplyPatch", "*** Begin Patch", kind=CUSTOM),)),
        Turn(USER, (ToolResult("c", (Text("Done."),), kind=CUSTOM),)),
    )
    nested = {"type": "custom", "custom": {"name": "ApplyPatch"}}
    spoken[0]["content"] = None
    assert decode(messages=spoken, tools=[nested]).turns == found.turns


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"reasoning_effort": "low", "reasoning": {"effort": "high", "summary": "auto"}}, Reasoning(mode="on", effort="low", shown=True)),
        ({"thinking": {"type": "enabled", "budget_tokens": 2000}}, Reasoning(mode="on", budget_tokens=2000)),
        ({"output_config": {"effort": "high"}}, Reasoning(effort="high")),
        ({}, Reasoning()),
    ],
)
def test_reasoning_in_each_spelling(members, expected):
    """That of Chat Completions first."""
    assert decode(input=[USER_SAYS], **members).reasoning == expected


@pytest.mark.parametrize("members", [{"input": 7}, {"input": [7]}, {"input": [], "text": 7}, {"messages": [{"role": "critic"}], "system": "s"}])
def test_what_is_of_no_dialect_is_refused(members):
    """A 400."""
    with pytest.raises(BadRequest):
        decode(**members)
