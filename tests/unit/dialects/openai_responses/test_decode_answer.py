"""Answers of providers of Responses as events for translation."""

import json

import pytest

from headgate.core.event import Cited, Failed, Finished, PartClosed, PartGrew, PartOpened, Started, UsageSeen
from headgate.core.opaque_state import OpaqueState
from headgate.core.usage import Usage, UsageLine
from headgate.dialects.openai_responses.decode_answer import ResponsesDecoder, count_of, decode_answer
from tests.golden.translation.cases import WHOLE, body_bytes, stream_bytes

STARTED = Started("resp_1", "gpt-x")
USAGE = {"input_tokens": 10, "output_tokens": 3}
COUNTED = UsageSeen(Usage(input_tokens=10, output_tokens=3))
MESSAGE = {"id": "msg_1", "type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "ab"}]}
CALL = {"id": "fc_1", "type": "function_call", "call_id": "call_1", "name": "f", "arguments": '{"a":1}'}
TEXT = [PartOpened(0, "text"), PartGrew(0, "ab"), PartClosed(0)]


def response(status="in_progress", **members):
    """A response object."""
    return {"id": "resp_1", "model": "gpt-x", "status": status, "output": [], **members}


def frame(kind, **members):
    """One event without a number."""
    return f"data: {json.dumps({'type': f'response.{kind}', **members})}\n\n".encode()


CREATED = frame("created", response=response())


def completed(**members):
    """The closing event."""
    return frame("completed", response=response("completed", usage=USAGE, **members))


def read(*chunks):
    """All events of a stream."""
    decoder = ResponsesDecoder()
    return [*(event for chunk in chunks for event in decoder.feed(chunk)), *decoder.end()]


def test_only_the_closing_event():
    """Its output has everything."""
    assert read(completed(output=[MESSAGE, CALL])) == [
        STARTED, *TEXT, PartOpened(1, "call", "call_1", "f"), PartGrew(1, '{"a":1}'), PartClosed(1), COUNTED, Finished("completed", "tool_use"),
    ]  # fmt: skip


def test_only_items_that_are_done():
    """Codex needs no more either; what the closing event repeats is not said again."""
    stream = [CREATED, frame("output_item.done", item=MESSAGE, output_index=0), frame("output_item.done", item=CALL, output_index=1)]
    expected = [
        STARTED,
        *TEXT,
        PartOpened(1, "call", "call_1", "f"),
        PartGrew(1, '{"a":1}'),
        PartClosed(1),
        COUNTED,
        Finished("completed", "tool_use"),
    ]
    assert read(*stream, completed(output=[MESSAGE, CALL])) == expected
    assert read(*stream, completed()) == expected


def test_only_whole_texts():
    """Without deltas."""
    stream = [CREATED, frame("output_text.done", item_id="msg_1", text="ab"), frame("refusal.done", item_id="msg_1", content_index=1, refusal="no")]
    assert read(*stream, completed()) == [
        STARTED, PartOpened(0, "text"), PartGrew(0, "ab"), PartClosed(0), PartOpened(1, "refusal"), PartGrew(1, "no"), COUNTED, PartClosed(1),
        Finished("completed", "filter"),
    ]  # fmt: skip


def test_deltas_without_numbers():
    """llama.cpp gives ids of items alone, and begins again between two deltas."""
    stream = [
        CREATED,
        frame("output_item.added", item={**MESSAGE, "content": []}),
        frame("output_text.delta", item_id="msg_1", delta="a"),
        CREATED,
        frame("in_progress", response=response()),
        frame("output_text.delta", item_id="msg_1", delta="b"),
        frame("output_item.done", item=MESSAGE),
        frame("output_item.added", item={**CALL, "arguments": ""}),
        frame("function_call_arguments.delta", item_id="fc_1", delta='{"a":1}'),
        frame("output_item.done", item=CALL),
        completed(output=[MESSAGE, CALL]),
    ]
    assert read(*stream) == [
        STARTED, PartOpened(0, "text"), PartGrew(0, "a"), PartGrew(0, "b"), PartClosed(0), PartOpened(1, "call", "call_1", "f"),
        PartGrew(1, '{"a":1}'), PartClosed(1), COUNTED, Finished("completed", "tool_use"),
    ]  # fmt: skip


def test_ids_that_change_with_every_event():
    """As GitHub Copilot writes them: the number of the item counts."""
    stream = [
        CREATED,
        frame("output_item.added", output_index=0, item={**MESSAGE, "id": "1", "content": []}),
        frame("output_text.delta", output_index=0, item_id="2", delta="ab"),
        frame("output_item.done", output_index=0, item={**MESSAGE, "id": "3"}),
        completed(output=[{**MESSAGE, "id": "4"}]),
    ]
    assert read(*stream) == [STARTED, *TEXT, COUNTED, Finished("completed", "stop")]


def test_neither_numbers_nor_ids():
    """An event belongs to the last item."""
    added = frame("output_item.added", item={"type": "message", "content": []})
    done = frame("output_item.done", item={key: value for key, value in MESSAGE.items() if key != "id"})
    stream = [CREATED, added, frame("output_text.delta", delta="a"), frame("output_text.delta", delta="b"), done, completed()]
    assert read(*stream) == [
        STARTED,
        PartOpened(0, "text"),
        PartGrew(0, "a"),
        PartGrew(0, "b"),
        PartClosed(0),
        COUNTED,
        Finished("completed", "stop"),
    ]


def test_an_output_without_what_came_before():
    """Some servers list only what is new in it: by its type it is another item."""
    reasoning = {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "s"}]}
    stream = [CREATED, frame("output_item.done", output_index=0, item=reasoning), completed(output=[MESSAGE])]
    assert read(*stream) == [
        STARTED, PartOpened(0, "summary"), PartGrew(0, "s"), PartClosed(0), PartOpened(1, "text"), PartGrew(1, "ab"), PartClosed(1), COUNTED,
        Finished("completed", "stop"),
    ]  # fmt: skip


@pytest.mark.parametrize(("size", "kept"), [(2 << 20, True), (17 << 20, False)])
def test_a_large_item_is_whole_or_its_deltas_count(size, kept):
    """A part of a text must not be taken for all of it."""
    large = {**MESSAGE, "content": [{"type": "output_text", "text": "a" * size}]}
    stream = [CREATED, frame("output_text.delta", item_id="msg_1", delta="a"), frame("output_item.done", item=large), completed()]
    grown = "".join(event.text for event in read(*stream) if isinstance(event, PartGrew))
    assert len(grown) == (size if kept else 1)


def test_reasoning():
    """The summary, what was thought, and the encrypted content of the item."""
    done = {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "s"}], "encrypted_content": "gAAA"}
    stream = [
        CREATED,
        frame("output_item.added", output_index=0, item={"type": "reasoning", "id": "rs_1", "summary": []}),
        frame("reasoning_text.delta", output_index=0, content_index=0, delta="t"),
        frame("reasoning_summary_text.delta", output_index=0, summary_index=0, delta="s"),
        frame("output_item.done", output_index=0, item=done),
        completed(output=[done]),
    ]
    assert read(*stream) == [
        STARTED, PartOpened(0, "thinking"), PartGrew(0, "t"), PartClosed(0), PartOpened(1, "summary"), PartGrew(1, "s"),
        PartClosed(1, OpaqueState("openai", "encrypted", "gAAA", item_id="rs_1")), COUNTED, Finished("completed", "stop"),
    ]  # fmt: skip


def test_sources_and_searches():
    """A search is counted and is no part."""
    source = {"type": "url_citation", "url": "https://x", "title": "X"}
    stream = [
        CREATED,
        frame("output_item.done", output_index=0, item={"type": "web_search_call", "id": "ws_1", "action": {"type": "search"}}),
        frame("output_text.delta", output_index=1, content_index=0, delta="ab"),
        frame("output_text.annotation.added", output_index=1, content_index=0, annotation=source),
        completed(),
    ]
    searched = (UsageLine(kind="web_search", uses=1),)
    assert read(*stream) == [
        STARTED, UsageSeen(Usage(beside=searched)), PartOpened(0, "text"), PartGrew(0, "ab"), Cited(0, "https://x", "X"),
        UsageSeen(Usage(input_tokens=10, output_tokens=3, beside=searched)), PartClosed(0), Finished("completed", "stop"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("details", "end"),
    [
        ({"reason": "max_output_tokens"}, Finished("max_output_tokens", "length")),
        ({"reason": "content_filter"}, Finished("content_filter", "filter")),
        ({"reason": "steered"}, Finished("steered", "pause")),
        (None, Finished("incomplete", "length")),
    ],
)
def test_answers_that_are_incomplete(details, end):
    """By the reason that is given; a call that was cut does not change it."""
    closing = frame("incomplete", response=response("incomplete", incomplete_details=details, output=[CALL]))
    assert read(CREATED, closing)[-1] == end


@pytest.mark.parametrize(
    ("chunks", "end"),
    [
        ([frame("failed", response=response("failed", error={"code": "server_error", "message": "broke"}))], Failed("server_error", "broke")),
        ([b'event: error\ndata: {"type":"error","code":"x","message":"broke"}\n\n'], Failed("x", "broke")),
        ([b'data: {"error":{"message":"broke","type":"t"}}\n\n'], Failed("t", "broke")),
        ([], Failed("incomplete", "The provider's answer ended before it was complete.")),
    ],
)
def test_answers_that_fail(chunks, end):
    """Open parts are closed before; nothing follows the failure, not even its own second event."""
    delta = frame("output_text.delta", output_index=0, delta="a")
    again = frame("failed", response=response("failed", error={"code": "again", "message": ""}))
    assert read(CREATED, delta, *chunks)[-2:] == [PartClosed(0), end]
    if chunks:
        assert read(CREATED, delta, *chunks, again, delta)[-2:] == [PartClosed(0), end]


def test_a_failure_before_anything_is_alone():
    """So that it can become a status."""
    assert read(b'data: {"error":{"message":"broke","type":"t"}}\n\n') == [Failed("t", "broke")]
    assert read(b"<html>no</html>") == [Failed("incomplete", "The provider's answer ended before it was complete.")]


def test_an_answer_that_names_neither_itself_nor_its_model():
    """It begins all the same."""
    delta = frame("output_text.delta", delta="a")
    assert read(delta, frame("completed", response={})) == [
        Started("", ""), PartOpened(0, "text"), PartGrew(0, "a"), PartClosed(0), Finished("completed", "stop"),
    ]  # fmt: skip
    assert read(frame("completed", response={})) == [Started("", ""), Finished("completed", "stop")]
    assert read(frame("completed", response={"usage": USAGE})) == [Started("", ""), COUNTED, Finished("completed", "stop")]


@pytest.mark.parametrize("case", [case for case in WHOLE if case.startswith("openai_responses/")])
def test_a_body_says_what_its_stream_says(case):
    """The same texts, calls, states, counts and end."""

    def said(events):
        parts, rest = {}, []
        for event in events:
            match event:
                case PartOpened():
                    parts[event.index] = [event.kind, event.call_id, event.name, event.call_kind, ""]
                case PartGrew():
                    parts[event.index][4] += event.text
                case PartClosed():
                    parts[event.index] += [event.state, event.redacted]
                case _:
                    rest.append(event)
        return list(parts.values()), [rest[0], *rest[-2:]]

    assert said(read(stream_bytes(case))) == said(decode_answer(body_bytes(case)))


@pytest.mark.parametrize(
    ("body", "events"),
    [
        (response("completed", output=[MESSAGE], usage=USAGE), [STARTED, *TEXT, COUNTED, Finished("completed", "stop")]),
        ({"id": "resp_1", "model": "gpt-x", "output": [MESSAGE]}, [STARTED, *TEXT, Finished("completed", "stop")]),
        ({"status": "completed", "output": []}, [Started("", ""), Finished("completed", "stop")]),
        (response("queued"), [Failed("invalid_answer", "The provider's answer is no response of the Responses API.")]),
        ({"error": {"message": "no", "code": "c"}}, [Failed("c", "no")]),
        ([], [Failed("invalid_answer", "The provider's answer is no response of the Responses API.")]),
    ],
)
def test_bodies(body, events):
    """Whole, without a status, and what is no answer."""
    assert decode_answer(json.dumps(body).encode()) == events


def test_counts():
    """Of OpenAI's endpoint."""
    assert count_of(b'{"object":"response.input_tokens","input_tokens":7}') == 7
    assert count_of(b'{"error":{}}') is None
    assert count_of(b"no") is None


def test_only_the_deltas_of_texts_only_grew():
    """And only where each comes as one chunk, after the beginning."""
    decoder = ResponsesDecoder()
    hello = frame("output_text.delta", item_id="msg_1", delta="a")
    grew = []
    for each in (hello, CREATED, hello, hello[:9], hello[9:], hello + hello, frame("output_item.done", item=MESSAGE), completed()):
        decoder.feed(each)
        grew.append(decoder.counted == ())

    assert grew == [False, False, True, False, False, False, False, False]
