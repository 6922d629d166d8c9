"""Bedrock's answers as Anthropic's API gives them."""

import json

import pytest

from headgate.core.event import Finished, Started, UsageSeen
from headgate.dialects.anthropic.stream import StreamReader
from headgate.upstream.platforms.anthropic_errors import MessageShape
from headgate.upstream.platforms.bedrock_answer import BedrockCount, BedrockStream
from headgate.upstream.platforms.shape import BrokenFrame
from tests.fakes.aws_frames import chunk, exception, frame

START = {
    "type": "message_start",
    "message": {"id": "msg_bdrk_1", "model": "claude-sonnet-4-5-20250929", "usage": {"input_tokens": 7, "output_tokens": 1}},
}
DELTA = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 21}}
STOP = {"type": "message_stop", "amazon-bedrock-invocationMetrics": {"inputTokenCount": 7, "outputTokenCount": 21}}
AWS_HEAD = [(b"content-type", b"application/vnd.amazon.eventstream"), (b"x-amzn-requestid", b"r")]


def stream() -> BedrockStream:
    shape = BedrockStream()
    assert shape.head(200, AWS_HEAD) == [(b"x-amzn-requestid", b"r"), (b"content-type", b"text/event-stream; charset=utf-8")]
    return shape


def test_a_stream():
    """Each chunk is an event with its name; the native reader counts it."""
    shape = stream()
    data = b"".join(map(chunk, (START, DELTA, STOP)))
    out = shape.data(data[:50]) + shape.data(data[50:-3]) + shape.data(data[-3:]) + shape.end()
    assert out == b"".join(b"event: %b\ndata: %b\n\n" % (event["type"].encode(), json.dumps(event).encode()) for event in (START, DELTA, STOP))
    reader = StreamReader()
    events = reader.feed(out)
    assert reader.complete
    assert [type(event) for event in events] == [Started, UsageSeen, UsageSeen, Finished]
    assert events[2].usage.output_tokens == 21


@pytest.mark.parametrize(
    ("kind", "word"),
    [("throttlingException", "rate_limit_error"), ("serviceUnavailableException", "overloaded_error"), ("modelStreamErrorException", "api_error"),
     ("modelTimeoutException", "timeout_error"), ("validationException", "invalid_request_error")],
)  # fmt: skip
def test_an_exception(kind, word):
    """It becomes the event that ends a stream of Anthropic's."""
    out = stream().data(exception(kind, "Try later."))
    assert out.startswith(b"event: error\ndata: ")
    assert json.loads(out.partition(b"data: ")[2]) == {"type": "error", "error": {"type": word, "message": "Try later."}}


def test_an_error_message():
    """The protocol's own error is in the headers."""
    out = stream().data(frame({":message-type": "error", ":error-code": "InternalError", ":error-message": "An internal server error occurred"}, b""))
    assert json.loads(out.partition(b"data: ")[2])["error"] == {"type": "api_error", "message": "An internal server error occurred"}


def test_line_breaks_stay_within_an_event():
    """An event that is written over lines is one line of data."""
    assert stream().data(chunk(b'{"type":\n"ping"}')) == b'event: ping\ndata: {"type": "ping"}\n\n'


def test_messages_that_say_nothing():
    """Other events, and events without a proper name, are left out."""
    other = frame({":event-type": "initial-response", ":message-type": "event"}, b"{}")
    assert stream().data(other + chunk({"type": "x\ndata: y"}) + chunk({})) == b""


@pytest.mark.parametrize("payload", [b"{", b'{"bytes":"%%%"}', b'{"bytes":"eA=="}'])
def test_a_chunk_without_an_event(payload):
    """What holds no event breaks the stream off."""
    with pytest.raises(BrokenFrame, match="holds no event"):
        stream().data(frame({":event-type": "chunk", ":message-type": "event"}, payload))


def test_a_cut_frame():
    """A stream that ends within a frame has broken off."""
    shape = stream()
    shape.data(chunk(START)[:-1])
    with pytest.raises(BrokenFrame, match="ends within a frame"):
        shape.end()


def test_a_whole_answer():
    """It passes as it is."""
    shape = MessageShape()
    assert shape.head(200, [(b"content-type", b"application/json")]) == [(b"content-type", b"application/json")]
    assert shape.data(b'{"type":"message"}') + shape.end() == b'{"type":"message"}'


def test_an_error_answer():
    """It is worded as Anthropic words errors, also where a stream was asked for."""
    shape = BedrockStream()
    assert shape.head(429, [(b"content-type", b"application/json"), (b"x-amzn-errortype", b"ThrottlingException")])[-1] == (
        b"content-type",
        b"application/json",
    )
    assert json.loads(shape.data(b'{"message":"Slow down"}') + shape.end())["error"] == {"type": "rate_limit_error", "message": "Slow down"}


def test_a_count():
    """The number has Anthropic's name."""
    shape = BedrockCount()
    shape.head(200, [])
    assert shape.data(b'{"inputTokens":') + shape.data(b"42}") + shape.end() == b'{"input_tokens":42}'
