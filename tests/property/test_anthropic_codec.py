"""The codec of Anthropic Messages on drawn values: what is written is read again, cuts change nothing, and no bytes raise."""

import json
from contextlib import suppress
from pathlib import Path

import msgspec
from hypothesis import example, given
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
from headgate.core.opaque_state import OpaqueState, enveloped
from headgate.core.usage import Usage
from headgate.dialects.anthropic.codec import CLIENT, PROVIDER
from headgate.dialects.anthropic.encode_request import encode
from headgate.dialects.anthropic.request import read
from headgate.dialects.anthropic.stream import StreamReader, read_answer
from headgate.dialects.codec import AnswerContext
from headgate.dialects.faces import Operation
from headgate.dialects.scan import scan
from tests.fakes import sdk_requests
from tests.fakes.examples import examples
from tests.golden.translation import sdk_answers

MESSAGES = Operation("messages", "anthropic/v1/messages")
GOLDEN = Path(__file__).parents[1] / "golden"
STREAMS = {
    path.name: path.read_bytes() for folder in ("streams", "translation/answers") for path in sorted((GOLDEN / folder / "anthropic").glob("*.sse"))
}
CONTEXT = AnswerContext(request_id="req_1", model_asked="claude-x", created_at_s=0, asked=Conversation())

LETTERS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)
WORDS = LETTERS.filter(str.strip)
NAMES = st.from_regex(r"[a-zA-Z0-9_-]{1,12}", fullmatch=True)
COUNTS = st.none() | st.integers(0, 1 << 40)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | LETTERS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(LETTERS, inner, max_size=2)
)
ARGUMENTS = st.dictionaries(LETTERS, JSON_VALUES, max_size=2).map(lambda value: json.dumps(value, ensure_ascii=False))


# Answers.


@st.composite
def parts(draw, index):
    """The events of one part that is not empty."""
    kind = draw(st.sampled_from(["text", "thinking", "redacted", "call"]))
    if kind == "redacted":
        return [PartOpened(index, "thinking"), PartClosed(index, OpaqueState("anthropic", "redacted", draw(NAMES)), redacted=True)]
    if kind == "call":
        whole = draw(ARGUMENTS)
        cut = draw(st.integers(0, len(whole)))
        grown = [PartGrew(index, piece) for piece in (whole[:cut], whole[cut:]) if piece]
        return [PartOpened(index, "call", draw(NAMES), draw(NAMES)), *grown, PartClosed(index)]
    grown = [PartGrew(index, text) for text in draw(st.lists(WORDS, min_size=1, max_size=3))]
    said = "".join(event.text for event in grown)
    state = OpaqueState("anthropic", "signature", draw(NAMES), "claude-x", text=said) if kind == "thinking" else None
    return [PartOpened(index, kind), *grown, PartClosed(index, state)]


@st.composite
def answers(draw):
    """The events of a whole answer, and its usage."""
    count = draw(st.integers(0, 4))
    events = [event for index in range(count) for event in draw(parts(index))]
    calls = any(isinstance(event, PartOpened) and event.kind == "call" for event in events)
    cause, stop = draw(
        st.sampled_from([("tool_use", "")] if calls else [("stop", ""), ("stop_sequence", "END"), ("length", ""), ("filter", ""), ("pause", "")])
    )
    usage = Usage(
        input_tokens=draw(st.integers(0, 99)), cache_read_tokens=draw(st.integers(0, 99)), cache_write_5m_tokens=draw(st.integers(1, 99)),
        cache_write_1h_tokens=draw(st.integers(0, 99)), output_tokens=draw(st.integers(50, 99)), reasoning_tokens=draw(st.none() | st.integers(0, 50)),
    )  # fmt: skip
    return [Started("msg_up", "claude-x"), *events, Finished("", cause, stop)], usage


def folded(events):
    """What an answer says: its parts with all their text, why it ended, and its counts. How it was cut into pieces does not matter."""
    said, usage, ended = [], None, None
    for event in events:
        match event:
            case PartOpened():
                said.append([event, ""])
            case PartGrew(_, text):
                said[-1][1] += text
            case PartClosed():
                state = event.state and msgspec.structs.replace(event.state, model="")
                said[-1].append((state, event.redacted))
            case UsageSeen():
                usage = event.usage
            case Finished() | Failed():
                ended = (type(event), getattr(event, "cause", ""), getattr(event, "stop_sequence", ""))
    return said, usage, ended


def written(events, usage):
    """The stream of an answer, and its whole body."""
    encoder = CLIENT.encoder(CONTEXT)
    seen = [*events, UsageSeen(usage)]
    return b"".join([*map(encoder.encode, seen), encoder.finish()]), CLIENT.whole(CONTEXT, seen)


@given(answers())
@examples(150)
def test_an_answer_is_read_again_as_it_was_written(answer):
    """Streamed and whole, by Headgate's decoder and by Anthropic's SDK."""
    events, usage = answer
    stream, body = written(events, usage)
    decoder = PROVIDER.decoder()
    of_stream = folded([*decoder.feed(stream), *decoder.end()])
    sdk_stream, sdk_body = sdk_answers.read_stream("anthropic", stream), sdk_answers.read_body("anthropic", body)

    assert of_stream == folded([*events, UsageSeen(usage)])
    assert folded(PROVIDER.decode_answer(body)) == of_stream
    assert sdk_stream["content"] == sdk_body["content"]
    assert sdk_stream["stop_reason"] == sdk_body["stop_reason"]


@st.composite
def damaged(draw):
    """A stream as a server wrote it, perhaps with a piece taken out or changed, or with its frames in another order."""
    data = STREAMS[draw(st.sampled_from(sorted(STREAMS)))]
    if draw(st.booleans()):
        start, end = sorted(draw(st.tuples(st.integers(0, len(data)), st.integers(0, len(data)))))
        return data[:start] + draw(st.binary(max_size=3)) + data[draw(st.sampled_from([start, end])) :]
    frames = data.split(b"\n\n")
    return b"\n\n".join(draw(st.lists(st.sampled_from(frames), max_size=len(frames)))) + b"\n\n"


@given(damaged() | st.binary(max_size=60), st.data())
@examples(300)
def test_a_stream_keeps_the_laws_however_it_is_cut(stream, data):
    """The same events for any cut; each part opens and closes once; one end; counts as the reader has them."""
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    whole, cut, reader = PROVIDER.decoder(), PROVIDER.decoder(), StreamReader()
    events = [*whole.feed(stream), *whole.end()]
    pieces = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]

    assert [*(event for piece in pieces for event in cut.feed(piece)), *cut.end()] == events
    check_laws(events)
    assert usages(events) == usages(reader.feed(stream))
    # A frame that is no JSON may have been a piece of a call: the answer has failed then, also where its end came.
    spoilt = isinstance(end_of(events), Failed) and end_of(events).code == "invalid_answer"
    assert isinstance(end_of(events), Finished) or spoilt or not reader.complete or b"error" in stream


def check_laws(events):
    """The laws of `core.event`."""
    started = [place for place, event in enumerate(events) if isinstance(event, Started)]
    ends = [place for place, event in enumerate(events) if isinstance(event, Finished | Failed)]
    assert len(ends) == 1
    assert started == [0] or (not started and isinstance(events[0], Failed))
    assert all(isinstance(event, UsageSeen) for event in events[ends[0] + 1 :])
    is_open, seen = set(), set()
    for event in events[: ends[0]]:
        if isinstance(event, PartOpened):
            assert event.index not in seen
            is_open.add(event.index)
            seen.add(event.index)
        elif isinstance(event, PartClosed):
            is_open.remove(event.index)
        elif hasattr(event, "index"):
            assert event.index in is_open
    assert not is_open


def end_of(events):
    """The event that ends an answer."""
    return next(event for event in events if isinstance(event, Finished | Failed))


def usages(events):
    """All counts, in their order."""
    return [event.usage for event in events if isinstance(event, UsageSeen)]


@given(st.binary(max_size=60) | JSON_VALUES.map(lambda value: json.dumps(value).encode()))
@examples(200)
def test_any_body_is_an_answer_or_has_failed(body):
    """Nothing raises."""
    events = PROVIDER.decode_answer(body)

    assert isinstance(events[-1], Finished | Failed)
    assert usages(events) == usages(read_answer(body))
    assert (PROVIDER.count_of(body) or 0) >= 0


# Requests.


@st.composite
def turns(draw):
    """Turns that Anthropic takes: instructions first, then users and assistants in turn."""
    found = [Turn("system", (Text(draw(WORDS)), Text(draw(WORDS))))] if draw(st.booleans()) else []
    for number in range(draw(st.integers(1, 4))):
        call = ToolCall(draw(NAMES), draw(NAMES), draw(ARGUMENTS))
        thought = draw(st.lists(thoughts(), max_size=2))
        content = tuple(draw(st.lists(WORDS.map(Text) | media(), max_size=2)))
        found += [
            Turn("user", (Text(f"{number}{draw(LETTERS)}"), draw(media()))),
            Turn("assistant", (*thought, Text(draw(WORDS) + "."), call)),
            Turn("user", (ToolResult(call.call_id, content, failed=bool(content) and draw(st.booleans())),)),
        ]
    return tuple(found)


def media():
    """An image or a document in each form."""
    return st.sampled_from([
        Media("image", "image/png", base64="aGk="), Media("image", url="https://x/a.png"), Media("document", "application/pdf", base64="JVBERi0x", name="a"),
        Media("document", url="https://x/a.pdf"), Media("document", "text/plain", text="hi"),
    ])  # fmt: skip


def thoughts():
    """A thought with its proof."""
    signed = st.builds(lambda text, data: Thinking(text, state=OpaqueState("anthropic", "signature", data)), LETTERS, NAMES)
    redacted = st.builds(lambda data: Thinking(state=OpaqueState("anthropic", "redacted", data), redacted=True), NAMES)
    return signed | redacted


SCHEMAS = st.sampled_from([
    msgspec.Raw(b'{"type":"object","additionalProperties":false}'),
    msgspec.Raw(b'{"type": "object", "properties":{"a":{"const":1.0}},"additionalProperties":false}'),
])
TOOLS = st.lists(
    st.builds(Tool, NAMES, description=LETTERS, schema=SCHEMAS, strict=st.sampled_from([None, True])), max_size=3, unique_by=lambda tool: tool.name
)


@st.composite
def conversations(draw):
    """What Anthropic can say of a request."""
    tools = tuple(draw(TOOLS))
    named = ToolChoice("named", (tools[0].name,)) if tools else ToolChoice()
    return Conversation(
        model="m", turns=draw(turns()), tools=tools, choice=draw(st.sampled_from([ToolChoice(), named])), stream=draw(st.booleans()),
        parallel_calls=draw(st.sampled_from([None, False])) if tools else None, output_tokens_max=draw(st.integers(2000, 9000)), cached=True,
        sampling=Sampling(temperature=draw(st.none() | st.floats(0, 1)), top_k=draw(st.none() | st.integers(1, 9))), stop=tuple(draw(st.lists(WORDS, max_size=2))),
        reasoning=draw(st.sampled_from([Reasoning(), Reasoning(mode="off")])), tier=draw(st.sampled_from(["", "auto", "default"])),
        format=draw(st.sampled_from([OutputFormat(), OutputFormat(kind="json_schema", schema=msgspec.Raw(b"{}"))])),
    )  # fmt: skip


@given(conversations())
@examples(100)
def test_a_request_is_read_again_as_it_was_written(conversation):
    """And the SDK's types allow it."""
    encoded = encode(conversation, ModelProfile())

    assert CLIENT.decode(read(encoded.body, MESSAGES, ""), MESSAGES) == conversation
    assert encoded.losses == ()
    assert encode(conversation, ModelProfile()) == encoded
    sdk_requests.check("messages", json.loads(encoded.body))


@given(conversations(), st.integers(1, 12))
@examples(60)
def test_more_turns_leave_those_before_as_they_were(conversation, count):
    """The provider's cache finds its prefix."""
    before = msgspec.structs.replace(conversation, turns=conversation.turns[:count])
    shorter, longer = (scan(encode(each, ModelProfile()).body).fields for each in (before, conversation))

    assert bytes(longer["messages"]).startswith(bytes(shorter["messages"]).removesuffix(b"]"))
    assert bytes(longer.get("tools", b"")) == bytes(shorter.get("tools", b""))


FIELDS = st.dictionaries(
    st.sampled_from([
        "system", "tools", "tool_choice", "max_tokens", "temperature", "stop_sequences", "thinking", "output_config", "output_format", "metadata", "speed",
        "context_management", "cache_control", "container",
    ]),
    JSON_VALUES | st.sampled_from([{"type": "adaptive"}, [{"type": "text", "text": "a"}], [{"name": "f"}], {"type": "any"}, "x", 5, {"effort": "low"}]),
    max_size=4,
)  # fmt: skip
BLOCKS = st.sampled_from([
    {"type": "text", "text": ""}, {"type": "text", "text": "a"}, {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}}, {"type": "later", "text": 5},
    {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "tool_reference", "tool_name": "f"}, {"type": "search_result"}]}, {"type": "text"},
    {"type": "thinking", "thinking": "hm", "signature": enveloped(OpaqueState("openai", "encrypted", "g"))}, {"type": "redacted_thinking", "data": "E.next"},
    {"type": "document", "source": {"type": "content", "content": [{"type": "image", "source": {"type": "url"}}]}}, {"type": "image", "source": {"type": "base64"}},
])  # fmt: skip
BODIES = st.builds(
    lambda fields, messages: {"model": "m", **fields, "messages": messages},
    FIELDS,
    JSON_VALUES | st.lists(st.fixed_dictionaries({"role": st.sampled_from(["user", "assistant", "system", "tool"]), "content": st.lists(BLOCKS, max_size=4)}), max_size=4),
)  # fmt: skip


@given(BODIES)
@example({"model": "m", "messages": [{"role": "user", "content": "\ud83d"}]})
@examples(300)
def test_any_request_is_a_conversation_or_refused(body):
    """What is a conversation can be written again, or is refused for what it asks."""
    asked = read(json.dumps(body).encode(), MESSAGES, "")
    try:
        conversation = CLIENT.decode(asked, MESSAGES)
    except BadRequest:
        return
    with suppress(Untranslatable):
        scan(encode(conversation, ModelProfile(thinking="budget")).body)


@given(BODIES)
@examples(200)
def test_only_sealed_thoughts_are_taken_out(body):
    """All else is the same value, and nothing sealed is left."""
    asked = read(json.dumps(body).encode(), MESSAGES, "")
    left = CLIENT.without_envelopes(asked)

    assert json.loads(left.body) == _unsealed(body)
    assert left.fields.keys() == asked.fields.keys()


def _unsealed(body):
    """The same done on the decoded body."""
    if not isinstance(body["messages"], list):
        return body
    kept = []
    for message in body["messages"]:
        content = message.get("content") if isinstance(message, dict) else None
        if not isinstance(content, list):
            kept.append(message)
            continue
        blocks = [block for block in content if not (isinstance(block, dict) and str(block.get("signature")).startswith("hgs1."))]
        if blocks or not content:
            kept.append({**message, "content": blocks})
    return {**body, "messages": kept}
