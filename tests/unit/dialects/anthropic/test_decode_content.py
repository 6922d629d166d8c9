"""Content decoded into parts."""

import json

import msgspec
import pytest

from headgate.core.conversation import Foreign, Media, Text, Thinking, Tool, ToolCall, ToolResult
from headgate.core.errors import BadRequest
from headgate.core.opaque_state import OpaqueState, enveloped
from headgate.dialects.anthropic.decode_content import ContentDecoder
from headgate.dialects.anthropic.state_slots import OF_LAST, OF_NEXT, OF_NONE, UNSIGNED

GEMINI = OpaqueState("gemini", "signature", "c2ln")
OPENAI = OpaqueState("openai", "encrypted", "gAAAA", item_id="rs_1")
SEALED = enveloped(GEMINI)
CALL = {"type": "tool_use", "id": "t1", "name": "f", "input": {}}


def read(*blocks, deferred=None):
    """The parts of these blocks."""
    return ContentDecoder(deferred or {}, {}).parts(msgspec.Raw(json.dumps(blocks, separators=(",", ":")).encode()), "messages.0.content")


@pytest.mark.parametrize(
    ("block", "part"),
    [
        ({"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}}, Text("a", cached=True)),
        (
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGk="}},
            Media("image", "image/png", base64="aGk="),
        ),
        ({"type": "image", "source": {"type": "url", "url": "https://x/y.png"}}, Media("image", url="https://x/y.png")),
        ({"type": "image", "source": {"type": "file", "file_id": "file_1"}}, Media("image", file_id="file_1")),
        (
            {"type": "document", "title": "T", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBE"}},
            Media("document", "application/pdf", base64="JVBE", name="T"),
        ),
        ({"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "x"}}, Media("document", "text/plain", text="x")),
        (
            {"type": "document", "source": {"type": "content", "content": [{"type": "text", "text": "x"}, {"type": "text", "text": "y"}]}},
            Media("document", "text/plain", text="x\n\ny"),
        ),
        ({"type": "document", "source": {"type": "content", "content": "x"}}, Media("document", "text/plain", text="x")),
        (
            {"type": "search_result", "source": "https://s", "title": "S", "content": [{"type": "text", "text": "found"}]},
            Text("S (https://s)\n\nfound"),
        ),
        ({"type": "tool_use", "id": "t1", "name": "f", "input": {"b": 1, "a": 2}}, ToolCall("t1", "f", '{"b":1,"a":2}')),
        ({"type": "tool_use", "id": "t1", "name": "f"}, ToolCall("t1", "f", "{}")),
        ({"type": "tool_result", "tool_use_id": "t1"}, ToolResult("t1", ())),
        ({"type": "tool_result", "tool_use_id": "t1", "content": "no", "is_error": True}, ToolResult("t1", (Text("no"),), failed=True)),
        (
            {
                "type": "tool_result", "tool_use_id": "t1", "cache_control": {"type": "ephemeral"},
                "content": [{"type": "text", "text": "a"}, {"type": "image", "source": {"type": "url", "url": "https://x"}}, {"type": "odd"}],
            },
            ToolResult("t1", (Text("a"), Media("image", url="https://x"), Text('{"type":"odd"}')), cached=True),
        ),
        (
            {"type": "thinking", "thinking": "hm", "signature": "Eq"},
            Thinking("hm", state=OpaqueState("anthropic", "signature", "Eq")),
        ),
        ({"type": "thinking", "thinking": "hm", "signature": ""}, Thinking("hm")),
        ({"type": "thinking", "thinking": "hm", "signature": UNSIGNED}, Thinking("hm")),
        ({"type": "thinking", "thinking": "hm", "signature": SEALED}, Thinking("hm", state=GEMINI)),
        ({"type": "thinking", "thinking": "hm", "signature": enveloped(OPENAI)}, Thinking("hm", summary=True, state=OPENAI)),
        ({"type": "redacted_thinking", "data": "Em"}, Thinking(state=OpaqueState("anthropic", "redacted", "Em"), redacted=True)),
        ({"type": "redacted_thinking", "data": enveloped(OPENAI)}, Thinking(state=OPENAI, redacted=True)),
        (
            {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}},
            Foreign("anthropic", "server_tool_use", msgspec.Raw(b'{"type":"server_tool_use","id":"s","name":"web_search","input":{}}')),
        ),
    ],
    ids=lambda value: value["type"] if isinstance(value, dict) else None,
)  # fmt: skip
def test_a_block_is_a_part(block, part):
    """Nothing of it is lost."""
    assert read(block) == (part,)


def test_what_a_document_is_about_comes_before_it():
    """Also where it has images in it."""
    image = {"type": "image", "source": {"type": "url", "url": "https://x"}}
    source = {"type": "content", "content": [{"type": "text", "text": "a"}, image]}

    assert read({"type": "document", "title": "T", "context": "C", "source": source}) == (
        Text("C"), Text("T"), Text("a"), Media("image", url="https://x"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        (({"type": "redacted_thinking", "data": SEALED + OF_NEXT}, CALL), (ToolCall("t1", "f", "{}", state=GEMINI),)),
        ((CALL, {"type": "redacted_thinking", "data": SEALED + OF_LAST}), (ToolCall("t1", "f", "{}", state=GEMINI),)),
        (({"type": "text", "text": "a"}, {"type": "redacted_thinking", "data": SEALED + OF_LAST}), (Text("a", state=GEMINI),)),
        (({"type": "text", "text": "a"}, {"type": "redacted_thinking", "data": SEALED + OF_NONE}), (Text("a"), Text("", state=GEMINI))),
        (({"type": "redacted_thinking", "data": SEALED + OF_LAST},), (Text("", state=GEMINI),)),
        (({"type": "redacted_thinking", "data": SEALED + OF_NEXT}, {"type": "text", "text": "a"}), (Text("a"),)),
    ],
)
def test_a_state_of_another_part_is_put_back_on_it(blocks, expected):
    """It came in a block of its own. Without its part it proves nothing."""
    assert read(*blocks) == expected


def test_a_tool_that_a_search_found_is_in_its_result():
    """It is offered from there on; one that is unknown is named alone."""
    tool = Tool("late")
    content = [{"type": "tool_reference", "tool_name": "late"}, {"type": "tool_reference", "tool_name": "gone"}]

    assert read({"type": "tool_result", "tool_use_id": "t1", "content": content}, deferred={"late": tool}) == (
        ToolResult(
            "t1",
            (Text("The tool late was found and can be called now."), Text("The tool gone was found and can be called now.")),
            tools=(tool,),
        ),
    )


def test_an_empty_redacted_thought_is_none():
    """There is nothing in it."""
    assert read({"type": "redacted_thinking", "data": ""}) == ()


def test_a_wrong_block_in_a_result_is_refused():
    """The message says where."""
    with pytest.raises(BadRequest, match=r"messages\.0\.content\.content\.0"):
        read({"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": 1}]})


def test_what_has_no_place_is_noted():
    """How long a prefix is to be kept, sources, who called a tool, and members of later versions; what is usual is not."""
    unread = {}
    blocks = [
        {"type": "text", "text": "a", "citations": [{"x": 1}], "cache_control": {"type": "ephemeral", "ttl": "1h"}},
        {"type": "text", "text": "b", "citations": None, "cache_control": {"type": "ephemeral", "ttl": "5m"}, "later": 1},
        {"type": "document", "source": {"type": "text", "data": "x", "later": 2}, "citations": {"enabled": True}},
        {"type": "document", "source": {"type": "text", "data": "x"}, "citations": {"enabled": False}},
        {"type": "search_result", "source": "s", "title": "t", "content": [{"type": "text", "text": "c", "more": 3}], "citations": {"enabled": True}},
        {"type": "tool_use", "id": "t", "name": "f", "input": {}, "caller": {"type": "direct"}},
        {"type": "tool_use", "id": "u", "name": "f", "input": {}, "caller": {"type": "code_execution_20260120", "tool_id": "x"}},
    ]
    ContentDecoder({}, unread).parts(msgspec.Raw(json.dumps(blocks).encode()), "messages.0.content")

    assert set(unread) == {
        "text.citations", "cache_control.ttl", "text.later", "document.citations", "search_result.content.more", "search_result.citations",
        "tool_use.caller",
    }  # fmt: skip
    assert unread["cache_control.ttl"] == msgspec.Raw(b'"1h"')
