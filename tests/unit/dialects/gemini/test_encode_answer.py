"""Answers as Gemini's clients read them."""

import json

import pytest

from headgate.core.conversation import Conversation, Reasoning
from headgate.core.event import Cited, Finished, PartClosed, PartGrew, PartOpened, Started, UsageSeen
from headgate.core.opaque_state import OpaqueState, enveloped_as_base64
from headgate.core.usage import Usage
from headgate.dialects.codec import AnswerContext
from headgate.dialects.gemini.encode_answer import GeminiAnswerEncoder, count, whole
from headgate.dialects.gemini.seals import sealed, unsealed

SIGNED = OpaqueState("anthropic", "signature", "c2ln", "claude")
STARTED = Started("r-1", "claude")
ENDED = (UsageSeen(Usage(input_tokens=5, output_tokens=2)), Finished("end_turn", "stop"))
COUNTS = {"promptTokenCount": 5, "candidatesTokenCount": 2, "totalTokenCount": 7}
TEXT = (PartOpened(0, "text"), PartGrew(0, "Hel"), PartGrew(0, "lo"), PartClosed(0))
CALL = (PartOpened(1, "call", "c1", "ls"), PartGrew(1, '{"path": '), PartGrew(1, '"a"}'), PartClosed(1))
CALL_PART = {"functionCall": {"id": "c1", "name": "ls", "args": {"path": "a"}}}


def context(query="alt=sse", **reasoning):
    """What an answer says beside its events."""
    asked = Conversation(reasoning=Reasoning(**reasoning))
    return AnswerContext(request_id="q-1", model_asked="gemini-x", created_at_s=1, asked=asked, query=query)


def streamed(*events, **reasoning):
    """The chunks of a stream."""
    encoder = GeminiAnswerEncoder(context(**reasoning))
    data = b"".join(map(encoder.encode, (STARTED, *events))) + encoder.finish()
    frames = data.split(b"\r\n\r\n")
    assert frames.pop() == b""
    assert all(frame.startswith(b"data: {") and b"\n" not in frame for frame in frames)
    return [json.loads(frame[6:]) for frame in frames]


def parts_of(*events, **reasoning):
    """The parts of a stream before its last chunk."""
    return [part for chunk in streamed(*events, *ENDED, **reasoning)[:-1] for part in chunk["candidates"][0]["content"]["parts"]]


def whole_parts(*events, **reasoning):
    """The parts of a whole answer."""
    return json.loads(whole(context(**reasoning), (STARTED, *events, *ENDED)))["candidates"][0]["content"]["parts"]


def test_a_stream_of_text():
    """One chunk for each piece; the reason and the counts come last. The model is the one that was asked for."""
    chunks = streamed(*TEXT, *ENDED)
    assert [chunk["candidates"][0]["content"] for chunk in chunks] == [
        {"parts": [{"text": "Hel"}], "role": "model"},
        {"parts": [{"text": "lo"}], "role": "model"},
        {"parts": [{"text": ""}], "role": "model"},
    ]
    assert [chunk["candidates"][0].get("finishReason") for chunk in chunks] == [None, None, "STOP"]
    assert [chunk.get("usageMetadata") for chunk in chunks] == [None, None, COUNTS]
    assert {(chunk["modelVersion"], chunk["responseId"]) for chunk in chunks} == {("gemini-x", "r-1")}


def test_a_whole_answer():
    """Texts are one part."""
    assert json.loads(whole(context(), (Started("", ""), *TEXT, *CALL, *ENDED))) == {
        "candidates": [{"content": {"parts": [{"text": "Hello"}, CALL_PART], "role": "model"}, "finishReason": "STOP", "index": 0}],
        "usageMetadata": COUNTS,
        "modelVersion": "gemini-x",
        "responseId": "q-1",
    }


@pytest.mark.parametrize("events", [(), TEXT])
def test_a_stream_without_events_is_one_array(events):
    """For a query without `alt=sse`."""
    encoder = GeminiAnswerEncoder(context(query=""))
    data = b"".join(map(encoder.encode, (STARTED, *events, *ENDED))) + encoder.finish()
    assert json.loads(data) == streamed(*events, *ENDED)


def test_a_call_is_one_part():
    """Its arguments are on one line, as the model wrote them."""
    encoder = GeminiAnswerEncoder(context())
    spread = (PartOpened(0, "call", "c1", "ls"), PartGrew(0, '{\n "b": 1.0,\r\n'), PartGrew(0, ' "a": 1e3\n}'), PartClosed(0))
    data = b"".join(map(encoder.encode, spread))
    assert b'"functionCall":{"id":"c1","name":"ls","args":{"b":1.0,"a":1e3}}' in data
    assert data.count(b"\n") == 2
    assert parts_of(PartOpened(0, "call", "", "ls"), PartClosed(0)) == [{"functionCall": {"name": "ls", "args": {}}}]


@pytest.mark.parametrize(("cause", "reason"), [("tool_use", "MALFORMED_FUNCTION_CALL"), ("length", "MAX_TOKENS")])
def test_a_call_with_broken_arguments_is_no_call(cause, reason):
    """The reason says why there is none: clients ask again, unless the answer was cut."""
    chunks = streamed(PartOpened(0, "call", "c1", "ls"), PartGrew(0, '{"path": '), PartClosed(0), Finished("x", cause))
    assert len(chunks) == 1
    assert chunks[0]["candidates"][0]["finishReason"] == reason


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        ("stop", "STOP"),
        ("stop_sequence", "STOP"),
        ("tool_use", "STOP"),
        ("pause", "STOP"),
        ("length", "MAX_TOKENS"),
        ("filter", "SAFETY"),
        ("", "STOP"),
    ],
)
def test_reasons(cause, reason):
    """Each cause has its word."""
    assert streamed(*TEXT, Finished("x", cause))[-1]["candidates"][0]["finishReason"] == reason


def test_a_refusal_is_text():
    """With the reason of a filter. Gemini CLI asks again for an answer without a text, so one that was filtered has one in any case."""
    refusal = (PartOpened(0, "refusal"), PartGrew(0, "No."), PartClosed(0))
    assert [chunk["candidates"][0].get("finishReason") for chunk in streamed(*refusal, *ENDED)] == [None, "SAFETY"]
    assert parts_of(*refusal) == [{"text": "No."}]
    last = streamed(Finished("refusal", "filter"))[-1]["candidates"][0]
    assert last["content"]["parts"] == [{"text": "The answer was stopped by the provider's filter."}]


@pytest.mark.parametrize("kind", ["thinking", "summary"])
def test_thoughts_are_shown_where_the_client_asks_for_them(kind):
    """Otherwise they are left out."""
    thought = (PartOpened(0, kind), PartGrew(0, "Hm."), PartClosed(0))
    assert parts_of(*thought, *CALL, shown=True) == [{"text": "Hm.", "thought": True}, CALL_PART]
    assert parts_of(*thought, *CALL) == [CALL_PART]


@pytest.mark.parametrize(
    ("part", "first"),
    [(CALL, CALL_PART), (TEXT, {"text": "Hel"})],
)
def test_states_of_thoughts_travel_on_the_next_part(part, first):
    """With the thought that they prove; several together."""
    hidden = OpaqueState("anthropic", "redacted", "aGlk", "claude")
    thought = (PartOpened(0, "thinking"), PartGrew(0, "Hm."), PartClosed(0, OpaqueState("", "", enveloped_as_base64(SIGNED))))
    redacted = (PartOpened(1, "thinking"), PartClosed(1, OpaqueState("", "", enveloped_as_base64(hidden)), redacted=True))
    found = parts_of(*thought, *redacted, *part, *part)
    proven = OpaqueState("anthropic", "signature", "c2ln", "claude", text="Hm.")
    assert found[0] == {**first, "thoughtSignature": sealed([enveloped_as_base64(proven), enveloped_as_base64(hidden)])}
    assert unsealed(found[0]["thoughtSignature"]).thoughts == (proven, hidden)
    assert not any("thoughtSignature" in each for each in found[1:])


def test_a_state_without_a_next_part_is_on_an_empty_text():
    """In the last chunk."""
    thought = (PartOpened(0, "thinking"), PartGrew(0, "Hm."), PartClosed(0, OpaqueState("", "", enveloped_as_base64(SIGNED))))
    (part,) = streamed(*thought, *ENDED)[-1]["candidates"][0]["content"]["parts"]
    assert not part["text"]
    assert unsealed(part["thoughtSignature"]).thoughts[0].text == "Hm."


def test_native_states_are_on_their_part():
    """On a call itself, after a text; on a thought that is shown."""
    state = OpaqueState("gemini", "signature", "RWc9PQ==")
    assert parts_of(*CALL[:-1], PartClosed(1, state)) == [{**CALL_PART, "thoughtSignature": "RWc9PQ=="}]
    assert parts_of(*TEXT[:-1], PartClosed(0, state))[-1] == {"text": "", "thoughtSignature": "RWc9PQ=="}
    assert whole_parts(*TEXT[:-1], PartClosed(0, state)) == [{"text": "Hello", "thoughtSignature": "RWc9PQ=="}]
    thought = (PartOpened(0, "summary"), PartGrew(0, "Hm."), PartClosed(0, state))
    assert parts_of(*thought, shown=True)[-1] == {"text": "", "thought": True, "thoughtSignature": "RWc9PQ=="}
    assert whole_parts(*thought, shown=True) == [{"text": "Hm.", "thought": True, "thoughtSignature": "RWc9PQ=="}]


def test_texts_of_two_parts_stay_two():
    """Of a whole answer."""
    assert whole_parts(*TEXT, *TEXT) == [{"text": "Hello"}, {"text": "Hello"}]


def test_citations_are_in_the_last_chunk():
    """As grounding metadata."""
    last = streamed(*TEXT[:-1], Cited(0, "https://a", "A", "lo"), TEXT[-1], *ENDED)[-1]["candidates"][0]
    assert last["groundingMetadata"] == {
        "groundingChunks": [{"web": {"uri": "https://a", "title": "A"}}],
        "groundingSupports": [{"segment": {"endIndex": 5, "text": "lo"}, "groundingChunkIndices": [0]}],
    }


def test_counts_may_come_late_and_are_merged():
    """A later report replaces the classes it names."""
    chunks = streamed(*TEXT, UsageSeen(Usage(input_tokens=5, output_tokens=0)), Finished("x", "stop"), UsageSeen(Usage(output_tokens=2)))
    assert chunks[-1]["usageMetadata"] == COUNTS


def test_a_count():
    """The answer to counting tokens."""
    assert json.loads(count(7)) == {"totalTokens": 7}
