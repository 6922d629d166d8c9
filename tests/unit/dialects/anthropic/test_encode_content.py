"""Parts written as content blocks."""

import msgspec
import pytest

from headgate.core.conversation import Foreign, Media, RefusalText, Text, Thinking, ToolCall, ToolResult, Turn
from headgate.core.opaque_state import OpaqueState
from headgate.dialects.anthropic.cache_marks import CacheMarks
from headgate.dialects.anthropic.encode_content import ContentEncoder, arguments

OWN = OpaqueState("anthropic", "signature", "Eq")
FOREIGN = Foreign("anthropic", "server_tool_use", msgspec.Raw(b'{"type":"server_tool_use","id":"s"}'))


def written(*parts):
    """The blocks of these parts as they are sent, and what is lost."""
    encoder = ContentEncoder(CacheMarks())
    return msgspec.json.decode(msgspec.json.encode(encoder.blocks(parts))), [loss.what for loss in encoder.losses]


@pytest.mark.parametrize(
    ("part", "block"),
    [
        (Text("a"), {"type": "text", "text": "a"}),
        (RefusalText("No."), {"type": "text", "text": "No."}),
        (Media("image", url="https://x"), {"type": "image", "source": {"type": "url", "url": "https://x"}}),
        (ToolCall("t1", "f", '{"a":1}'), {"type": "tool_use", "id": "t1", "name": "f", "input": {"a": 1}}),
        (
            ToolResult("t1", (Text("a"), Text(""), Media("image", url="https://x"))),
            {
                "type": "tool_result", "tool_use_id": "t1",
                "content": [{"type": "text", "text": "a"}, {"type": "image", "source": {"type": "url", "url": "https://x"}}],
            },
        ),
        (ToolResult("t1", ()), {"type": "tool_result", "tool_use_id": "t1"}),
        (
            ToolResult("t1", (), failed=True),
            {"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "The tool failed."}], "is_error": True},
        ),
        (Thinking("hm", state=OWN), {"type": "thinking", "thinking": "hm", "signature": "Eq"}),
        (Thinking("h…", state=OpaqueState("anthropic", "signature", "Eq", text="hm")), {"type": "thinking", "thinking": "hm", "signature": "Eq"}),
        (Thinking(state=OpaqueState("anthropic", "redacted", "Em"), redacted=True), {"type": "redacted_thinking", "data": "Em"}),
        (FOREIGN, {"type": "server_tool_use", "id": "s"}),
    ],
)  # fmt: skip
def test_a_part_is_a_block(part, block):
    """Nothing of it is lost."""
    assert written(part) == ([block], [])


@pytest.mark.parametrize("part", [Text(""), Text(" \n"), RefusalText("")])
def test_an_empty_text_is_left_out(part):
    """Anthropic refuses it."""
    assert written(part) == ([], [])


@pytest.mark.parametrize(
    ("part", "what"),
    [
        (Thinking("hm"), "thinking"),
        (Thinking("hm", state=OpaqueState("openai", "encrypted", "g")), "thinking"),
        (Foreign("openai_responses", "mcp_call", msgspec.Raw(b"{}")), "mcp_call"),
        (Foreign("anthropic", "odd", msgspec.Raw(b"5")), "odd"),
    ],
)
def test_what_is_not_anthropics_is_reported(part, what):
    """It is left out."""
    assert written(part) == ([], [what])


@pytest.mark.parametrize("text", ["", " "])
def test_no_arguments_are_an_empty_object(text):
    """Anthropic requires one."""
    assert arguments(text) == {}


@pytest.mark.parametrize("text", ['{"a":', "[1]", "plain"])
def test_broken_arguments_are_kept_as_a_text(text):
    """The model sees what it wrote."""
    assert arguments(text) == {"__raw__": text}


def test_arguments_stay_as_they_were_written():
    """The cache of the provider compares them."""
    assert bytes(arguments('{"b": 1.0, "a":12345678901234567890}')) == b'{"b": 1.0, "a":12345678901234567890}'


def test_messages_without_content_are_left_out():
    """And the last text of the assistant ends without white space, because Anthropic refuses it."""
    turns = (
        Turn("user", (Text("a "),)), Turn("assistant", (Text(""),)), Turn("system", (Text("b"),)), Turn("assistant", (Text("c "), Text(" d \n"))),
    )  # fmt: skip

    assert ContentEncoder(CacheMarks()).messages(turns) == [
        {"role": "user", "content": [{"type": "text", "text": "a "}]},
        {"role": "system", "content": [{"type": "text", "text": "b"}]},
        {"role": "assistant", "content": [{"type": "text", "text": "c "}, {"type": "text", "text": " d"}]},
    ]


def test_a_last_turn_may_end_in_a_call_or_be_empty():
    """Only a text is changed."""
    assert ContentEncoder(CacheMarks()).messages((Turn("assistant", (ToolCall("t", "f", "{}"),)),))[0]["role"] == "assistant"
    assert ContentEncoder(CacheMarks()).messages((Turn("assistant", ()),)) == []


def test_a_file_of_the_assistant_is_noted():
    """Anthropic takes files of the user alone."""
    encoder = ContentEncoder(CacheMarks())

    assert encoder.messages((Turn("assistant", (Media("image", "image/png", base64="aGk="),)),)) == [
        {"role": "assistant", "content": [{"type": "text", "text": "[A file that cannot be shown here: image (image/png)]"}]},
    ]
    assert [loss.what for loss in encoder.losses] == ["image"]


def test_instructions_are_texts():
    """Anything else is left out, and reported."""
    encoder = ContentEncoder(CacheMarks())

    assert encoder.system((Text("a"), Media("image", url="https://x"))) == [{"type": "text", "text": "a"}]
    assert encoder.messages((Turn("system", (Text("b"),)),)) == [{"role": "system", "content": [{"type": "text", "text": "b"}]}]
    assert [loss.what for loss in encoder.losses] == ["system"]


def test_marked_parts_are_noted():
    """In their order."""
    marks = CacheMarks()
    blocks = ContentEncoder(marks).blocks((Text("a", cached=True), ToolCall("t", "f", "", cached=True), ToolResult("t", (), cached=True)))
    marks.write(False)

    assert all(block["cache_control"] == {"type": "ephemeral"} for block in blocks)
