"""The names that Cursor derives from a model's."""

import json

import pytest

from headgate.dialects.cursor.faces import CLIENT
from headgate.dialects.cursor.variants import Variant, variant_of
from headgate.dialects.faces import Operation

CHAT = Operation("chat", "cursor/v1/chat/completions")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("claude-opus-4-6-thinking-high", Variant("claude-opus-4-6", "high")),
        ("claude-opus-4-6-thinking", Variant("claude-opus-4-6", "medium")),
        ("gpt-5.2-fast", Variant("gpt-5.2", tier="priority")),
        ("gpt-5.2-thinking-xhigh-fast", Variant("gpt-5.2", "xhigh", "priority")),
        ("gpt-5.2-thinking-fast", Variant("gpt-5.2", "medium", "priority")),
        ("gpt-5.1-codex-max", None),
        ("grok-4-fast-reasoning", None),
        ("-thinking", None),
        ("-fast", None),
        ("m-thinking-deeply", None),
        ("m", None),
    ],
)
def test_names(name, expected):
    """What they say, and names that say nothing."""
    assert variant_of(name) == expected


def read(model, **members):
    """A request as it came, and as it is meant."""
    asked = CLIENT.read(json.dumps({"model": model, "messages": [], **members}).encode(), CHAT, "")
    return asked, asked.otherwise


def test_the_request_that_is_meant():
    """It asks for the model itself, with the effort and the tier; the one that came stays as it is."""
    asked, other = read("m-thinking-high-fast", stream=True)
    assert (asked.model, other.model, other.stream, other.otherwise) == ("m-thinking-high-fast", "m", True, None)
    assert json.loads(other.body) == {"model": "m", "messages": [], "stream": True, "reasoning_effort": "high", "service_tier": "priority"}
    assert json.loads(other.with_model("sent"))["model"] == "sent"
    assert b"reasoning_effort" not in asked.body
    assert read("m")[1] is None


@pytest.mark.parametrize("members", [{"reasoning_effort": "low"}, {"reasoning": {"effort": "low"}, "input": []}])
def test_what_the_body_says_itself_counts(members):
    """The name does not change it."""
    _, other = read("m-thinking-high", **members)
    assert {name: value for name, value in json.loads(other.body).items() if name in {"reasoning", "reasoning_effort", "service_tier"}} == {
        name: value for name, value in members.items() if name != "input"
    }
    assert other.mixed is ("input" in members)
