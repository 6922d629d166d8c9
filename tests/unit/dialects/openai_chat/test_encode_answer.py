"""Answers for clients of Chat Completions, as the official SDK reads them."""

import json

import pytest
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from headgate.core.conversation import Conversation
from headgate.core.event import Cited, Finished, PartClosed, PartGrew, PartOpened, Started, UsageSeen
from headgate.core.opaque_state import OpaqueState
from headgate.core.usage import Usage
from headgate.dialects.codec import AnswerContext
from headgate.dialects.openai_chat.codec import CLIENT
from headgate.dialects.openai_chat.encode_answer import finish_reason

STARTED = Started("msg_1", "claude")
STOP = Finished("end_turn", "stop")
USED = UsageSeen(Usage(input_tokens=5, output_tokens=7))


def context(*, counted=True):
    """What an answer says beside its events."""
    return AnswerContext(request_id="req_1", model_asked="my-model", created_at_s=1_800_000_000, asked=Conversation(usage_in_stream=counted))


def part(kind, *texts, index=0, **called):
    """The events of one part."""
    return [PartOpened(index, kind, **called), *(PartGrew(index, text) for text in texts), PartClosed(index)]


def stream(*events, counted=True):
    """The bytes of a stream."""
    encoder = CLIENT.encoder(context(counted=counted))
    return b"".join([*map(encoder.encode, events), encoder.finish()])


def chunks(*events, counted=True):
    """The chunks of a stream, as JSON; the SDK's types accept each that has no custom call, for which they have no type."""
    *frames, done, rest = stream(*events, counted=counted).split(b"\n\n")
    assert (done, rest) == (b"data: [DONE]", b"")
    read = [json.loads(frame.removeprefix(b"data: ")) for frame in frames]
    for chunk in read:
        if b'"custom"' not in json.dumps(chunk).encode():
            ChatCompletionChunk.model_validate(chunk)
    return read


def deltas(*events):
    """What each chunk says, without the first, which has the role alone, and the last, which ends the answer."""
    first, *said, last = [choice["delta"] for chunk in chunks(STARTED, *events, STOP, counted=False) for choice in chunk["choices"]]
    assert first == {"role": "assistant", "content": ""}
    assert last == {}
    return said


def message(*events):
    """The message of a whole answer, which the SDK's types accept."""
    body = json.loads(CLIENT.whole(context(), [STARTED, *events, STOP]))
    ChatCompletion.model_validate(body)
    return body["choices"][0]["message"]


def test_a_whole_stream():
    """Every chunk has the id, the time and the model that was asked for."""
    read = chunks(STARTED, *part("text", "hel", "lo"), USED, STOP)
    head = {"id": "chatcmpl-req_1", "object": "chat.completion.chunk", "created": 1_800_000_000, "model": "my-model"}
    assert all({name: chunk[name] for name in head} == head for chunk in read)
    assert [choice for chunk in read for choice in chunk["choices"]] == [
        {"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None},
        {"index": 0, "delta": {"content": "hel"}, "finish_reason": None},
        {"index": 0, "delta": {"content": "lo"}, "finish_reason": None},
        {"index": 0, "delta": {}, "finish_reason": "stop"},
    ]
    assert read[-1]["choices"] == []
    assert (read[-1]["usage"]["prompt_tokens"], read[-1]["usage"]["completion_tokens"]) == (5, 7)


def test_counts_are_only_for_clients_that_asked():
    """They are the last chunk, also where they come after the end, and a later report replaces an earlier one."""
    assert all("usage" not in chunk for chunk in chunks(STARTED, USED, STOP, counted=False))
    later = UsageSeen(Usage(output_tokens=9))
    assert chunks(STARTED, USED, STOP, later)[-1]["usage"]["total_tokens"] == 14
    assert len(chunks(STARTED, STOP)) == 2


def test_calls_have_dense_indices():
    """Whatever parts come between; id, type and name once."""
    events = [
        *part("call", '{"a"', ":1}", index=0, call_id="c0", name="read"),
        *part("text", "then", index=1),
        *part("call", "{}", index=2, call_id="c2", name="now"),
    ]
    assert deltas(*events) == [
        {"tool_calls": [{"index": 0, "id": "c0", "type": "function", "function": {"name": "read", "arguments": ""}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": '{"a"'}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": ":1}"}}]},
        {"content": "then"},
        {"tool_calls": [{"index": 1, "id": "c2", "type": "function", "function": {"name": "now", "arguments": ""}}]},
        {"tool_calls": [{"index": 1, "function": {"arguments": "{}"}}]},
    ]


def test_a_call_without_arguments_gets_empty_ones():
    """Clients parse them; the text of a custom tool may be empty."""
    assert deltas(*part("call", call_id="c", name="now"))[-1] == {"tool_calls": [{"index": 0, "function": {"arguments": "{}"}}]}
    assert deltas(*part("call", call_id="c", name="patch", call_kind="custom")) == [
        {"tool_calls": [{"index": 0, "id": "c", "type": "custom", "custom": {"name": "patch", "input": ""}}]}
    ]


def test_a_custom_call_has_its_own_member():
    """As OpenAI writes it."""
    said = deltas(*part("call", "*** Begin", call_id="c", name="patch", call_kind="custom"))
    assert said[1] == {"tool_calls": [{"index": 0, "custom": {"input": "*** Begin"}}]}
    assert message(*part("call", "*** Begin", call_id="c", name="patch", call_kind="custom"))["tool_calls"] == [
        {"id": "c", "type": "custom", "custom": {"name": "patch", "input": "*** Begin"}}
    ]


def test_thoughts_are_reasoning_content():
    """Summaries too; two of them are two paragraphs. Their state has no place."""
    state = OpaqueState("anthropic", "signature", "hgs1.x")
    events = [PartOpened(0, "thinking"), PartGrew(0, "a"), PartClosed(0, state), *part("summary", "b", "c", index=1)]
    assert deltas(*events) == [{"reasoning_content": "a"}, {"reasoning_content": "\n\nb"}, {"reasoning_content": "c"}]
    assert b"hgs1" not in stream(STARTED, *events, STOP)
    assert deltas(*part("thinking"), *part("thinking", "a", index=1)) == [{"reasoning_content": "a"}]


def test_a_refusal_has_its_own_member():
    """Beside no content."""
    assert deltas(*part("refusal", "no")) == [{"refusal": "no"}]
    said = message(*part("refusal", "no"))
    assert (said["content"], said["refusal"]) == (None, "no")


def test_citations_are_annotations_of_the_text():
    """From the beginning of its part to where it is cited, in characters of the content."""
    cited = [PartOpened(1, "text"), PartGrew(1, "It rains."), Cited(1, "https://example.com/a", "A", "rain"), PartClosed(1)]
    found = {"url": "https://example.com/a", "title": "A", "start_index": 5, "end_index": 14}
    assert deltas(*part("text", "Look."), *cited)[-1] == {"annotations": [{"type": "url_citation", "url_citation": found}]}
    assert message(*part("text", "Look."), *cited)["annotations"] == [{"type": "url_citation", "url_citation": found}]


def test_a_whole_answer():
    """All texts are one content; with calls alone there is none."""
    body = json.loads(CLIENT.whole(context(counted=False), [STARTED, *part("text", "a"), *part("text", "b", index=1), USED, STOP]))
    assert body["choices"] == [
        {"index": 0, "message": {"role": "assistant", "refusal": None, "content": "ab"}, "finish_reason": "stop", "logprobs": None}
    ]
    assert (body["id"], body["object"], body["model"], body["created"]) == ("chatcmpl-req_1", "chat.completion", "my-model", 1_800_000_000)
    assert body["usage"]["total_tokens"] == 12
    called = message(*part("call", "{}", call_id="c", name="now"))
    assert called["content"] is None
    assert called["tool_calls"] == [{"id": "c", "type": "function", "function": {"name": "now", "arguments": "{}"}}]
    assert not message()["content"]


def test_the_sdk_puts_a_stream_together_as_the_same_answer_unstreamed():
    """Texts, calls, end and counts."""
    events = [
        STARTED,
        *part("text", "hel", "lo"),
        *part("call", '{"a":', "1}", index=1, call_id="c0", name="read"),
        *part("call", index=2, call_id="c1", name="now"),
        USED,
        Finished("tool_use", "tool_use"),
    ]
    state = ChatCompletionStreamState()
    for chunk in chunks(*events):
        state.handle_chunk(ChatCompletionChunk.model_validate(chunk))
    found, body = state.get_final_completion(), ChatCompletion.model_validate_json(CLIENT.whole(context(), events))
    assert found.choices[0].message.content == body.choices[0].message.content == "hello"
    assert [(call.id, call.function.name, call.function.arguments) for call in found.choices[0].message.tool_calls] == [
        ("c0", "read", '{"a":1}'),
        ("c1", "now", "{}"),
    ]
    assert [call.model_dump() for call in body.choices[0].message.tool_calls] == [
        {name: value for name, value in call.model_dump(exclude={"function": {"parsed_arguments"}}).items() if name != "index"}
        for call in found.choices[0].message.tool_calls
    ]
    assert found.choices[0].finish_reason == body.choices[0].finish_reason == "tool_calls"
    assert found.usage == body.usage


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (Finished("end_turn", "stop"), "stop"),
        (Finished("stop_sequence", "stop_sequence", "x"), "stop"),
        (Finished("tool_use", "tool_use"), "tool_calls"),
        (Finished("MAX_TOKENS", "length"), "length"),
        (Finished("SAFETY", "filter"), "content_filter"),
        (Finished("pause_turn", "pause"), "stop"),
        (Finished("length"), "length"),
        (Finished("end_turn"), "stop"),
    ],
)
def test_every_end_has_a_finish_reason(event, expected):
    """By its cause; without one by the reason, if that is one of the dialect."""
    assert finish_reason(event) == expected
    assert chunks(STARTED, event)[-1]["choices"][0]["finish_reason"] == expected
