"""Laws of Gemini's codecs: what is encoded is decoded again as it was, however its bytes are cut, and the official SDK's types take all of it."""

import base64
import json

import msgspec
from google.genai import types
from hypothesis import given
from hypothesis import strategies as st

from headgate.core.conversation import (
    Conversation,
    Media,
    OutputFormat,
    Reasoning,
    Sampling,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
    Turn,
)
from headgate.core.errors import BadRequest, Untranslatable
from headgate.core.event import Failed, Finished, PartClosed, PartGrew, PartOpened, Started, UsageSeen
from headgate.core.model_profile import ModelProfile
from headgate.core.opaque_state import OpaqueState, enveloped_as_base64
from headgate.core.usage import Usage
from headgate.dialects.codec import AnswerContext
from headgate.dialects.faces import Operation
from headgate.dialects.gemini.codec import CLIENT, PROVIDER
from headgate.dialects.gemini.request import read
from headgate.dialects.gemini.stream import StreamReader
from tests.fakes.examples import examples

BASE64 = st.binary(min_size=1, max_size=6).map(lambda data: base64.b64encode(data).decode())
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=8)
NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,6}", fullmatch=True)
ARGUMENTS = st.dictionaries(NAMES, st.integers(-9, 9) | WORDS | st.lists(st.booleans(), max_size=2), max_size=3).map(
    lambda value: json.dumps(value, separators=(",", ":"), ensure_ascii=False)
)
NATIVE = st.none() | BASE64.map(lambda data: OpaqueState("gemini", "signature", data))
IMAGES = BASE64.map(lambda data: Media("image", "image/png", data))


@st.composite
def _turns(draw):
    turns = []
    if draw(st.booleans()):
        turns.append(Turn("system", tuple(Text(text) for text in draw(st.lists(WORDS, min_size=1, max_size=2)))))
    calls = []
    for number in range(draw(st.integers(1, 3))):
        results = [
            ToolResult(call.call_id, (Text(draw(WORDS)), *draw(st.lists(IMAGES, max_size=1))), call.name, failed=draw(st.booleans()))
            for call in calls
        ]
        asked = draw(st.lists(WORDS.map(Text) | IMAGES, min_size=1, max_size=2))
        turns.append(Turn("user", (*results, *asked)))
        said = draw(
            st.lists(
                st.builds(Text, WORDS, state=NATIVE) | st.builds(Thinking, WORDS, summary=st.just(value=True), state=NATIVE.filter(bool)),
                min_size=1,
                max_size=3,
            )
        )
        count = draw(st.integers(0, 2))
        calls = [ToolCall(f"c_{number}_{place}", draw(NAMES), draw(ARGUMENTS), state=draw(NATIVE)) for place in range(count)]
        turns.append(Turn("assistant", (*said, *calls)))
    return tuple(turns)


TOOLS = st.lists(NAMES, min_size=1, max_size=3, unique=True).map(
    lambda names: tuple(Tool(name, description=f"Does {name}.", schema=msgspec.Raw(b'{"type":"object","properties":{}}')) for name in names)
)
CHOICES = st.sampled_from([
    ToolChoice(),
    ToolChoice("none"),
    ToolChoice("required"),
    ToolChoice("named", ("a",)),
    ToolChoice("allowed", ("a", "b"), must_call=True),
    ToolChoice("allowed", ("a",)),
])
REASONINGS = st.sampled_from([
    Reasoning(),
    Reasoning(shown=True),
    Reasoning(mode="off"),
    Reasoning(mode="adaptive", shown=False),
    Reasoning(mode="on", effort="low", shown=True),
    Reasoning(mode="on", budget_tokens=2048),
])
FORMATS = st.sampled_from([
    OutputFormat(),
    OutputFormat(kind="json_object"),
    OutputFormat(kind="json_schema", schema=msgspec.Raw(b'{"type":"object","required":["a"]}')),
])
SAMPLINGS = st.sampled_from([Sampling(), Sampling(temperature=0.5, top_p=0.25, top_k=3, frequency_penalty=0.5, presence_penalty=-0.5, seed=7)])
CONVERSATIONS = st.builds(
    Conversation,
    model=st.just("gemini-x"),
    turns=_turns(),
    tools=TOOLS,
    choice=CHOICES,
    output_tokens_max=st.sampled_from([0, 100]),
    sampling=SAMPLINGS,
    stop=st.sampled_from([(), ("END",)]),
    reasoning=REASONINGS,
    format=FORMATS,
    stream=st.booleans(),
)


@given(CONVERSATIONS)
@examples(60)
def test_a_conversation_is_decoded_as_it_was_encoded(conversation):
    """Every part, tool and setting."""
    encoded = PROVIDER.encode(conversation, ModelProfile())
    decoded = CLIENT.decode(read(encoded.body, encoded.operation, "gemini-x"), encoded.operation)
    assert msgspec.structs.replace(decoded, beyond={}) == conversation
    assert encoded.losses == ()


@given(CONVERSATIONS, st.booleans())
@examples(40)
def test_the_sdk_takes_every_request(conversation, result_media):
    """By the types that it would send."""
    body = json.loads(PROVIDER.encode(conversation, ModelProfile(result_media=result_media, signature_required=True)).body)
    config = body.pop("generationConfig", {})
    for content in (*body.pop("contents"), *([body.pop("systemInstruction")] if "systemInstruction" in body else [])):
        types.Content.model_validate(content)
    types.GenerateContentConfig.model_validate({**config, **body})


@given(CONVERSATIONS)
@examples(40)
def test_more_turns_leave_the_ones_before_as_they_were(conversation):
    """So that the provider's cache has them."""
    before = msgspec.structs.replace(conversation, turns=conversation.turns[:-1])
    contents = [json.loads(PROVIDER.encode(each, ModelProfile(signature_required=True)).body)["contents"] for each in (before, conversation)]
    assert contents[1][: len(contents[0])] == contents[0]


TEXTS = st.tuples(st.sampled_from(["text", "summary"]), st.lists(WORDS, min_size=1, max_size=3), NATIVE)
CALLS = st.tuples(NAMES, ARGUMENTS, NATIVE)


@st.composite
def _answers(draw):
    """The events of an answer. Two texts of one kind never follow each other without a signature: Gemini cannot tell them apart."""
    events = [Started("r-1", "gemini-x")]
    last = ""
    for index in range(draw(st.integers(1, 5))):
        state = draw(NATIVE)
        state = None if state is None else msgspec.structs.replace(state, model="gemini-x")
        kind = draw(st.sampled_from([kind for kind in ("text", "summary", "call") if kind == "call" or kind != last]))
        opened = PartOpened(index, kind, f"c_{index}" if kind == "call" else "", draw(NAMES) if kind == "call" else "")
        pieces = [draw(ARGUMENTS)] if kind == "call" else draw(st.lists(WORDS, min_size=1, max_size=3))
        events += [opened, *(PartGrew(index, piece) for piece in pieces), PartClosed(index, state)]
        last = "" if state is not None and kind == "text" else kind
    called = any(isinstance(event, PartOpened) and event.kind == "call" for event in events)
    said = any(isinstance(event, PartOpened) and event.kind != "summary" for event in events)  # a filtered answer without a word gets one
    cause = draw(st.sampled_from(["length", *(["filter"] if said else []), "tool_use" if called else "stop"]))
    usage = Usage(input_tokens=draw(st.integers(0, 99)), output_tokens=draw(st.integers(0, 99)))
    return [*events, UsageSeen(usage), Finished({"length": "MAX_TOKENS", "filter": "SAFETY"}.get(cause, "STOP"), cause)]


def _context(query):
    asked = Conversation(reasoning=Reasoning(shown=True))
    return AnswerContext(request_id="q-1", model_asked="gemini-x", created_at_s=0, asked=asked, query=query)


def _stream(events, query="alt=sse"):
    encoder = CLIENT.encoder(_context(query))
    return b"".join(map(encoder.encode, events)) + encoder.finish()


def _folded(events):
    """The parts of an answer by what they say, and all other events."""
    parts = []
    others = []
    for event in events:
        match event:
            case PartOpened():
                parts.append([event, ""])
            case PartGrew(text=text):
                parts[-1][1] += text
            case PartClosed():
                parts[-1].append(event)
            case _:
                others.append(event)
    return parts, others


def _decoded(pieces):
    decoder = PROVIDER.decoder()
    return [*(event for piece in pieces for event in decoder.feed(piece)), *decoder.end()]


@given(_answers(), st.sampled_from(["alt=sse", ""]))
@examples(80)
def test_an_answer_is_decoded_as_it_was_encoded(events, query):
    """In both forms of a stream, and whole."""
    assert _folded(_decoded([_stream(events, query)])) == _folded(events)
    assert _folded(PROVIDER.decode_answer(CLIENT.whole(_context(query), events))) == _folded(events)


@given(_answers(), st.sampled_from(["alt=sse", ""]), st.data())
@examples(60)
def test_a_stream_may_be_cut_anywhere(events, query, data):
    """Its events are the same, and its counts those of the native reader."""
    stream = _stream(events, query)
    at = data.draw(st.lists(st.integers(0, len(stream)), max_size=5).map(sorted))
    pieces = [stream[start:end] for start, end in zip([0, *at], [*at, len(stream)], strict=True)]
    decoded = _decoded(pieces)
    assert decoded == _decoded([stream])
    reader = StreamReader()
    native = [event for piece in pieces for event in reader.feed(piece)]
    assert [event for event in decoded if isinstance(event, UsageSeen)] == [event for event in native if isinstance(event, UsageSeen)]


@given(_answers())
@examples(40)
def test_the_sdk_takes_every_answer(events):
    """Chunks and whole bodies, by the types that it reads."""
    frames = _stream(events).split(b"\r\n\r\n")[:-1]
    for body in (*(frame.removeprefix(b"data: ") for frame in frames), CLIENT.whole(_context(""), events)):
        types.GenerateContentResponse.model_validate(json.loads(body))


FOREIGN = st.builds(OpaqueState, st.sampled_from(["anthropic", "openai"]), st.sampled_from(["signature", "redacted", "encrypted"]), WORDS, WORDS)


@given(st.lists(FOREIGN, min_size=1, max_size=3), st.booleans(), st.booleans())
@examples(60)
def test_states_of_other_providers_come_back(states, is_call, shown):
    """Before the part that they travelled on, with the thoughts that signatures prove; also from a client that drops thoughts."""
    events = [Started("r", "m")]
    for index, state in enumerate(states):
        closed = PartClosed(index, msgspec.structs.replace(state, data=enveloped_as_base64(state)))
        events += [PartOpened(index, "thinking"), PartGrew(index, f"Hm {index}."), closed]
    said = (PartOpened(9, "call", "c", "ls"), PartGrew(9, "{}")) if is_call else (PartOpened(9, "text"), PartGrew(9, "He"), PartGrew(9, "llo"))
    events += [*said, PartClosed(9), Finished("x", "stop")]
    context = msgspec.structs.replace(_context("alt=sse"), asked=Conversation(reasoning=Reasoning(shown=shown)))
    content = json.loads(CLIENT.whole(context, events))["candidates"][0]["content"]
    generate = Operation("generateContent", "gemini/v1/generateContent", "never")
    for parts in (content["parts"], [part for part in content["parts"] if not part.get("thought")]):
        body = json.dumps({"contents": [{**content, "parts": parts}]}).encode()
        (turn,) = CLIENT.decode(read(body, generate, "x"), generate).turns
        assert turn.parts[-1] == (ToolCall("c", "ls", "{}") if is_call else Text("Hello"))
        assert [part.state for part in turn.parts[:-1]] == [
            msgspec.structs.replace(state, text=f"Hm {index}.") if state.kind == "signature" else state for index, state in enumerate(states)
        ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["candidates", "content", "parts", "text", "thought", "thoughtSignature", "functionCall", "name", "args", "finishReason",
                         "usageMetadata", "promptFeedback", "groundingMetadata", "groundingChunks", "web", "uri", "error", "responseId", "role",
                         "functionResponse", "response", "inlineData", "data"]),
        inner,
        max_size=4,
    ),
    max_leaves=20,
)  # fmt: skip


@given(
    st.binary(max_size=60)
    | JSON.map(lambda value: b"data: " + json.dumps(value).encode() + b"\n\n")
    | JSON.map(lambda value: json.dumps(value).encode())
)
@examples(150)
def test_any_bytes_are_an_answer_that_ends(data):
    """Nothing raises, every part that opens closes, and exactly one event ends the answer."""
    for events in (_decoded([data]), list(PROVIDER.decode_answer(data))):
        assert len([event for event in events if isinstance(event, Finished | Failed)]) == 1
        opened = [event.index for event in events if isinstance(event, PartOpened)]
        assert opened == [event.index for event in events if isinstance(event, PartClosed)] == list(range(len(opened)))
    PROVIDER.count_of(data)


@given(JSON, JSON, JSON)
@examples(100)
def test_any_request_is_decoded_or_refused(contents, tools, config):
    """In words: nothing else is raised."""
    body = json.dumps({"contents": [{"parts": [contents]}], "tools": tools, "generationConfig": config, "systemInstruction": contents}).encode()
    operation = Operation("generateContent", "gemini/v1/generateContent", "never")
    try:
        decoded = CLIENT.decode(read(body, operation, "gemini-x"), operation)
        PROVIDER.encode(decoded, ModelProfile())
    except (BadRequest, Untranslatable):
        return
