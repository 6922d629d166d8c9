"""An odd value or a large one costs its own field at most, in every dialect, streamed and whole: never the counts, never how the answer ends."""

import pytest

from headgate.core.event import Finished, Started
from headgate.dialects.registry import PROVIDERS
from headgate.dialects.sse import FRAME_BYTES_MAX
from headgate.metering.meter import Meter
from tests.golden.odd_answers import BODIES, STREAMS, answer, dialect_of

ODD = {
    "half a surrogate pair": rb'"\ud83d"',
    "the other half": rb'"a\ude00b"',
    "not a number": b"NaN",
    "infinity": b"-Infinity",
    "beyond a double": b"1e999",
    "5,000 digits": b"9" * 5_000,
    "a leading zero": b"01",
    "no JSON at all": b"undefined",
    "control characters": b'"a\x00\x1fb\t"',
    "not UTF-8": b'"\xff\xfe"',
    "no escape": rb'"\x41"',
    "null": b"null",
    "another type": b'{"a":[{}]}',
    "deep": b"[" * 200 + b"]" * 200,
}
PLACES = ("text", "extra", "part", "id", "head")
LARGE = b'"' + b"iVBORw0KGgo" * (FRAME_BYTES_MAX // 8) + b'"'  # 1.4 MB
MANY = b"[" + b",".join([b'{"a":"\\"}","b":[1,{}]}'] * 70_000) + b"]"  # 1.5 MB


def met(reader, data, size=10**9):
    """What a meter knows of an answer after a reader had it in pieces of a size."""
    meter = Meter()
    for at in range(0, len(data), size):
        for event in reader.feed(data[at : at + size]):
            meter.feed(event)
    return meter


def check(meter, place="", odd=""):
    """Whatever is odd, the counts and the ending are known; and all else, unless it was odd itself."""
    usage = meter.usage
    assert usage is not None, odd
    assert (usage.input_tokens, usage.output_tokens, usage.estimated) == (5, 7, False), odd
    assert meter.finish_reason in {"end_turn", "stop", "completed", "STOP"}, odd
    assert meter.failure is None
    assert meter.model_served == "m-1"
    if place != "id":
        assert meter.response_id == "r-1"
    meter.response_id.encode()  # can be written down


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("case", STREAMS)
def test_an_odd_value_in_a_stream_costs_itself(case, place):
    """Its own field at most; the stream is whole."""
    for odd, value in ODD.items():
        reader = PROVIDERS[dialect_of(case)].reader()
        check(met(reader, answer(STREAMS[case], **{place: value}), 997), place, odd)
        assert reader.complete, odd


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("case", BODIES)
def test_an_odd_value_in_a_whole_answer_costs_itself(case, place):
    """Also where the answer is read in pieces."""
    face = PROVIDERS[dialect_of(case)]
    for odd, value in ODD.items():
        data = answer(BODIES[case], **{place: value})
        meter = Meter()
        for event in face.read_answer(data):
            meter.feed(event)
        check(meter, place, odd)
        check(met(face.body_reader(), data, 997), place, odd)


@pytest.mark.parametrize(("place", "large"), [*((place, LARGE) for place in PLACES), ("extra", MANY)])
@pytest.mark.parametrize("case", STREAMS)
def test_a_stream_is_read_whatever_its_size(case, place, large):
    """An image in the event that ends the answer, and a large value anywhere else; cut at odd places."""
    data = answer(STREAMS[case], **{place: large})
    face = PROVIDERS[dialect_of(case)]
    reader, at_once = face.reader(), face.reader()

    check(met(reader, data, 65_521), place)
    check(met(at_once, data), place)
    assert (reader.complete, reader.at_boundary) == (True, "list" not in case) == (at_once.complete, at_once.at_boundary)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("case", BODIES)
def test_a_whole_answer_is_read_whatever_its_size(case, place):
    """In pieces, as one too large to be held comes."""
    data = answer(BODIES[case], **{place: MANY if place == "extra" else LARGE})
    reader = PROVIDERS[dialect_of(case)].body_reader()

    check(met(reader, data, 65_521), place)
    assert reader.complete
    assert not reader.at_boundary


@pytest.mark.parametrize("case", BODIES)
def test_the_pieces_say_what_the_whole_says(case):
    """The same events; a body without its end says nothing of how it ended."""
    data = answer(BODIES[case])
    face = PROVIDERS[dialect_of(case)]

    for size in (1, 2, 7, 64, 10**9):
        reader = face.body_reader()
        assert [event for at in range(0, len(data), size) for event in reader.feed(data[at : at + size])] == list(face.read_answer(data))
    cut = face.body_reader()
    events = [event for at in range(0, len(data) - 1, 7) for event in cut.feed(data[at : min(at + 7, len(data) - 1)])]
    assert cut.complete == ("list" in case)
    assert ("list" in case) or not any(isinstance(event, Started | Finished) for event in events)


@pytest.mark.parametrize("case", BODIES)
def test_the_text_of_a_body_in_pieces_is_counted(case):
    """As the whole one's, where no character is written as an escape."""
    data = answer(BODIES[case], text='"é, hello 🚀"'.encode(), extra=LARGE)
    face = PROVIDERS[dialect_of(case)]
    reader = face.body_reader()
    met(reader, data, 65_521)

    assert reader.text_length == face.answer_text_length(data) == len("é, hello 🚀")


@pytest.mark.parametrize("data", [b"", b"<html>", b"[1,2]", b'"x"', b'{"a":', b"\xff\xfe", b"{}}", b"[" * 5_000])
@pytest.mark.parametrize("name", sorted(PROVIDERS))
def test_bodies_of_another_kind_say_nothing(name, data):
    """No bytes raise, whole or in pieces."""
    reader = PROVIDERS[name].body_reader()

    assert [event for at in range(len(data)) for event in reader.feed(data[at : at + 1])] == []
    assert reader.text_length == 0


@pytest.mark.parametrize("case", STREAMS)
def test_a_byte_order_mark_costs_nothing(case):
    """Some servers begin with one."""
    data = b"\xef\xbb\xbf" + answer(STREAMS[case])

    for size in (1, 2, 10**9):
        check(met(PROVIDERS[dialect_of(case)].reader(), data, size))


def test_an_odd_choice_costs_itself():
    """Elements of another type stand beside the ones that are read."""
    chat = b'{"id":"r","choices":[null,7,"x",[1],{"finish_reason":"stop"}],"usage":{"prompt_tokens":1}}'
    gemini = b'{"responseId":"r","candidates":[null,7,"x",[1],{"finishReason":"STOP"}]}'

    assert Finished("stop") in PROVIDERS["openai_chat"].read_answer(chat)
    assert Finished("STOP") in PROVIDERS["gemini"].read_answer(gemini)
    assert Finished("STOP") in PROVIDERS["gemini"].read_answer(b"[1,null," + gemini + b"]")
