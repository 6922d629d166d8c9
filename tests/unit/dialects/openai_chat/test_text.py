"""How much text a chat request or answer holds, for the estimate."""

import json

import pytest

from headgate.dialects.openai_chat.request import asked
from headgate.dialects.openai_chat.text import answer_text_length, request_text_length, stream_text_length
from headgate.dialects.scan import scan


def test_a_request_counts_messages_and_tools():
    """Texts of every message and part, calls and results, and the tools as written; media counts nothing."""
    tools = [{"type": "function", "function": {"name": "read", "parameters": {}}}]
    messages = [
        {"role": "system", "content": "12345"},
        {
            "role": "user",
            "content": [{"type": "text", "text": "1234567890"}, {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}],
        },
        {"role": "assistant", "content": None, "tool_calls": [{"id": "c", "function": {"name": "read", "arguments": '{"a":1}'}}]},
        {"role": "assistant", "tool_calls": [{"id": "c", "type": "custom", "custom": {"name": "patch", "input": "abc"}}]},
        {"role": "tool", "tool_call_id": "c", "content": "äöü"},
    ]
    body = {"model": "m", "messages": messages, "tools": tools}
    raw = json.dumps(body, separators=(",", ":")).encode()
    expected = 5 + 10 + (4 + 7) + (5 + 3) + 3 + len(json.dumps(tools, separators=(",", ":")))
    assert request_text_length(asked(scan(raw))) == expected


@pytest.mark.parametrize("rest", [b"", b',"messages":7', b',"messages":[7,null,{"content":7},{"tool_calls":[7,{"function":7}]}]'])
def test_a_request_without_text_counts_nothing(rest):
    """Odd shapes are the provider's to refuse."""
    assert request_text_length(asked(scan(b'{"model":"m"%s}' % rest))) == 0


def test_an_answer_counts_text_thinking_and_calls():
    """All that was generated, of every choice."""
    message = {"content": "1234", "reasoning_content": "12", "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]}
    assert answer_text_length(json.dumps({"choices": [{"message": message}, {"message": {"refusal": "no"}}]}).encode()) == 4 + 2 + 3 + 2


def test_a_stream_counts_its_deltas():
    """Also one that was cut: the last, whole frame still counts, half of one does not."""
    chunk = b'data: {"choices":[{"delta":{"content":"12345"}}]}\n\n'
    call = b'data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"name":"f","arguments":"{}"}}]}}]}\n\n'
    assert stream_text_length(chunk + call + b": keep-alive\n\ndata: [DONE]\n\n") == 5 + 3
    assert stream_text_length(chunk[:-2]) == 5
    assert stream_text_length(chunk + chunk[:20]) == 5


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff\xfe", b'{"choices":7}', b'{"choices":[7,{"message":7}]}'])
def test_odd_bytes_count_nothing(data):
    """Never an error."""
    assert answer_text_length(data) == 0
    assert stream_text_length(b"data: " + data + b"\n\n") == 0
