"""Answers of Anthropic Messages decoded into all their events."""

import json

import pytest

from headgate.core.event import Failed, Finished, PartClosed, PartGrew, PartOpened, Started, UsageSeen
from headgate.core.opaque_state import OpaqueState
from headgate.core.usage import Usage
from headgate.dialects.anthropic.decode_answer import MessagesAnswerDecoder, count_of, decode_answer

START = {"type": "message_start", "message": {"id": "msg_1", "model": "claude", "content": [], "usage": {"input_tokens": 3, "output_tokens": 1}}}
TEXT = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
GREW = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi"}}
STOP = {"type": "content_block_stop", "index": 0}
DELTA = {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": {"output_tokens": 5}}
END = {"type": "message_stop"}
CUT = Failed("incomplete", "The provider's answer ended before it was complete.")
HI = [PartOpened(0, "text"), PartGrew(0, "Hi"), PartClosed(0)]
BEGUN = [Started("msg_1", "claude"), UsageSeen(Usage(input_tokens=3))]
ENDED = UsageSeen(Usage(input_tokens=3, output_tokens=5))


def decode(*frames):
    """The events of these frames, and of their end."""
    decoder = MessagesAnswerDecoder()
    data = b"".join(b"event: x\ndata: %b\n\n" % json.dumps(frame).encode() for frame in frames)
    return [*decoder.feed(data), *decoder.end()]


def test_a_whole_stream():
    """Every event of it."""
    assert decode(START, {"type": "ping"}, TEXT, GREW, STOP, DELTA, END) == [*BEGUN, *HI, ENDED, Finished("end_turn", "stop")]


def test_a_stream_with_a_stop_reason_is_complete():
    """As its clients see it; blocks that are open end with it."""
    assert decode(START, TEXT, GREW, DELTA) == [*BEGUN, *HI[:2], ENDED, HI[2], Finished("end_turn", "stop")]


@pytest.mark.parametrize("frames", [(), (START,), (START, TEXT, GREW), (START, TEXT, GREW, STOP)])
def test_a_cut_stream_has_failed(frames):
    """It never ends as a finished one."""
    events = decode(*frames)

    assert events[-1] == CUT
    assert sum(isinstance(event, PartOpened) for event in events) == sum(isinstance(event, PartClosed) for event in events)


def test_an_error_ends_a_stream():
    """After what is open; nothing follows."""
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}

    assert decode(START, TEXT, GREW, error, GREW, DELTA, END) == [*BEGUN, *HI, Failed("overloaded_error", "Overloaded"), ENDED]
    assert decode(error) == [Failed("overloaded_error", "Overloaded")]
    assert decode({"error": {"message": "No.", "code": 500}}) == [Failed("500", "No.")]


def test_a_repeated_start_is_one():
    """Its counts still count."""
    again = {"type": "message_start", "message": {"id": "msg_2", "usage": {"input_tokens": 4}}}

    assert decode(START, TEXT, again, GREW, STOP, DELTA, END) == [
        *BEGUN, HI[0], UsageSeen(Usage(input_tokens=4)), *HI[1:], UsageSeen(Usage(input_tokens=4, output_tokens=5)), Finished("end_turn", "stop"),
    ]  # fmt: skip


def test_a_stream_may_begin_with_a_block():
    """It has started all the same."""
    assert decode(TEXT, GREW, STOP, END) == [Started("", ""), *HI, Finished("", "stop")]


def test_blocks_in_the_start_are_whole():
    """Calls that code made are written there alone."""
    call = {"type": "tool_use", "id": "t1", "name": "f", "input": {"a": 1.0}}
    begin = {"type": "message_start", "message": {**START["message"], "content": [call]}}

    assert decode(begin, DELTA, END)[1:4] == [UsageSeen(Usage(input_tokens=3)), PartOpened(0, "call", "t1", "f"), PartGrew(0, '{"a": 1.0}')]


def test_counts_may_come_after_the_end():
    """Nothing else may."""
    late = {"type": "message_delta", "delta": {}, "usage": {"output_tokens": 6}}

    assert decode(START, DELTA, END, GREW, late, END)[-2:] == [
        Finished("end_turn", "stop"), UsageSeen(Usage(input_tokens=3, output_tokens=6)),
    ]  # fmt: skip


def test_half_of_a_surrogate_pair_loses_itself_alone():
    """Servers cut a character in two."""
    decoder = MessagesAnswerDecoder()

    assert decoder.feed(
        b'data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a\\ud83d"}}\n\n'
        b'data: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t","name":"f","input":NaN}}\n\n'
    ) == [Started("", ""), PartOpened(0, "text"), PartGrew(0, "a�"), PartOpened(1, "call", "t", "f")]


@pytest.mark.parametrize(
    ("delta", "finished"),
    [
        ({"stop_reason": "stop_sequence", "stop_sequence": "END"}, Finished("stop_sequence", "stop_sequence", "END")),
        ({"stop_reason": "max_tokens", "stop_sequence": "END"}, Finished("max_tokens", "length")),
        ({"stop_reason": "pause_turn"}, Finished("pause_turn", "pause")),
        ({"stop_reason": "refusal"}, Finished("refusal", "filter")),
    ],
)
def test_why_it_ended(delta, finished):
    """In the dialect's words and in its own."""
    assert decode(START, {"type": "message_delta", "delta": delta}, END)[-1] == finished


def test_a_refusal_without_a_text_says_why():
    """The client would show nothing else."""
    delta = {"stop_reason": "refusal", "stop_details": {"type": "refusal", "category": "cyber", "explanation": "Not allowed."}}
    said = [PartOpened(0, "refusal"), PartGrew(0, "Not allowed."), PartClosed(0), Finished("refusal", "filter")]

    assert decode(START, {"type": "message_delta", "delta": delta}, END)[-4:] == said
    assert decode(START, TEXT, GREW, STOP, {"type": "message_delta", "delta": delta}, END)[-2:] == [HI[2], said[-1]]


@pytest.mark.parametrize(
    "data", [b"data: [DONE]\n\n", b"data: \n\n", b"data: 5\n\n", b"<html>\n\n", b'data: {"type":5}\n\n', b'data: {"type":"later"}\n\n']
)
def test_other_frames_say_nothing(data):
    """The answer has not even started."""
    assert list(MessagesAnswerDecoder().feed(data)) == []


def test_a_frame_may_be_large():
    """No argument of a call is cut off."""
    start = {
        "type": "content_block_start",
        "index": 0,
        "content_block": {"type": "tool_use", "id": "t", "name": "f", "input": {"a": "x" * (2 << 20)}},
    }

    grown = next(event for event in decode(START, start, STOP, DELTA, END) if isinstance(event, PartGrew))
    assert len(grown.text) > 2 << 20


def test_a_whole_answer():
    """Its parts are those of the stream."""
    body = {
        "id": "msg_1", "type": "message", "model": "claude", "stop_reason": "end_turn", "usage": {"input_tokens": 3, "output_tokens": 5},
        "content": [
            {"type": "thinking", "thinking": "hm", "signature": "Eq"}, {"type": "text", "text": "Hi"},
            {"type": "tool_use", "id": "t1", "name": "f", "input": {"b": 1.0, "a": 2}},
        ],
    }  # fmt: skip

    assert list(decode_answer(json.dumps(body).encode())) == [
        Started("msg_1", "claude"), ENDED,
        PartOpened(0, "thinking"), PartGrew(0, "hm"), PartClosed(0, OpaqueState("anthropic", "signature", "Eq", "claude", text="hm")),
        PartOpened(1, "text"), PartGrew(1, "Hi"), PartClosed(1),
        PartOpened(2, "call", "t1", "f"), PartGrew(2, '{"b": 1.0, "a": 2}'), PartClosed(2),
        Finished("end_turn", "tool_use"),
    ]  # fmt: skip


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"input_tokens":5}', b"\xff", b"[" * 100_000])
def test_another_body_is_no_answer(body):
    """It has failed."""
    assert list(decode_answer(body)) == [Failed("invalid_answer", "The provider's answer is no message of Anthropic's.")]


def test_an_error_body_has_failed():
    """In its own words."""
    assert list(decode_answer(b'{"type":"error","error":{"type":"api_error","message":"No."}}')) == [Failed("api_error", "No.")]


@pytest.mark.parametrize(
    ("body", "tokens"), [(b'{"input_tokens":12}', 12), (b'{"input_tokens":-1}', None), (b"{}", None), (b"x", None), (b"[]", None)]
)
def test_a_count_is_read(body, tokens):
    """Or there is none."""
    assert count_of(body) == tokens


def test_only_the_deltas_of_blocks_only_grew():
    """And only where each comes as one chunk, after the beginning."""
    decoder = MessagesAnswerDecoder()
    grew = []
    for frame in (GREW, START, TEXT, GREW, STOP, DELTA, END):
        decoder.feed(b"data: %b\n\n" % json.dumps(frame).encode())
        grew.append(decoder.counted == ())

    assert grew == [False, False, False, True, False, False, False]
