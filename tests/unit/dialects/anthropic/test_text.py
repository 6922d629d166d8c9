"""Lengths of text in Anthropic Messages."""

import json

from headgate.dialects.anthropic.request import read
from headgate.dialects.anthropic.text import answer_text_length, request_text_length, stream_text_length
from headgate.dialects.faces import Operation

MESSAGES = Operation("messages", "anthropic/v1/messages")


def length(**fields):
    """Of a request with these fields."""
    return request_text_length(read(json.dumps({"model": "m", **fields}).encode(), MESSAGES, ""))


def test_all_text_of_a_request_counts():
    """System, messages, thinking, calls, results and tools; media, ids and signatures do not."""
    messages = [
        {"role": "user", "content": "12345"},
        {"role": "user", "content": [{"type": "text", "text": "123é5"}, {"type": "image", "source": {"type": "base64", "data": "x" * 99}}]},
        {
            "role": "assistant",
            "content": [{"type": "thinking", "thinking": "123", "signature": "s" * 99}, {"type": "redacted_thinking", "data": "d" * 99}],
        },
        {"role": "assistant", "content": [{"type": "tool_use", "id": "i" * 99, "name": "Read", "input": {"p": "a"}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "i" * 99, "content": "1234567"}]},
        {"role": "user", "content": [{"type": "tool_result", "content": [{"type": "text", "text": "12"}]}]},
        {"role": "user", "content": [{"type": "document", "source": {"type": "text", "data": "1234"}}]},
    ]

    assert length(messages=messages) == 5 + 5 + 3 + (4 + 9) + 7 + 2 + 4
    assert length(system="123", messages=[]) == length(system=[{"type": "text", "text": "123", "cache_control": {}}]) == 3
    assert length(tools=[{"name": "a"}]) == len('[{"name": "a"}]')


def test_odd_requests_have_a_length_too():
    """Whatever stands where text should."""
    assert length(messages=7, system=[None, 3, {"text": 5}]) == 0
    assert length(messages=[None, {"content": {"text": "x"}}, {"content": [[]]}]) == 0


def test_an_answer_and_its_stream_have_the_same_length():
    """Text, thinking, and a call's name and arguments."""
    blocks = [
        {"type": "thinking", "thinking": "Hm."},
        {"type": "text", "text": "Yes “é”."},
        {"type": "tool_use", "name": "Read", "input": {"p": "a"}},
    ]
    deltas = [
        {"type": "content_block_start", "content_block": {"type": "tool_use", "name": "Read", "input": {}}},
        {"type": "content_block_delta", "delta": {"type": "thinking_delta", "thinking": "Hm."}},
        {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "Yes “é”."}},
        {"type": "content_block_delta", "delta": {"type": "input_json_delta", "partial_json": '{"p":"a"}'}},
    ]
    stream = "".join(f"event: {delta['type']}\ndata: {json.dumps(delta)}\n\n" for delta in deltas).encode()

    assert answer_text_length(json.dumps({"type": "message", "content": blocks}).encode()) == stream_text_length(stream) == 3 + 8 + 4 + 9


def test_the_kept_part_of_a_stream_is_enough():
    """A frame that was cut off says nothing; nor does what is no stream."""
    whole = b'data: {"type":"content_block_delta","delta":{"text":"abc"}}\n\n'

    assert stream_text_length(whole + whole[:30]) == 3
    assert [stream_text_length(odd) for odd in (b"", b"\xff", b'data: "content_block_\n\n')] == [0, 0, 0]
    assert [answer_text_length(odd) for odd in (b"", b"[]", b'{"content":{}}')] == [0, 0, 0]
