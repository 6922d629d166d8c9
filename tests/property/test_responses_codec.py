"""Responses for any conversation and any answer: split anywhere, said again, of any bytes."""

import itertools
import json
from contextlib import suppress

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from openai.types.responses import ResponseStreamEvent
from pydantic import TypeAdapter

from headgate.core.conversation import (
    ASSISTANT,
    CUSTOM,
    SYSTEM,
    USER,
    Conversation,
    Media,
    RefusalText,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
    Turn,
)
from headgate.core.errors import BadRequest, Untranslatable
from headgate.core.event import Cited, Failed, Finished, PartClosed, PartGrew, PartOpened, Started, UsageSeen
from headgate.core.model_profile import ModelProfile
from headgate.core.opaque_state import OpaqueState, enveloped
from headgate.core.usage import Usage
from headgate.dialects.codec import AnswerContext
from headgate.dialects.faces import Operation
from headgate.dialects.openai_responses.codec import CLIENT, PROVIDER
from headgate.dialects.openai_responses.decode_items import read_input
from headgate.dialects.openai_responses.request import read
from headgate.dialects.openai_responses.stream import StreamReader, read_answer
from headgate.dialects.sse import whole_frames
from tests.fakes.examples import examples

RESPONSES = Operation("responses", "openai/v1/responses")
CONTEXT = AnswerContext(request_id="r", model_asked="m", created_at_s=1, asked=Conversation())
EVENTS = TypeAdapter(ResponseStreamEvent)

TEXTS = st.text(min_size=1, max_size=12)
PIECES = st.lists(TEXTS, min_size=1, max_size=4)
COUNTS = st.integers(0, 1 << 30)
NATIVE = OpaqueState("openai", "encrypted", "gAAA")
STATES = st.none() | st.just(NATIVE)
NAMES = ["type", "role", "content", "text", "id", "call_id", "name", "arguments", "input", "output", "summary", "encrypted_content", "tools", "action",
         "item", "response", "delta", "item_id", "output_index", "content_index", "annotation", "url", "usage", "error", "status", "annotations"]  # fmt: skip
KINDS = st.sampled_from([
    "message", "reasoning", "function_call", "function_call_output", "custom_tool_call", "shell_call_output", "tool_search_output", "additional_tools",
    "input_text", "output_text", "input_image", "namespace", "function", "response.output_item.added", "response.output_item.done",
    "response.output_text.delta", "response.reasoning_summary_text.delta", "response.function_call_arguments.done", "response.completed", "error",
])  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | KINDS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=20,
)
CALL_KINDS = st.sampled_from(["function", "custom", "local_shell", "shell", "apply_patch", "tool_search"])
CALLS = st.tuples(CALL_KINDS, st.integers(0, 99))
PARTS = st.lists(
    st.tuples(st.sampled_from(["text", "thinking", "summary", "refusal"]), PIECES, st.none(), STATES)
    | st.tuples(st.just("call"), st.just(['{"a":', "1}"]), CALLS, st.none()),
    max_size=5,
    unique_by=lambda part: part[2] or id(part),
)


def events_of(parts, cause, usage):
    """The events of an answer that finished."""
    events = [Started("resp_r", "m")]
    for index, (kind, pieces, call, state) in enumerate(parts):
        if call is None:
            events.append(PartOpened(index, kind))
        else:
            name = "read" if call[0] in {"function", "custom"} else call[0]
            events.append(PartOpened(index, kind, f"call_{call}", name, call_kind=call[0]))
        events += [PartGrew(index, piece) for piece in pieces]
        events.append(PartClosed(index, state if kind in {"thinking", "summary"} else None))
    return [*events, UsageSeen(usage), Finished("completed", cause)]


def encoded(events):
    """The bytes of a stream."""
    encoder = CLIENT.encoder(CONTEXT)
    return b"".join([*map(encoder.encode, events), encoder.finish()])


def decoded(data, cuts=()):
    """The events of a stream that comes in pieces."""
    decoder = PROVIDER.decoder()
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    events = [event for start, end in itertools.pairwise(places) for event in decoder.feed(data[start:end])]
    return [*events, *decoder.end()]


def said(events):
    """What an answer says: its parts in order, its end and counts."""
    parts, rest = {}, []
    for event in events:
        match event:
            case PartOpened():
                parts[event.index] = [event.kind, event.call_id, event.name, event.call_kind, ""]
            case PartGrew():
                parts[event.index][4] += event.text
            case PartClosed():
                parts[event.index].append(event.state and event.state.data)
            case Finished():
                rest.append(event.cause)
            case UsageSeen():
                rest.append(event.usage)
    return [[*part[:4], arguments(part), *part[5:]] for part in parts.values()], rest


def arguments(part):
    """Those of OpenAI's own tools are an object, to which what OpenAI requires is added."""
    return json.loads(part[4])["a"] if part[3] in {"local_shell", "shell", "apply_patch", "tool_search"} else part[4]


def lawful(events):
    """Whether the events keep to the laws of a row of events."""
    opened, closed = set(), set()
    for place, event in enumerate(events):
        match event:
            case PartOpened():
                assert event.index not in opened
                opened.add(event.index)
            case PartGrew() | Cited():
                assert event.index in opened - closed
            case PartClosed():
                assert event.index in opened - closed
                closed.add(event.index)
            case Started():
                assert place == 0
            case Finished() | Failed():
                assert all(isinstance(later, UsageSeen) for later in events[place + 1 :])
    assert opened == closed
    assert sum(isinstance(event, Finished | Failed) for event in events) == 1
    assert isinstance(events[0], Started | Failed)


@given(PARTS, st.sampled_from(["stop", "length", "filter"]), COUNTS, COUNTS, st.lists(st.integers(0, 1 << 16), max_size=5))
@examples(150)
def test_an_answer_is_read_as_it_was_written(parts, cause, given_tokens, output, cuts):
    """Except for its ids and a cause that its parts decide; streamed, cut anywhere, and whole."""
    if cause == "stop" and any(part[0] == "call" for part in parts):
        cause = "tool_use"
    elif cause == "stop" and any(part[0] == "refusal" for part in parts):
        cause = "filter"
        parts = [part for part in parts if part[0] != "refusal"]
    usage = Usage(input_tokens=given_tokens, cache_read_tokens=1, cache_write_5m_tokens=2, output_tokens=output, reasoning_tokens=0, tier="")
    events = events_of(parts, cause, usage)
    stream = encoded(events)

    assert decoded(stream, cuts) == decoded(stream)
    assert said(decoded(stream)) == said(events) == said(PROVIDER.decode_answer(CLIENT.whole(CONTEXT, events)))
    lawful(decoded(stream))


@given(PARTS)
@examples(50)
def test_every_event_is_one_of_the_sdks(parts):
    """With dense numbers, each frame named by its type."""
    frames = whole_frames(encoded(events_of(parts, "stop", Usage(input_tokens=1))))

    for number, (name, data) in enumerate(frames[:-1]):
        event = json.loads(data)
        assert (event["sequence_number"], event["type"].encode()) == (number, name)
        if "apply_patch" not in str(data):  # the arguments here are no patch
            EVENTS.validate_python(event)


@given(st.lists(st.tuples(st.sampled_from(["text", "call"]), PIECES), min_size=1, max_size=4))
def test_the_states_of_another_provider_come_back_to_their_parts(parts):
    """From what a client sends back of an answer."""
    events = [Started("x", "y")]
    expected = []
    for index, (kind, pieces) in enumerate(parts):
        state = OpaqueState("gemini", "signature", f"sig{index}")
        sealed = OpaqueState("gemini", "signature", enveloped(state))
        events.append(PartOpened(index, kind, f"call_{index}", "f") if kind == "call" else PartOpened(index, kind))
        events += [*(PartGrew(index, piece) for piece in pieces), PartClosed(index, sealed)]
        whole = "".join(pieces)
        expected.append(ToolCall(f"call_{index}", "f", whole, state=state) if kind == "call" else Text(whole, state=state))
    output = json.loads(CLIENT.whole(CONTEXT, events))["output"]
    (turn,) = read_input(msgspec.Raw(json.dumps(output).encode()), {}).turns

    plain = [msgspec.structs.replace(part, **({"item_id": ""} if isinstance(part, ToolCall) else {"apart": False})) for part in turn.parts]
    assert plain == expected


SOUP = st.lists(
    st.tuples(st.sampled_from([b"data: ", b"event: response.completed\ndata: ", b"data: x", b": "]), JSON), max_size=12
).map(lambda frames: b"".join(head + json.dumps(value).encode() + b"\n\n" for head, value in frames))  # fmt: skip


@given(SOUP | st.binary(max_size=80), st.lists(st.integers(0, 1 << 12), max_size=4))
@examples(300)
def test_any_stream_is_decoded_by_the_laws(stream, cuts):
    """It never raises, the cut changes nothing, and what is counted is what the native reader counts."""
    events = decoded(stream)

    assert decoded(stream, cuts) == events
    lawful(events)
    counted = [event for event in StreamReader().feed(stream) if isinstance(event, UsageSeen)]
    assert [event for event in events if isinstance(event, UsageSeen)] == counted


@given(JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=60))
@examples(300)
def test_any_body_is_decoded_by_the_laws(body):
    """Whatever it is."""
    events = list(PROVIDER.decode_answer(body))

    lawful(events)
    counted = [event for event in read_answer(body) if isinstance(event, UsageSeen)]
    assert [event for event in events if isinstance(event, UsageSeen)] == counted
    PROVIDER.count_of(body)


@given(
    st.dictionaries(
        st.sampled_from(["input", "instructions", "tools", "tool_choice", "text", "reasoning", "store", "top_p", "user"]), JSON, max_size=5
    )
)
@examples(300)
def test_any_request_is_decoded_or_refused(fields):
    """With one of the two errors that say so; what is decoded is encoded."""
    asked = read(json.dumps({"model": "m", **fields}).encode(), RESPONSES, "")

    with suppress(BadRequest, Untranslatable):
        conversation = CLIENT.decode(asked, RESPONSES)
        json.loads(PROVIDER.encode(conversation, ModelProfile()).body)
    assert json.loads(CLIENT.without_envelopes(asked).body) == {"model": "m", **fields}


MEDIA = st.builds(Media, st.sampled_from(["image", "document", "audio", "video"]), url=st.just("https://x"), text=st.sampled_from(["", "t"]))
RESULTS = st.builds(ToolResult, TEXTS, st.lists(st.builds(Text, TEXTS) | MEDIA, max_size=2).map(tuple), kind=CALL_KINDS)
ANY_PART = (
    st.builds(Text, st.text(max_size=9))
    | MEDIA
    | RESULTS
    | st.builds(RefusalText, TEXTS)
    | st.builds(ToolCall, TEXTS, TEXTS, st.text(max_size=9), kind=CALL_KINDS)
    | st.builds(Thinking, st.text(max_size=9), st.booleans(), STATES)
)
TURNS = st.lists(st.builds(Turn, st.sampled_from([SYSTEM, USER, ASSISTANT]), st.lists(ANY_PART, max_size=4).map(tuple)), max_size=5).map(tuple)
TOOLS = st.lists(st.builds(Tool, TEXTS, st.sampled_from(["function", CUSTOM, "server", "shell"]), namespace=st.sampled_from(["", "ns"])), max_size=3)


@given(TURNS, TOOLS.map(tuple), st.booleans())
@examples(200)
def test_any_conversation_is_encoded(turns, tools, counting):
    """The same bytes each time, and as the beginning of what a longer conversation gives."""
    conversation = Conversation(model="m", turns=turns, tools=tools, choice=ToolChoice("none"), counting=counting)
    body = PROVIDER.encode(conversation, ModelProfile()).body

    assert PROVIDER.encode(conversation, ModelProfile()).body == body
    longer = msgspec.structs.replace(conversation, turns=(*turns, Turn(USER, (Text("more"),))))
    given_input = json.loads(body)["input"]
    assert json.loads(PROVIDER.encode(longer, ModelProfile()).body)["input"][: len(given_input)] == given_input
