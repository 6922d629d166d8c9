"""Messages and items of Cursor's requests as turns."""

import json

import msgspec
import pytest

from headgate.core.conversation import ASSISTANT, CUSTOM, USER, Media, Text, ToolCall, ToolResult, Turn
from headgate.core.errors import BadRequest
from headgate.dialects.cursor.decode_turns import decode_entries, merged, with_custom_calls
from headgate.dialects.cursor.shapes import CHAT, RESPONSES

CALL = ToolCall("c", "read", '{"a": 1}')
RESULT = ToolResult("c", (Text("x"),))
CHAT_CALL = {"id": "c", "type": "function", "function": {"name": "read", "arguments": '{"a": 1}'}}
TOOL_USE = {"type": "tool_use", "id": "c", "name": "read", "input": {"a": 1}}


def turns(*entries, usual=CHAT):
    """The turns of these entries."""
    return decode_entries(msgspec.Raw(json.dumps(entries).encode()), usual, "messages").turns


@pytest.mark.parametrize(
    ("called", "answered"),
    [
        ({"role": "assistant", "content": [], "tool_calls": [CHAT_CALL]}, {"role": "tool", "tool_call_id": "c", "content": "x"}),
        ({"role": "assistant", "content": [TOOL_USE]}, {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c", "content": "x"}]}),
        (
            {"type": "function_call", "call_id": "c", "name": "read", "arguments": '{"a": 1}'},
            {"type": "function_call_output", "call_id": "c", "output": "x"},
        ),
    ],
    ids=["chat", "anthropic", "responses"],
)
@pytest.mark.parametrize("usual", [CHAT, RESPONSES])
def test_a_call_and_its_result_in_every_shape(called, answered, usual):
    """In either list; ids of items are beside those of calls."""
    found = turns({"role": "user", "content": "go"}, called, answered, usual=usual)
    assert found == (Turn(USER, (Text("go"),)), Turn(ASSISTANT, (CALL,)), Turn(USER, (RESULT,)))


def test_shapes_may_change_between_messages():
    """A call as a block, its result as a message of Chat Completions, and an item after it."""
    found = turns(
        {"role": "assistant", "content": [{"type": "text", "text": "a"}, TOOL_USE]},
        {"role": "tool", "tool_call_id": "c", "content": "x"},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "b"}]},
    )
    assert found == (Turn(ASSISTANT, (Text("a"), CALL)), Turn(USER, (RESULT,)), Turn(USER, (Text("b"),)))


def test_shapes_may_change_within_a_message():
    """It is one turn again, in its order; what only Chat Completions has comes last."""
    image = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    result = {"type": "tool_result", "tool_use_id": "c", "content": "x"}
    (turn,) = turns({"role": "user", "content": [result, {"type": "text", "text": "see"}, image]})
    assert turn == Turn(USER, (RESULT, Text("see"), Media("image", url="https://example.com/a.png")))
    second = {"id": "d", "type": "function", "function": {"name": "now", "arguments": "{}"}}
    (turn,) = turns({"role": "assistant", "content": [TOOL_USE], "tool_calls": [second]})
    assert turn == Turn(ASSISTANT, (CALL, ToolCall("d", "now", "{}")))


def test_messages_of_one_shape_are_decoded_together():
    """So results in a row are one turn."""
    results = [{"role": "tool", "tool_call_id": name, "content": "x"} for name in "ab"]
    assert turns(*results) == (Turn(USER, (ToolResult("a", (Text("x"),)), ToolResult("b", (Text("x"),)))),)


def test_an_input_may_be_a_text():
    """Which the user says."""
    assert decode_entries(msgspec.Raw(b'"hello"'), RESPONSES, "input").turns == (Turn(USER, (Text("hello"),)),)


def test_tools_in_an_input_are_offered():
    """As Codex sends them."""
    tools = [{"type": "function", "name": "read", "parameters": {}}]
    found = decode_entries(msgspec.Raw(json.dumps([{"type": "additional_tools", "role": "developer", "tools": tools}]).encode()), RESPONSES, "input")
    assert [tool.name for tool in found.tools] == ["read"]


def test_what_is_no_list_is_refused():
    """With its name."""
    with pytest.raises(BadRequest, match="messages"):
        decode_entries(msgspec.Raw(b"7"), CHAT, "messages")


ASKED, CALLED, ANSWERED = Turn(USER, (Text("go"),)), Turn(ASSISTANT, (CALL,)), Turn(USER, (RESULT,))


def test_of_two_lists_the_fuller_counts():
    """Where both have the same, that of the messages, which have the results."""
    assert merged((ASKED, CALLED), (ASKED, CALLED, ANSWERED)) == (ASKED, CALLED, ANSWERED)
    assert merged((ASKED,), (ASKED, CALLED, ANSWERED)) == (ASKED, CALLED, ANSWERED)


def test_results_of_the_other_list_follow_their_calls():
    """Those that no call asked for come at the end."""
    late = Turn(ASSISTANT, (Text("done"),))
    assert merged((ASKED, CALLED, late), (ANSWERED,)) == (ASKED, CALLED, ANSWERED, late)
    assert merged((ASKED,), (ANSWERED,)) == (ASKED, ANSWERED)


def test_calls_of_custom_tools_are_known_by_their_name():
    """And their results with them; without such tools nothing changes."""
    patch = ToolCall("p", "ApplyPatch", "*** Begin Patch")
    spoken = (Turn(ASSISTANT, (CALL, patch)), Turn(USER, (RESULT, ToolResult("p", ()))))
    (called, answered) = with_custom_calls(spoken, frozenset({"ApplyPatch"}))
    assert called.parts == (CALL, ToolCall("p", "ApplyPatch", "*** Begin Patch", kind=CUSTOM))
    assert answered.parts == (RESULT, ToolResult("p", (), kind=CUSTOM))
    assert with_custom_calls(spoken, frozenset()) == spoken


def test_thousands_of_runs_are_joined_at_once():
    """Parts, tools and what has no place, each from a run of its own: the work grows with their number alone."""
    count = 5_000
    parts = [{"type": "input_text", "text": "a"}, {"type": "image", "source": {"type": "url", "url": "https://x"}}] * (count // 2)
    entries = [
        {"role": "user", "content": parts},
        *(
            {"type": "additional_tools", "tools": [{"type": "function", "name": f"t{at}"}], f"m{at}": 1}
            if at % 2
            else {"role": "tool", "content": "x"}
            for at in range(count)
        ),
    ]
    found = decode_entries(msgspec.Raw(msgspec.json.encode(entries)), RESPONSES, "input")

    assert len(found.turns[0].parts) == count
    assert [tool.name for tool in found.tools] == [f"t{at}" for at in range(1, count, 2)]
    assert [*found.beyond] == [f"additional_tools.m{at}" for at in range(1, count, 2)]
