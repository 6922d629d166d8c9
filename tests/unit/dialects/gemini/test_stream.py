"""Answers of Gemini. Streams as servers write them stand in `tests/golden/streams/gemini`."""

import json
import tracemalloc

import pytest

from headgate.core.event import Failed, Finished, Started, UsageSeen
from headgate.core.usage import Usage
from headgate.dialects.gemini.stream import StreamReader, read_answer

ANSWER = {
    "candidates": [{"content": {"parts": [{"text": "Hello"}]}, "finishReason": "STOP"}],
    "usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 1},
    "modelVersion": "gemini-2.5-flash",
    "responseId": "r-1",
}
EVENTS = [Started("r-1", "gemini-2.5-flash"), UsageSeen(Usage(input_tokens=5, output_tokens=1)), Finished("STOP")]


def chunk(**fields):
    """One chunk of a stream."""
    return b"data: " + json.dumps(fields).encode() + b"\r\n\r\n"


def test_a_whole_answer_is_read():
    """Id, model, counts and the reason it ended; also where it is an array of chunks."""
    assert list(read_answer(json.dumps(ANSWER).encode())) == EVENTS
    assert list(read_answer(json.dumps([ANSWER]).encode())) == EVENTS


@pytest.mark.parametrize(
    ("body", "failed"),
    [
        ({"error": {"code": 429, "message": "Slow.", "status": "RESOURCE_EXHAUSTED"}}, Failed("RESOURCE_EXHAUSTED", "Slow.")),
        ([{"error": {"code": 400, "message": "No."}}], Failed("400", "No.")),
        ({"error_code": "PERMISSION_DENIED", "message": "No."}, Failed("PERMISSION_DENIED", "No.")),
        ({"error": "No."}, Failed("error", "No.")),
    ],
)
def test_an_error_body_is_read_in_every_shape(body, failed):
    """Google's own, in an array too, Databricks', a bare text."""
    assert list(read_answer(json.dumps(body).encode())) == [failed]


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"[1]", b'"x"', b"{}", b'{"totalTokens":5}', b"\xff", b"[" * 100_000])
def test_other_bodies_say_nothing(body):
    """Also the answer of counting tokens: it used none."""
    assert list(read_answer(body)) == []


def test_a_stream_is_whole_with_its_reason():
    """Told once; counts may follow."""
    reader = StreamReader()
    begun = list(reader.feed(chunk(candidates=[{"content": {}}], responseId="r")))
    assert not reader.complete
    ended = list(reader.feed(chunk(candidates=[{"finishReason": "STOP"}])))
    assert reader.complete
    after = list(reader.feed(chunk(candidates=[{"finishReason": "STOP"}], usageMetadata={"promptTokenCount": 1})))

    assert [begun, ended, after] == [[Started("r", "")], [Finished("STOP")], [UsageSeen(Usage(input_tokens=1))]]


def test_text_chunks_are_not_parsed():
    """Once the answer has begun, a chunk without news costs no events."""
    reader = StreamReader()
    text = chunk(candidates=[{"content": {"parts": [{"text": 'a "finishReason" of "error"'}]}}])
    assert len(reader.feed(text)) == 1

    assert reader.feed(text) == ()


def test_an_array_is_read_chunk_by_chunk():
    """Without `alt=sse`; nothing of ours is put into it."""
    reader = StreamReader()
    first = json.dumps(ANSWER).encode()
    data = b"[" + first + b", " + json.dumps({"candidates": [{"finishReason": "x ]"}]}).encode() + b"]"

    assert list(reader.feed(b" ")) == []
    assert list(reader.feed(data[:40])) == []
    assert not reader.at_boundary
    assert list(reader.feed(data[40 : len(first) + 1])) == EVENTS
    assert reader.complete
    assert list(reader.feed(data[len(first) + 1 :])) == []
    assert not reader.at_boundary


def test_a_whole_answer_in_place_of_a_stream_is_read():
    """A server that does not stream answers with one chunk that is no event; read once it is whole, wherever it is cut."""
    body = json.dumps(ANSWER, indent=1).encode()
    reader = StreamReader()

    events = [event for at in range(len(body)) for event in reader.feed(body[at : at + 1])]

    assert events == EVENTS
    assert reader.complete


def test_an_array_without_end_is_not_kept():
    """Whatever comes in it is read in bounded memory."""
    reader = StreamReader()
    reader.feed(b"[{")
    tracemalloc.start()
    for _ in range(12):
        reader.feed(b'"error":"' + b"x" * 999_998 + b'",')
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak_bytes < 4 << 20
    assert not reader.complete
    assert list(reader.feed(b'"error":null,"responseId":"r","candidates":[{"finishReason":"STOP"}]}')) == [Started("r", ""), Finished("STOP")]
