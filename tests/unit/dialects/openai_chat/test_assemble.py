"""Chat streams as completions."""

import json

from headgate.dialects.openai_chat.assemble import assemble
from tests.fakes.assembled import stream, whole
from tests.fakes.wire_chat import ChatWire

WIRE = ChatWire()


def chunks(*deltas, **rest):
    """A stream of these deltas of the first choice."""
    frames = [{"id": "c", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    return b"".join(b"data: " + json.dumps({**frame, **rest}).encode() + b"\n\n" for frame in frames)


def test_a_stream_is_the_completion_that_an_unstreamed_answer_is():
    """Text, tool calls, counts and the reason to stop."""
    told = whole(WIRE)
    told["choices"][0]["message"].pop("annotations")
    assert assemble(stream(WIRE)) == {**told, "system_fingerprint": "fp_scripted"}


def test_texts_grow_wherever_they_stand():
    """Content, reasoning, a call's arguments; a name is said once, though some repeat it."""
    text = chunks(
        {"role": "assistant", "content": "", "reasoning_content": "h"},
        {"reasoning_content": "m"},
        {"content": "Hel"},
        {"role": "assistant", "content": "lo", "annotations": [{"url": "x"}]},
        {"tool_calls": [{"index": 1, "id": "b", "type": "function", "function": {"name": "B", "arguments": "{}"}}]},
        {"tool_calls": [{"index": 0, "id": "a", "type": "function", "function": {"name": "A", "arguments": '{"x"'}}]},
        {"tool_calls": [{"index": 0, "id": None, "function": {"name": "", "arguments": ":1}"}}]},
    )
    (choice,) = assemble(text)["choices"]

    assert choice == {
        "index": 0,
        "message": {
            "role": "assistant",
            "content": "Hello",
            "reasoning_content": "hm",
            "annotations": [{"url": "x"}],
            "tool_calls": [
                {"id": "a", "type": "function", "function": {"name": "A", "arguments": '{"x":1}'}},
                {"id": "b", "type": "function", "function": {"name": "B", "arguments": "{}"}},
            ],
        },
        "finish_reason": None,
    }


def test_choices_and_counts_are_told_each():
    """Several answers at once; counts from the chunk that has them; what a first chunk left empty."""
    frames = [
        {"id": "", "model": "", "choices": []},
        {"id": "c", "model": "m", "choices": [{"index": 1, "delta": {"content": "two"}}]},
        {"id": "c", "choices": [{"index": 0, "delta": {"content": "one"}, "finish_reason": "stop"}], "usage": None},
        {"choices": [], "usage": {"total_tokens": 5}},
    ]
    text = b"".join(b"data: " + json.dumps(frame).encode() + b"\n\n" for frame in frames) + b"data: [DONE]\n\n"

    assert assemble(text) == {
        "id": "c",
        "model": "m",
        "object": "chat.completion",
        "choices": [{"index": 0, "message": {"content": "one"}, "finish_reason": "stop"}, {"index": 1, "message": {"content": "two"}}],
        "usage": {"total_tokens": 5},
    }


def test_an_error_in_a_stream_is_told_beside_what_came():
    """It is no choice."""
    assert assemble(b'data: {"error": {"message": "gone"}}\n\n') == {"error": {"message": "gone"}}
    assert assemble(chunks({"content": "Hel"}) + b'data: {"error": {"message": "gone"}}\n\n')["error"] == {"message": "gone"}


def test_what_tells_no_completion_is_none():
    """Nor does nonsense raise."""
    for text in (b": keep-alive\n\n", b"data: [DONE]\n\n", b"data: 1\n\n", b"\xff", b""):
        assert assemble(text) is None
    assert assemble(chunks(5, {"tool_calls": [3, {"index": 10**9}], "function": 7}))["choices"]
