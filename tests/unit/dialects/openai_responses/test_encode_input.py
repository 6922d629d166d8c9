"""Turns as the items of a Responses request."""

import json

import msgspec
import pytest

from headgate.core.conversation import (
    APPLY_PATCH,
    ASSISTANT,
    CUSTOM,
    LOCAL_SHELL,
    SHELL,
    SYSTEM,
    TOOL_SEARCH,
    USER,
    Foreign,
    Media,
    RefusalText,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolResult,
    Turn,
)
from headgate.core.loss import Loss
from headgate.core.model_profile import ModelProfile
from headgate.core.opaque_state import OpaqueState
from headgate.dialects.openai_responses.encode_input import InputWriter

STATE = OpaqueState("openai", "encrypted", "gAAA", item_id="rs_1")


def written(*turns, **profile):
    """The items as JSON has them, and the losses."""
    writer = InputWriter(ModelProfile(**profile))
    return json.loads(msgspec.json.encode(writer.written(turns))), writer.losses


def one(role, part, **profile):
    """The one item of one part."""
    ((item,), losses) = written(Turn(role, (part,)), **profile)
    assert losses == []
    return item


def test_system_turns_stay_where_they_are():
    """As developer messages."""
    items, _ = written(Turn(SYSTEM, (Text("a"), Text("b"))), Turn(USER, (Text("c"),)), Turn(SYSTEM, (Text("d"),)))
    assert items == [
        {"type": "message", "role": "developer", "content": [{"type": "input_text", "text": "a"}, {"type": "input_text", "text": "b"}]},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "c"}]},
        {"type": "message", "role": "developer", "content": [{"type": "input_text", "text": "d"}]},
    ]


def test_a_turn_of_the_assistants_is_its_items():
    """Texts that follow each other are one message; an empty one is none."""
    items, losses = written(
        Turn(
            ASSISTANT,
            (
                Thinking("s", summary=True, state=STATE),
                Text("a"),
                Text(""),
                RefusalText("no"),
                ToolCall("call_1", "f", "", item_id="fc_1"),
                Text("b"),
            ),
        )
    )
    assert losses == []
    assert [item["type"] for item in items] == ["reasoning", "message", "function_call", "message"]
    assert items[0] == {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "s"}], "encrypted_content": "gAAA"}
    assert items[1]["content"] == [{"type": "output_text", "text": "a", "annotations": []}, {"type": "refusal", "refusal": "no"}]
    assert (items[1]["role"], items[1]["status"], items[1]["id"].startswith("msg_")) == ("assistant", "completed", True)
    assert items[2] == {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "f", "arguments": "{}"}
    assert items[1]["id"] != items[3]["id"]


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (ToolCall("c", "f", "{}", namespace="ns", item_id="toolu_1"), {"type": "function_call", "namespace": "ns", "name": "f", "arguments": "{}"}),
        (ToolCall("c", "exec", "x", CUSTOM, item_id="ctc_1"), {"type": "custom_tool_call", "id": "ctc_1", "name": "exec", "input": "x"}),
        (
            ToolCall("c", "tool_search", '{"query":"q"}', TOOL_SEARCH, item_id="tsc_1"),
            {"type": "tool_search_call", "id": "tsc_1", "status": "completed", "execution": "client", "arguments": {"query": "q"}},
        ),
        (
            ToolCall("c", "local_shell", '{"command":[]}', LOCAL_SHELL, item_id="lsh_1"),
            {"type": "local_shell_call", "id": "lsh_1", "status": "completed", "action": {"type": "exec", "command": [], "env": {}}},
        ),
    ],
)
def test_calls(call, expected):
    """An id that OpenAI would not take is left out."""
    assert one(ASSISTANT, call) == {"call_id": "c", **expected}


def test_a_call_of_openais_own_tools_has_an_id():
    """By a hash where it has none."""
    item = one(ASSISTANT, ToolCall("c", "shell", '{"commands":["ls"]}', SHELL))
    assert item.pop("id").startswith("sh_")
    assert item == {"type": "shell_call", "status": "completed", "call_id": "c", "action": {"commands": ["ls"]}}


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (ToolResult("c", (Text("a"),)), {"type": "function_call_output", "call_id": "c", "output": "a"}),
        (ToolResult("c", ()), {"type": "function_call_output", "call_id": "c", "output": ""}),
        (
            ToolResult("c", (Text("a"), Media("image", "image/png", base64="AAAA"))),
            {
                "type": "function_call_output",
                "call_id": "c",
                "output": [
                    {"type": "input_text", "text": "a"},
                    {"type": "input_image", "image_url": "data:image/png;base64,AAAA", "detail": "auto"},
                ],
            },
        ),
        (ToolResult("c", (Text("a"),), kind=CUSTOM), {"type": "custom_tool_call_output", "call_id": "c", "output": "a"}),
        (ToolResult("c", (Text("a"),), kind=LOCAL_SHELL), {"type": "local_shell_call_output", "id": "c", "output": "a"}),
        (
            ToolResult("c", (Text("a"),), kind=SHELL, failed=True),
            {
                "type": "shell_call_output",
                "call_id": "c",
                "output": [{"stdout": "a", "stderr": "", "outcome": {"type": "exit", "exit_code": 1}}],
            },
        ),
        (
            ToolResult("c", (Text("a"),), kind=APPLY_PATCH, failed=True),
            {"type": "apply_patch_call_output", "call_id": "c", "status": "failed", "output": "a"},
        ),
        (
            ToolResult("c", (), kind=TOOL_SEARCH, tools=(Tool("f", CUSTOM),)),
            {
                "type": "tool_search_output",
                "call_id": "c",
                "execution": "client",
                "status": "completed",
                "tools": [{"type": "custom", "name": "f"}],
            },
        ),
    ],
)
def test_results(result, expected):
    """By the kind of their calls."""
    assert one(USER, result) == expected


@pytest.mark.parametrize(
    ("media", "expected"),
    [
        (Media("image", url="https://x/y", detail="low"), {"type": "input_image", "image_url": "https://x/y", "detail": "low"}),
        (Media("image", base64="AAAA", detail="odd"), {"type": "input_image", "image_url": "data:image/png;base64,AAAA", "detail": "auto"}),
        (Media("image", file_id="f"), {"type": "input_image", "file_id": "f", "detail": "auto"}),
        (Media("document", url="https://x/a.pdf"), {"type": "input_file", "file_url": "https://x/a.pdf"}),
        (Media("document", file_id="f"), {"type": "input_file", "file_id": "f"}),
        (
            Media("document", "application/pdf", base64="AAAA", name="a.pdf"),
            {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"},
        ),
        (Media("document", text="plain", name="a.txt"), {"type": "input_text", "text": "a.txt\n\nplain"}),
        (Media("document", text="plain"), {"type": "input_text", "text": "plain"}),
    ],
)
def test_media(media, expected):
    """Each in the form that OpenAI takes."""
    assert one(USER, media)["content"] == [expected]


def test_media_that_cannot_be_said_is_a_loss():
    """The user's has a note in its place; the assistant's message without anything is none."""
    image = Media("image", url="https://x")
    note = "[A file that cannot be shown here: image (unknown type)]"
    sound = Loss("audio", "the model does not take it: it gets a note in its place")
    notes = ["[A file that cannot be shown here: audio (audio/wav)]", "[A file that cannot be shown here: b.mp3 (unknown type)]"]
    items, losses = written(Turn(USER, (Media("audio", "audio/wav", base64="AA"), Media("audio", base64="BB", name="b.mp3"))))
    assert ([part["text"] for part in items[0]["content"]], losses) == (notes, [sound])
    unseen, image_losses = written(Turn(USER, (image,)), images=False)
    assert (unseen[0]["content"][0]["text"], image_losses) == (note, [Loss("image", "the model does not take it: it gets a note in its place")])
    assert written(Turn(ASSISTANT, (image,))) == ([], [Loss("image", "an answer in the history can have text alone")])
    assert written(Turn(USER, (ToolResult("c", (image,)),)), images=False)[0][0]["output"] == [{"type": "input_text", "text": note}]


def test_thoughts_without_openais_proof_are_a_loss():
    """Reported once."""
    thoughts = (Thinking("a"), Thinking("b", state=OpaqueState("anthropic", "signature", "s")))
    assert written(Turn(ASSISTANT, thoughts)) == ([], [Loss("thinking", "a thought goes back only with OpenAI's own proof of it")])
    assert one(ASSISTANT, Thinking(state=OpaqueState("openai", "encrypted", "gAAA"), redacted=True))["summary"] == []


def test_items_and_parts_of_this_dialect_stay_as_they_came():
    """Those of others were reported before."""
    item, part = msgspec.Raw(b'{"type":"compaction","n":1.0}'), msgspec.Raw(b'{"type":"input_video"}')
    turn = Turn(
        ASSISTANT,
        (
            Foreign("openai_responses", "compaction", item),
            Foreign("anthropic", "server_tool_use", msgspec.Raw(b"{}")),
            Foreign("anthropic", "x part", msgspec.Raw(b"{}")),
        ),
    )
    writer = InputWriter(ModelProfile())
    items = writer.written([turn, Turn(USER, (Text("a"), Foreign("openai_responses", "input_video part", part)))])
    assert items[0] is item
    assert items[1]["content"] == [{"type": "input_text", "text": "a"}, part]
    assert len(items) == 2


def test_a_refusal_of_a_users_is_text():
    """No dialect has it, and nothing crashes."""
    assert one(USER, RefusalText("no"))["content"] == [{"type": "input_text", "text": "no"}]
