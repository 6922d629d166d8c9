"""Chat Completions for any conversation and any answer: split anywhere, said again, of any bytes."""

import itertools
import json
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from headgate.core.conversation import ASSISTANT, CUSTOM, SYSTEM, USER, Conversation, Media, Text, Thinking, ToolCall, ToolResult, Turn
from headgate.core.errors import BadRequest, Untranslatable
from headgate.core.event import Cited, Failed, Finished, PartClosed, PartGrew, PartOpened, Started, UsageSeen
from headgate.core.model_profile import ModelProfile
from headgate.core.usage import Usage
from headgate.dialects.codec import AnswerContext
from headgate.dialects.faces import Operation
from headgate.dialects.openai_chat.codec import CLIENT, PROVIDER
from headgate.dialects.openai_chat.request import read
from headgate.dialects.openai_chat.stream import StreamReader, read_answer
from headgate.translation.in_order import InOrder
from tests.fakes.examples import examples

CHAT = Operation("chat", "openai/v1/chat/completions")
CONTEXT = AnswerContext(request_id="r", model_asked="m", created_at_s=1, asked=Conversation(usage_in_stream=True))
PROFILE = ModelProfile(openai_fields=True, thoughts_back="reasoning_content")

TEXTS = st.text(min_size=1, max_size=12)
PIECES = st.lists(TEXTS, max_size=4)
COUNTS = st.integers(0, 1 << 30)
JSON = st.recursive(st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
    st.sampled_from(["choices", "delta", "message", "content", "tool_calls", "function", "name", "arguments", "index", "id", "usage", "error", "finish_reason",
                     "reasoning", "reasoning_details", "annotations", "url_citation", "custom", "x"]), inner, max_size=4), max_leaves=20)  # fmt: skip


def part(kind, pieces, call_id=""):
    """A part of an answer, without its number."""
    return kind, pieces, call_id


PARTS = st.lists(
    st.builds(part, st.sampled_from(["text", "thinking", "refusal"]), PIECES)
    | st.builds(part, st.just("call"), st.just(['{"a":', "1}"]), TEXTS.map(lambda text: f"c{text}")),
    max_size=5,
    unique_by=lambda found: found[2] or id(found),
)


def events_of(parts, cause, usage):
    """The events of an answer that finished."""
    events = [Started("r", "m")]
    for index, (kind, pieces, call_id) in enumerate(parts):
        events.append(PartOpened(index, kind, call_id, "read" if kind == "call" else ""))
        events += [PartGrew(index, piece) for piece in pieces]
        events.append(PartClosed(index))
    return [*events, Finished("", cause), UsageSeen(usage)]


def ordered(events):
    """The events as an encoder gets them."""
    order = InOrder()
    return [each for event in events for each in order.feed(event)]


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
    """What an answer says: texts by kind, calls, end and counts."""
    texts, calls, kinds, rest = {}, [], {}, []
    for event in events:
        match event:
            case PartOpened(kind="call"):
                calls.append([event.call_id, event.name, ""])
                kinds[event.index] = calls[-1]
            case PartOpened():
                kinds[event.index] = event.kind
            case PartGrew():
                kind = kinds[event.index]
                if isinstance(kind, str):
                    texts[kind] = texts.get(kind, "") + event.text.replace("\n", "")  # thoughts are paragraphs
                else:
                    kind[2] += event.text
            case Finished():
                rest.append(event.cause)
            case UsageSeen():
                rest.append(event.usage)
    return texts, calls, sorted(rest, key=repr)


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
                assert not place
            case Failed() | Finished():
                assert opened == closed
    assert sum(isinstance(event, Finished | Failed) for event in events) == 1
    assert isinstance(events[0], Started | Failed)


CAUSES = st.sampled_from(["stop", "length", "filter"])
USAGES = st.builds(Usage, input_tokens=COUNTS, cache_read_tokens=COUNTS, output_tokens=COUNTS, reasoning_tokens=st.just(0))


@given(PARTS, CAUSES, USAGES, st.lists(st.integers(0, 1 << 16), max_size=6))
def test_an_answer_is_the_same_after_a_round(parts, cause, usage, cuts):
    """Encoded and decoded again, split anywhere: texts, calls, end and counts."""
    called = any(kind == "call" for kind, *_ in parts)
    if cause == "stop":  # a call counts more than a refusal, and both more than that it ended
        refused = any(kind == "refusal" and "".join(pieces) for kind, pieces, *_ in parts)
        cause = "tool_use" if called else "filter" if refused else cause
    events = events_of(parts, cause, usage)
    found = decoded(encoded(events), cuts)
    lawful(found)
    assert said(found) == said(events)
    whole = PROVIDER.decode_answer(CLIENT.whole(CONTEXT, events))
    lawful(whole)
    assert said(whole) == said(events)


@given(st.lists(JSON, max_size=6), st.lists(st.integers(0, 1 << 16), max_size=4))
@examples(300)
def test_any_chunks_are_read_lawfully(chunks, cuts):
    """Whatever a server sends; the pieces in which it comes do not matter, and the counts are those of the native reader."""
    data = b"".join(b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in chunks)
    events = decoded(data)
    lawful(events)
    assert decoded(data, cuts) == events
    encoded(ordered(events))
    native = [event for event in StreamReader().feed(data) if isinstance(event, UsageSeen)]
    counted = [event for event in events if isinstance(event, UsageSeen)]
    assert counted == (native if not isinstance(events[-1], Failed) or len(native) == len(counted) else native[: len(counted)])


@given(st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_an_answer_or_a_failure(data):
    """Nothing raises; a whole answer's counts are those of the native reader."""
    lawful(decoded(data))
    events = PROVIDER.decode_answer(data)
    lawful(events)
    if isinstance(events[-1], Finished):
        assert [event for event in events if isinstance(event, UsageSeen)] == [event for event in read_answer(data) if isinstance(event, UsageSeen)]


CALLS = st.builds(ToolCall, TEXTS, TEXTS, st.just('{"a":1}')) | st.builds(ToolCall, TEXTS, TEXTS, TEXTS, kind=st.just(CUSTOM))
IMAGES = st.just(Media("image", mime="image/png", base64="AAAA")) | st.just(Media("image", url="https://example.com/a.png", detail="low"))
SPOKEN = st.builds(Text, TEXTS)
TURNS = st.lists(
    st.builds(Turn, st.just(USER), st.tuples(SPOKEN) | st.tuples(SPOKEN, IMAGES))
    | st.builds(Turn, st.just(USER), st.tuples(st.builds(ToolResult, TEXTS, st.tuples(SPOKEN))))
    | st.builds(Turn, st.just(ASSISTANT), st.tuples(st.builds(Thinking, TEXTS), SPOKEN, CALLS) | st.tuples(CALLS) | st.tuples(SPOKEN)),
    max_size=6,
)


@given(st.lists(SPOKEN, max_size=1), TURNS)
def test_a_request_is_the_same_after_a_round(system, turns):
    """Its turns, as far as they are not results in a row, which are one turn."""
    kept = [turn for place, turn in enumerate(turns) if not (place and _results(turn) and _results(turns[place - 1]))]
    first = (Turn(SYSTEM, tuple(system)),) if system else ()
    conversation = Conversation(model="m", turns=(*first, *kept), usage_in_stream=False)
    body = PROVIDER.encode(conversation, PROFILE).body
    assert CLIENT.decode(read(body, CHAT, ""), CHAT) == conversation


def _results(turn):
    return isinstance(turn.parts[0], ToolResult)


@given(st.dictionaries(st.sampled_from(["messages", "tools", "tool_choice", "stop", "response_format", "reasoning", "n"]), JSON, max_size=4))
def test_any_body_is_a_conversation_or_refused(members):
    """Nothing but a refusal is raised, and what is decoded can be encoded."""
    with suppress(BadRequest, Untranslatable):
        conversation = CLIENT.decode(read(json.dumps({"model": "m", **members}).encode(), CHAT, ""), CHAT)
        PROVIDER.encode(conversation, PROFILE)
