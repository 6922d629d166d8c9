"""Conversations as Chat Completions requests, by the types of the official SDK."""

import json

import msgspec
import pytest

from headgate.core.conversation import Conversation, OutputFormat, Reasoning, Sampling, Text, Tool, Turn
from headgate.core.errors import Untranslatable
from headgate.core.model_profile import ModelProfile
from headgate.dialects.openai_chat.codec import PROVIDER
from tests.fakes import sdk_requests

TURNS = (Turn("user", (Text("hello"),)),)
PLAIN, OPENAI = ModelProfile(), ModelProfile(openai_fields=True)
READ = Tool("read")


def encoded(profile=PLAIN, **members):
    """The body, and what was lost."""
    found = PROVIDER.encode(Conversation(model="m", turns=TURNS, **members), profile)
    assert (found.operation.name, found.query) == ("chat", "")
    body = json.loads(found.body)
    sdk_requests.check("chat", {name: value for name, value in body.items() if name != "top_k"})
    return body, [loss.what for loss in found.losses]


def beside(profile=PLAIN, **members):
    """The members beside the model and the messages."""
    body, losses = encoded(profile, **members)
    assert (body.pop("model"), body.pop("messages")) == ("m", [{"role": "user", "content": "hello"}])
    assert losses == []
    return body


def test_the_smallest_request():
    """Nothing is written that was not asked for."""
    assert beside() == {}


def test_a_stream_always_counts():
    """Whether the client asked for counts or not."""
    assert beside(stream=True, usage_in_stream=False) == {"stream": True, "stream_options": {"include_usage": True}}


def test_the_bound_has_the_name_that_the_model_takes():
    """OpenAI's reasoning models take no other than the newer; most servers know the older alone."""
    assert beside(output_tokens_max=9) == {"max_tokens": 9}
    assert beside(OPENAI, output_tokens_max=9) == {"max_completion_tokens": 9}


def test_sampling():
    """`top_k` is a parameter of other servers alone."""
    sampling = Sampling(temperature=0.5, top_p=0.9, top_k=3, frequency_penalty=0.1, presence_penalty=0.2, seed=0)
    expected = {"temperature": 0.5, "top_p": 0.9, "frequency_penalty": 0.1, "presence_penalty": 0.2, "seed": 0}
    assert beside(sampling=sampling) == {**expected, "top_k": 3}
    body, losses = encoded(OPENAI, sampling=sampling)
    assert "top_k" not in body
    assert losses == ["top_k"]


@pytest.mark.parametrize(
    ("reasoning", "expected"),
    [
        (Reasoning(), {}),
        (Reasoning(mode="adaptive"), {}),
        (Reasoning(mode="on", effort="high"), {"reasoning_effort": "high"}),
        (Reasoning(mode="off"), {"reasoning_effort": "none"}),
    ],
)
def test_reasoning_is_an_effort(reasoning, expected):
    """As it was prepared."""
    assert beside(reasoning=reasoning) == expected


def test_members_of_openai_alone():
    """Another server would refuse them. The key of a cache is no loss there."""
    members = {"verbosity": "low", "cache_key": "k", "tier": "priority"}
    assert beside(OPENAI, **members) == {"verbosity": "low", "prompt_cache_key": "k", "service_tier": "priority"}
    body, losses = encoded(**members)
    assert [*body] == ["model", "messages"]
    assert losses == ["verbosity", "service_tier"]


def test_stops_and_users():
    """As they were prepared."""
    assert beside(stop=("a", "b"), user="u") == {"stop": ["a", "b"], "user": "u"}


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (OutputFormat(kind="json_object"), {"type": "json_object"}),
        (
            OutputFormat(kind="json_schema", schema=msgspec.Raw(b'{"type":"object"}')),
            {"type": "json_schema", "json_schema": {"name": "output", "schema": {"type": "object"}}},
        ),
        (
            OutputFormat(kind="json_schema", name="city", description="A city.", schema=msgspec.Raw(b"{}"), strict=True),
            {"type": "json_schema", "json_schema": {"name": "city", "description": "A city.", "schema": {}, "strict": True}},
        ),
    ],
)
def test_the_form_of_the_answer(form, expected):
    """A schema needs a name here."""
    assert beside(format=form) == {"response_format": expected}


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"parallel_calls": False, "tools": (READ,)}, False),
        ({"parallel_calls": True, "tools": (READ,)}, None),
        ({"parallel_calls": False}, None),
    ],
)
def test_parallel_calls_are_only_forbidden(members, expected):
    """They are allowed by default, and some models take no such parameter at all."""
    assert beside(**members).get("parallel_tool_calls") == expected


def test_what_a_model_refuses_is_left_out():
    """As its profile says: a loss."""
    profile = ModelProfile(refused=("temperature", "stop"))
    body, losses = encoded(profile, sampling=Sampling(temperature=1.0))
    assert "temperature" not in body
    assert losses == ["temperature"]


def test_probabilities_are_a_loss():
    """They are not passed on."""
    body, losses = encoded(log_probabilities=2)
    assert "logprobs" not in body
    assert losses == ["logprobs"]


@pytest.mark.parametrize("members", [{"answers": 2}, {"counting": True}])
def test_what_cannot_be_asked_is_refused(members):
    """Several answers, of which one would be passed on; counting without an answer."""
    with pytest.raises(Untranslatable):
        PROVIDER.encode(Conversation(model="m", turns=TURNS, **members), PLAIN)


def test_the_same_conversation_gives_the_same_bytes():
    """Members in one order."""
    conversation = Conversation(model="m", turns=TURNS, tools=(READ,), stream=True)
    assert PROVIDER.encode(conversation, PLAIN).body == PROVIDER.encode(conversation, PLAIN).body
    assert PROVIDER.count_of(b'{"input_tokens":3}') is None
