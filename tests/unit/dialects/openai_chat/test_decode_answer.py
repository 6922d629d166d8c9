"""Answers of servers that speak Chat Completions, as events."""

import json

import pytest

from headgate.core.event import Failed, Finished, PartClosed, PartGrew, PartOpened, Started, UsageSeen
from headgate.core.usage import Usage
from headgate.dialects.openai_chat.codec import PROVIDER

USAGE = {"prompt_tokens": 10, "completion_tokens": 3}
COUNTED = UsageSeen(Usage(input_tokens=10, output_tokens=3))
STARTED = Started("chatcmpl-1", "gpt")
DONE = b"data: [DONE]\n\n"
CALL = {"index": 0, "id": "c0", "type": "function", "function": {"name": "now", "arguments": "{}"}}
CUT = Failed("incomplete", "The provider ended its answer before it was complete.")


def chunk(**members):
    """One frame."""
    return b"data: " + json.dumps({"id": "chatcmpl-1", "model": "gpt", **members}).encode() + b"\n\n"


def delta(finish=None, **said):
    """A chunk with one choice."""
    return chunk(choices=[{"index": 0, "delta": said, "finish_reason": finish}])


def decoded(*frames):
    """All events of a stream that ends after these frames."""
    decoder = PROVIDER.decoder()
    return [*(event for frame in frames for event in decoder.feed(frame)), *decoder.end()]


def part(kind, *texts, index=0):
    """The events of one part."""
    return [PartOpened(index, kind), *(PartGrew(index, text) for text in texts), PartClosed(index)]


def test_a_whole_stream():
    """Its start, its part, its counts, its end."""
    frames = [delta(role="assistant", content=""), delta(content="hel"), delta(content="lo"), delta("stop"), chunk(choices=[], usage=USAGE), DONE]
    assert decoded(*frames) == [
        STARTED,
        PartOpened(0, "text"),
        PartGrew(0, "hel"),
        PartGrew(0, "lo"),
        COUNTED,
        PartClosed(0),
        Finished("stop", "stop"),
    ]


@pytest.mark.parametrize(
    "thought",
    [
        {"reasoning_content": "hm"},
        {"reasoning": "hm"},
        {"reasoning_details": [{"type": "reasoning.text", "text": "hm"}]},
        {"reasoning": "hm", "reasoning_content": "hm", "reasoning_details": [{"text": "hm"}]},
        {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}]},
        {"content": [{"type": "thinking", "thinking": "hm"}]},
    ],
)
def test_thoughts_by_every_name(thought):
    """Once, where several have the same."""
    assert decoded(delta(**thought), delta(content="a"), delta("stop"), DONE) == [
        STARTED,
        *part("thinking", "hm"),
        *part("text", "a", index=1),
        Finished("stop", "stop"),
    ]


def test_everything_in_one_chunk():
    """Thought, text, call, counts and end; also as a whole answer."""
    said = {"reasoning": "hm", "content": "a", "tool_calls": [CALL]}
    expected = [
        STARTED,
        COUNTED,
        *part("thinking", "hm"),
        *part("text", "a", index=1),
        PartOpened(2, "call", "c0", "now"),
        PartGrew(2, "{}"),
        PartClosed(2),
        Finished("tool_calls", "tool_use"),
    ]
    assert decoded(chunk(choices=[{"index": 0, "delta": said, "finish_reason": "tool_calls"}], usage=USAGE), DONE) == expected
    whole = {"id": "chatcmpl-1", "model": "gpt", "choices": [{"message": said, "finish_reason": "tool_calls"}], "usage": USAGE}
    assert PROVIDER.decode_answer(json.dumps(whole).encode()) == expected


def test_refusals_and_the_older_call():
    """Both have a member of their own."""
    assert decoded(delta(refusal="no"), delta("stop"), DONE)[1:-1] == part("refusal", "no")
    older = [delta(function_call={"name": "now", "arguments": "{"}), delta(function_call={"arguments": "}"}), delta("function_call"), DONE]
    opened, *_ = found = decoded(*older)[1:]
    assert opened.name == "now"
    assert [event.text for event in found if isinstance(event, PartGrew)] == ["{", "}"]
    assert found[-1] == Finished("function_call", "tool_use")


@pytest.mark.parametrize(
    ("finish", "cause", "cause_with_call"),
    [
        ("stop", "stop", "tool_use"),
        ("tool_calls", "stop", "tool_use"),
        ("length", "length", "length"),
        ("content_filter", "filter", "filter"),
        ("eos", "stop", "tool_use"),
    ],
)
def test_why_an_answer_ended(finish, cause, cause_with_call):
    """A call means that a tool is to be used, whatever the server says; a truncated one stays truncated."""
    assert decoded(delta(content="a"), delta(finish), DONE)[-1] == Finished(finish, cause)
    assert decoded(delta(tool_calls=[CALL]), delta(finish), DONE)[-1] == Finished(finish, cause_with_call)


@pytest.mark.parametrize("finish", ["error", "abort", "insufficient_system_resource"])
def test_a_finish_reason_may_be_a_failure(finish):
    """It never ends as a whole answer."""
    events = decoded(delta(content="a"), delta(finish), DONE)
    assert events[-2] == PartClosed(0)
    assert (events[-1].code, isinstance(events[-1], Failed)) == (finish, True)


def test_an_end_without_the_closing_event():
    """Complete after a finish reason, also where half a frame is left; else it was cut, and open parts are closed."""
    assert decoded(delta(content="a"), delta("stop"))[-1] == Finished("stop", "stop")
    assert decoded(delta(content="a"), delta("stop").rstrip())[-1] == Finished("stop", "stop")
    assert decoded(delta(content="a"))[-2:] == [PartClosed(0), CUT]
    assert decoded(delta(content="a"), b"data: {")[-2:] == [PartClosed(0), CUT]
    assert decoded() == [CUT]


def test_a_cut_within_the_counts_is_no_failure():
    """What comes after the finish reason only counts: the answer is whole without it, as it is for the native reader."""
    assert decoded(delta("stop", content="a"), chunk(choices=[], usage=USAGE)[:40]) == [STARTED, *part("text", "a"), Finished("stop", "stop")]


def test_counts_before_the_answer_has_a_name():
    """An answer begins before anything of it is counted."""
    usage = b'data: {"choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": 3}}\n\n'
    assert decoded(usage, delta("stop")) == [Started("", ""), COUNTED, Finished("stop", "stop")]


def test_the_closing_event_alone():
    """An answer of nothing, which is complete."""
    assert decoded(DONE) == [Started("", ""), Finished("", "stop")]
    assert decoded(delta(content="a"), DONE)[-1] == Finished("", "stop")
    assert decoded(delta("stop"), DONE, delta(content="late"))[-1] == Finished("stop", "stop")


@pytest.mark.parametrize(
    ("frame", "failed"),
    [
        (b'data: {"error": {"message": "Overloaded", "code": 503}}\n\n', Failed("503", "Overloaded")),
        (b'event: error\ndata: {"error": "broken"}\n\n', Failed("", "broken")),
        (b'data: {"error_code": "RATE", "message": "slow"}\n\n', Failed("RATE", "slow")),
        (b"data: <html>\n\n", Failed("invalid_answer", "The provider's answer is not JSON of Chat Completions.")),
    ],
)
def test_an_error_inside_the_stream(frame, failed):
    """It ends the answer; nothing comes after it."""
    assert decoded(delta(content="a"), frame, delta("stop"), DONE) == [STARTED, *part("text", "a"), failed]


@pytest.mark.parametrize("frame", [b": comment\n\n", b"data: \n\n", b"data: null\n\n", b"data: []\n\n", b"data: {}\n\n", b"event: ping\n\n"])
def test_frames_that_say_nothing(frame):
    """They are passed over."""
    assert decoded(frame, delta(content="a"), frame, delta("stop"), DONE)[1:-1] == part("text", "a")


@pytest.mark.parametrize(
    "frames",
    [
        [chunk(choices=[{"index": 0, "delta": {"content": "a"}, "finish_reason": "stop"}], usage=USAGE)],
        [chunk(choices=[], usage=USAGE), delta("stop", content="a")],
        [delta("stop", content="a"), chunk(choices=[{"usage": USAGE}])],
        [delta("stop", content="a"), chunk(choices=[], x_groq={"usage": USAGE})],
    ],
)
def test_counts_wherever_they_are(frames):
    """Before, with and after the end, in a choice, in Groq's member: as the reader of the native way has them."""
    assert COUNTED in decoded(*frames, DONE)


def test_the_first_choice_alone():
    """Another one's texts and end do not count."""
    other = chunk(choices=[{"index": 1, "delta": {"content": "b"}, "finish_reason": "length"}])
    assert decoded(other, delta(content="a"), other, delta("stop"), DONE)[1:] == [*part("text", "a"), Finished("stop", "stop")]
    both = {"choices": [{"index": 1, "message": {"content": "b"}}, {"index": 0, "message": {"content": "a"}, "finish_reason": "stop"}]}
    assert PROVIDER.decode_answer(json.dumps(both).encode())[1:] == [*part("text", "a"), Finished("stop", "stop")]


def test_an_answer_without_names():
    """It begins all the same; Azure's first chunk has only what a filter found."""
    bare = b'data: {"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}\n\n'
    assert decoded(b'data: {"choices":[],"prompt_filter_results":[]}\n\n', bare, DONE) == [
        Started("", ""),
        *part("text", "a"),
        Finished("stop", "stop"),
    ]


def test_a_message_in_place_of_a_delta():
    """Some servers end a stream with the whole message: it counts only if nothing came before."""
    whole = chunk(choices=[{"index": 0, "message": {"content": "a"}, "finish_reason": "stop"}])
    assert decoded(whole, DONE)[1:-1] == part("text", "a")
    assert decoded(delta(content="a"), whole, DONE)[1:-1] == part("text", "a")


def test_half_of_a_surrogate_pair():
    """Only it is lost, not the text around it."""
    assert decoded(b'data: {"choices":[{"delta":{"content":"a\\ud83d"}}]}\n\n', delta("stop"), DONE)[1:-1] == part("text", "a\ufffd")


@pytest.mark.parametrize(
    ("body", "failed"),
    [
        ({"object": "error", "message": "too long", "type": "BadRequestError", "code": 400}, Failed("BadRequestError", "too long")),
        ({"detail": "Not Found"}, Failed("", "Not Found")),
    ],
)
def test_other_servers_errors_keep_their_words(body, failed):
    """Those of vLLM and of FastAPI."""
    assert PROVIDER.decode_answer(json.dumps(body).encode()) == [failed]


def test_a_large_chunk_is_read_whole():
    """A call with a whole file in it."""
    large = {"content": "x" * (2 << 20)}
    (text,) = [event.text for event in decoded(delta(**large), delta("stop"), DONE) if isinstance(event, PartGrew)]
    assert len(text) == 2 << 20


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "invalid_answer"),
        (b"<html>", "invalid_answer"),
        (b"[]", "invalid_answer"),
        (b"{}", "invalid_answer"),
        (b'{"choices":[]}', "invalid_answer"),
        (b'{"error":{"code":"model_not_found","message":"no"}}', "model_not_found"),
        (b'{"choices":[{"message":{},"finish_reason":"error"}]}', "error"),
    ],
)
def test_bodies_that_are_no_answer(body, code):
    """An error, or nothing that Chat Completions has."""
    failed = PROVIDER.decode_answer(body)[-1]
    assert isinstance(failed, Failed)
    assert failed.code == code


def test_a_refusal_is_why_an_answer_ended():
    """OpenAI ends it with `stop`. A call of a tool counts more, and so does what a provider says itself."""
    assert decoded(delta(refusal="no"), delta("stop"), DONE)[-1] == Finished("stop", "filter")
    assert decoded(delta(refusal="no"), delta("length"), DONE)[-1] == Finished("length", "length")


def test_only_what_has_nothing_to_count_only_grew():
    """Not the chunk that names the answer, nor one with a finish reason, counts, another tier or an error, nor half a chunk."""
    decoder = PROVIDER.decoder()
    hello = delta(content="hello")
    chunks = [
        hello, hello, delta("", content="a"), chunk(choices=[], service_tier="flex"), chunk(choices=[], service_tier="flex"), hello[:9], hello[9:],
        hello + hello, delta(content="a") + b"\n", delta("stop", content="a"), chunk(choices=[], usage=USAGE), chunk(error={"message": "no"}), DONE,
    ]  # fmt: skip
    grew = []
    for each in chunks:
        decoder.feed(each)
        grew.append(decoder.counted == ())

    assert [at for at, each in enumerate(grew) if each] == [1, 2, 4]
