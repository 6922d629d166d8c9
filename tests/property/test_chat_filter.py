"""The filter of the usage chunk, and the readers of OpenAI's formats, over streams split anywhere and over any bytes."""

import json

from hypothesis import given
from hypothesis import strategies as st

from headgate.core.event import UsageSeen
from headgate.dialects import lenient
from headgate.dialects.openai_chat.stream import StreamReader, UsageFilter, read_answer
from headgate.dialects.openai_responses.stream import StreamReader as ResponsesReader
from headgate.dialects.openai_responses.stream import read_answer as read_response
from tests.fakes.examples import examples

LINE_ENDS = st.sampled_from([b"\n", b"\r\n", b"\r"])
TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12)
USAGE = st.fixed_dictionaries({"prompt_tokens": st.integers(0, 99), "completion_tokens": st.integers(0, 99)})


@st.composite
def usage_chunks(draw):
    """The chunk that is taken out, as some server writes it."""
    members = {"id": "c", "object": "chat.completion.chunk", "choices": [], "usage": draw(USAGE)}
    return b"data: " + json.dumps(members, separators=draw(st.sampled_from([(",", ":"), (", ", ": ")]))).encode()


@st.composite
def other_frames(draw):
    """Everything else that may stand in a stream."""
    choice = {"index": 0, "delta": {"content": draw(TEXT)}, "finish_reason": draw(st.sampled_from([None, "stop"]))}
    members = draw(
        st.sampled_from([
            {"id": "c", "choices": [choice]},
            {"id": "c", "choices": [choice], "usage": {"prompt_tokens": 1}},
            {"id": "c", "choices": [choice], "usage": None},
            {"id": "c", "choices": [], "usage": None},
            {"id": "c", "choices": [], "prompt_filter_results": []},
            {"error": {"message": '"choices":[] "usage":{'}},
        ])
    )
    lines = [
        b"data: " + json.dumps(members, ensure_ascii=draw(st.booleans())).encode(),
        b"data: [DONE]",
        b": keep-alive",
        b"event: x",
        b"data: {oops",
    ]
    return draw(st.sampled_from(lines))


@st.composite
def streams(draw):
    """A stream with its line ends, and the stream without the usage chunks. Mixed line ends, as no server writes them, are possible too."""
    line_end = draw(LINE_ENDS)
    sent, kept = b"", b""
    for hidden, frame in draw(st.lists(st.one_of(st.tuples(st.just(True), usage_chunks()), st.tuples(st.just(False), other_frames())), max_size=8)):
        piece = frame + line_end + line_end
        sent += piece
        kept += b"" if hidden else piece
    return sent, kept


def split(data, cuts):
    """The bytes in pieces, cut at these places."""
    places = sorted({min(cut, len(data)) for cut in cuts})
    return [data[start:end] for start, end in zip([0, *places], [*places, len(data)], strict=True)]


CUTS = st.lists(st.integers(0, 2_000), max_size=40)


@given(streams(), CUTS)
@examples(300)
def test_the_filter_removes_the_usage_chunk_and_nothing_else(stream, cuts):
    """Byte for byte, however the network cuts it."""
    sent, kept = stream
    usage_filter = UsageFilter()
    got = b"".join([usage_filter.feed(piece) for piece in split(sent, cuts)])
    assert got + usage_filter.rest() == kept


@given(streams(), CUTS)
def test_the_filter_holds_back_only_what_is_unfinished(stream, cuts):
    """Whenever the stream stands between two events, nothing is held back."""
    usage_filter, reader = UsageFilter(), StreamReader()
    for piece in split(stream[0], cuts):
        usage_filter.feed(piece)
        reader.feed(piece)
        if reader.at_boundary:
            assert usage_filter._held.strip(b"\r\n") == b""


@given(st.binary(max_size=300), CUTS)
@examples(300)
def test_any_bytes_lose_nothing_in_the_filter(data, cuts):
    """What holds no usage chunk passes whole, whatever it is."""
    usage_filter = UsageFilter()
    assert b"".join([usage_filter.feed(piece) for piece in split(data, cuts)]) + usage_filter.rest() == data


@given(streams(), CUTS)
@examples(200)
def test_a_split_changes_no_event(stream, cuts):
    """The reader says the same of a stream in one piece and in many."""
    whole, pieces = StreamReader(), StreamReader()
    told = list(whole.feed(stream[0]))
    assert [event for piece in split(stream[0], cuts) for event in pieces.feed(piece)] == told
    assert whole.complete == pieces.complete


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
    st.sampled_from(["id", "model", "choices", "usage", "error", "type", "response", "status", "code", "message", "finish_reason", "prompt_tokens",
                     "input_tokens", "prompt_tokens_details", "input_tokens_details", "cached_tokens", "incomplete_details", "error_code"]), inner, max_size=4))  # fmt: skip


@given(JSON, st.sampled_from([b"", b"event: error\n", b"event: response.completed\n", b"event: response.failed\n"]))
@examples(400)
def test_any_json_is_read_or_passed_over(value, head):
    """Members of any type, anywhere: no reader raises, and what counts as usage is never negative."""
    body = json.dumps(value).encode()
    frame = head + b"data: " + body + b"\n\n"
    events = [*StreamReader().feed(frame), *ResponsesReader().feed(frame), *read_answer(body), *read_response(body)]
    for event in events:
        if isinstance(event, UsageSeen):
            counts = [event.usage.input_tokens, event.usage.cache_read_tokens, event.usage.cache_write_5m_tokens, event.usage.output_tokens]
            assert all(count is None or 0 <= count <= lenient.COUNT_MAX for count in counts)


@given(st.binary(max_size=300), CUTS)
def test_any_bytes_are_read_or_passed_over(data, cuts):
    """Bytes that are no stream at all."""
    for reader in (StreamReader(), ResponsesReader()):
        for piece in split(data, cuts):
            reader.feed(piece)
    read_answer(data)
    read_response(data)
