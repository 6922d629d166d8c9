"""Answers as a client of Responses reads them."""

import json

import msgspec
import openresponses_types as open_responses
import pytest
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from headgate.core.conversation import ASSISTANT, CUSTOM, Conversation, Text, Thinking, Tool, ToolCall
from headgate.core.event import Cited, Finished, PartClosed, PartGrew, PartOpened, Started, UsageSeen
from headgate.core.opaque_state import OpaqueState, enveloped
from headgate.core.usage import Usage
from headgate.dialects.codec import AnswerContext
from headgate.dialects.openai_responses.decode_items import read_input
from headgate.dialects.openai_responses.encode_answer import ResponsesEncoder, count, whole
from headgate.dialects.sse import whole_frames

CONTEXT = AnswerContext(request_id="1", model_asked="m", created_at_s=1700, asked=Conversation(tools=(Tool("f"), Tool("exec", CUSTOM))))
EVENTS = TypeAdapter(ResponseStreamEvent)
SIGNATURE = OpaqueState("gemini", "signature", "c2ln")
SEALED = OpaqueState("gemini", "signature", enveloped(SIGNATURE))
TEXT = (PartOpened(0, "text"), PartGrew(0, "It is "), PartGrew(0, "sunny."), Cited(0, "https://x", "X"), PartClosed(0))
CALL = (PartOpened(1, "call", "call_1", "f"), PartGrew(1, '{"a"'), PartGrew(1, ":1}"), PartClosed(1))
SUMMARY = (PartOpened(2, "summary"), PartGrew(2, "Which?"), PartClosed(2, OpaqueState("anthropic", "signature", "hgs1.x")))
OTHERS = (
    PartOpened(3, "thinking"), PartGrew(3, "raw"), PartClosed(3), PartOpened(4, "thinking"), PartClosed(4, SEALED, redacted=True),
    PartOpened(5, "refusal"), PartGrew(5, "no"), PartClosed(5), PartOpened(6, "call", "c6", "exec", "ns", "custom"), PartGrew(6, "x"), PartClosed(6),
    PartOpened(7, "call", "c7", "local_shell", "", "local_shell"), PartGrew(7, '{"command":["ls"]}'), PartClosed(7),
    PartOpened(8, "call", "c8", "shell", "", "shell"), PartGrew(8, '{"commands":["ls"]}'), PartClosed(8),
    PartOpened(9, "call", "c9", "apply_patch", "", "apply_patch"), PartGrew(9, '{"type":"delete_file","path":"a"}'), PartClosed(9),
    PartOpened(10, "call", "c10", "tool_search", "", "tool_search"), PartGrew(10, "{}"), PartClosed(10),
)  # fmt: skip
END = (UsageSeen(Usage(input_tokens=5)), Finished("end_turn", "tool_use"), UsageSeen(Usage(output_tokens=4)))


def encoded(*events):
    """The stream of an answer."""
    encoder = ResponsesEncoder(CONTEXT)
    return b"".join([*(encoder.encode(event) for event in (Started("x", "y"), *events)), encoder.finish()])


def frames(data):
    """Its events; the last frame is its end."""
    found = whole_frames(data)
    assert found[-1] == (b"", b"[DONE]")
    events = [json.loads(text) for _, text in found[:-1]]
    assert [event["type"].encode() for event in events] == [name for name, _ in found[:-1]]
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    return events


def test_the_grammar():
    """Created, in progress, the items one after the other, completed with all of them."""
    events = frames(encoded(*TEXT, *CALL, *END))
    assert [event["type"].removeprefix("response.") for event in events] == [
        "created", "in_progress", "output_item.added", "content_part.added", "output_text.delta", "output_text.delta", "output_text.annotation.added",
        "output_text.done", "content_part.done", "output_item.done", "output_item.added", "function_call_arguments.delta",
        "function_call_arguments.delta", "function_call_arguments.done", "output_item.done", "completed",
    ]  # fmt: skip
    response = events[-1]["response"]
    assert response["output"] == [event["item"] for event in events if event["type"] == "response.output_item.done"]
    assert [event["output_index"] for event in events if "output_index" in event] == [0] * 8 + [1] * 5
    assert (response["usage"]["input_tokens"], response["usage"]["output_tokens"], response["completed_at"]) == (5, 4, 1700)
    assert (response["id"], response["model"], response["status"]) == ("resp_1", "m", "completed")


def test_the_sdk_reads_every_event():
    """Of all kinds of parts, by its strict types."""
    for event in frames(encoded(*TEXT, *CALL, *SUMMARY, *OTHERS, *END)):
        EVENTS.validate_python(event)


def test_open_responses_reads_the_core_events():
    """Each by its own type, and the whole response."""
    schemas = {
        "response.created": open_responses.ResponseCreatedStreamingEvent,
        "response.in_progress": open_responses.ResponseInProgressStreamingEvent,
        "response.output_item.added": open_responses.ResponseOutputItemAddedStreamingEvent,
        "response.content_part.added": open_responses.ResponseContentPartAddedStreamingEvent,
        "response.output_text.delta": open_responses.ResponseOutputTextDeltaStreamingEvent,
        "response.output_text.annotation.added": open_responses.ResponseOutputTextAnnotationAddedStreamingEvent,
        "response.output_text.done": open_responses.ResponseOutputTextDoneStreamingEvent,
        "response.content_part.done": open_responses.ResponseContentPartDoneStreamingEvent,
        "response.output_item.done": open_responses.ResponseOutputItemDoneStreamingEvent,
        "response.function_call_arguments.delta": open_responses.ResponseFunctionCallArgumentsDeltaStreamingEvent,
        "response.function_call_arguments.done": open_responses.ResponseFunctionCallArgumentsDoneStreamingEvent,
        "response.reasoning_summary_part.added": open_responses.ResponseReasoningSummaryPartAddedStreamingEvent,
        "response.reasoning_summary_text.delta": open_responses.ResponseReasoningSummaryDeltaStreamingEvent,
        "response.reasoning_summary_text.done": open_responses.ResponseReasoningSummaryDoneStreamingEvent,
        "response.reasoning_summary_part.done": open_responses.ResponseReasoningSummaryPartDoneStreamingEvent,
        "response.completed": open_responses.ResponseCompletedStreamingEvent,
    }
    context = AnswerContext(request_id="1", model_asked="m", created_at_s=1700, asked=Conversation(tools=(Tool("f"),)))
    encoder = ResponsesEncoder(context)
    stream = b"".join([*(encoder.encode(event) for event in (Started("x", "y"), *SUMMARY, *TEXT, *CALL, *END)), encoder.finish()])
    for event in frames(stream):
        schemas[event["type"]].model_validate(event)


@pytest.mark.parametrize("cause", ["stop", "length", "filter"])
def test_the_unstreamed_body_is_that_of_the_last_event(cause):
    """One encoder writes both, and the SDK reads it."""
    events = (*TEXT, *SUMMARY, UsageSeen(Usage(input_tokens=1, output_tokens=2)), Finished("x", cause))
    body = json.loads(whole(CONTEXT, (Started("x", "y"), *events)))
    assert body == frames(encoded(*events))[-1]["response"]
    Response.model_validate(body, strict=False)


def test_an_answer_without_parts():
    """Is complete all the same; usage that no provider reported is null."""
    encoder = ResponsesEncoder(CONTEXT)
    events = frames(encoder.encode(PartGrew(7, "x")) + encoder.encode(Cited(7, "x")) + encoder.encode(PartClosed(7)) + encoder.finish())
    assert [event["type"] for event in events] == ["response.created", "response.in_progress", "response.completed"]
    assert events[-1]["response"]["usage"] is None


def replayed(*events):
    """What a client sends back of an answer: its items."""
    output = json.loads(whole(CONTEXT, events))["output"]
    return output, read_input(msgspec.Raw(json.dumps(output).encode()), {}).turns


def test_the_state_of_a_call_is_before_it():
    """Where the call came in one piece; else it is after it. It comes back to its call both ways."""
    one = (PartOpened(0, "call", "call_1", "f"), PartGrew(0, '{"a":1}'), PartClosed(0, SEALED))
    two = (PartOpened(0, "call", "call_1", "f"), PartGrew(0, '{"a":'), PartGrew(0, "1}"), PartClosed(0, SEALED))
    for events, order in ((one, ["reasoning", "function_call"]), (two, ["function_call", "reasoning"])):
        output, (turn,) = replayed(*events)
        assert [item["type"] for item in output] == order
        call = next(item for item in output if item["type"] == "function_call")
        assert turn.role == ASSISTANT
        assert turn.parts == (ToolCall("call_1", "f", '{"a":1}', item_id=call["id"], state=SIGNATURE),)


def test_the_state_of_a_text_is_after_it():
    """And alone where the text is empty."""
    _, (turn,) = replayed(PartOpened(0, "text"), PartGrew(0, "a"), PartClosed(0, SEALED), PartOpened(1, "text"), PartClosed(1, SEALED))
    assert turn.parts == (Text("a", state=SIGNATURE), Text("", state=SIGNATURE))


def test_a_signed_thought_comes_back_without_its_content():
    """As Codex sends it: with `content: null`. A summary is brought back, so its envelope stays small."""
    state = OpaqueState("anthropic", "signature", "sig")
    sealed = OpaqueState("openai", "signature", enveloped(state))
    output, _ = replayed(PartOpened(0, "thinking"), PartGrew(0, "I thought"), PartClosed(0, sealed))
    (turn,) = read_input(msgspec.Raw(json.dumps([{**item, "content": None} for item in output]).encode()), {}).turns
    assert turn.parts == (Thinking("I thought", state=msgspec.structs.replace(state, text="I thought")),)
    _, (turn,) = replayed(PartOpened(0, "summary"), PartGrew(0, "short"), PartClosed(0, sealed))
    assert turn.parts == (Thinking("short", summary=True, state=state),)


def test_a_native_state_of_a_call_stays_as_it_is():
    """It is no envelope, so nothing is written into it."""
    output, _ = replayed(PartOpened(0, "call", "call_1", "f"), PartClosed(0, OpaqueState("openai", "encrypted", "gAAA")))
    assert output[0]["encrypted_content"] == "gAAA"


def test_the_body_of_a_count():
    """As OpenAI's endpoint answers."""
    assert json.loads(count(7)) == {"object": "response.input_tokens", "input_tokens": 7}
