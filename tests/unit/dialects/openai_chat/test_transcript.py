"""Chat Completions as parts."""

import pytest

from headgate.dialects.openai_chat.transcript import READER

CALL = {"id": "c1", "type": "function", "function": {"name": "read", "arguments": '{"path":"a"}'}}


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"role": "system", "content": "s"}, [("system", "text", "s", "", "")]),
        ({"role": "developer", "content": [{"type": "text", "text": "d"}]}, [("system", "text", "d", "", "")]),
        (
            {"role": "user", "content": [{"type": "text", "text": "u"}, {"type": "image_url"}]},
            [("user", "text", "u", "", ""), ("user", "media", "", "image_url", "")],
        ),
        ({"role": "assistant", "content": None, "tool_calls": [CALL]}, [("assistant", "call", '{\n  "path": "a"\n}', "read", "c1")]),
        (
            {"role": "assistant", "content": "a", "reasoning_content": "r"},
            [("assistant", "thinking", "r", "", ""), ("assistant", "text", "a", "", "")],
        ),
        ({"role": "assistant", "refusal": "No."}, [("assistant", "text", "No.", "refusal", "")]),
        (
            {"role": "assistant", "tool_calls": [{"id": "c2", "custom": {"name": "patch", "input": "*** x"}}]},
            [("assistant", "call", "*** x", "patch", "c2")],
        ),
        ({"role": "assistant", "function_call": {"name": "old", "arguments": "{}"}}, [("assistant", "call", "{}", "old", "")]),
        ({"role": "tool", "tool_call_id": "c1", "content": [{"type": "text", "text": "ok"}]}, [("user", "result", "ok", "", "c1")]),
        ({"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "x"}]}, [("user", "result", "x", "", "t")]),
        ({"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "n", "input": {}}]}, [("assistant", "call", "{}", "n", "t")]),
    ],
)
def test_messages(message, expected):
    """Each text, call and result is a part, in its order; blocks as Anthropic has them too."""
    parts = READER.request({"messages": [message]}).parts
    assert [(part.role, part.kind, part.text, part.name, part.call_id) for part in parts] == expected


def test_an_answer_is_its_first_choice():
    """It has the same parts as the next request brings back; an error is a part."""
    answer = READER.answer({"choices": [{"message": {"role": "assistant", "content": "a", "tool_calls": [CALL]}}, {"message": {"content": "b"}}]})
    assert answer == READER.request({"messages": [{"role": "assistant", "content": "a", "tool_calls": [CALL]}]}).parts
    assert READER.answer({"error": {"message": "slow down", "code": "rate_limit"}})[0].name == "rate_limit"


def test_tools():
    """Functions by their names."""
    assert READER.request({"tools": [{"type": "function", "function": {"name": "read"}}]}).tools == ("read",)
