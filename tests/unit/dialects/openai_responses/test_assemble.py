"""Responses streams as responses."""

import json

from headgate.dialects.openai_responses.assemble import assemble
from tests.fakes.assembled import stream, whole
from tests.fakes.wire_responses import ResponsesWire

WIRE = ResponsesWire()


def event(kind, **fields):
    """One event."""
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()


def test_a_stream_is_the_response_that_an_unstreamed_answer_is():
    """Its closing event says so."""
    assert assemble(stream(WIRE)) == whole(WIRE)


def test_without_output_in_its_closing_event_the_items_are_taken_as_they_were_done():
    """What Codex lives on."""
    text = (
        event("response.created", response={"id": "r", "status": "in_progress", "output": []})
        + event("response.output_item.done", output_index=1, item={"type": "function_call", "name": "b"})
        + event("response.output_item.done", output_index=0, item={"type": "message", "content": [1]})
        + event("response.completed", response={"id": "r", "status": "completed", "output": []})
    )
    assert assemble(text) == {
        "id": "r",
        "status": "completed",
        "output": [{"type": "message", "content": [1]}, {"type": "function_call", "name": "b"}],
    }


def test_a_cut_stream_gives_what_came():
    """Items that were done, the text of one that was not, and the error that ended it."""
    text = (
        event("response.created", response={"id": "r"})
        + event("response.output_item.added", output_index=0, item={"type": "message", "content": []})
        + event("response.output_text.delta", output_index=0, delta="Hel")
        + event("response.output_text.delta", output_index=0, delta="lo")
        + event("error", code="server_error", message="gone")
    )
    assert assemble(text) == {
        "id": "r",
        "error": {"code": "server_error", "message": "gone"},
        "output": [{"type": "message", "content": [{"type": "output_text", "text": "Hello"}]}],
    }


def test_what_tells_no_response_is_none():
    """Nor does nonsense raise."""
    for text in (
        event("response.output_text.delta", output_index=0, delta="x"),
        event("response.output_item.done", output_index=-1),
        b"data: 5\n\n",
        b"\xff",
        b"",
    ):
        assert assemble(text) is None
