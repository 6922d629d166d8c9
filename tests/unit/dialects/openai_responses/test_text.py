"""How much text a Responses request or answer holds, for the estimate."""

import json

import pytest

from headgate.dialects.faces import Operation
from headgate.dialects.openai_responses.request import read
from headgate.dialects.openai_responses.text import answer_text_length, request_text_length, stream_text_length

RESPONSES = Operation("responses", "openai/v1/responses")


def length(**members):
    """The text length of a request with these members."""
    body = json.dumps({"model": "m", **members}, separators=(",", ":")).encode()
    return request_text_length(read(body, RESPONSES, ""))


def test_a_request_counts_instructions_input_and_tools():
    """Messages, calls and results; encrypted reasoning and media count nothing."""
    items = [
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "12345"}, {"type": "input_image", "image_url": "data:AAAA"}]},
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "12"}], "encrypted_content": "AAAA"},
        {"type": "function_call", "call_id": "c", "name": "exec", "arguments": '{"a":1}'},
        {"type": "function_call_output", "call_id": "c", "output": "123"},
        {"type": "custom_tool_call", "name": "apply_patch", "input": "1234"},
        {"type": "unheard_of", "text": "1"},
    ]
    assert length(input=items) == 5 + 2 + (4 + 7) + 3 + (11 + 4) + 1
    assert length(input="hello", instructions="be brief") == 5 + 8
    assert length(tools=[{"type": "web_search"}]) == len('[{"type":"web_search"}]')


@pytest.mark.parametrize("value", [None, 7, {}, [7, None], [[[[[[[[[["deep"]]]]]]]]]]])
def test_odd_input_counts_nothing(value):
    """The provider's to refuse; how deep is looked is bounded."""
    assert length(input=value) == 0


def test_an_answer_counts_its_output():
    """Text, summaries and arguments."""
    output = [{"type": "message", "content": [{"type": "output_text", "text": "12345"}]}, {"type": "function_call", "name": "f", "arguments": "{}"}]
    assert answer_text_length(json.dumps({"output": output}).encode()) == 5 + 3


def test_a_stream_counts_deltas_or_whole_items():
    """A server that sends both is not counted twice; one that sends items alone is counted too."""
    delta = b'data: {"type":"response.output_text.delta","delta":"12345"}\n\n'
    item = b'data: {"type":"response.output_item.done","item":{"type":"message","content":[{"text":"12345"}]}}\n\n'
    assert stream_text_length(delta + item) == 5
    assert stream_text_length(delta + delta[:30]) == 5
    assert stream_text_length(item) == 5


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff\xfe", b'{"output":7}', b'{"delta":7}'])
def test_odd_bytes_count_nothing(data):
    """Never an error."""
    assert answer_text_length(data) == 0
    assert stream_text_length(b"data: " + data + b"\n\n") == 0
