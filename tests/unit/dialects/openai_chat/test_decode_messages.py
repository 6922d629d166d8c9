"""The messages of a Chat Completions request as turns."""

import json

import msgspec
import pytest

from headgate.core.conversation import (
    ASSISTANT,
    CUSTOM,
    SYSTEM,
    USER,
    Foreign,
    Media,
    RefusalText,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
    Turn,
)
from headgate.core.errors import BadRequest
from headgate.dialects.openai_chat.decode_messages import decode_messages, thought_of
from headgate.dialects.openai_chat.request_shape import ChatMessage

CALL = {"id": "call_1", "type": "function", "function": {"name": "read", "arguments": '{"path": "a"}'}}
CALLED = ToolCall("call_1", "read", '{"path": "a"}')


def turns(*messages):
    """The turns of these messages."""
    return decode_messages(msgspec.json.decode(json.dumps(messages).encode(), type=list[ChatMessage]), {})


def parts(**message):
    """The parts of one message of the assistant's."""
    (turn,) = turns({"role": "assistant", **message})
    return turn.parts


@pytest.mark.parametrize(("role", "said"), [("system", SYSTEM), ("developer", SYSTEM), ("user", USER), ("assistant", ASSISTANT)])
def test_every_role_is_a_turn(role, said):
    """With a string for its content."""
    assert turns({"role": role, "content": "hello"}) == (Turn(said, (Text("hello"),)),)


def test_a_system_message_stays_where_it_is():
    """Also between the others."""
    assert [turn.role for turn in turns({"role": "user", "content": "a"}, {"role": "system", "content": "b"}, {"role": "user", "content": "c"})] == [
        USER,
        SYSTEM,
        USER,
    ]


def test_an_unknown_role_is_refused_with_its_place():
    """The message says which."""
    with pytest.raises(BadRequest, match=r"messages\[1\].role.*'critic'"):
        turns({"role": "user", "content": "a"}, {"role": "critic", "content": "b"})


def test_the_parts_of_a_user():
    """Texts, media, and what only this dialect has."""
    odd = {"type": "hologram", "hologram": 1}
    image = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    marked = {"type": "text", "text": "b", "cache_control": {"type": "ephemeral"}}
    (turn,) = turns({"role": "user", "content": [{"type": "text", "text": "a"}, marked, image, odd]})
    *known, foreign = turn.parts
    assert known == [Text("a"), Text("b", cached=True), Media("image", url="https://example.com/a.png")]
    assert isinstance(foreign, Foreign)
    assert (foreign.dialect, foreign.kind, json.loads(bytes(foreign.raw))) == ("openai_chat", "hologram", odd)


def test_the_name_of_a_speaker_is_kept():
    """As a part of this dialect alone."""
    (turn,) = turns({"role": "user", "name": "bob", "content": "a"})
    assert turn.parts == (Foreign("openai_chat", "name", msgspec.Raw(b'"bob"')), Text("a"))


def test_results_of_one_step_are_one_turn():
    """Tool messages in a row; the user's next message is a turn of its own."""
    results = [{"role": "tool", "tool_call_id": f"call_{n}", "content": f"r{n}"} for n in (1, 2)]
    assert turns({"role": "assistant", "tool_calls": [CALL]}, *results, {"role": "user", "content": "go on"})[1:] == (
        Turn(USER, (ToolResult("call_1", (Text("r1"),)), ToolResult("call_2", (Text("r2"),)))),
        Turn(USER, (Text("go on"),)),
    )


def test_a_result_may_have_parts():
    """Texts, and the images that some clients put there."""
    image = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    (turn,) = turns({"role": "tool", "tool_call_id": "c", "content": [{"type": "text", "text": "a"}, image]})
    assert turn.parts == (ToolResult("c", (Text("a"), Media("image", url="https://example.com/a.png"))),)


@pytest.mark.parametrize("content", [None, "", []])
def test_calls_without_content(content):
    """Null, empty, or an empty list as Cursor writes it."""
    assert parts(content=content, tool_calls=[CALL]) == (CALLED,)


def test_calls_of_every_kind():
    """A function, a custom tool, and a function whose arguments are an object."""
    custom = {"id": "call_2", "type": "custom", "custom": {"name": "patch", "input": "*** Begin"}}
    loose = {"id": "call_3", "function": {"name": "read", "arguments": {"b": 1.0, "a": 2}}}
    bare = {"id": None, "type": None, "function": {"name": "read", "arguments": None}}
    assert parts(content="x", tool_calls=[CALL, custom, loose, bare]) == (
        Text("x"),
        CALLED,
        ToolCall("call_2", "patch", "*** Begin", kind=CUSTOM),
        ToolCall("call_3", "read", '{"b": 1.0, "a": 2}'),
        ToolCall("", "read", ""),
    )


def test_a_call_of_nothing_is_refused():
    """It has neither a function nor a custom tool."""
    with pytest.raises(BadRequest, match="neither"):
        parts(tool_calls=[{"id": "c", "type": "magic"}])


def test_the_older_calls_get_an_id_by_their_place():
    """And the function message after one is its result."""
    called, result = turns(
        {"role": "assistant", "function_call": {"name": "read", "arguments": "{}"}}, {"role": "function", "name": "read", "content": "x"}
    )
    assert called.parts == (ToolCall("call_0", "read", "{}"),)
    assert result.parts == (ToolResult("call_0", (Text("x"),), name="read"),)


@pytest.mark.parametrize(
    "thought",
    [
        {"reasoning_content": "hm"},
        {"reasoning": "hm"},
        {"reasoning_details": [{"type": "reasoning.text", "text": "h"}, {"type": "reasoning.summary", "summary": "m"}]},
        {"reasoning_content": "hm", "reasoning": "hm", "reasoning_details": [{"text": "hm"}]},
    ],
)
def test_thoughts_that_a_client_brings_back(thought):
    """Under any of their names, once, before what was said."""
    assert parts(content="x", **thought) == (Thinking("hm"), Text("x"))


def test_refusals_and_sounds():
    """A refusal in its member or as a part; a sound only this dialect has."""
    refusal = {"type": "refusal", "refusal": "no"}
    assert parts(content=[refusal]) == (RefusalText("no"),)
    assert parts(content=None, refusal="no", audio=None) == (RefusalText("no"),)
    assert parts(audio={"id": "a1"}) == (Foreign("openai_chat", "audio", msgspec.Raw(b'{"id": "a1"}')),)


@pytest.mark.parametrize("detail", [None, 7, {}, {"type": "reasoning.encrypted", "data": "x"}])
def test_a_detail_without_text_says_nothing(detail):
    """Encrypted reasoning is only read by the provider that made it."""
    assert not thought_of(detail)


def test_what_has_no_place_is_noted():
    """Members of parts beside what they are, sources, and parts of a result that no result has."""
    unread = {}
    parts = [
        {"type": "text", "text": "a", "later": 1, "prompt_cache_breakpoint": {"mode": "explicit", "ttl": "12h"}},
        {"type": "text", "text": "b", "cache_control": {"type": "ephemeral", "ttl": "5m"}},
        {"type": "image_url", "image_url": {"url": "https://x"}, "cache_control": {"type": "ephemeral", "ttl": "1h"}},
    ]
    messages = [
        ChatMessage("user", content=[msgspec.Raw(json.dumps(part).encode()) for part in parts]),
        ChatMessage("assistant", content="c", annotations=msgspec.Raw(b"[1]")),
        ChatMessage("tool", content=[msgspec.Raw(b'{"type":"odd"}')], tool_call_id="call_1"),
    ]
    turns = decode_messages(messages, unread)

    assert turns[0].parts == (Text("a", cached=True), Text("b", cached=True), Media("image", url="https://x", cached=True))
    assert [*unread] == ["text.later", "prompt_cache_breakpoint.ttl", "cache_control.ttl", "messages.annotations", "messages.odd"]
