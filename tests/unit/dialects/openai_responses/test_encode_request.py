"""Conversations as Responses requests, as the SDK would send them."""

import itertools
import json

import msgspec
import pytest

from headgate.core.conversation import (
    ASSISTANT,
    CUSTOM,
    SYSTEM,
    USER,
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
from headgate.core.loss import Loss
from headgate.core.model_profile import ModelProfile
from headgate.core.opaque_state import OpaqueState
from headgate.dialects.faces import Operation
from headgate.dialects.openai_responses.decode_request import decode
from headgate.dialects.openai_responses.encode_request import encode
from headgate.dialects.openai_responses.request import path, read
from tests.fakes import sdk_requests
from tests.golden.translation.cases import REQUESTS, operation_of, request_bytes

HI = (Turn(USER, (Text("hi"),)),)
ENCRYPTED = {"include": ["reasoning.encrypted_content"]}
BARE = {
    "model": "m",
    "input": [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi"}]}],
    "store": False,
    "stream": False,
}
REFUSED = {"openai_responses/background", "openai_responses/conversation"}  # when they are decoded
UNTYPED = {"openai_responses/unknown_item"}  # an item of a later API is passed on as it came


def encoded(profile=None, **fields):
    """The body of a request, and what was lost."""
    found = encode(Conversation(**{"model": "m", "turns": HI, **fields}), ModelProfile(**(profile or {})))
    body = json.loads(found.body)
    return {name: value for name, value in body.items() if body.get(name) != BARE.get(name)}, list(found.losses)


def test_the_shortest_request():
    """Nothing is stored; the encrypted reasoning comes back in the answer."""
    found = encode(Conversation(model="m", turns=HI), ModelProfile())
    assert json.loads(found.body) == {**BARE, **ENCRYPTED}
    assert (found.operation.name, found.losses, path(found.operation, "m", "")) == ("responses", (), "/responses")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"stream": True}, {"stream": True}),
        (
            {"tools": (Tool("f"),)},
            {"tools": [{"type": "function", "name": "f", "parameters": {"type": "object", "properties": {}}, "strict": False}]},
        ),
        ({"parallel_calls": False, "choice": ToolChoice("none")}, {}),
        ({"sampling": Sampling(temperature=0.5, top_p=0.9)}, {"temperature": 0.5, "top_p": 0.9}),
        ({"output_tokens_max": 100}, {"max_output_tokens": 100}),
        ({"verbosity": "low", "format": OutputFormat(kind="json_object")}, {"text": {"format": {"type": "json_object"}, "verbosity": "low"}}),
        (
            {"format": OutputFormat(kind="json_schema", schema=msgspec.Raw(b'{"type":"object"}'))},
            {"text": {"format": {"type": "json_schema", "name": "output", "schema": {"type": "object"}, "strict": False}}},
        ),
        ({"cache_key": "session"}, {"prompt_cache_key": "session"}),
        ({"tier": "fast"}, {"service_tier": "priority"}),
        ({"user": "a" * 32}, {"safety_identifier": "a" * 32}),
        ({"reasoning": Reasoning(mode="on", effort="high", shown=True)}, {"reasoning": {"effort": "high", "summary": "auto"}}),
        ({"reasoning": Reasoning(mode="adaptive", shown=False)}, {}),
    ],
)
def test_each_setting_has_its_member(fields, expected):
    """And loses nothing."""
    assert encoded(**fields) == ({**expected, **ENCRYPTED}, [])


def test_a_choice_among_tools():
    """And whether they are called one by one."""
    body, _ = encoded(tools=(Tool("f"), Tool("exec", CUSTOM)), choice=ToolChoice("named", ("exec",)), parallel_calls=False)
    assert (body["tool_choice"], body["parallel_tool_calls"]) == ({"type": "custom", "name": "exec"}, False)


def test_thinking_that_is_off():
    """Needs no encrypted reasoning; a model without it is not asked at all, one that always thinks is left alone."""
    off = Reasoning(mode="off", shown=True)
    assert encoded(reasoning=off) == ({"reasoning": {"effort": "none"}}, [])
    assert encoded({"thinks": False}, reasoning=off) == ({}, [])
    assert encoded({"thinks": False}, reasoning=Reasoning(mode="on", effort="low")) == ({}, [Loss("reasoning", "the model does not think")])
    assert encoded({"thinking_optional": False}, reasoning=off) == ({"reasoning": {"summary": "auto"}, **ENCRYPTED}, [])


@pytest.mark.parametrize(
    ("profile", "fields", "expected", "lost"),
    [
        ({"samples": False}, {"sampling": Sampling(temperature=0.5)}, {}, ["temperature"]),
        ({}, {"sampling": Sampling(top_k=1, frequency_penalty=0.1, presence_penalty=0.1, seed=1)}, {}, [
            "top_k", "frequency_penalty", "presence_penalty", "seed",
        ]),
        ({}, {"stop": ("END",)}, {}, ["stop"]),
        ({}, {"log_probabilities": 3}, {}, ["top_logprobs"]),
        ({}, {"output_tokens_max": 3}, {"max_output_tokens": 16}, ["max_output_tokens"]),
        ({}, {"tier": "batch"}, {}, ["service_tier"]),
        ({}, {"reasoning": Reasoning(mode="on", budget_tokens=2048)}, {}, ["budget_tokens"]),
        ({"refused": ("prompt_cache_key", "top_p")}, {"cache_key": "k"}, {}, ["prompt_cache_key"]),
    ],
)  # fmt: skip
def test_what_cannot_be_said_is_a_loss(profile, fields, expected, lost):
    """Each by its name."""
    body, losses = encoded(profile, **fields)
    assert body == {**expected, **ENCRYPTED}
    assert [loss.what for loss in losses] == lost


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"answers": 2}, "one answer"),
        ({"previous_response_id": "resp_0"}, "goes on from"),
        ({"choice": ToolChoice("named", ("gone",))}, "gone"),
        ({"choice": ToolChoice("required")}, "must be called"),
    ],
)
def test_what_would_be_another_request_is_refused(fields, message):
    """In words for people."""
    with pytest.raises(Untranslatable, match=message):
        encoded(**fields)


def test_who_asks_is_hashed():
    """No account and no device is in what is sent; a long key becomes a short one."""
    body, _ = encoded(user="user_1_account_2", cache_key="k" * 65)
    assert (len(body["safety_identifier"]), len(body["prompt_cache_key"])) == (32, 32)
    assert "account" not in body["safety_identifier"]


def test_counting():
    """Only what has tokens is sent."""
    conversation = Conversation(model="m", turns=HI, tools=(Tool("f"),), output_tokens_max=9, counting=True, sampling=Sampling(top_p=0.5))
    found = encode(conversation, ModelProfile())
    assert set(json.loads(found.body)) == {"model", "input", "tools"}
    assert path(found.operation, "m", "") == "/responses/input_tokens"
    assert not found.operation.generates


def test_a_longer_conversation_begins_with_the_shorter():
    """So that the provider's cache has it."""
    turns = (
        Turn(SYSTEM, (Text("s"),)),
        *HI,
        Turn(ASSISTANT, (Thinking("t", summary=True, state=OpaqueState("openai", "encrypted", "gAAA")), Text("a"), ToolCall("c", "f", "{}"))),
        Turn(USER, (ToolResult("c", (Text("r"), Media("image", url="https://x"))),)),
        Turn(ASSISTANT, (Text("b"),)),
        *HI,
    )
    inputs = [json.loads(encode(Conversation(model="m", turns=turns[:length]), ModelProfile()).body)["input"] for length in range(1, len(turns) + 1)]
    for shorter, longer in itertools.pairwise(inputs):
        assert longer[: len(shorter)] == shorter


@pytest.mark.parametrize("case", [case for case in REQUESTS if case.startswith("openai_responses/") and case not in UNTYPED | REFUSED])
def test_the_sdk_would_send_it(case):
    """What a client of the same dialect asks, decoded and encoded again, has only what the SDK's types have."""
    operation = Operation(operation_of(case), "x", generates=operation_of(case) != "input_tokens")
    conversation = decode(read(request_bytes(case), operation, ""), operation)
    found = encode(msgspec.structs.replace(conversation, previous_response_id=""), ModelProfile())
    sdk_requests.check(found.operation.name, json.loads(found.body))
