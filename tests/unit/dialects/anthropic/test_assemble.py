"""Anthropic streams as messages."""

from headgate.dialects.anthropic.assemble import assemble
from tests.fakes.assembled import stream, whole
from tests.fakes.turns import ErrorInStream
from tests.fakes.wire_anthropic import AnthropicWire, event

WIRE = AnthropicWire()


def test_a_stream_is_the_message_that_an_unstreamed_answer_is():
    """Thinking, text, tool calls, counts and the reason to stop."""
    assert assemble(stream(WIRE)) == whole(WIRE)
    assert assemble(stream(WIRE).replace(b"\n", b"\r\n")) == whole(WIRE)


def test_a_cut_stream_gives_what_came():
    """A piece of a tool's input stays a text; a text that grew is there as far as it grew."""
    text = b"".join((
        event("message_start", message={"id": "msg_1", "content": [], "usage": {"input_tokens": 3}}),
        event("content_block_start", index=0, content_block={"type": "text", "text": ""}),
        event("content_block_delta", index=0, delta={"type": "text_delta", "text": "Hel"}),
        event("content_block_start", index=1, content_block={"type": "tool_use", "id": "t", "name": "Read", "input": {}}),
        event("content_block_delta", index=1, delta={"type": "input_json_delta", "partial_json": '{"pa'}),
        event("content_block_delta", index=1, delta={"type": "input_json_delta", "partial_json": "th"}),
        b'event: content_block_delta\ndata: {"type":"content_blo',
    ))
    assert assemble(text) == {
        "id": "msg_1",
        "usage": {"input_tokens": 3},
        "content": [{"type": "text", "text": "Hel"}, {"type": "tool_use", "id": "t", "name": "Read", "input": '{"path'}],
    }


def test_an_error_inside_a_stream_is_told_beside_what_came():
    """And alone, where nothing else came."""
    error = WIRE.stream_error(ErrorInStream("overloaded_error", "Overloaded"))
    assert assemble(stream(WIRE) + error) == {**whole(WIRE), "error": {"type": "overloaded_error", "message": "Overloaded"}}
    assert assemble(error) == {"error": {"type": "overloaded_error", "message": "Overloaded"}, "content": []}


def test_citations_are_gathered_and_blocks_that_came_whole_are_kept():
    """A server tool's result comes in its start event."""
    text = b"".join((
        event("message_start", message={"id": "m", "content": [{"type": "text", "text": "a"}]}),
        event("content_block_delta", index=0, delta={"type": "citations_delta", "citation": {"url": "x"}}),
        event("content_block_delta", index=0, delta={"type": "text_delta", "text": "b"}),
        event("content_block_start", index=1, content_block={"type": "web_search_tool_result", "content": [1]}),
    ))
    message = assemble(text)

    assert message == {
        "id": "m",
        "content": [{"type": "text", "text": "ab", "citations": [{"url": "x"}]}, {"type": "web_search_tool_result", "content": [1]}],
    }


def test_what_tells_no_message_is_none():
    """Nor does nonsense raise."""
    nonsense = [
        event("content_block_delta", index=5, delta={"type": "text_delta"}),
        event("content_block_start", index=-1),
        b"data: [1]\n\n",
        b"\xff\xfe",
        b"",
        b"data: {\n\n",
    ]
    assert [assemble(text) for text in nonsense] == [None] * 6
