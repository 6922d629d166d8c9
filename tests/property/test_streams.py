"""Answer readers on any bytes, cut anywhere: they never raise, and the cut changes nothing."""

import json
from pathlib import Path
from unittest.mock import patch

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from headgate.core.event import UsageSeen
from headgate.dialects import sse
from headgate.dialects.registry import PROVIDERS
from headgate.dialects.sse import SseSplitter, cut_frames
from tests.fakes.examples import examples
from tests.golden import odd_answers

STREAMS = {path: path.read_bytes() for path in sorted((Path(__file__).parents[1] / "golden" / "streams").glob("*/*.sse"))}
NAMES = st.sampled_from(sorted(PROVIDERS))

LINE = st.sampled_from([
    b"data: {}", b"data: x", b"event: error", b": c", b"id: 1", b"", b"data", b"\xff\x00", b'data: {"type":"message_stop"}', b'data: {"error":1}',
    b'data: {"type":"message_delta","usage":{"output_tokens":3}}', b'data: {"usageMetadata":{"promptTokenCount":3}}', b"data: [DONE]", b"data: [",
    b'data: {"candidates":[null,{"finishReason":["STOP"]}],"error":null}', b'data: {"type":"message_start","message":[]}', "data: “é🚀”".encode(),
])  # fmt: skip
SOUP = st.lists(st.tuples(LINE, st.sampled_from([b"\n", b"\r\n", b"\r"])), max_size=14).map(lambda lines: b"".join(line + end for line, end in lines))


@st.composite
def streams(draw):
    """A dialect, and a stream: a recorded one, perhaps damaged, or a soup of lines, or any bytes."""
    if draw(st.booleans()):
        path = draw(st.sampled_from(sorted(STREAMS)))
        data = STREAMS[path]
        if draw(st.booleans()):
            start, end = sorted(draw(st.tuples(st.integers(0, len(data)), st.integers(0, len(data)))))
            data = data[:start] + draw(st.binary(max_size=3)) + data[draw(st.sampled_from([start, end])) :]
        return draw(st.sampled_from([path.parent.name, path.parent.name, draw(NAMES)])), data
    return draw(NAMES), draw(SOUP | st.binary(max_size=80))


@st.composite
def pieces(draw, data):
    """The data, cut anywhere."""
    cuts = sorted(draw(st.lists(st.integers(0, len(data)), max_size=8)))
    return [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]


@given(streams(), st.data())
@examples(300)
def test_the_cut_changes_nothing(stream, data):
    """The same events, the same end and the same boundary, whatever the network does."""
    name, answer = stream
    whole, cut = PROVIDERS[name].reader(), PROVIDERS[name].reader()

    events = list(whole.feed(answer))
    assert [event for piece in data.draw(pieces(answer)) for event in cut.feed(piece)] == events
    assert (cut.complete, cut.at_boundary) == (whole.complete, whole.at_boundary)
    counts = [event.usage for event in events if isinstance(event, UsageSeen)]
    assert all(usage.output_tokens is None or usage.output_tokens >= 0 for usage in counts)


@given(streams())
@examples(200)
def test_any_answer_is_read(stream):
    """A whole answer of any bytes is read or not, and its text has a length."""
    name, body = stream

    PROVIDERS[name].read_answer(body)
    assert PROVIDERS[name].answer_text_length(body) >= 0
    assert PROVIDERS[name].stream_text_length(body) >= 0


@given(SOUP | st.binary(max_size=80), st.data())
def test_frames_are_the_same_however_cut(stream, data):
    """Of the splitter alone, with and without markers; at a boundary the bytes so far hold no unfinished frame."""
    markers = data.draw(st.sampled_from([(), (b"data: x",), (b"type", b"error")]))
    whole, cut = SseSplitter(markers), SseSplitter(markers)

    frames = list(whole.feed(stream))
    seen = b""
    found = []
    for piece in data.draw(pieces(stream)):
        found += cut.feed(piece)
        seen += piece
        assert cut.at_boundary == (not cut_frames(seen)[1].strip(b"\r\n") and not seen.endswith(b"\r"))
    assert found == frames


@given(SOUP | st.binary(max_size=80))
def test_cutting_frames_loses_nothing(stream):
    """The raw frames and the rest are the stream."""
    frames, rest = cut_frames(stream)

    assert b"".join(frames) + rest == stream


@given(streams())
@examples(300)
def test_any_stream_is_assembled(stream):
    """What a person gets to read is JSON, or nothing; it never raises."""
    name, answer = stream
    assembled = PROVIDERS[name].assemble(answer)

    assert assembled is None or json.loads(msgspec.json.encode(assembled)) is not None


ODD = st.sampled_from([b"NaN", rb'"\ud83d"', b'"\x00\xff"', b"1e999", b'{"a":["]}",{}]}', b'"' + b"x" * 300 + b'"', b"null", b'"\\\\\\""'])


@given(st.sampled_from(sorted(odd_answers.STREAMS)), st.dictionaries(st.sampled_from(["text", "extra", "part", "head"]), ODD), st.data())
@examples(200)
def test_a_frame_is_read_the_same_held_or_not(case, odd, data):
    """Whatever the bound above which a frame is not held, and however the stream is cut: the same events, the same end."""
    answer = odd_answers.answer(odd_answers.STREAMS[case], **odd)
    face = PROVIDERS[odd_answers.dialect_of(case)]
    held, passing = face.reader(), face.reader()

    events = list(held.feed(answer))
    with patch.object(sse, "FRAME_BYTES_MAX", data.draw(st.integers(1, 400))):
        assert [event for piece in data.draw(pieces(answer)) for event in passing.feed(piece)] == events
    assert (passing.complete, passing.at_boundary) == (held.complete, held.at_boundary)
    assert passing.complete


@given(streams(), st.integers(1, 100), st.data())
@examples(200)
def test_the_cut_changes_nothing_in_frames_that_are_not_held(stream, bound, data):
    """Of any bytes."""
    name, answer = stream
    with patch.object(sse, "FRAME_BYTES_MAX", bound):
        whole, cut = PROVIDERS[name].reader(), PROVIDERS[name].reader()
        events = list(whole.feed(answer))
        assert [event for piece in data.draw(pieces(answer)) for event in cut.feed(piece)] == events
        assert (cut.complete, cut.at_boundary) == (whole.complete, whole.at_boundary)


@given(st.sampled_from(sorted(odd_answers.BODIES)), st.dictionaries(st.sampled_from(["text", "extra", "part", "head"]), ODD), st.data())
@examples(200)
def test_a_body_is_read_the_same_held_or_not(case, odd, data):
    """In pieces cut anywhere."""
    body = odd_answers.answer(odd_answers.BODIES[case], **odd)
    face = PROVIDERS[odd_answers.dialect_of(case)]
    reader = face.body_reader()

    assert [event for piece in data.draw(pieces(body)) for event in reader.feed(piece)] == list(face.read_answer(body))
    assert reader.complete
