"""Responses answers as events, and what Headgate itself says in a stream."""

import json

import pytest

from headgate.core import errors
from headgate.core.event import Failed, Finished, Started, UsageSeen
from headgate.core.usage import Usage
from headgate.dialects.openai_responses.stream import KEEP_ALIVE, StreamReader, read_answer, stream_error
from headgate.dialects.sse import FRAME_BYTES_MAX

USAGE = {"input_tokens": 10, "input_tokens_details": {"cached_tokens": 4}, "output_tokens": 3, "output_tokens_details": {"reasoning_tokens": 1}}
COUNTED = UsageSeen(Usage(input_tokens=6, cache_read_tokens=4, output_tokens=3, reasoning_tokens=1))
STARTED = Started("resp_1", "gpt-5.2")


def response(status="in_progress", **members):
    """A response object."""
    return {"id": "resp_1", "object": "response", "model": "gpt-5.2", "status": status, "output": [], "error": None, "usage": None, **members}


def frame(kind, named=True, **members):
    """One event as OpenAI writes it, or without its name, as others do."""
    head = f"event: {kind}\n" if named else ""
    return f"{head}data: {json.dumps({'type': kind, **members})}\n\n".encode()


CREATED = frame("response.created", response=response())
DELTA = frame("response.output_text.delta", delta="hello")
COMPLETED = frame("response.completed", response=response("completed", usage=USAGE))


def read(*chunks):
    """The events of a stream, and its reader."""
    reader = StreamReader()
    return [event for chunk in chunks for event in reader.feed(chunk)], reader


@pytest.mark.parametrize("named", [True, False])
def test_a_whole_stream(named):
    """Start, usage, end; event names are optional, for Codex needs none."""
    stream = [
        frame("response.created", named, response=response()),
        frame("response.in_progress", named, response=response()),
        frame("response.output_text.delta", named, delta="hello"),
        frame("response.completed", named, response=response("completed", usage=USAGE)),
    ]
    events, reader = read(*stream)
    assert events == [STARTED, COUNTED, Finished("completed")]
    assert reader.complete
    assert reader.at_boundary


def test_a_response_that_starts_twice_starts_once():
    """llama.cpp repeats `response.created` between deltas."""
    assert read(CREATED, DELTA, CREATED, DELTA)[0] == [STARTED]


def test_codex_minimum_is_enough():
    """Without `response.created`, the closing event names the response."""
    assert read(frame("response.output_item.done", item={}), COMPLETED)[0] == [STARTED, COUNTED, Finished("completed")]


def test_an_incomplete_response_says_why():
    """Its reason is the finish reason, and it is a whole answer."""
    closing = frame("response.incomplete", response=response("incomplete", usage=USAGE, incomplete_details={"reason": "max_output_tokens"}))
    events, reader = read(CREATED, closing)
    assert events == [STARTED, COUNTED, Finished("max_output_tokens")]
    assert reader.complete
    assert read(frame("response.incomplete", response=response("incomplete")))[0] == [STARTED, Finished("incomplete")]


def test_a_failed_response_is_a_failure_with_its_usage():
    """What was used before it failed is counted all the same."""
    closing = frame("response.failed", response=response("failed", usage=USAGE, error={"code": "server_error", "message": "it broke"}))
    events, reader = read(CREATED, closing)
    assert events == [STARTED, COUNTED, Failed("server_error", "it broke")]
    assert reader.complete
    assert read(frame("response.failed", response=response("failed")))[0] == [STARTED, Failed("", "")]


@pytest.mark.parametrize(
    "event",
    [
        frame("error", code="server_error", message="it broke", param=None, sequence_number=3),
        frame("error", error={"type": "x", "code": "server_error", "message": "it broke"}),
        b'event: error\ndata: {"code":"server_error","message":"it broke"}\n\n',
        b'data: {"error":{"type":"server_error","message":"it broke"}}\n\n',
    ],
)
def test_an_error_event_in_each_shape(event):
    """As specified, as OpenAI sends it, named by the event's line alone, and as chat servers send it. None of them completes the answer."""
    events, reader = read(CREATED, event)
    assert events == [STARTED, Failed("server_error", "it broke")]
    assert not reader.complete


def test_a_cut_stream_is_not_complete():
    """Only the three closing events close."""
    assert not read(CREATED, DELTA, frame("response.output_item.done", item={}))[1].complete


def test_a_stream_split_into_bytes_says_the_same():
    """Split anywhere."""
    stream = CREATED + KEEP_ALIVE + DELTA.replace(b"\n", b"\r\n") + COMPLETED + b"data: [DONE]\n\n"
    events, reader = read(*(stream[n : n + 1] for n in range(len(stream))))
    assert events == [STARTED, COUNTED, Finished("completed")]
    assert reader.at_boundary


@pytest.mark.parametrize("size", [1_000, 65_536])
def test_a_closing_event_too_large_to_be_held_is_read(size):
    """An answer with images ends in an event of megabytes, with its counts."""
    closing = frame("response.completed", response=response("completed", output=["x" * (2 * FRAME_BYTES_MAX)], usage=USAGE))
    events, reader = read(CREATED + closing[:10], *(closing[n : n + size] for n in range(10, len(closing), size)))
    assert events == [STARTED, COUNTED, Finished("completed")]
    assert reader.complete


def test_another_event_too_large_to_be_held_does_not_close():
    """Nor does text that looks like a closing event."""
    other = frame("response.output_item.done", item={"result": "event: response.completed" + "x" * (2 * FRAME_BYTES_MAX)})
    assert not read(CREATED, *(other[n : n + 65_536] for n in range(0, len(other), 65_536)))[1].complete


def test_absurd_events_are_passed_over():
    """No bytes raise."""
    odd = [
        b"data: {\n\n", b"data: \xff\n\n", b"data: [1]\n\n", b'data: {"type":7,"response":8}\n\n', b'data: {"type":"response.in_progress"}\n\n',
        b"event: \xff\ndata: {}\n\n", b'data: {"response":{"id":7,"usage":"x"}}\n\n',
    ]  # fmt: skip
    events, _ = read(*odd, b'data: {"type":"response.completed","response":[]}\n\n')
    assert events == [Finished("completed")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (response("completed", usage=USAGE), [STARTED, COUNTED, Finished("completed")]),
        (response("incomplete", usage=USAGE, incomplete_details={"reason": "content_filter"}), [STARTED, COUNTED, Finished("content_filter")]),
        (response("failed", error={"code": "c", "message": "m"}), [STARTED, Failed("c", "m")]),
        (response("queued"), [STARTED]),
        ({"error": {"message": "no", "type": "invalid_request_error", "code": None}}, [Failed("invalid_request_error", "no")]),
        ({"error_code": "PERMISSION_DENIED", "message": "no"}, [Failed("PERMISSION_DENIED", "no")]),
        ([], []),
    ],
)
def test_whole_answers(body, expected):
    """An answer in each state, and errors in the shapes that providers write."""
    assert list(read_answer(json.dumps(body).encode())) == expected


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.UpstreamFailed("The provider broke off."), "server_error"),
        (errors.Unavailable("Draining."), "server_error"),
        (errors.GatewayError("A bug."), "server_error"),
        (errors.LimitExceeded("Spent.", retry_after_s=7), "rate_limit_exceeded"),
        (errors.BudgetExhausted("Spent."), "insufficient_quota"),
        (errors.UnknownModel("No such model."), "invalid_prompt"),
        (errors.BadRequest("Refused."), "invalid_prompt"),
        (errors.BadRequest("Too long.", code="context_length_exceeded"), "context_length_exceeded"),
    ],
)
def test_an_error_of_ours_ends_a_stream_as_codex_expects(error, code):
    """`error`, then `response.failed`, each whole: retried unless the code says that it is useless, and read back as the failure it is."""
    told = stream_error(error, "req_1")
    first, last = (json.loads(part.partition(b"data: ")[2]) for part in told.split(b"\n\n")[:2])
    assert told.startswith(b"event: error\n")
    assert (first["type"], first["code"], first["error"]["code"]) == ("error", code, code)
    assert first["message"] == first["error"]["message"] == last["response"]["error"]["message"]
    assert (last["type"], last["response"]["status"], last["response"]["id"]) == ("response.failed", "failed", "resp_req_1")
    assert last["response"]["error"]["code"] == code
    events, reader = read(told)
    assert reader.complete
    assert Failed(code, first["message"]) in events


def test_a_limit_in_a_stream_says_when_to_come_back():
    """In the words that Codex looks for."""
    assert b"try again in 7s" in stream_error(errors.LimitExceeded("Spent.", retry_after_s=6.5), "req_1")
