"""Answers as clients of Anthropic Messages get them, checked by Anthropic's own SDK."""

import json

import pytest

from headgate.core.conversation import Conversation
from headgate.core.event import Cited, Finished, PartClosed, PartGrew, PartOpened, Started, UsageSeen
from headgate.core.opaque_state import OpaqueState
from headgate.core.usage import Usage
from headgate.dialects.anthropic.encode_answer import MessagesAnswerEncoder, count, whole
from headgate.dialects.anthropic.state_slots import UNSIGNED
from headgate.dialects.codec import AnswerContext
from tests.golden.translation import sdk_answers

CONTEXT = AnswerContext(request_id="req_1", model_asked="fast", created_at_s=0, asked=Conversation())
STATE = OpaqueState("openai", "encrypted", "hgs1.x")
USAGE = UsageSeen(Usage(input_tokens=3, cache_read_tokens=2, output_tokens=5, reasoning_tokens=1))
HELLO = [
    Started("resp_1", "gpt"),
    PartOpened(0, "text"),
    PartGrew(0, "Hel"),
    PartGrew(0, "lo"),
    PartClosed(0),
    Finished("stop", "stop"),
    USAGE,
]


def streamed(events):
    """The bytes of a stream of these events."""
    encoder = MessagesAnswerEncoder(CONTEXT)
    return b"".join([*map(encoder.encode, events), encoder.finish()])


def both(events):
    """The message that the SDK has of the stream, and of the body: they are the same."""
    of_stream = sdk_answers.read_stream("anthropic", streamed(events))

    assert sdk_answers.read_body("anthropic", whole(CONTEXT, events)) == of_stream
    return of_stream


def test_the_frames_of_a_text():
    """Each has its name, and the counts come at the end."""
    assert streamed(HELLO).decode() == (
        'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_dfe7be6cee3b99ca63628de7","type":"message","role":"assistant",'
        '"model":"fast","content":[],"stop_reason":null,"stop_sequence":null,'
        '"usage":{"input_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":0}}}\n\n'
        'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n'
        'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hel"}}\n\n'
        'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"lo"}}\n\n'
        'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n'
        'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},'
        '"usage":{"input_tokens":3,"cache_creation_input_tokens":0,"cache_read_input_tokens":2,"output_tokens":5,'
        '"output_tokens_details":{"thinking_tokens":1}}}\n\n'
        'event: message_stop\ndata: {"type":"message_stop"}\n\n'
    )


def test_a_frame_is_written_with_its_event():
    """A client sees a text as it grows."""
    encoder = MessagesAnswerEncoder(CONTEXT)
    counts = [encoder.encode(event).count(b"\n\n") for event in HELLO]

    assert counts == [1, 0, 2, 1, 1, 0, 0]


def test_thought_text_and_calls():
    """The SDK reads them in their order."""
    message = both([
        Started("resp_1", "gpt"),
        PartOpened(0, "summary"), PartGrew(0, "hm"), PartClosed(0),
        PartOpened(1, "thinking"), PartClosed(1, STATE),
        PartOpened(2, "thinking"), PartClosed(2, STATE, redacted=True),
        PartOpened(3, "text"), PartGrew(3, "I look."), Cited(3, "https://x", "X", "look"), PartClosed(3),
        PartOpened(4, "call", "call_1", "f"), PartGrew(4, '{"b":1,'), PartGrew(4, '"a":[2]}'), PartClosed(4),
        PartOpened(5, "call", "call_2", "g"), PartClosed(5),
        Finished("tool_calls", "tool_use"),
    ])  # fmt: skip

    assert message["content"] == [
        {"type": "thinking", "thinking": "hm", "signature": UNSIGNED},
        {"type": "thinking", "thinking": "", "signature": "hgs1.x"},
        {"type": "redacted_thinking", "data": "hgs1.x"},
        {
            "type": "text",
            "text": "I look.",
            "citations": [
                {"type": "web_search_result_location", "url": "https://x", "title": "X", "cited_text": "look", "encrypted_index": ""},
            ],
        },
        {"type": "tool_use", "id": "call_1", "name": "f", "input": {"b": 1, "a": [2]}},
        {"type": "tool_use", "id": "call_2", "name": "g", "input": {}},
    ]
    assert message["stop_reason"] == "tool_use"


def test_the_input_of_a_whole_answer_stays_as_it_was_written():
    """Its numbers to the last digit."""
    events = [PartOpened(0, "call", "t", "f"), PartGrew(0, '{"b": 1.0, "a":12345678901234567890}'), PartClosed(0), Finished("", "tool_use")]

    assert b'"input":{"b": 1.0, "a":12345678901234567890}' in whole(CONTEXT, events)


@pytest.mark.parametrize("arguments", ['{"a":', "[1]", "text"])
def test_broken_arguments_are_kept_in_an_object(arguments):
    """The SDKs take nothing else."""
    events = [PartOpened(0, "call", "t", "f"), PartGrew(0, arguments), PartClosed(0), Finished("", "length")]

    assert json.loads(whole(CONTEXT, events))["content"][0]["input"] == {"__raw__": arguments}


@pytest.mark.parametrize(
    ("finished", "reason", "sequence"),
    [
        (Finished("stop", "stop"), "end_turn", None),
        (Finished("stop"), "end_turn", None),
        (Finished("stop", "stop_sequence", "END"), "stop_sequence", "END"),
        (Finished("stop", "stop_sequence"), "stop_sequence", None),
        (Finished("length", "length"), "max_tokens", None),
        (Finished("content_filter", "filter"), "refusal", None),
        (Finished("pause", "pause"), "pause_turn", None),
    ],
)
def test_why_it_ended(finished, reason, sequence):
    """In Anthropic's words."""
    message = both([*HELLO[:5], finished])

    assert (message["stop_reason"], message.get("stop_sequence")) == (reason, sequence)


def test_an_answer_with_a_call_waits_for_its_result():
    """Whatever the provider says."""
    assert both([PartOpened(0, "call", "t", "f"), PartClosed(0), Finished("stop", "stop")])["stop_reason"] == "tool_use"


def test_a_refusal_is_a_text_and_a_reason():
    """Claude Code shows it."""
    message = both([PartOpened(0, "refusal"), PartGrew(0, "No."), PartClosed(0), Finished("stop", "stop")])

    assert (message["content"], message["stop_reason"]) == ([{"type": "text", "text": "No."}], "refusal")


def test_an_empty_answer_is_a_message():
    """The SDK reads it, streamed or not."""
    assert both([Finished("stop", "stop")])["content"] == []


def test_writes_to_the_cache_have_their_split():
    """Both lifetimes."""
    events = [UsageSeen(Usage(cache_write_5m_tokens=1)), UsageSeen(Usage(cache_write_1h_tokens=2)), Finished("stop", "stop")]

    split = {"ephemeral_5m_input_tokens": 1, "ephemeral_1h_input_tokens": 2}
    assert json.loads(whole(CONTEXT, events))["usage"]["cache_creation"] == split
    assert b'"cache_creation_input_tokens":3' in streamed(events)


def test_the_start_is_written_once():
    """A provider may say it again."""
    assert streamed([Started("a", "b"), Started("c", "d"), Finished("stop", "stop")]).count(b"event: message_start") == 1


def test_a_count_is_an_object():
    """As the SDK reads it."""
    assert count(12) == b'{"input_tokens":12}'
