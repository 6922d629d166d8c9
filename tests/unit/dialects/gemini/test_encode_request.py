"""Requests to Gemini."""

import json

import msgspec
import pytest

from headgate.core.conversation import Conversation, OutputFormat, Reasoning, Sampling, Text, Tool, Turn
from headgate.core.errors import Untranslatable
from headgate.core.loss import Loss
from headgate.core.model_profile import ModelProfile
from headgate.dialects.gemini.encode_request import encode
from headgate.dialects.gemini.request import path

ASK = (Turn("user", (Text("Hello"),)),)


def body(profile=None, **fields):
    """The body of a conversation."""
    encoded = encode(Conversation(**{"model": "gemini-3-pro", "turns": ASK, **fields}), profile or ModelProfile())
    return json.loads(encoded.body)


def test_a_whole_request():
    """Each setting has its member."""
    assert body(
        turns=(Turn("system", (Text("Be brief."),)), *ASK),
        tools=(Tool("pwd"),),
        output_tokens_max=100,
        sampling=Sampling(temperature=0.5, top_p=0.9, top_k=40, frequency_penalty=0.1, presence_penalty=0.2, seed=7),
        stop=("END",),
        tier="priority",
    ) == {
        "contents": [{"role": "user", "parts": [{"text": "Hello"}]}],
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
        "tools": [{"functionDeclarations": [{"name": "pwd"}]}],
        "generationConfig": {
            "temperature": 0.5,
            "topP": 0.9,
            "topK": 40,
            "frequencyPenalty": 0.1,
            "presencePenalty": 0.2,
            "seed": 7,
            "maxOutputTokens": 100,
            "stopSequences": ["END"],
        },
        "serviceTier": "priority",
    }


@pytest.mark.parametrize(
    ("reasoning", "thinking", "config"),
    [
        (Reasoning(), "", None),
        (Reasoning(shown=True), "", {"includeThoughts": True}),
        (Reasoning(mode="off", shown=True), "", {"thinkingBudget": 0}),
        (Reasoning(mode="off"), "level", {"thinkingLevel": "MINIMAL"}),
        (Reasoning(mode="adaptive"), "budget", {"thinkingBudget": -1}),
        (Reasoning(mode="adaptive"), "level", None),
        (Reasoning(mode="on", effort="high", shown=True), "level", {"includeThoughts": True, "thinkingLevel": "HIGH"}),
        (Reasoning(mode="on", effort="max"), "level", {"thinkingLevel": "XHIGH"}),
        (Reasoning(mode="on", budget_tokens=512), "budget", {"thinkingBudget": 512}),
    ],
)
def test_thinking_by_level_or_by_budget(reasoning, thinking, config):
    """As the model takes it; a model without thoughts has no such setting."""
    assert body(ModelProfile(thinking=thinking), reasoning=reasoning).get("generationConfig", {}).get("thinkingConfig") == config
    assert "generationConfig" not in body(ModelProfile(thinks=False), reasoning=reasoning)


def test_formats():
    """JSON, with a clean schema."""
    schema = msgspec.Raw(b'{"type":"object","properties":{"a":{"const":1}}}')
    assert body(format=OutputFormat(kind="json_object"))["generationConfig"] == {"responseMimeType": "application/json"}
    assert body(format=OutputFormat(kind="json_schema", schema=schema))["generationConfig"] == {
        "responseMimeType": "application/json",
        "responseJsonSchema": {"type": "object", "properties": {"a": {"enum": [1]}}},
    }


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"stream": True}, "/v1beta/models/gemini-3-pro:streamGenerateContent?alt=sse"),
        ({}, "/v1beta/models/gemini-3-pro:generateContent"),
        ({"counting": True, "stream": True}, "/v1beta/models/gemini-3-pro:countTokens"),
    ],
)
def test_the_operation_makes_the_path(fields, expected):
    """A stream is one of events."""
    encoded = encode(Conversation(model="gemini-3-pro", turns=ASK, **fields), ModelProfile())
    assert path(encoded.operation, "gemini-3-pro", encoded.query) == expected


def test_counting_asks_with_the_whole_request():
    """So tools and the system instruction are counted too."""
    assert body(counting=True, tools=(Tool("pwd"),)) == {
        "generateContentRequest": {
            "model": "models/gemini-3-pro",
            "contents": [{"role": "user", "parts": [{"text": "Hello"}]}],
            "tools": [{"functionDeclarations": [{"name": "pwd"}]}],
        }
    }


def test_what_gemini_cannot_be_asked():
    """Is a loss, or refused where the answer would be another one."""
    schema = msgspec.Raw(b'{"type":"string","pattern":"a"}')
    conversation = Conversation(
        turns=ASK,
        tools=(Tool("pwd"),),
        parallel_calls=False,
        verbosity="low",
        log_probabilities=2,
        stop=("a", "b", "c", "d", "e", "f"),
        format=OutputFormat(kind="json_schema", schema=schema),
    )
    assert encode(conversation, ModelProfile()).losses == (
        Loss("stop", "Gemini takes 5 stop sequences."),
        Loss("response_format", "Gemini's schemas do not have pattern."),
        Loss("parallel_tool_calls", "Gemini may always call several tools at once."),
        Loss("verbosity", "Gemini has no such setting."),
        Loss("logprobs", "Answers of Gemini are passed on without them."),
    )
    with pytest.raises(Untranslatable, match="Ask for one answer"):
        encode(Conversation(turns=ASK, answers=2), ModelProfile())


def test_members_that_the_model_refuses_are_left_out():
    """In either form of their names, each with a loss."""
    conversation = Conversation(turns=ASK, sampling=Sampling(frequency_penalty=0.5, seed=1), tier="flex")
    encoded = encode(conversation, ModelProfile(refused=("frequencyPenalty", "service_tier", "contents", "topK")))
    assert json.loads(encoded.body) == {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}], "generationConfig": {"seed": 1}}
    assert encoded.losses == (Loss("frequencyPenalty", "This model does not take it."), Loss("serviceTier", "This model does not take it."))
