"""Decoders, stages and encoders of answers on any bytes, cut anywhere: they never raise, and the events keep their laws."""

import json
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from headgate.core.event import Failed, Finished, Started, UsageSeen
from headgate.core.usage import Usage
from headgate.dialects.registry import CLIENT_CODECS, PROVIDER_CODECS, PROVIDERS
from tests.fakes.examples import examples
from tests.golden.translation import sdk_answers
from tests.golden.translation.cases import ANSWERS, WHOLE, body_bytes, stream_bytes
from tests.golden.translation.folded import check_laws, fold
from tests.golden.translation.journey import ASKED, answer_stages, context, stream_events, streamed
from tests.golden.translation.matrix import TARGETS
from tests.property.test_streams import SOUP, pieces

NAMES = tuple(sorted(PROVIDER_CODECS))
OWN = tuple(case for case in ANSWERS if case.partition("/")[0] in PROVIDER_CODECS)
CLIENTS = tuple(name for name in CLIENT_CODECS if name != "cursor")
# Gemini's blocked prompt gets a text that says so, and a lowered shell call the members that its item has.
REWORDED = ("gemini/blocked", "openai_responses/lowered_custom_call")
ENDS = (b"[DONE]", b"message_stop", b"response.completed", b"response.incomplete", b"response.failed", b"event: error", b'"error"')

pytestmark = pytest.mark.skipif(not NAMES or not CLIENTS, reason="no codec is written yet")


@st.composite
def shuffled(draw):
    """A provider's dialect, and a stream: the beginning of one of the cases, and frames of another, or of the same, in any order."""
    case = draw(st.sampled_from(OWN))
    mine, other = frames_of(case), frames_of(draw(st.sampled_from([case, *OWN])))
    return case.partition("/")[0], b"".join([*mine[: draw(st.integers(0, len(mine)))], *draw(st.permutations(other[:12]))])


def frames_of(case):
    """The frames of a stream, without the one that ends it: nothing is read behind that."""
    data = stream_bytes(case).replace(b"\r\n", b"\n")
    return [frame + b"\n\n" for frame in data.split(b"\n\n") if frame and not any(end in frame for end in ENDS)]


@st.composite
def streams(draw):
    """A provider's dialect, and a stream: one of the cases, perhaps damaged, or of two cases, or a soup of lines, or any bytes."""
    if not draw(st.integers(0, 3)):
        return draw(st.sampled_from(NAMES)), draw(SOUP | st.binary(max_size=80))
    if draw(st.booleans()):
        return draw(shuffled())
    case = draw(st.sampled_from(OWN))
    data = stream_bytes(case)
    if draw(st.booleans()):
        start, end = sorted(draw(st.tuples(st.integers(0, len(data)), st.integers(0, len(data)))))
        data = data[:start] + draw(st.binary(max_size=3)) + data[draw(st.sampled_from([start, end])) :]
    return case.partition("/")[0], data


@given(streams(), st.data())
@examples(120)
def test_any_stream_is_decoded_by_the_laws(stream, data):
    """Started first, one end, parts opened and closed once; the same however the bytes are cut."""
    provider, answer = stream
    events = stream_events(provider, answer)
    check_laws(events, one_by_one=False)

    decoder = PROVIDER_CODECS[provider].decoder()
    cut = [event for piece in data.draw(pieces(answer)) for event in decoder.feed(piece)]
    assert [*cut, *decoder.end()] == events


@given(streams(), st.sampled_from(CLIENTS or ("",)))
@examples(120)
def test_any_stream_is_said_to_any_client(stream, client):
    """One part after the other; the client's frames are whole, and nothing raises, in pieces or as one body."""
    provider, answer = stream
    events = answer_stages(client, TARGETS[provider]).feed(stream_events(provider, answer))
    check_laws(events, one_by_one=True)

    written, failed = streamed(client, events)
    assert (failed is None) == any(isinstance(event, Finished) for event in events)
    written.decode()
    check_frames(client, written)
    if failed is None:
        json.loads(CLIENT_CODECS[client].whole(context(ASKED[client]), events))


def check_frames(client, written):
    """Every frame is one of the client's grammar, and its blocks, items and calls are numbered without a gap and never go back."""
    frames = [json.loads(line[6:]) for line in written.decode().splitlines() if line.startswith("data: {")]
    if client == "anthropic":
        numbers = [frame["index"] for frame in frames if "index" in frame]
    elif client == "openai_responses":
        assert [frame["sequence_number"] for frame in frames] == list(range(len(frames)))
        numbers = [frame["output_index"] for frame in frames if "output_index" in frame]
    elif client == "openai_chat":
        numbers = [call["index"] for frame in frames for choice in frame["choices"] for call in choice["delta"].get("tool_calls", ())]
    else:
        numbers = []
        assert written.count(b"\r\n\r\n") == len(frames)
    assert set(numbers) == set(range(max(numbers, default=-1) + 1))
    assert all(before <= after for before, after in pairwise(numbers))


@given(shuffled())
@examples(120)
def test_usage_is_what_the_native_reader_counts(stream):
    """An exchange costs the same whether it is translated or not."""
    provider, answer = stream
    reader = PROVIDERS[provider].reader()
    counted = Usage()
    for event in reader.feed(answer):
        counted = counted.updated(event.usage) if isinstance(event, UsageSeen) else counted

    assert fold(stream_events(provider, answer)).usage == counted


@given(streams(), st.data())
@examples(200)
def test_a_decoder_counts_what_the_native_reader_does(stream, data):
    """In the chunks of which it says so, which that reader need not see. Most chunks are whole frames; others are cut anywhere."""
    provider, answer = stream
    whole = [frame + b"\n\n" for frame in answer.split(b"\n\n")]
    chunks = whole if data.draw(st.booleans()) else data.draw(pieces(answer))
    decoder, every, some, ended = PROVIDER_CODECS[provider].decoder(), PROVIDERS[provider].reader(), PROVIDERS[provider].reader(), False
    for chunk in chunks:
        decoder.feed(chunk)
        counted = some.feed(chunk) if decoder.counted is None else decoder.counted
        assert list(counted) == list(every.feed(chunk))
        ended = ended or (decoder.counted is not None and any(isinstance(event, Finished) for event in counted))

    assert (ended or some.complete) == every.complete


@given(st.sampled_from(OWN or ("",)), st.integers(0, 10_000))
@examples(120)
def test_an_answer_that_ends_early_has_failed(case, length):
    """Unless the native reader too holds what came for a complete answer."""
    provider, data = case.partition("/")[0], stream_bytes(case)
    cut = data[: length % (len(data) + 1)]
    reader = PROVIDERS[provider].reader()
    list(reader.feed(cut))

    end = fold(stream_events(provider, cut)).end
    if isinstance(fold(stream_events(provider, data)).end, Failed):
        assert isinstance(end, Failed)
    elif reader.complete:
        assert isinstance(end, Finished)
    else:
        list(reader.feed(b"\n\n"))  # a last frame that lacks its end alone may count or not
        assert isinstance(end, Failed) or reader.complete


@given(st.sampled_from(NAMES or ("",)), st.binary(max_size=60) | st.sampled_from(WHOLE).map(body_bytes), st.integers(0, 400), st.binary(max_size=2))
@examples(120)
def test_any_body_is_decoded_by_the_laws(provider, body, at, put):
    """A whole body of any bytes is an answer or a failure."""
    for data in (body, body[:at] + put + body[at:], body[:at]):
        check_laws(list(PROVIDER_CODECS[provider].decode_answer(data)), one_by_one=False)


def said(answer, *, ids):
    """An answer without what its dialect makes anew: ids unless asked for, and texts without a text."""
    parts = [(part.kind, part.text, part.name, part.namespace, part.call_id if ids else "", part.state and part.state.data) for part in answer.parts]
    return [part for part in parts if part[1] or part[2] or part[5]], answer.end and answer.end.cause, counts(answer.usage)


def is_json(text):
    """Whether a text is JSON."""
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def counts(usage):
    """The classes of tokens, where none is as good as nothing said."""
    return {name: getattr(usage, name) or 0 for name in usage.__struct_fields__ if name.endswith("_tokens")}


@pytest.mark.parametrize("case", [case for case in WHOLE if case.partition("/")[0] in PROVIDER_CODECS and case != "openai_responses/failed"])
def test_a_stream_and_a_body_say_the_same(case):
    """Of one answer, decoded from both."""
    provider = case.partition("/")[0]
    unstreamed = fold(PROVIDER_CODECS[provider].decode_answer(body_bytes(case)))

    streamed_answer = fold(stream_events(provider, stream_bytes(case)))
    if provider == "gemini":
        assert streamed_answer.usage == unstreamed.usage
        assert "".join(part.text for part in streamed_answer.parts) == "".join(part.text for part in unstreamed.parts)
    else:
        assert said(streamed_answer, ids=True) == said(unstreamed, ids=True)


@pytest.mark.parametrize("case", [case for case in WHOLE if case.partition("/")[0] in {*PROVIDER_CODECS} & {*CLIENT_CODECS} and case not in REWORDED])
def test_saying_an_answer_in_its_own_dialect_changes_nothing(case):
    """Decode ∘ encode ∘ decode is decode, up to ids, of streams and of bodies."""
    provider = case.partition("/")[0]
    events = answer_stages(provider, TARGETS[provider]).feed(stream_events(provider, stream_bytes(case)))
    if any(isinstance(event, Failed) for event in events):
        return
    first = fold(events)

    written, _ = streamed(provider, events)
    again = answer_stages(provider, TARGETS[provider]).feed(stream_events(provider, written))
    body = answer_stages(provider, TARGETS[provider]).feed(
        PROVIDER_CODECS[provider].decode_answer(CLIENT_CODECS[provider].whole(context(ASKED[provider]), events))
    )

    assert said(fold(again), ids=False) == said(first, ids=False)
    assert said(fold(body), ids=False) == said(first, ids=False)


@given(streams(), st.sampled_from(CLIENTS or ("",)))
@examples(40)
def test_the_sdk_reads_a_stream_and_a_body_as_the_same(stream, client):
    """Of any answer that finished, however odd: by the SDK's types, strictly."""
    provider, answer = stream
    assume(b"custom_tool_call" not in answer or client == "openai_responses")  # the other clients have not offered such a tool
    events = answer_stages(client, TARGETS[provider]).feed(stream_events(provider, answer))
    assume(all(text.startswith("{") and is_json(text) for _, text in fold(events).calls() if text))  # the SDKs refuse arguments that are no JSON
    written, failed = streamed(client, events)
    assume(failed is None and b'"custom"' not in written)  # the SDK of Chat Completions has no chunks with calls of custom tools

    body = CLIENT_CODECS[client].whole(context(ASKED[client]), events)
    assert sdk_answers.read_stream(client, written) == sdk_answers.read_body(client, body)
    assert isinstance(events[0], Started)
