"""The parts of a Chat Completions answer, as servers write calls."""

import pytest

from headgate.core.event import Cited, PartClosed, PartGrew, PartOpened
from headgate.dialects.openai_chat.answer_parts import AnswerParts

WHOLE = '{"a":1}'


def function(name="", arguments="", **members):
    """A function in a delta."""
    return {"function": {"name": name, "arguments": arguments}, **members}


def events(*calls, close=True):
    """The events of these deltas of calls."""
    parts, found = AnswerParts(), []
    for call in calls:
        parts.call(call, "answer", found)
    if close:
        parts.close("answer", found)
    return found


def told(found):
    """Each call with its id, its name and its whole arguments, in the order in which they began; every one is closed once, and after it grows no more."""
    calls, closed = {}, set()
    for event in found:
        if isinstance(event, PartOpened):
            calls[event.index] = [event.call_id, event.name, ""]
        elif isinstance(event, PartGrew):
            assert event.index not in closed
            calls[event.index][2] += event.text
        else:
            assert event.index not in closed
            closed.add(event.index)
    assert closed == set(calls)
    return [tuple(call) for call in calls.values()]


TWO = [("c0", "read", WHOLE), ("c1", "now", WHOLE)]


@pytest.mark.parametrize(
    "calls",
    [
        [function("read", index=0, id="c0"), function("", '{"a"', index=0), function("", ":1}", index=0), function("now", WHOLE, index=1, id="c1")],
        [function("read", index=0, id="c0"), function("now", index=1, id="c1"), function("", WHOLE, index=1), function("", WHOLE, index=0)],
        [function("read", WHOLE, index=0, id="c0"), function("now", WHOLE, index=0, id="c1")],
        [function("read", WHOLE, id="c0"), function("now", WHOLE, id="c1")],
        [function("read", '{"a"', id="c0"), function("", ":1}"), function("now", WHOLE, id="c1")],
        [function("read", '{"a"', index=0, id="c0"), function("read", ":1}", index=0, id="c0"), function("now", WHOLE, index=1, id="c1")],
        [function("", '{"a"', index=0, id="c0"), function("read", ":1}", index=0), function("now", WHOLE, index=1, id="c1")],
        [function("read", {"a": 1}, index=0, id="c0"), function("now", {"a": 1}, index=1, id="c1")],
        [function("read", WHOLE, index=0, id="c0"), function("read", "", index=0, id="c0"), function("now", WHOLE, index=1, id="c1")],
    ],
    ids=["apart", "interleaved", "all index 0", "no index", "no index, in pieces", "name again", "name later", "objects", "an empty end"],
)
def test_calls_as_servers_write_them(calls):
    """The same two each time."""
    assert told(events(*calls)) == TWO


def test_a_call_is_passed_on_as_it_comes():
    """It is closed when the next part begins, if its arguments are whole."""
    first = [PartOpened(0, "call", "c0", "read"), PartGrew(0, WHOLE)]
    assert events(function("read", WHOLE, index=0, id="c0"), close=False) == first
    assert events(function("read", WHOLE, index=0, id="c0"), function("now", index=1, id="c1"), close=False) == [
        *first,
        PartClosed(0),
        PartOpened(1, "call", "c1", "now"),
    ]


def test_an_unfinished_call_stays_open():
    """Its arguments may go on after another one's."""
    found = events(function("read", '{"a"', index=0, id="c0"), function("now", index=1, id="c1"), close=False)
    assert PartClosed(0) not in found


def test_missing_ids_are_made():
    """The same from the same answer, another for each call; an id that comes twice is used once."""
    bare = [function("read", WHOLE, index=0), function("read", WHOLE, index=1)]
    (first, *_), (second, *_) = told(events(*bare))
    assert first.startswith("call_")
    assert len(first) == 29
    assert first != second
    assert [call[0] for call in told(events(*bare))] == [first, second]
    (same, *_), (other, *_) = told(events(function("read", WHOLE, index=0, id="c"), function("now", WHOLE, index=1, id="c")))
    assert same == "c"
    assert other.startswith("call_")


def test_custom_calls():
    """Their text is no JSON, so they stay open to the end."""
    deltas = [
        {"index": 0, "id": "c", "custom": {"name": "patch", "input": "{"}},
        {"index": 0, "custom": {"input": "}"}},
        function("now", index=1, id="d"),
    ]
    found = events(*deltas)
    assert found[0] == PartOpened(0, "call", "c", "patch", "", "custom")
    assert told(found) == [("c", "patch", "{}"), ("d", "now", "")]


def test_a_call_that_is_never_named():
    """It is known at the end."""
    assert told(events(function("", WHOLE, index=0, id="c"))) == [("c", "", WHOLE)]


@pytest.mark.parametrize("delta", [None, 7, [], {}, {"function": 7}, {"index": "0", "id": 7, "function": {"name": [], "arguments": 7}}])
def test_odd_deltas_are_calls_of_nothing(delta):
    """No bytes of a provider raise."""
    assert [call[1:] for call in told(events(delta))] == [("", "")]


def test_texts_of_another_kind_end_each_other():
    """A text that goes on later is a new part."""
    parts, found = AnswerParts(), []
    assert not parts.any
    for kind, said in (("thinking", "a"), ("thinking", "b"), ("text", ""), ("text", "c"), ("thinking", "d")):
        parts.grow(kind, said, found)
    parts.close("", found)
    assert parts.any
    assert not parts.called
    assert found == [
        PartOpened(0, "thinking"),
        PartGrew(0, "a"),
        PartGrew(0, "b"),
        PartClosed(0),
        PartOpened(1, "text"),
        PartGrew(1, "c"),
        PartClosed(1),
        PartOpened(2, "thinking"),
        PartGrew(2, "d"),
        PartClosed(2),
    ]


def test_sources_are_of_the_open_text():
    """Without one there is nothing that they are a source of."""
    parts, found = AnswerParts(), []
    source = {"type": "url_citation", "url_citation": {"url": "https://example.com/a", "title": "A", "content": "rain"}}
    parts.cite(source, found)
    assert found == []
    parts.grow("text", "It rains.", found)
    parts.cite(source, found)
    parts.cite({"type": "file_citation"}, found)
    assert found[2:] == [Cited(0, "https://example.com/a", "A", "rain")]


@pytest.mark.parametrize("arguments", [WHOLE, '{"a":1'])
def test_thousands_of_calls_are_one_after_the_other(arguments):
    """Whole ones and ones that stay open: no call is looked at again for each that follows."""
    calls = [function("f", arguments, index=n, id=f"c{n}") for n in range(20_000)]
    assert told(events(*calls)) == [(f"c{n}", "f", arguments) for n in range(20_000)]
