"""Turns of a conversation as contents."""

import json

import msgspec
import pytest

from headgate.core.conversation import Foreign, Media, RefusalText, Text, Thinking, ToolCall, ToolResult, Turn
from headgate.core.loss import Loss
from headgate.core.model_profile import ModelProfile
from headgate.core.opaque_state import OpaqueState
from headgate.dialects.gemini.encode_contents import ContentsEncoder

SIGNED = OpaqueState("gemini", "signature", "RWc9PQ==")
SENTINEL = "skip_thought_signature_validator"
IMAGE = Media("image", "image/png", "AAAA")
IMAGE_PART = {"inlineData": {"mimeType": "image/png", "data": "AAAA"}}


def encoded(*turns, **profile):
    """The contents of these turns."""
    return json.loads(msgspec.json.encode(ContentsEncoder(ModelProfile(**profile)).contents(turns)))


def parts_of(role, *parts, **profile):
    """The parts of one turn."""
    (content,) = encoded(Turn(role, parts), **profile)
    return content["parts"]


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (Text("a"), [{"text": "a"}]),
        (Text("a", state=SIGNED), [{"text": "a", "thoughtSignature": "RWc9PQ=="}]),
        (Text("", state=SIGNED), [{"text": "", "thoughtSignature": "RWc9PQ=="}]),
        (RefusalText("No."), [{"text": "No."}]),
        (IMAGE, [IMAGE_PART]),
        (Thinking("Hm.", state=SIGNED), [{"text": "Hm.", "thought": True, "thoughtSignature": "RWc9PQ=="}]),
        (Thinking(state=SIGNED), [{"text": "", "thoughtSignature": "RWc9PQ=="}]),
        (ToolCall("c", "ls", '{"b": 1.0}'), [{"functionCall": {"id": "c", "name": "ls", "args": {"b": 1.0}}}]),
        (ToolCall("c", "ls", ""), [{"functionCall": {"id": "c", "name": "ls", "args": {}}}]),
        (ToolCall("c", "ls", '{"b": '), [{"functionCall": {"id": "c", "name": "ls", "args": {"__raw__": '{"b": '}}}]),
        (Foreign("gemini", "executableCode", msgspec.Raw(b'{"executableCode":{}}')), [{"executableCode": {}}]),
    ],
)
def test_each_part_of_an_answer(part, expected):
    """Signatures are on the part that they came with."""
    assert parts_of("assistant", part) == expected


def test_what_gemini_does_not_take_is_a_loss():
    """Unsigned thoughts, and parts of other dialects; empty texts and turns are nothing."""
    encoder = ContentsEncoder(ModelProfile())
    turn = Turn("assistant", (Text(""), Thinking("Hm."), Foreign("anthropic", "server_tool_use", msgspec.Raw(b"{}"))))
    assert encoder.contents((turn,)) == []
    assert encoder.losses == [
        Loss("thinking", "Gemini takes back only thoughts that it has signed."),
        Loss("server_tool_use", "Gemini has nothing like it."),
    ]


def test_the_system_instruction_is_what_comes_before_all_turns():
    """A later turn of the system is the user's, so that nothing is lost."""
    turns = (Turn("system", (Text("a"), Text("b"))), Turn("user", (Text("c"),)), Turn("system", (Text("d"),)))
    assert ContentsEncoder(ModelProfile()).system(turns) == {"parts": [{"text": "a"}, {"text": "b"}]}
    assert ContentsEncoder(ModelProfile()).system(turns[1:]) is None
    assert encoded(*turns) == [{"role": "user", "parts": [{"text": "c"}]}, {"role": "user", "parts": [{"text": "d"}]}]


def test_responses_come_first_with_the_names_of_their_calls():
    """A failure is an error."""
    calls = Turn("assistant", (ToolCall("c1", "ls", "{}"), ToolCall("c2", "cat", "{}")))
    results = Turn("user", (Text("And?"), ToolResult("c2", (Text("a"), Text("b"))), ToolResult("c1", (Text("no"),), failed=True)))
    assert encoded(calls, results)[1]["parts"] == [
        {"functionResponse": {"id": "c2", "name": "cat", "response": {"output": "a\nb"}}},
        {"functionResponse": {"id": "c1", "name": "ls", "response": {"error": "no"}}},
        {"text": "And?"},
    ]


def test_media_of_a_result_are_in_it_or_beside_it():
    """As the model takes them."""
    result = ToolResult("c1", (Text("It:"), IMAGE), "see")
    response = {"id": "c1", "name": "see", "response": {"output": "It:"}}
    assert parts_of("user", result) == [{"functionResponse": {**response, "parts": [IMAGE_PART]}}]
    assert parts_of("user", result, Text("x"), result_media=False) == [{"functionResponse": response}, IMAGE_PART, {"text": "x"}]


def test_the_first_call_of_a_step_has_a_signature_where_the_model_requires_one():
    """Its own, or the text that replaces it; in all turns, so that a longer history begins with the same contents."""
    unsigned, signed = ToolCall("c1", "ls", "{}"), ToolCall("c2", "ls", "{}", state=SIGNED)
    first, second = parts_of("assistant", Text("a"), unsigned, unsigned, signature_required=True)[1:]
    assert first["thoughtSignature"] == SENTINEL
    assert "thoughtSignature" not in second
    assert parts_of("assistant", signed, signature_required=True)[0]["thoughtSignature"] == "RWc9PQ=="
    assert "thoughtSignature" not in parts_of("assistant", unsigned)[0]
    history = (Turn("assistant", (unsigned,)), Turn("user", (ToolResult("c1", ()),)), Turn("user", (Text("Next."),)))
    assert encoded(*history, signature_required=True)[:2] == encoded(*history[:2], signature_required=True)
