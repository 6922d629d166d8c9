"""Turns as messages of Chat Completions."""

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
from headgate.core.loss import Loss
from headgate.core.model_profile import ModelProfile
from headgate.dialects.openai_chat.encode_messages import MessageEncoder

PNG = Media("image", mime="image/png", base64="AAAA")
PNG_PART = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
PLAIN = ModelProfile()


def encoded(*turns, profile=PLAIN):
    """The messages, as JSON, and the losses."""
    encoder = MessageEncoder(profile)
    return json.loads(msgspec.json.encode(encoder.encode(turns))), [*encoder.losses]


def messages(*turns):
    """The messages of turns that lose nothing."""
    found, losses = encoded(*turns)
    assert losses == []
    return found


def test_the_first_system_turns_are_one_message():
    """Later ones stay where they are."""
    turns = [
        Turn(SYSTEM, (Text("a"), Text("b"))),
        Turn(SYSTEM, (Text("c"),)),
        Turn(USER, (Text("d"),)),
        Turn(SYSTEM, (Text("e"),)),
        Turn(SYSTEM, ()),
    ]
    assert messages(*turns) == [
        {"role": "system", "content": "a\n\nb\n\nc"},
        {"role": "user", "content": "d"},
        {"role": "system", "content": "e"},
    ]


def test_a_user_turn_of_text_is_a_string():
    """With media it is a list of parts; what says nothing is left out."""
    assert messages(Turn(USER, (Text("a"), Text(""), Text("b"))), Turn(USER, (Text("c"), PNG)), Turn(USER, ())) == [
        {"role": "user", "content": "a\n\nb"},
        {"role": "user", "content": [{"type": "text", "text": "c"}, PNG_PART]},
    ]


def test_an_assistant_turn():
    """Its text, then its calls; a turn of calls alone has no content, and empty arguments are an empty object."""
    called = (Text("a"), ToolCall("c1", "read", '{"b": 1}'), ToolCall("c2", "patch", "*** Begin", kind=CUSTOM))
    assert messages(Turn(ASSISTANT, called), Turn(ASSISTANT, (ToolCall("c3", "now", ""),)), Turn(ASSISTANT, (RefusalText("no"),))) == [
        {
            "role": "assistant",
            "content": "a",
            "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "read", "arguments": '{"b": 1}'}},
                {"id": "c2", "type": "custom", "custom": {"name": "patch", "input": "*** Begin"}},
            ],
        },
        {"role": "assistant", "content": None, "tool_calls": [{"id": "c3", "type": "function", "function": {"name": "now", "arguments": "{}"}}]},
        {"role": "assistant", "content": "no"},
    ]
    assert messages(Turn(ASSISTANT, ())) == []


def test_results_come_first():
    """Each is a message of text; their media follow in a message of the user's, after the name of their call."""
    results = (ToolResult("c1", (Text("a"), PNG, Text("b"))), Text("go on"), ToolResult("c2", ()))
    assert messages(Turn(USER, results)) == [
        {"role": "tool", "tool_call_id": "c1", "content": "a\n\nb"},
        {"role": "tool", "tool_call_id": "c2", "content": ""},
        {
            "role": "user",
            "content": [{"type": "text", "text": "From the result of tool call c1:"}, PNG_PART, {"type": "text", "text": "go on"}],
        },
    ]


@pytest.mark.parametrize(
    ("said", "expected"),
    [("no such file", "Error: no such file"), ("Error: gone", "Error: gone"), ("<tool_use_error>x", "<tool_use_error>x"), ("", "Error: ")],
)
def test_a_failed_result_says_so(said, expected):
    """Once."""
    assert messages(Turn(USER, (ToolResult("c", (Text(said),), failed=True),)))[0]["content"] == expected


def test_thoughts_go_back_where_the_model_takes_them():
    """In the member that its profile names; elsewhere they are a loss, but only if there is text in them."""
    turn = Turn(ASSISTANT, (Thinking("hm"), Text("a"), Thinking("so")))
    found, losses = encoded(turn, profile=ModelProfile(thoughts_back="reasoning_content"))
    assert found == [{"role": "assistant", "content": "a", "reasoning_content": "hm\n\nso"}]
    assert losses == []
    found, losses = encoded(turn, turn)
    assert found[0] == {"role": "assistant", "content": "a"}
    assert [loss.what for loss in losses] == ["thinking"]
    assert messages(Turn(ASSISTANT, (Thinking("", redacted=True), Text("a")))) == [{"role": "assistant", "content": "a"}]


def test_parts_of_this_dialect_are_written_as_they_are():
    """A speaker's name, a sound of the assistant's, an unknown part."""
    name = Foreign("openai_chat", "name", msgspec.Raw(b'"bob"'))
    odd = Foreign("openai_chat", "hologram", msgspec.Raw(b'{"type":"hologram"}'))
    sound = Foreign("openai_chat", "audio", msgspec.Raw(b'{"id":"a1"}'))
    assert messages(Turn(SYSTEM, (name, Text("a"))), Turn(USER, (name, odd)), Turn(ASSISTANT, (name, sound))) == [
        {"role": "system", "content": "a", "name": "bob"},
        {"role": "user", "content": [{"type": "hologram"}], "name": "bob"},
        {"role": "assistant", "content": "", "name": "bob", "audio": {"id": "a1"}},
    ]


def test_what_has_no_place_is_a_loss():
    """Parts of other dialects and media that nothing shows: each once, and the rest is sent."""
    foreign = Foreign("anthropic", "server_tool_use", msgspec.Raw(b"{}"))
    link = Media("document", url="https://example.com/a.pdf")
    turns = [Turn(SYSTEM, (Text("s"), PNG)), Turn(USER, (Text("a"), link, foreign)), Turn(ASSISTANT, (Text("b"), foreign, PNG))]
    found, losses = encoded(*turns)
    assert [message["content"] for message in found] == ["s", "a", "b"]
    why = "The provider's API has no place for it."
    assert losses == [Loss("image", why), Loss("document", why), Loss("server_tool_use", why)]


def test_history_is_the_beginning_of_what_follows():
    """The messages of a request are the first messages of the next one."""
    turns = [
        Turn(SYSTEM, (Text("s"),)),
        Turn(USER, (Text("a"), PNG)),
        Turn(ASSISTANT, (Text("b"), ToolCall("c", "read", "{}"))),
        Turn(USER, (ToolResult("c", (Text("x"), PNG)),)),
        Turn(ASSISTANT, (Text("d"),)),
    ]
    whole = messages(*turns)
    for length in range(1, len(turns)):
        shorter = messages(*turns[:length])
        assert whole[: len(shorter)] == shorter


def test_messages_of_one_turn_are_apart():
    """With an empty line between them; parts of one message go on from each other."""
    said = (Text("It is "), Text("sunny."), Text("", apart=True), Text("Shall I?", apart=True))

    assert messages(Turn(ASSISTANT, said)) == [{"role": "assistant", "content": "It is sunny.\n\nShall I?"}]
