"""Responses as parts."""

import pytest

from headgate.dialects.openai_responses.transcript import READER

CALL = {"type": "function_call", "id": "fc_1", "call_id": "c1", "name": "shell", "arguments": '{"command":["ls"]}'}


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"role": "user", "content": "hi"}, [("user", "text", "hi", "", "")]),
        ({"type": "message", "role": "developer", "content": [{"type": "input_text", "text": "d"}]}, [("system", "text", "d", "", "")]),
        ({"type": "message", "role": "user", "content": [{"type": "input_image"}]}, [("user", "media", "", "input_image", "")]),
        ({"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "a"}]}, [("assistant", "text", "a", "", "")]),
        (CALL, [("assistant", "call", '{\n  "command": [\n    "ls"\n  ]\n}', "shell", "c1")]),
        ({"type": "function_call_output", "call_id": "c1", "output": "a.py"}, [("user", "result", "a.py", "", "c1")]),
        ({"type": "function_call_output", "call_id": "c1", "output": [{"type": "input_text", "text": "x"}]}, [("user", "result", "x", "", "c1")]),
        (
            {"type": "custom_tool_call", "call_id": "c2", "name": "apply_patch", "input": "*** Begin Patch"},
            [("assistant", "call", "*** Begin Patch", "apply_patch", "c2")],
        ),
        (
            {"type": "local_shell_call", "call_id": "c3", "action": {"command": ["ls"]}},
            [("assistant", "call", '{\n  "command": [\n    "ls"\n  ]\n}', "local_shell", "c3")],
        ),
        ({"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm"}]}, [("assistant", "thinking", "Hm", "", "")]),
        ({"type": "reasoning", "encrypted_content": "x"}, [("assistant", "thinking", "", "encrypted", "")]),
        ({"type": "item_reference", "id": "x"}, [("user", "other", '{\n  "type": "item_reference",\n  "id": "x"\n}', "item_reference", "")]),
    ],
)
def test_items(item, expected):
    """Messages, calls and outputs of calls, in their order."""
    parts = READER.request({"input": [item]}).parts
    assert [(part.role, part.kind, part.text, part.name, part.call_id) for part in parts] == expected


def test_a_request_and_its_answer():
    """Instructions come first; an input may be one text; an answer has the same parts as the next request brings back."""
    request = READER.request({
        "instructions": "Be brief.",
        "input": "hi",
        "tools": [{"type": "function", "name": "shell"}],
        "previous_response_id": "r0",
    })
    assert [(part.role, part.text) for part in request.parts] == [("system", "Be brief."), ("user", "hi")]
    assert (request.tools, request.continues) == (("shell",), "r0")
    assert READER.answer({"output": [CALL]}) == READER.request({"input": [CALL]}).parts
    assert READER.answer({"output": [], "error": {"code": "server_error", "message": "broken"}})[0].text == "broken"
