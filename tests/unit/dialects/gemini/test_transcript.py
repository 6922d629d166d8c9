"""Gemini's `generateContent` as parts."""

import pytest

from headgate.dialects.gemini.transcript import READER


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"role": "user", "parts": [{"text": "hi"}]}, [("user", "text", "hi", "", "")]),
        (
            {"role": "model", "parts": [{"text": "Hm", "thought": True}, {"text": "a"}]},
            [("assistant", "thinking", "Hm", "", ""), ("assistant", "text", "a", "", "")],
        ),
        (
            {"role": "model", "parts": [{"functionCall": {"id": "f1", "name": "ls", "args": {"dir": "."}}}]},
            [("assistant", "call", '{\n  "dir": "."\n}', "ls", "f1")],
        ),
        ({"role": "model", "parts": [{"function_call": {"name": "ls", "args": {}}}]}, [("assistant", "call", "{}", "ls", "")]),
        ({"role": "user", "parts": [{"functionResponse": {"name": "ls", "response": {"output": "a.py"}}}]}, [("user", "result", "a.py", "ls", "")]),
        (
            {"role": "user", "parts": [{"functionResponse": {"name": "ls", "response": {"rows": 1}}}]},
            [("user", "result", '{\n  "rows": 1\n}', "ls", "")],
        ),
        ({"role": "user", "parts": [{"inlineData": {"mimeType": "image/png", "data": "x"}}]}, [("user", "media", "", "image/png", "")]),
        ({"role": "model", "parts": [{"executableCode": {"code": "1+1"}}]}, [("assistant", "call", "1+1", "code", "")]),
        ({"parts": {"text": "one"}}, [("user", "text", "one", "", "")]),
        ({"role": "user", "parts": [{"videoMetadata": 1}]}, [("user", "other", '{\n  "videoMetadata": 1\n}', "", "")]),
    ],
)
def test_contents(content, expected):
    """Each part of a content is a part, in its order."""
    parts = READER.request({"contents": [content]}).parts
    assert [(part.role, part.kind, part.text, part.name, part.call_id) for part in parts] == expected


def test_a_request_and_its_answer():
    """The system instruction comes first in either spelling; functions are named; a streamed answer may be a list."""
    request = READER.request({
        "system_instruction": {"parts": [{"text": "Be brief."}]},
        "contents": [{"role": "model", "parts": [{"text": "a"}]}],
        "tools": [{"functionDeclarations": [{"name": "ls"}]}],
    })
    assert [(part.role, part.text) for part in request.parts] == [("system", "Be brief."), ("assistant", "a")]
    assert request.tools == ("ls",)
    chunk = {"candidates": [{"content": {"role": "model", "parts": [{"text": "a"}]}}]}
    assert READER.answer(chunk) == request.parts[1:]
    assert READER.answer([chunk, {"error": {"message": "cut"}}])[1].text == "cut"


def test_a_failed_function():
    """Its response has an error."""
    [part] = READER.request({"contents": [{"parts": [{"functionResponse": {"name": "ls", "response": {"error": "no such place"}}}]}]}).parts
    assert (part.failed, part.text) == (True, "no such place")
