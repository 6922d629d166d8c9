"""Answers of Anthropic Messages. Streams as servers write them stand in `tests/golden/streams/anthropic`."""

import json

import pytest

from headgate.core.event import Failed, Finished, Started, UsageSeen
from headgate.core.usage import Usage
from headgate.dialects.anthropic.stream import StreamReader, read_answer

STOP = b'event: message_stop\ndata: {"type":"message_stop"}\n\n'


def test_a_whole_answer_is_read():
    """Id, model, counts and the reason it ended."""
    body = json.dumps({
        "id": "msg_1", "type": "message", "model": "claude-opus-4-6", "content": [], "stop_reason": "end_turn",
        "usage": {"input_tokens": 3, "output_tokens": 0},
    })  # fmt: skip

    assert list(read_answer(body.encode())) == [
        Started("msg_1", "claude-opus-4-6"), UsageSeen(Usage(input_tokens=3, output_tokens=0)), Finished("end_turn"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "failed"),
    [
        (
            {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}, "request_id": "r"},
            Failed("overloaded_error", "Overloaded"),
        ),
        ({"error": {"message": "No.", "code": 404}}, Failed("404", "No.")),
        ({"error_code": "PERMISSION_DENIED", "message": "No."}, Failed("PERMISSION_DENIED", "No.")),
        ({"error": "No."}, Failed("error", "No.")),
        ({"type": "error", "error": None}, Failed("error", "")),
        ({"error": []}, Failed("error", "")),
    ],
)
def test_an_error_body_is_read_in_every_shape(body, failed):
    """Anthropic's own, OpenAI's, Databricks', a bare text."""
    assert list(read_answer(json.dumps(body).encode())) == [failed]


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'"x"', b"{}", b'{"input_tokens":5}', b"\xff", b"[" * 100_000])
def test_other_bodies_say_nothing(body):
    """Also the answer of counting tokens: it used none."""
    assert list(read_answer(body)) == []


def test_the_end_is_message_stop():
    """Nothing else completes a stream."""
    reader = StreamReader()
    assert not reader.complete
    assert list(reader.feed(STOP[:-1])) == []
    assert not reader.complete
    assert list(reader.feed(STOP[-1:])) == [Finished("")]
    assert reader.complete
    assert reader.at_boundary


def test_text_deltas_are_not_parsed():
    """A chunk without news costs no events, whatever its text quotes."""
    delta = json.dumps({"type": "content_block_delta", "delta": {"type": "text_delta", "text": '{"type":"message_stop"} "error"'}})

    assert StreamReader().feed(f"event: content_block_delta\ndata: {delta}\n\n".encode()) == ()


def test_counts_that_do_not_change_are_told_once():
    """A repeated message_start or delta is no further report."""
    delta = b'data: {"type":"message_delta","delta":null,"usage":{"output_tokens":2}}\n\n'
    reader = StreamReader()

    assert [len(reader.feed(delta)), len(reader.feed(delta))] == [1, 0]
