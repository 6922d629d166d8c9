"""Anthropic Messages as parts."""

import pytest

from headgate.dialects.anthropic.transcript import READER

USE = {"type": "tool_use", "id": "t1", "name": "Read", "input": {"file_path": "a.py"}}


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"role": "user", "content": "Hello"}, [("user", "text", "Hello", "", "")]),
        (
            {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "image", "source": {}}]},
            [("user", "text", "a", "", ""), ("user", "media", "", "image", "")],
        ),
        ({"role": "assistant", "content": [{"type": "thinking", "thinking": "Hm", "signature": "s"}]}, [("assistant", "thinking", "Hm", "", "")]),
        ({"role": "assistant", "content": [{"type": "redacted_thinking", "data": "x"}]}, [("assistant", "thinking", "", "redacted", "")]),
        ({"role": "assistant", "content": [USE]}, [("assistant", "call", '{\n  "file_path": "a.py"\n}', "Read", "t1")]),
        ({"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "1: x"}]}, [("user", "result", "1: x", "", "t1")]),
        (
            {
                "role": "user",
                "content": [{"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "x"}, {"type": "image"}]}],
            },
            [("user", "result", "x\n[image]", "", "t1")],
        ),
        (
            {"role": "assistant", "content": [{"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}]},
            [("assistant", "call", "{}", "web_search", "s")],
        ),
        (
            {"role": "user", "content": [{"type": "new_block", "a": 1}]},
            [("user", "other", '{\n  "type": "new_block",\n  "a": 1\n}', "new_block", "")],
        ),
    ],
)
def test_messages(message, expected):
    """Each block is a part, in its order."""
    parts = READER.request({"messages": [message]}).parts
    assert [(part.role, part.kind, part.text, part.name, part.call_id) for part in parts] == expected


def test_a_request_and_its_answer():
    """The system prompt comes first; tools are named; an answer has the same parts as the next request brings back."""
    request = READER.request({
        "system": [{"type": "text", "text": "Be brief."}],
        "tools": [{"name": "Read"}],
        "messages": [{"role": "assistant", "content": [USE]}],
    })
    assert (request.parts[0].role, request.parts[0].text, request.tools) == ("system", "Be brief.", ("Read",))
    assert READER.answer({"content": [USE]}) == request.parts[1:]


def test_a_failed_tool_and_a_failed_answer():
    """Both say so."""
    failed = {"type": "tool_result", "tool_use_id": "t", "is_error": True, "content": "no"}
    assert READER.request({"messages": [{"role": "user", "content": [failed]}]}).parts[0].failed
    [error] = READER.answer({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}})
    assert (error.kind, error.text, error.name) == ("failure", "Overloaded", "overloaded_error")
