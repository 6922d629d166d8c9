"""Chat Completions requests as conversations."""

import json

import pytest

from headgate.core.conversation import Conversation, OutputFormat, Reasoning, Sampling, Text, Turn
from headgate.core.errors import BadRequest
from headgate.dialects.faces import Operation
from headgate.dialects.openai_chat.codec import CLIENT
from headgate.dialects.openai_chat.parameters import bounded
from headgate.dialects.openai_chat.request import read

CHAT = Operation("chat", "openai/v1/chat/completions")
USER = {"role": "user", "content": "hello"}


def asked(**members):
    """A request that was read."""
    return read(json.dumps({"model": "m", "messages": [USER], **members}).encode(), CHAT, "")


def decode(**members):
    """Its conversation."""
    return CLIENT.decode(asked(**members), CHAT)


def test_the_smallest_request():
    """Everything else is the provider's default."""
    assert decode() == Conversation(model="m", turns=(Turn("user", (Text("hello"),)),), usage_in_stream=False)


@pytest.mark.parametrize(
    ("members", "name", "expected"),
    [
        ({"stream": True}, "stream", True),
        ({"stream": True, "stream_options": {"include_usage": True}}, "usage_in_stream", True),
        ({"stream_options": {"include_usage": False}}, "usage_in_stream", False),
        ({"parallel_tool_calls": False}, "parallel_calls", False),
        ({"max_completion_tokens": 9, "max_tokens": 8}, "output_tokens_max", 9),
        ({"max_tokens": 8}, "output_tokens_max", 8),
        ({"stop": "a"}, "stop", ("a",)),
        ({"stop": ["a", "b"]}, "stop", ("a", "b")),
        ({"verbosity": "low"}, "verbosity", "low"),
        ({"prompt_cache_key": "k"}, "cache_key", "k"),
        ({"user": "u"}, "user", "u"),
        ({"user": "u", "safety_identifier": "s"}, "user", "s"),
        ({"service_tier": "priority"}, "tier", "priority"),
        ({"n": 2}, "answers", 2),
        ({"n": None}, "answers", 1),
        ({"logprobs": True}, "log_probabilities", 0),
        ({"logprobs": True, "top_logprobs": 3}, "log_probabilities", 3),
        ({"logprobs": False, "top_logprobs": 3}, "log_probabilities", None),
        ({"store": True}, "stored", True),
        (
            {"temperature": 1, "top_p": 0.5, "top_k": 3, "frequency_penalty": 0.1, "presence_penalty": 0.2, "seed": 7},
            "sampling",
            Sampling(temperature=1.0, top_p=0.5, top_k=3, frequency_penalty=0.1, presence_penalty=0.2, seed=7),
        ),
        ({"response_format": {"type": "text"}}, "format", OutputFormat()),
        ({"response_format": {"type": "json_object"}}, "format", OutputFormat(kind="json_object")),
    ],
)
def test_members_have_their_places(members, name, expected):
    """One after another."""
    assert getattr(decode(**members), name) == expected


def test_a_schema_of_the_answer():
    """Its name, its words, its text, and whether it is strict."""
    schema = {"name": "city", "description": "A city.", "schema": {"type": "object", "b": 1, "a": 2}, "strict": True}
    found = decode(response_format={"type": "json_schema", "json_schema": schema}).format
    assert (found.kind, found.name, found.description, found.strict) == ("json_schema", "city", "A city.", True)
    assert bytes(found.schema) == b'{"type": "object", "b": 1, "a": 2}'


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"reasoning_effort": "high"}, Reasoning(mode="on", effort="high")),
        ({"reasoning_effort": "none"}, Reasoning(mode="off")),
        ({"reasoning": {"effort": "low", "exclude": True}}, Reasoning(mode="on", effort="low", shown=False)),
        ({"reasoning": {"max_tokens": 2000}}, Reasoning(mode="on", budget_tokens=2000)),
        ({"reasoning": {"enabled": True}}, Reasoning(mode="adaptive")),
        ({"reasoning": {"enabled": False}}, Reasoning(mode="off")),
        ({"reasoning": {"exclude": True}}, Reasoning(shown=False)),
        ({"thinking": {"type": "enabled"}}, Reasoning(mode="adaptive")),
        ({"thinking": {"type": "enabled", "budget_tokens": 4000}}, Reasoning(mode="on", budget_tokens=4000)),
        ({"thinking": {"type": "disabled"}}, Reasoning(mode="off")),
        ({}, Reasoning()),
    ],
)
def test_reasoning_in_each_spelling(members, expected):
    """OpenAI's, OpenRouter's, DeepSeek's."""
    assert decode(**members).reasoning == expected


def test_what_has_no_place_is_kept():
    """By its name, as it is written."""
    beyond = decode(logit_bias={"1": -1}, metadata={"a": "b"}).beyond
    assert {name: bytes(raw) for name, raw in beyond.items()} == {"logit_bias": b'{"1": -1}', "metadata": b'{"a": "b"}'}


def test_the_bound_of_an_endpoint_counts():
    """For a request that has none of its own."""
    assert CLIENT.decode(bounded(asked(), 100), CHAT).output_tokens_max == 100
    assert CLIENT.decode(bounded(asked(max_tokens=500), 100), CHAT).output_tokens_max == 100


@pytest.mark.parametrize(
    ("members", "place"),
    [
        ({"messages": 7}, r"\$\.messages"),
        ({"messages": [{"role": "user", "content": 7}]}, r"\$\.messages\[0\]\.content"),
        ({"messages": [{"content": "a"}]}, r"\$\.messages\[0\]"),
        ({"temperature": "warm"}, r"\$\.temperature"),
        ({"tools": {}}, r"\$\.tools"),
        ({"tool_choice": 7}, r"\$\.tool_choice"),
        ({"stop": 7}, r"\$\.stop"),
    ],
)
def test_what_is_not_of_the_dialect_is_refused_with_its_place(members, place):
    """A 400 in words that say where."""
    with pytest.raises(BadRequest, match=place) as refused:
        decode(**members)
    assert refused.value.code == "invalid_request"


def test_nothing_is_taken_out_for_a_provider_of_the_dialect():
    """No state of another provider is in such a request."""
    request = asked()
    assert CLIENT.without_envelopes(request) is request
    assert CLIENT.count(3) == b"{}"
