"""Answers of Gemini as events."""

import json

import pytest

from headgate.core.event import Cited, Failed, Finished, PartClosed, PartGrew, PartOpened, Started, UsageSeen
from headgate.core.opaque_state import OpaqueState
from headgate.core.usage import Usage
from headgate.dialects.gemini.decode_answer import GeminiAnswerDecoder, count_of, decode_answer

STARTED = Started("r-1", "gemini-3-pro")
COUNTS = {"promptTokenCount": 5, "candidatesTokenCount": 2}
USAGE = UsageSeen(Usage(input_tokens=5, output_tokens=2))


def signed(data="RWc9PQ=="):
    """A native signature of the model that answers."""
    return OpaqueState("gemini", "signature", data, "gemini-3-pro")


def chunk(*parts, **candidate):
    """A chunk of these parts."""
    return {"candidates": [{"content": {"role": "model", "parts": list(parts)}, **candidate}], "modelVersion": "gemini-3-pro", "responseId": "r-1"}


def streamed(*chunks):
    """The events of a stream of these chunks, without the first one and the last two where it ended well."""
    decoder = GeminiAnswerDecoder()
    data = b"".join(b"data: " + json.dumps(each).encode() + b"\r\n\r\n" for each in chunks)
    return [*decoder.feed(data), *decoder.end()]


def between(*parts):
    """The events of parts that each come in a chunk of their own."""
    events = streamed(*(chunk(part) for part in parts), {**chunk(finishReason="STOP"), "usageMetadata": COUNTS})
    assert events[0] == STARTED
    assert events[-2] == USAGE or events[-3] == USAGE
    return [event for event in events[1:-1] if event != USAGE]


TEXT = [PartOpened(0, "text"), PartGrew(0, "Hel"), PartGrew(0, "lo"), PartClosed(0)]


def test_pieces_of_text_are_one_part():
    """Until its kind changes; empty pieces are nothing."""
    assert between({"text": "Hel"}, {"text": ""}, {"text": "lo"}) == TEXT
    assert between({"text": "Hm.", "thought": True}, {"text": "Hi"}) == [
        PartOpened(0, "summary"),
        PartGrew(0, "Hm."),
        PartClosed(0),
        PartOpened(1, "text"),
        PartGrew(1, "Hi"),
        PartClosed(1),
    ]


@pytest.mark.parametrize(
    "trailing", [[{"text": "lo", "thoughtSignature": "RWc9PQ=="}], [{"text": "lo"}, {"text": "", "thoughtSignature": "RWc9PQ=="}]]
)
def test_a_signature_ends_its_text(trailing):
    """Also where an empty piece has it. What follows is a part of its own."""
    assert between({"text": "Hel"}, *trailing) == [*TEXT[:-1], PartClosed(0, signed())]
    assert between({"text": "Hel"}, *trailing, {"text": "!"})[3:] == [
        PartClosed(0, signed()),
        PartOpened(1, "text"),
        PartGrew(1, "!"),
        PartClosed(1),
    ]
    assert between({"text": "", "thoughtSignature": "RWc9PQ=="}) == [PartOpened(0, "text"), PartClosed(0, signed())]


def test_calls_are_whole():
    """Each with its arguments in one piece and its signature; an id is made of the answer, the call's number and what it calls."""
    first = {"functionCall": {"id": "c1", "name": "ls", "args": {"b": 1.0, "a": [1]}}, "thoughtSignature": "RWc9PQ=="}
    events = between(first, {"functionCall": {"name": "pwd"}}, {"functionCall": {"name": "pwd"}})
    assert events[:3] == [PartOpened(0, "call", "c1", "ls"), PartGrew(0, '{"b":1.0,"a":[1]}'), PartClosed(0, signed())]
    assert events[4] == PartGrew(1, "{}")
    made = [event.call_id for event in events if isinstance(event, PartOpened)][1:]
    assert all(each.startswith("call_") for each in made)
    assert len({*made, "c1"}) == 3
    assert streamed(chunk(first, finishReason="STOP"))[-1] == Finished("STOP", "tool_use")
    assert streamed(chunk(first, finishReason="MAX_TOKENS"))[-1] == Finished("MAX_TOKENS", "length")


@pytest.mark.parametrize(
    ("reason", "ended"),
    [
        ("STOP", Finished("STOP", "stop")),
        ("MAX_TOKENS", Finished("MAX_TOKENS", "length")),
        ("SAFETY", Finished("SAFETY", "filter")),
        ("IMAGE_SAFETY", Finished("IMAGE_SAFETY", "filter")),
        ("MALFORMED_FUNCTION_CALL", Failed("MALFORMED_FUNCTION_CALL", "Odd.")),
        ("OTHER", Failed("OTHER", "Odd.")),
        ("SOMETHING_NEW", Failed("SOMETHING_NEW", "Odd.")),
    ],
)
def test_reasons(reason, ended):
    """What is no good end has failed."""
    assert streamed(chunk({"text": "a"}, finishReason=reason, finishMessage="Odd."))[-2:] == [PartClosed(0), ended]


def test_a_blocked_prompt_is_filtered():
    """It has no candidates."""
    blocked = {"promptFeedback": {"blockReason": "OTHER"}, "usageMetadata": {"promptTokenCount": 5, "totalTokenCount": 5}, "responseId": "r"}
    assert streamed(blocked) == [Started("r", ""), UsageSeen(Usage(input_tokens=5, output_tokens=0)), Finished("OTHER", "filter")]
    assert list(decode_answer(json.dumps(blocked).encode())) == streamed(blocked)


def test_sources_are_cited_in_their_text():
    """Once, though chunks repeat them."""
    grounding = {"groundingChunks": [{"web": {"uri": "https://a", "title": "A"}}], "groundingSupports": []}
    events = streamed(
        chunk({"text": "a"}, groundingMetadata=grounding),
        chunk({"text": "b", "thoughtSignature": "x"}, groundingMetadata=grounding, finishReason="STOP"),
    )
    assert events[1:-1] == [
        PartOpened(0, "text"),
        PartGrew(0, "a"),
        Cited(0, "https://a", "A"),
        PartGrew(0, "b"),
        PartClosed(0, signed("x")),
    ]


def test_counts_alone_may_follow():
    """After the end too."""
    assert streamed(chunk({"text": "a"}, finishReason="STOP"), {"usageMetadata": COUNTS})[-2:] == [Finished("STOP", "stop"), USAGE]


@pytest.mark.parametrize("chunks", [(), (chunk({"text": "a"}),)])
def test_a_stream_without_an_end_has_failed(chunks):
    """Open parts are closed."""
    events = streamed(*chunks)
    assert events[-1] == Failed("incomplete", "Gemini's answer ended without a reason.")
    assert [event for event in events if isinstance(event, PartClosed)] == [PartClosed(0)] * len(chunks)


def test_an_error_ends_the_stream():
    """Nothing follows but counts."""
    error = {"error": {"code": 503, "status": "UNAVAILABLE", "message": "Busy."}}
    assert streamed(chunk({"text": "a"}), error, chunk({"text": "b"}))[1:] == [
        PartOpened(0, "text"),
        PartGrew(0, "a"),
        PartClosed(0),
        Failed("UNAVAILABLE", "Busy."),
    ]


def test_a_stream_may_be_one_array():
    """Cut anywhere, with the events of the other form."""
    chunks = [chunk({"text": "Hel"}), chunk({"text": "lo"}, {"functionCall": {"name": "ls", "args": {"a": "é"}}}, finishReason="STOP")]
    data = json.dumps(chunks, indent=1).encode()
    decoder = GeminiAnswerDecoder()
    events = [event for at in range(len(data)) for event in decoder.feed(data[at : at + 1])]
    assert [*events, *decoder.end()] == streamed(*chunks)
    assert list(decode_answer(data)) == streamed(*chunks)


def test_only_the_first_candidate_is_passed_on():
    """Another one has no place."""
    second = {"index": 1, "content": {"parts": [{"text": "b"}]}}
    one = chunk({"text": "a"}, finishReason="STOP")
    assert streamed({**one, "candidates": [*one["candidates"], second]}) == streamed(one)


@pytest.mark.parametrize("size", [(1 << 20) + 1, 3 << 20])
def test_a_large_chunk_is_whole(size):
    """Arguments of some megabytes are not shortened."""
    call = {"functionCall": {"id": "c", "name": "write", "args": {"text": "x" * size}}}
    grown = next(event for event in between(call) if isinstance(event, PartGrew))
    assert len(grown.text) == size + len('{"text":""}')


def test_an_odd_character_in_arguments_is_replaced():
    """Half of a surrogate pair is no character; the rest stays."""
    data = b'{"candidates":[{"content":{"parts":[{"functionCall":{"name":"a","args":{"x":"\\ud800!","n":1.0}}}]},"finishReason":"STOP"}]}'
    grown = next(event for event in decode_answer(data) if isinstance(event, PartGrew))
    assert json.loads(grown.text) == {"x": "\ufffd!", "n": 1.0}


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"[1]", b"{}", b"\xff"])
def test_other_bodies_have_failed(body):
    """They are no answer."""
    (failed,) = decode_answer(body)
    assert isinstance(failed, Failed)
    assert failed.code == "invalid_answer"


def test_a_count():
    """Of an answer to counting tokens."""
    assert count_of(b'{"totalTokens": 7}') == 7
    assert count_of(b'{"error": {}}') is None
    assert count_of(b"<html>") is None


def test_what_is_counted_in_a_chunk_is_known():
    """Also in one that comes in pieces; not in a JSON array. Counts that repeat the latest ones are none."""
    said, counts = chunk({"text": "a"}), {**chunk({"text": "b"}), "usageMetadata": COUNTS}
    ended = b"data: " + json.dumps(chunk({"text": "c"}, finishReason="STOP")).encode() + b"\r\n\r\n"
    decoder = GeminiAnswerDecoder()
    counted = []
    for data in (b"\n", *(b"data: " + json.dumps(each).encode() + b"\r\n\r\n" for each in (said, said, counts, counts)), ended[:9], ended[9:]):
        decoder.feed(data)
        counted.append(list(decoder.counted))

    assert counted == [[], [STARTED], [], [USAGE], [], [], [Finished("STOP")]]

    array = GeminiAnswerDecoder()
    array.feed(b"[")
    assert array.counted is None
