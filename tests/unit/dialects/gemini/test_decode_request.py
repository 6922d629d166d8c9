"""Requests of a client as conversations."""

import json

import msgspec
import pytest

from headgate.core.conversation import OutputFormat, Reasoning, Sampling, Text, Turn
from headgate.core.errors import BadRequest
from headgate.dialects.faces import Operation
from headgate.dialects.gemini.decode_request import decode
from headgate.dialects.gemini.request import read

STREAM = Operation("streamGenerateContent", "gemini/v1/generateContent", "always")
COUNT = Operation("countTokens", "gemini/v1/countTokens", "never", generates=False)
HELLO = {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]}


def decoded(body, operation=STREAM):
    """The conversation of a body."""
    return decode(read(json.dumps(body).encode(), operation, "gemini-3-pro"), operation)


def test_a_request_of_gemini_cli():
    """Its system instruction has the user's role, and its body no word about streaming."""
    conversation = decoded({
        **HELLO,
        "systemInstruction": {"role": "user", "parts": [{"text": "Be brief."}]},
        "generationConfig": {"temperature": 1, "topP": 0.95, "topK": 64, "thinkingConfig": {"includeThoughts": True}},
    })
    assert conversation.model == "gemini-3-pro"
    assert conversation.stream
    assert conversation.turns == (Turn("system", (Text("Be brief."),)), Turn("user", (Text("Hello"),)))
    assert conversation.sampling == Sampling(temperature=1, top_p=0.95, top_k=64)
    assert conversation.reasoning == Reasoning(shown=True)
    assert conversation.beyond == {}


@pytest.mark.parametrize(
    ("thinking", "reasoning"),
    [
        ({"thinkingBudget": 0}, Reasoning(mode="off")),
        ({"thinking_budget": -1}, Reasoning(mode="adaptive")),
        ({"thinkingBudget": 512, "includeThoughts": False}, Reasoning(mode="on", budget_tokens=512, shown=False)),
        ({"thinkingLevel": "HIGH"}, Reasoning(mode="on", effort="high")),
        ({"thinkingLevel": "THINKING_LEVEL_UNSPECIFIED"}, Reasoning()),
    ],
)
def test_thinking_by_level_or_budget(thinking, reasoning):
    """0 switches it off, -1 leaves it to the model."""
    assert decoded({**HELLO, "generation_config": {"thinking_config": thinking}}).reasoning == reasoning


@pytest.mark.parametrize(
    ("config", "output"),
    [
        ({"responseMimeType": "application/json"}, OutputFormat(kind="json_object")),
        (
            {"responseMimeType": "application/json", "responseJsonSchema": {"type": "object"}},
            OutputFormat(kind="json_schema", schema=msgspec.Raw(b'{"type": "object"}')),
        ),
        (
            {"response_mime_type": "application/json", "response_schema": {"type": "OBJECT"}},
            OutputFormat(kind="json_schema", schema=msgspec.Raw(b'{"type":"object"}')),
        ),
        ({"responseMimeType": "text/plain"}, OutputFormat()),
    ],
)
def test_formats(config, output):
    """With a schema in either language."""
    assert decoded({**HELLO, "generationConfig": config}).format == output


def test_all_other_settings():
    """Each has its place; a repeated answer and log probabilities are kept for the target to refuse."""
    conversation = decoded({
        **HELLO,
        "generationConfig": {
            "maxOutputTokens": "100",
            "stopSequences": ["END"],
            "seed": 7,
            "presencePenalty": 0.5,
            "frequencyPenalty": 0.25,
            "candidateCount": 2,
            "responseLogprobs": True,
            "logprobs": 3,
            "responseModalities": ["TEXT"],
        },
        "serviceTier": "SERVICE_TIER_PRIORITY",
    })
    assert conversation.output_tokens_max == 100
    assert conversation.stop == ("END",)
    assert conversation.sampling == Sampling(seed=7, presence_penalty=0.5, frequency_penalty=0.25)
    assert (conversation.answers, conversation.log_probabilities, conversation.tier) == (2, 3, "priority")
    assert conversation.beyond == {}


def test_what_has_no_place_is_kept():
    """By its name, within a configuration by a name with dots."""
    conversation = decoded({
        **HELLO,
        "safetySettings": [],
        "cachedContent": "cachedContents/1",
        "labels": {},
        "generationConfig": {
            "responseModalities": ["IMAGE"],
            "mediaResolution": "MEDIA_RESOLUTION_LOW",
            "responseMimeType": "text/x.enum",
            "thinkingConfig": {"other": 1},
        },
        "serviceTier": "standard",
    })
    assert sorted(conversation.beyond) == [
        "cachedContent",
        "generationConfig.mediaResolution",
        "generationConfig.responseMimeType",
        "generationConfig.responseModalities",
        "generationConfig.thinkingConfig.other",
        "labels",
        "safetySettings",
    ]
    assert not conversation.tier


@pytest.mark.parametrize("body", [HELLO, {"generateContentRequest": {"model": "models/gemini-3-pro", **HELLO}}, {"generate_content_request": HELLO}])
def test_counting_tokens(body):
    """Of contents, or of a whole request."""
    conversation = decoded(body, COUNT)
    assert conversation.counting
    assert not conversation.stream
    assert conversation.turns == (Turn("user", (Text("Hello"),)),)


@pytest.mark.parametrize("body", [{}, {"contents": "Hello"}, {**HELLO, "generationConfig": []}, {**HELLO, "generationConfig": {"topP": "x"}}])
def test_a_request_of_another_shape_is_refused(body):
    """The message names the member."""
    with pytest.raises(BadRequest, match="`"):
        decoded(body)
