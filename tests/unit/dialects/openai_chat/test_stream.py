"""Chat Completions answers as events, and the filter of the usage chunk."""

import json

import pytest

from headgate.core.event import Failed, Finished, Started, UsageSeen
from headgate.core.usage import Usage
from headgate.dialects.openai_chat.stream import StreamReader, UsageFilter, read_answer
from headgate.dialects.sse import FRAME_BYTES_MAX

USAGE = {"prompt_tokens": 10, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 4}}
COUNTED = UsageSeen(Usage(input_tokens=6, cache_read_tokens=4, output_tokens=3))


def frame(separators=(",", ":"), **members):
    """One chunk as a server writes it."""
    return b"data: " + json.dumps({"id": "chatcmpl-1", "model": "gpt-5.2", **members}, separators=separators).encode() + b"\n\n"


def delta(text="hello", finish=None, **members):
    """A chunk with one choice."""
    return frame(choices=[{"index": 0, "delta": {"content": text}, "finish_reason": finish}], **members)


EXTRA = frame(choices=[], usage=USAGE)
DONE = b"data: [DONE]\n\n"


def read(*chunks):
    """The events of a stream, and its reader."""
    reader = StreamReader()
    return [event for chunk in chunks for event in reader.feed(chunk)], reader


def test_a_whole_stream():
    """Start, reason, usage: each once, in the order of the wire."""
    events, reader = read(delta(""), delta("hello"), delta("", "stop"), EXTRA, DONE)
    assert events == [Started("chatcmpl-1", "gpt-5.2"), Finished("stop"), COUNTED]
    assert reader.complete
    assert reader.at_boundary


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": "), (" , ", " : ")])
def test_any_way_of_writing_json_is_read(separators):
    """Compact, spaced, and in no usual way."""
    stream = [
        frame(separators, choices=[{"delta": {"content": "a"}, "finish_reason": None}], usage=None),
        frame(separators, choices=[{"delta": {}, "finish_reason": "length"}], usage=None),
        frame(separators, choices=[], usage=USAGE),
    ]
    events, reader = read(*stream)
    assert events == [Started("chatcmpl-1", "gpt-5.2"), Finished("length"), COUNTED]
    assert reader.complete


def test_usage_together_with_the_reason_or_in_every_chunk():
    """Servers that count as they go report more than once; each report passes."""
    events, _ = read(delta("a", usage={"completion_tokens": 1}), delta("", "stop", usage=USAGE))
    assert events == [Started("chatcmpl-1", "gpt-5.2"), UsageSeen(Usage(output_tokens=1)), Finished("stop"), COUNTED]


def test_a_stream_is_complete_by_a_reason_or_by_done():
    """Some servers send only the one, some only the other; neither means that it was cut."""
    assert read(delta("", "tool_calls"))[1].complete
    assert read(delta("a"), DONE)[1].complete
    assert not read(delta("a"), EXTRA)[1].complete


def test_an_error_inside_a_stream():
    """`data: {"error": …}` is a failure, and no end."""
    events, reader = read(delta("a"), b'data: {"error":{"message":"overloaded","type":"server_error","code":"503"}}\n\n')
    assert events == [Started("chatcmpl-1", "gpt-5.2"), Failed("503", "overloaded")]
    assert not reader.complete


def test_a_first_chunk_without_a_name_does_not_start():
    """Azure's first chunk holds the prompt's filter results alone; the next one names the model."""
    events, _ = read(frame(id="", model="", choices=[], prompt_filter_results=[]), delta("a"), delta("b"))
    assert events == [Started("chatcmpl-1", "gpt-5.2")]


def test_text_that_speaks_of_usage_is_text():
    """What the model says is no report."""
    events, _ = read(delta("a"), delta('"usage":{"prompt_tokens":9} [DONE] "finish_reason":"stop"'))
    assert events == [Started("chatcmpl-1", "gpt-5.2")]


def test_absurd_chunks_are_passed_over():
    """No bytes raise: not JSON, wrong types, NUL, a frame over a megabyte."""
    odd = [
        b"data: {\n\n", b"data: \xff\xfe\n\n", b"data: [1]\n\n", b'data: {"id":7,"model":[],"choices":{"a":1},"usage":"x","error":null}\n\n', b"\x00\n\n",
        b"event: x\n\n", b'data: {"choices":[null,{"finish_reason":7}]}\n\n', b"data: " + b"x" * (FRAME_BYTES_MAX + 9) + b"\n\n",
    ]  # fmt: skip
    events, reader = read(*odd, delta("", "stop"))
    assert [event for event in events if not isinstance(event, Started)] == [Finished("stop")]
    assert reader.at_boundary


def test_a_stream_split_into_bytes_says_the_same():
    """Split anywhere; between the pieces of a frame is no boundary."""
    stream = b": keep-alive\n\n" + delta("ä") + delta("", "stop").replace(b"\n\n", b"\r\n\r\n") + EXTRA + DONE
    reader = StreamReader()
    events = [event for n in range(len(stream)) for event in reader.feed(stream[n : n + 1])]
    assert events == [Started("chatcmpl-1", "gpt-5.2"), Finished("stop"), COUNTED]
    assert not read(stream[:20])[1].at_boundary


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            {"id": "c", "model": "m", "choices": [{"message": {"content": "a"}, "finish_reason": "stop"}], "usage": USAGE},
            [Started("c", "m"), COUNTED, Finished("stop")],
        ),
        ({"error": {"message": "no", "type": "invalid_request_error", "code": "context_length_exceeded"}}, [Failed("context_length_exceeded", "no")]),
        ({"error_code": "PERMISSION_DENIED", "message": "no"}, [Failed("PERMISSION_DENIED", "no")]),
        ({"error": "model not found"}, [Failed("", "model not found")]),
        ([], []),
        ({"choices": None, "usage": None, "error": None}, []),
    ],
)
def test_whole_answers(body, expected):
    """An answer, and errors in the shapes that providers write."""
    assert list(read_answer(json.dumps(body).encode())) == expected


def test_a_body_that_is_no_json_says_nothing():
    """An HTML page of some proxy on the way."""
    assert list(read_answer(b"<html>502</html>")) == []


def filtered(*chunks):
    """What a client gets."""
    usage_filter = UsageFilter()
    return b"".join([usage_filter.feed(chunk) for chunk in chunks]) + usage_filter.rest()


def test_the_filter_takes_out_the_extra_chunk_alone():
    """Also where usage is null in all other chunks, as OpenAI writes it once usage was asked for."""
    first, last = delta("hello", usage=None), delta("", "stop", usage=None)
    assert filtered(first, last, EXTRA, DONE) == first + last + DONE
    assert filtered(first + last + EXTRA + DONE) == first + last + DONE


@pytest.mark.parametrize(
    "kept",
    [
        delta("", "stop", usage=USAGE),
        frame(choices=[], usage=None),
        frame(choices=[]),
        frame(choices=[], prompt_filter_results=[], usage=None),
        frame(choices=[], usage=USAGE, error={"message": "x"}),
        frame(usage=USAGE),
        frame(nested={"choices": []}, usage=USAGE),
        b'data: {"choices":[],"usage":\n\n',
        b': "choices":[] "usage":{}\n\n',
        b"\n\n\n\n",
        DONE,
    ],
)
def test_the_filter_leaves_everything_else(kept):
    """Usage beside a choice, empty choices without usage, errors, comments, broken JSON, blank lines."""
    assert filtered(kept, delta("a"), EXTRA) == kept + delta("a")


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
def test_the_filter_knows_every_line_end(line_end):
    """And leaves the blank lines around the chunk that it takes out."""
    stream = [part.replace(b"\n", line_end) for part in (delta("a") + b"\n", b": c\n\n", EXTRA, b"\n", DONE)]
    expected = b"".join((stream[0], stream[1], stream[3], stream[4]))
    assert filtered(*stream) == expected
    assert filtered(*(bytes([byte]) for byte in b"".join(stream))) == expected


def test_the_filter_holds_back_only_an_unfinished_frame():
    """A whole frame goes on with the chunk that ends it, half of one waits."""
    usage_filter = UsageFilter()
    assert usage_filter.feed(delta("a") + EXTRA[:30]) == delta("a")
    assert usage_filter.feed(EXTRA[30:]) == b""
    assert usage_filter.feed(DONE[:-1]) == b""
    assert usage_filter.feed(DONE[-1:]) == DONE


def test_what_a_stream_ends_within_still_comes():
    """A cut frame passes at the end, unless it is the whole usage chunk without its last line end."""
    assert filtered(delta("a"), DONE[:-1]) == delta("a") + DONE[:-1]
    assert filtered(delta("a"), EXTRA[:-1]) == delta("a")
    assert filtered(delta("a"), EXTRA[:-9]) == delta("a") + EXTRA[:-9]


def test_little_is_held_of_a_frame_that_comes_in_small_pieces():
    """What is held is searched with each piece, so an image in a thousand of them must not be held whole."""
    large = delta("x" * FRAME_BYTES_MAX)
    usage_filter = UsageFilter()
    passed, held_bytes = [], []
    for n in range(0, len(large), 1_400):
        passed.append(usage_filter.feed(large[n : n + 1_400]))
        held_bytes.append(len(usage_filter._held))

    assert max(held_bytes) <= 64 << 10
    assert b"".join(passed) + usage_filter.feed(EXTRA + DONE) + usage_filter.rest() == large + DONE


def test_a_frame_too_large_to_be_held_passes_as_it_comes():
    """Memory is bounded, no byte is lost, and the frames after it are filtered as before."""
    large = delta("x" * (3 * FRAME_BYTES_MAX))
    usage_filter = UsageFilter()
    pieces = [large[n : n + 65_536] for n in range(0, len(large), 65_536)]
    passed = [usage_filter.feed(piece) for piece in pieces]
    assert sum(map(len, passed[:20])) > FRAME_BYTES_MAX
    assert len(usage_filter._held) == 0
    assert b"".join(passed) + usage_filter.feed(EXTRA + DONE) + usage_filter.rest() == large + DONE
