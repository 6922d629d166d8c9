"""Conversations written as requests of Anthropic Messages, checked by the types of Anthropic's SDK."""

import json

import msgspec
import pytest

from headgate.core.conversation import (
    Conversation,
    Media,
    OutputFormat,
    Reasoning,
    Sampling,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
    Turn,
)
from headgate.core.errors import Untranslatable
from headgate.core.model_profile import ModelProfile
from headgate.core.opaque_state import OpaqueState
from headgate.dialects.anthropic.encode_request import encode
from tests.fakes import sdk_requests

HI = (Turn("user", (Text("Hi"),)),)
MESSAGES = [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}]
MARK = {"type": "ephemeral"}


def sent(profile=ModelProfile(), **fields):
    """The body that is sent, which the SDK's types allow, and what is lost."""
    encoded = encode(Conversation(**{"model": "m", "turns": HI, **fields}), profile)
    body = json.loads(encoded.body)
    sdk_requests.check(encoded.operation.name, body)
    return body, [loss.what for loss in encoded.losses]


def test_a_plain_request():
    """It has a bound on its output, and its prompt is cached."""
    assert sent() == ({"model": "m", "max_tokens": 32000, "cache_control": MARK, "messages": MESSAGES}, [])


@pytest.mark.parametrize(
    ("asked", "known", "tokens"),
    [(100, 64000, 100), (0, 64000, 64000), (0, 0, 32000)],
)
def test_the_bound_of_the_output(asked, known, tokens):
    """The client's, the model's, or a large one."""
    assert sent(ModelProfile(output_tokens_max=known), output_tokens_max=asked)[0]["max_tokens"] == tokens


def test_everything_at_once():
    """A round of a tool, in the order of the prompt."""
    body, losses = sent(
        turns=(
            Turn("system", (Text("You are."), Text(""))), Turn("system", (Text("Be brief.", cached=True),)),
            Turn("user", (Text("Look."), Media("image", "image/png", base64="aGk="))),
            Turn("assistant", (Thinking("hm", state=OpaqueState("anthropic", "signature", "Eq")), ToolCall("t1", "f", '{"a":1}'))),
            Turn("user", (ToolResult("t1", (Text("1"),), cached=True),)),
            Turn("system", (Text("Be kind."),)),
        ),
        tools=(Tool("f", description="d", schema=msgspec.Raw(b'{"type":"object"}'), cached=True),),
        choice=ToolChoice(), parallel_calls=False, stop=("END", " "), stream=True, user="u1", tier="priority",
        reasoning=Reasoning(mode="adaptive", effort="high"), format=OutputFormat(kind="json_schema", schema=msgspec.Raw(b'{"type":"object"}')),
    )  # fmt: skip

    assert body == {
        "model": "m", "max_tokens": 32000, "thinking": {"type": "adaptive"},
        "tools": [{"name": "f", "description": "d", "input_schema": {"type": "object"}, "cache_control": MARK}],
        "tool_choice": {"type": "auto", "disable_parallel_tool_use": True},
        "system": [{"type": "text", "text": "You are."}, {"type": "text", "text": "Be brief.", "cache_control": MARK}],
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "Look."}, {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGk="}},
                ],
            },
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "hm", "signature": "Eq"}, {"type": "tool_use", "id": "t1", "name": "f", "input": {"a": 1}},
                ],
            },
            {
                "role": "user",
                "content": [{"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "1"}], "cache_control": MARK}],
            },
            {"role": "system", "content": [{"type": "text", "text": "Be kind."}]},
        ],
        "output_config": {"effort": "high", "format": {"type": "json_schema", "schema": {"type": "object", "additionalProperties": False}}},
        "stop_sequences": ["END"], "metadata": {"user_id": "u1"}, "service_tier": "auto", "stream": True,
    }  # fmt: skip
    assert losses == ["stop"]


def test_counting_asks_for_the_prompt_alone():
    """What is only of an answer is left out."""
    encoded = encode(
        Conversation(
            model="m", turns=HI, counting=True, stream=True, user="u", tier="auto", stop=("x",), sampling=Sampling(top_k=1), output_tokens_max=5
        ),
        ModelProfile(),
    )

    assert encoded.operation.name == "count_tokens"
    sdk_requests.check("count_tokens", json.loads(encoded.body))
    assert json.loads(encoded.body) == {"model": "m", "messages": MESSAGES}


@pytest.mark.parametrize(
    ("sampling", "profile", "reasoning", "body", "lost"),
    [
        (Sampling(temperature=0.5, top_k=5), ModelProfile(), Reasoning(), {"temperature": 0.5, "top_k": 5}, []),
        (Sampling(temperature=1.5), ModelProfile(), Reasoning(), {"temperature": 1.0}, ["temperature"]),
        (Sampling(top_p=0.5), ModelProfile(), Reasoning(), {"top_p": 0.5}, []),
        (Sampling(temperature=0, top_p=0.5), ModelProfile(), Reasoning(), {"temperature": 0}, ["top_p"]),
        (Sampling(temperature=1, top_p=0.5), ModelProfile(samples=False), Reasoning(), {}, ["top_p"]),
        (Sampling(temperature=1, top_k=5), ModelProfile(), Reasoning(mode="adaptive"), {}, ["top_k"]),
        (
            Sampling(frequency_penalty=1, presence_penalty=1, seed=1),
            ModelProfile(),
            Reasoning(),
            {},
            ["frequency_penalty", "presence_penalty", "seed"],
        ),
        (Sampling(top_p=0.5), ModelProfile(), Reasoning(mode="adaptive"), {}, ["top_p"]),
        (Sampling(top_p=0.95), ModelProfile(), Reasoning(mode="adaptive"), {"top_p": 0.95}, []),
    ],
)
def test_sampling(sampling, profile, reasoning, body, lost):
    """Within what Anthropic and the model take; what is left out is reported."""
    made, losses = sent(profile, sampling=sampling, reasoning=reasoning)

    assert {name: value for name, value in made.items() if name in {"temperature", "top_p", "top_k"}} == body
    assert losses == lost


@pytest.mark.parametrize("kind", ["json_object", "json_schema"])
def test_json_without_a_schema_is_asked_for_in_words(kind):
    """Anthropic has no such mode."""
    body, losses = sent(turns=(Turn("system", (Text("You are."),)), *HI), format=OutputFormat(kind=kind))

    assert [block["text"] for block in body["system"]] == [
        "You are.",
        "Answer with one JSON object and nothing else: no text before or after it, and no code fence.",
    ]
    assert losses == ["response_format"]


@pytest.mark.parametrize(
    ("tier", "written", "lost"), [("auto", "auto", []), ("default", "standard_only", []), ("flex", None, ["service_tier"]), ("", None, [])]
)
def test_the_tier(tier, written, lost):
    """In Anthropic's words."""
    body, losses = sent(tier=tier)

    assert (body.get("service_tier"), losses) == (written, lost)
    assert sent(tier="fast")[0]["speed"] == "fast"


@pytest.mark.parametrize(("both", "chosen"), [(True, {"type": "any"}), (False, None)])
def test_some_models_cannot_think_before_a_call_that_must_be_made(both, chosen):
    """Their profile says so."""
    profile = ModelProfile(thinks_before_forced_calls=both)
    body, losses = sent(profile, tools=(Tool("f"),), choice=ToolChoice("required"), reasoning=Reasoning(mode="adaptive"))

    assert (body.get("tool_choice"), bool(losses)) == (chosen, not both)


def test_what_anthropic_does_not_have_is_reported():
    """Nothing is dropped silently."""
    assert sent(verbosity="low", log_probabilities=2)[1] == ["verbosity", "logprobs"]


@pytest.mark.parametrize(
    "fields",
    [
        {"answers": 2},
        {"previous_response_id": "resp_1"},
        {"choice": ToolChoice("required")},
        {"turns": (Turn("user", (Media("document", file_id="file-1"),)),)},
    ],
)
def test_another_request_is_refused(fields):
    """Leaving it out would change what is asked."""
    with pytest.raises(Untranslatable):
        sent(**fields)


def test_a_tool_of_anthropics_can_be_chosen():
    """It is written as it came."""
    raw = msgspec.Raw(b'{"type":"web_search_20250305","name":"web_search","max_uses":8}')
    tool = Tool("web_search", "server", server_type="web_search", dialect="anthropic", raw=raw)

    body, _ = sent(tools=(tool,), choice=ToolChoice("named", ("web_search",)))

    assert body["tools"] == [{"type": "web_search_20250305", "name": "web_search", "max_uses": 8}]
    assert body["tool_choice"] == {"type": "tool", "name": "web_search"}


def test_more_turns_change_nothing_before_them():
    """The provider's cache finds the prefix, and signed thoughts stay valid."""
    turns = (*HI, Turn("assistant", (ToolCall("t1", "f", '{"a": 1}'),)), Turn("user", (ToolResult("t1", (Text("1"),)),)))
    shorter, longer = (encode(Conversation(model="m", turns=turns[:count], tools=(Tool("f"),)), ModelProfile()).body for count in (1, 3))

    assert longer.startswith(shorter.removesuffix(b"]}"))
