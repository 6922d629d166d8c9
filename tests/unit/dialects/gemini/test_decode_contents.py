"""Contents of a client as turns."""

import json

import msgspec
import pytest

from headgate.core.conversation import ASSISTANT, SYSTEM, USER, Foreign, Media, Text, Thinking, ToolCall, ToolResult, Turn
from headgate.core.errors import BadRequest
from headgate.core.opaque_state import OpaqueState, enveloped_as_base64
from headgate.dialects.gemini.decode_contents import system_turn, turns
from headgate.dialects.gemini.seals import sealed

SIGNED = OpaqueState("anthropic", "signature", "c2ln", text="Hm.")
HIDDEN = OpaqueState("anthropic", "redacted", "aGlk")
NATIVE = OpaqueState("gemini", "signature", "RWc9PQ==")


def decoded(*contents):
    """The turns of these contents."""
    return turns(msgspec.Raw(json.dumps(contents).encode()), {})


def parts_of(*parts, role="model"):
    """The parts of one content."""
    return decoded({"role": role, "parts": list(parts)})[0].parts


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ({"text": "Hello"}, Text("Hello")),
        ({"text": "Hello", "thoughtSignature": "RWc9PQ=="}, Text("Hello", state=NATIVE)),
        ({"text": "Hm.", "thought": True, "thought_signature": "RWc9PQ=="}, Thinking("Hm.", summary=True, state=NATIVE)),
        (
            {"functionCall": {"id": "c1", "name": "ls", "args": {"b": 1.0, "a": []}}, "thoughtSignature": "RWc9PQ=="},
            ToolCall("c1", "ls", '{"b":1.0,"a":[]}', state=NATIVE),
        ),
        ({"function_call": {"id": "c1", "name": "ls"}}, ToolCall("c1", "ls", "{}")),
        ({"inlineData": {"mimeType": "image/png", "data": "-_8"}}, Media("image", "image/png", "+/8=")),
        ({"inline_data": {"mime_type": "application/pdf", "data": "AAAA"}}, Media("document", "application/pdf", "AAAA")),
        ({"inlineData": {"mimeType": "text/plain", "data": "SGk="}}, Media("document", "text/plain", text="Hi")),
        (
            {"inlineData": {"mimeType": "audio/wav", "data": "AAAA", "displayName": "a.wav"}, "mediaResolution": {"level": "MEDIA_RESOLUTION_LOW"}},
            Media("audio", "audio/wav", "AAAA", name="a.wav", detail="low"),
        ),
        ({"fileData": {"fileUri": "https://youtu.be/x"}}, Media("video", url="https://youtu.be/x")),
        ({"fileData": {"mimeType": "image/png", "fileUri": "gs://b/a.png"}}, Media("image", "image/png", file_id="gs://b/a.png")),
        ({"executableCode": {"code": "1"}}, Foreign("gemini", "executableCode", msgspec.Raw(b'{"executableCode": {"code": "1"}}'))),
        ({"thought": True}, Foreign("gemini", "part", msgspec.Raw(b'{"thought": true}'))),
    ],
)
def test_each_part_has_its_kind(part, expected):
    """Names are in either form; what only Gemini has is kept as it is."""
    assert parts_of(part) == (expected,)


@pytest.mark.parametrize(
    ("response", "texts", "failed"),
    [
        ({"output": "done"}, ("done",), False),
        ({"result": {"a": 1.0}}, ('{"a":1.0}',), False),
        ({"error": "no"}, ("no",), True),
        ({"error": "no", "code": 7}, ('{"error":"no","code":7}',), True),
        ({"temperature": 21}, ('{"temperature":21}',), False),
        ({"output": ""}, (), False),
        ({}, (), False),
    ],
)
def test_a_response_is_text(response, texts, failed):
    """One member of a known name is the answer itself."""
    (result,) = parts_of({"functionResponse": {"id": "c1", "name": "ls", "response": response}}, role="user")
    assert result == ToolResult("c1", tuple(map(Text, texts)), "ls", failed)


def test_media_in_a_response_are_parts_of_the_result():
    """They come after its text."""
    image = {"inlineData": {"mimeType": "image/png", "data": "AAAA"}}
    (result,) = parts_of({"functionResponse": {"id": "c1", "name": "see", "response": {"output": "It:"}, "parts": [image]}}, role="user")
    assert result.parts == (Text("It:"), Media("image", "image/png", "AAAA"))


def test_results_without_ids_match_their_calls_by_name_and_order():
    """The ids are made of the calls' places, and a result of no call gets one too."""
    call = {"functionCall": {"name": "ls", "args": {}}}
    result = {"functionResponse": {"name": "ls", "response": {"output": "x"}}}
    contents = [{"role": "model", "parts": [call, call]}, {"role": "user", "parts": [result, result, result]}]
    called, answered = decoded(*contents)
    ids = [part.call_id for part in called.parts]
    assert len(set(ids)) == 2
    assert [part.call_id for part in answered.parts][:2] == ids
    assert answered.parts[2].call_id not in ids
    assert decoded(*contents, {"parts": [{"text": "And?"}]})[:2] == (called, answered)


def test_a_call_that_was_not_answered_takes_no_later_result():
    """The result is the later call's."""
    call = {"role": "model", "parts": [{"functionCall": {"name": "ls"}}]}
    said = {"role": "user", "parts": [{"text": "Stop. Again."}]}
    result = {"role": "user", "parts": [{"functionResponse": {"name": "ls", "response": {}}}]}
    _, _, second, answered = decoded(call, said, call, result)
    assert answered.parts[0].call_id == second.parts[0].call_id


def test_thoughts_come_back_before_the_part_that_their_states_travelled_on():
    """Also where the client brought the bare thought back too; a text that was cut for them is whole again."""
    place = sealed([enveloped_as_base64(SIGNED), enveloped_as_base64(HIDDEN)])
    thoughts = (Thinking("Hm.", state=SIGNED), Thinking(state=HIDDEN, redacted=True))
    assert parts_of({"functionCall": {"id": "c", "name": "ls"}, "thoughtSignature": place}) == (*thoughts, ToolCall("c", "ls", "{}"))
    assert parts_of({"text": "Hm.", "thought": True}, {"text": "He", "thoughtSignature": place}, {"text": "llo"}) == (*thoughts, Text("Hello"))
    assert parts_of({"text": "a"}, {"text": "", "thoughtSignature": place}) == (Text("a"), *thoughts)
    one = enveloped_as_base64(SIGNED)
    assert parts_of({"text": "Hm.", "thought": True, "thoughtSignature": one}) == (Thinking("Hm.", summary=True, state=SIGNED),)


def test_roles():
    """A missing one is the user's, functions answer as the user; the system's may be any, and a bare text."""
    assert decoded({"parts": {"text": "a"}}, {"role": "model", "parts": []}, {"role": "function", "parts": [{"text": "b"}]}) == (
        Turn(USER, (Text("a"),)),
        Turn(USER, (Text("b"),)),
    )
    assert decoded({"role": "model", "parts": [{"text": "a"}]}) == (Turn(ASSISTANT, (Text("a"),)),)
    assert system_turn(msgspec.Raw(b'{"role":"user","parts":[{"text":"a"},{"text":"b"}]}'), {}) == Turn(SYSTEM, (Text("a"), Text("b")))
    assert system_turn(msgspec.Raw(b'"a"'), {}) == Turn(SYSTEM, (Text("a"),))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"role": "system", "parts": []}, r"`contents\[0\].role` must be"),
        ({"parts": [{"text": 1}]}, r"`contents\[0\].parts\[0\].text` must be a string"),
        ({"parts": [{"functionCall": {"name": "a", "args": []}}]}, r"functionCall.args` must be an object"),
        ({"parts": [{"functionResponse": {"name": "a", "response": "x"}}]}, r"functionResponse.response` must be an object"),
        ("Hello", r"`contents\[0\]` must be an object"),
    ],
)
def test_a_part_of_another_shape_is_refused(content, message):
    """The message says where it is."""
    with pytest.raises(BadRequest, match=message):
        decoded(content)


@pytest.mark.parametrize(
    "part",
    [
        {"text": "a"},
        {"text": ""},
        {"text": "a", "thought": True, "thoughtSignature": "RWc9PQ=="},
        {"functionCall": {"name": "ls", "args": {"a": 1}}},
        {"functionCall": {"id": "c1", "name": "ls", "args": None}, "thoughtSignature": "RWc9PQ=="},
        {"functionResponse": {"name": "ls", "response": {"output": "x"}}},
        {"functionResponse": {"id": "c1", "name": "ls", "response": {"output": ""}}},
    ],
)
def test_a_usual_part_is_what_it_is_with_other_members_or_spellings(part):
    """A part with a member more is read member by member, to the same end."""
    renamed = {"function_call" if name == "functionCall" else name: value for name, value in part.items()}

    assert parts_of({**part, "later": 1}) == parts_of(part)
    assert parts_of(renamed) == parts_of(part)
    assert decoded({"role": "model", "parts": [part], "later": 1}) == decoded({"role": "model", "parts": [part]})


def test_what_has_no_place_is_noted():
    """Members of contents, parts, calls and results, in either spelling."""
    unread = {}
    contents = [
        {"role": "model", "parts": [{"function_call": {"name": "f", "will_continue": True}, "part_metadata": {}}]},
        {"role": "user", "later": 1, "parts": [{"functionResponse": {"name": "f", "scheduling": "SILENT", "parts": [{"odd": 1}]}}]},
        {"role": "user", "parts": [{"inlineData": {"mimeType": "image/png", "data": "AAAA"}, "mediaResolution": {"level": "x", "numTokens": 5}}]},
    ]
    turns(msgspec.Raw(json.dumps(contents).encode()), unread)

    assert set(unread) == {
        "functionCall.willContinue", "parts.partMetadata", "contents.later", "functionResponse.scheduling", "functionResponse.odd",
        "mediaResolution.numTokens",
    }  # fmt: skip


def test_contents_are_the_same_beside_one_that_is_read_alone():
    """One in another spelling, and one with nothing that is known."""
    contents = [
        {"role": "user", "parts": [{"text": "a"}, {"text": "b"}]},
        {"role": "model", "parts": [{"functionCall": {"name": "f", "args": {"b": 1.0}}, "thoughtSignature": "RWc9PQ=="}]},
        {"parts": [{"functionResponse": {"name": "f", "response": {"output": "x"}}}]},
    ]
    alone = decoded(*contents)

    assert decoded(*contents, {"role": "user", "parts": [{"inline_data": {"mime_type": "image/png", "data": "AAAA"}}]})[:-1] == alone
    assert decoded(*contents, {"role": "user", "parts": [{"odd": 1}]})[:-1] == alone
    with pytest.raises(BadRequest, match="role"):
        decoded({"role": "odd", "parts": [{"text": "a"}]})
