"""One item of an answer, however much of it the server sends."""

import json
from itertools import count

import msgspec
import pytest

from headgate.core.event import Cited, PartClosed, PartGrew, PartOpened
from headgate.core.opaque_state import OpaqueState
from headgate.dialects.openai_responses.answer_item import CALL, REFUSAL, SUMMARY, TEXT, THINKING, AnswerItem, ItemFields

MESSAGE = {"type": "message", "id": "msg_1", "content": [{"type": "output_text", "text": "ab", "annotations": []}]}
FUNCTION = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "f", "namespace": "ns", "arguments": '{"a":1}'}
OPENED = PartOpened(0, CALL, "call_1", "f", "ns")


def fields(value):
    """The item as it is read."""
    return msgspec.json.decode(json.dumps(value), type=ItemFields)


def item():
    """A new one."""
    return AnswerItem(count())


def test_a_text_that_only_its_item_has():
    """It is one piece."""
    assert item().finish(fields(MESSAGE)) == [PartOpened(0, TEXT), PartGrew(0, "ab"), PartClosed(0)]


def test_what_came_as_deltas_is_not_said_again():
    """What is missing at the end is; a whole text that is another one is not."""
    one = item()
    assert one.grow(TEXT, 0, "a") == [PartOpened(0, TEXT), PartGrew(0, "a")]
    assert one.fill(TEXT, 0, "ab") == [PartGrew(0, "b")]
    assert one.fill(TEXT, 0, "other") == one.grow(TEXT, 0, "") == []
    assert one.finish(fields(MESSAGE)) == [PartClosed(0)]
    assert one.done
    assert one.grow(TEXT, 0, "late") == one.finish(fields(MESSAGE)) == one.cite(0, {"url": "https://x"}) == []


def test_two_texts_of_a_message_are_two_parts():
    """The second ends the first."""
    one = item()
    one.grow(TEXT, 0, "a")
    assert one.grow(REFUSAL, 1, "no") == [PartClosed(0), PartOpened(1, REFUSAL), PartGrew(1, "no")]
    assert one.refused
    assert one.cut() == [PartClosed(1)]


def test_sources():
    """Each once: as an event of its own, or in the item."""
    one = item()
    source = {"type": "url_citation", "url": "https://x", "title": "X"}
    assert one.cite(0, source) == [PartOpened(0, TEXT), Cited(0, "https://x", "X")]
    other = {"url": "https://y"}
    done = {"type": "message", "content": [{"type": "output_text", "text": "", "annotations": [source, other, {"file_id": "f"}]}]}
    assert one.finish(fields(done)) == [Cited(0, "https://y"), PartClosed(0)]


def test_a_call_opens_with_its_name():
    """Arguments that come before it wait."""
    one = item()
    assert one.grow(CALL, 0, '{"a"') == []
    assert one.describe(fields(FUNCTION)) == [OPENED, PartGrew(0, '{"a"')]
    assert one.describe(fields(FUNCTION)) == []
    assert (one.called, one.call_id) == (True, "call_1")
    assert one.finish(fields(FUNCTION)) == [PartGrew(0, ":1}"), PartClosed(0)]


@pytest.mark.parametrize(
    ("call", "kind", "name", "arguments"),
    [
        ({"type": "custom_tool_call", "name": "exec", "input": "print"}, "custom", "exec", "print"),
        ({"type": "tool_search_call", "execution": "client", "arguments": {"query": "q"}}, "tool_search", "tool_search", '{"query": "q"}'),
        ({"type": "local_shell_call", "action": {"command": ["ls"]}}, "local_shell", "local_shell", '{"command": ["ls"]}'),
        ({"type": "shell_call", "action": {"commands": []}}, "shell", "shell", '{"commands": []}'),
        ({"type": "apply_patch_call", "operation": {"path": "a"}}, "apply_patch", "apply_patch", '{"path": "a"}'),
    ],
)
def test_calls_of_every_kind(call, kind, name, arguments):
    """What is an object in the item is its JSON."""
    opened = PartOpened(0, CALL, "c", name, call_kind=kind)
    assert item().finish(fields({"call_id": "c", **call})) == [opened, PartGrew(0, arguments), PartClosed(0)]


@pytest.mark.parametrize("kind", ["web_search_call", "tool_search_call", "of_next_year"])
def test_what_the_provider_runs_is_no_part(kind):
    """Nor is what is not known, nor a call without a name."""
    assert item().finish(fields({"type": kind, "id": "x", "execution": "server", "action": {}})) == []
    assert item().finish(fields({"type": "function_call", "call_id": "c", "arguments": "{}"})) == []


def test_a_summary_of_several_parts_is_one():
    """With an empty line between them; its state ends it."""
    one = item()
    events = [*one.grow(SUMMARY, 0, "a"), *one.grow(SUMMARY, 0, "b"), *one.grow(SUMMARY, 1, "c")]
    assert events == [PartOpened(0, SUMMARY), PartGrew(0, "a"), PartGrew(0, "b"), PartGrew(0, "\n\nc")]
    done = {"type": "reasoning", "id": "rs_1", "summary": [{"text": "ab"}, {"text": "cd"}, {"text": "e"}], "encrypted_content": "gAAA"}
    state = OpaqueState("openai", "encrypted", "gAAA", item_id="rs_1")
    assert one.finish(fields(done)) == [PartGrew(0, "d"), PartGrew(0, "\n\ne"), PartClosed(0, state)]


def test_a_thought_and_its_summary_are_apart():
    """The state is with the last; alone it is a redacted thought."""
    state = OpaqueState("openai", "encrypted", "gAAA", item_id="rs_1")
    done = {"type": "reasoning", "id": "rs_1", "summary": [{"text": "s"}], "encrypted_content": "gAAA"}
    thought = [{"type": "reasoning_text", "text": "t"}]
    assert item().finish(fields({**done, "content": thought})) == [
        PartOpened(0, THINKING),
        PartGrew(0, "t"),
        PartClosed(0),
        PartOpened(1, SUMMARY),
        PartGrew(1, "s"),
        PartClosed(1, state),
    ]
    assert item().finish(fields({**done, "summary": []})) == [PartOpened(0, THINKING), PartClosed(0, state, redacted=True)]
    assert item().finish(fields({"type": "reasoning", "summary": [], "content": None})) == []
