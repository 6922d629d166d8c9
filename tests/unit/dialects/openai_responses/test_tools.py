"""The tools of OpenAI that are priced apart."""

import json

import msgspec
import pytest

from headgate.core.event import UsageSeen
from headgate.core.usage import UsageLine
from headgate.dialects.openai_responses.stream import StreamReader
from headgate.dialects.openai_responses.tools import calls, kind_of, lines

NOTHING = msgspec.Raw()


def raw(value):
    """A value as it stands in an answer."""
    return msgspec.Raw(json.dumps(value).encode())


@pytest.mark.parametrize(
    ("item", "kind"),
    [
        ({"type": "web_search_call", "action": {"type": "search"}}, "web_search"),
        ({"type": "web_search_call"}, "web_search"),
        ({"type": "web_search_call", "action": {"type": "open_page"}}, ""),
        ({"type": "web_search_call", "action": {"type": "find_in_page"}}, ""),
        ({"type": "file_search_call", "action": 7}, "file_search"),
        ({"type": "function_call"}, ""),
        ({"type": ["web_search_call"]}, ""),
        ([], ""),
        (None, ""),
    ],
)
def test_a_search_is_charged_and_a_page_is_not(item, kind):
    """Any item may come."""
    assert kind_of(raw(item)) == kind
    assert calls(raw([item, item])) == [kind] * 2 * bool(kind)
    assert calls(raw({"a": item})) == []


def test_what_is_billed_goes_before_what_is_seen():
    """A 0 takes back what was seen; where nothing is reported, what was seen counts."""
    seen = ["web_search", "web_search", "file_search"]

    assert lines(NOTHING, seen) == (UsageLine(kind="file_search", uses=1), UsageLine(kind="web_search", uses=2))
    assert lines(raw({"web_search": {"num_requests": 5}}), []) == (UsageLine(kind="web_search", uses=5),)
    assert lines(raw({"web_search": {"num_requests": 0}}), ["web_search"]) == (UsageLine(kind="web_search", uses=0),)
    assert lines(raw({"web_search": {"num_requests": 0}}), []) == ()
    assert lines(raw([1]), ["web_search"]) == (UsageLine(kind="web_search", uses=1),)


def test_searches_of_an_answer_that_breaks_off_are_counted():
    """They were made, whatever became of the answer."""
    reader = StreamReader()
    events = [
        {"type": "response.created", "response": {"id": "resp_1", "model": "gpt-5.2"}},
        {"type": "response.output_item.done", "item": {"type": "web_search_call", "action": {"type": "search"}}},
        {"type": "response.output_item.done", "item": {"type": "web_search_call", "action": {"type": "search"}}},
    ]
    seen = [event for one in events for event in reader.feed(b"data: " + json.dumps(one, separators=(",", ":")).encode() + b"\n\n")]

    reported = [event.usage.beside for event in seen if isinstance(event, UsageSeen)]
    assert reported == [(UsageLine(kind="web_search", uses=1),), (UsageLine(kind="web_search", uses=2),)]
