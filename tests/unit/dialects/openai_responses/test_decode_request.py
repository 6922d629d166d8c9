"""Whole Responses requests as conversations."""

import json

import msgspec
import pytest

from headgate.core.conversation import (
    CUSTOM,
    SYSTEM,
    USER,
    Conversation,
    OutputFormat,
    Reasoning,
    Sampling,
    Text,
    Tool,
    ToolChoice,
    Turn,
)
from headgate.core.errors import BadRequest, Untranslatable
from headgate.dialects.faces import Operation
from headgate.dialects.openai_responses.decode_request import decode
from headgate.dialects.openai_responses.request import read

RESPONSES = Operation("responses", "openai/v1/responses")
COUNTING = Operation("input_tokens", "openai/v1/responses/input_tokens", "never", generates=False)


def decoded(operation=RESPONSES, **fields):
    """The conversation of a request with these fields."""
    return decode(read(json.dumps({"model": "m", "input": "hi", **fields}).encode(), operation, ""), operation)


def beyond(**fields):
    """Fields as they are kept."""
    return {name: msgspec.Raw(json.dumps(value).encode()) for name, value in fields.items()}


def test_the_shortest_request():
    """OpenAI stores an answer unless the client says no."""
    assert decoded() == Conversation(model="m", turns=(Turn(USER, (Text("hi"),)),), stored=True)


def test_a_request_of_codex():
    """Instructions come first; tools in the input join the others, and what is known by one name is offered once."""
    tools = [{"type": "custom", "name": "exec"}]
    conversation = decoded(
        instructions="be brief",
        input=[{"type": "additional_tools", "role": "developer", "tools": [*tools, {"type": "custom", "name": "plan"}]}],
        tools=tools,
        tool_choice="auto",
        parallel_tool_calls=True,
        reasoning={"effort": "high", "summary": "auto", "context": "all_turns"},
        store=False,
        stream=True,
        include=["reasoning.encrypted_content"],
        prompt_cache_key="session",
        text={"verbosity": "low"},
        client_metadata={"session_id": "session"},
    )
    assert conversation == Conversation(
        model="m",
        turns=(Turn(SYSTEM, (Text("be brief"),)),),
        tools=(Tool("exec", CUSTOM), Tool("plan", CUSTOM)),
        parallel_calls=True,
        reasoning=Reasoning(mode="on", effort="high", shown=True),
        verbosity="low",
        cache_key="session",
        stream=True,
        beyond=beyond(**{
            "client_metadata": {"session_id": "session"},
            "reasoning.context": "all_turns",
        }),
    )


def test_settings_of_the_sdk():
    """Each has its place."""
    conversation = decoded(
        temperature=0.5,
        top_p=1,
        top_logprobs=3,
        frequency_penalty=0.1,
        presence_penalty=0.2,
        max_output_tokens=100,
        user="u",
        safety_identifier="s",
        service_tier="flex",
        previous_response_id="resp_0",
        tool_choice={"type": "function", "name": "f"},
        metadata={"a": "b"},
        truncation="auto",
        max_tool_calls=None,
    )
    assert conversation == Conversation(
        model="m",
        turns=(Turn(USER, (Text("hi"),)),),
        choice=ToolChoice("named", ("f",)),
        output_tokens_max=100,
        sampling=Sampling(temperature=0.5, top_p=1.0, frequency_penalty=0.1, presence_penalty=0.2),
        user="s",
        tier="flex",
        log_probabilities=3,
        previous_response_id="resp_0",
        stored=True,
        beyond=beyond(metadata={"a": "b"}, truncation="auto"),
    )


@pytest.mark.parametrize(
    ("reasoning", "expected", "kept"),
    [
        (None, Reasoning(), {}),
        ({}, Reasoning(), {}),
        ({"effort": None, "summary": None}, Reasoning(), {}),
        ({"effort": "none"}, Reasoning(mode="off"), {}),
        ({"effort": "minimal"}, Reasoning(mode="on", effort="minimal"), {}),
        ({"summary": "auto"}, Reasoning(shown=True), {}),
        ({"summary": "detailed"}, Reasoning(shown=True), {"reasoning.summary": "detailed"}),
        ({"effort": "of_next_year"}, Reasoning(mode="adaptive"), {"reasoning.effort": "of_next_year"}),
    ],
)
def test_reasoning(reasoning, expected, kept):
    """By effort, with a summary or without."""
    conversation = decoded(reasoning=reasoning)
    assert conversation.reasoning == expected
    assert conversation.beyond == beyond(**kept)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"type": "text"}, OutputFormat()),
        ({"type": "json_object"}, OutputFormat(kind="json_object")),
        (
            {"type": "json_schema", "name": "n", "description": "d", "schema": {"type": "object"}, "strict": True},
            OutputFormat(kind="json_schema", name="n", description="d", schema=msgspec.Raw(b'{"type": "object"}'), strict=True),
        ),
    ],
)
def test_forms_of_the_answer(form, expected):
    """The schema stays as it was written."""
    assert decoded(text={"format": form}).format == expected


def test_counting():
    """The operation says it."""
    assert decoded(COUNTING).counting


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"conversation": "conv_1"}, "`conversation` names a conversation that OpenAI keeps"),
        ({"prompt": {"id": "pmpt_1"}}, "`prompt` names a template that OpenAI keeps"),
        ({"background": True}, "`background` is not possible with this model"),
    ],
)
def test_what_only_openai_can_answer_is_refused(fields, message):
    """To leave it out would change what is asked."""
    with pytest.raises(Untranslatable) as refused:
        decoded(**fields)
    assert refused.value.message.startswith(message)


def test_what_is_switched_off_is_not_refused():
    """SDKs write defaults."""
    assert decoded(background=False, conversation=None, prompt=None).beyond == {}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"instructions": 1}, "`instructions` must be a text."),
        ({"store": "no"}, "`store` must be true or false."),
        ({"temperature": "hot"}, "`temperature` must be a number."),
        ({"temperature": True}, "`temperature` must be a number."),
        ({"max_output_tokens": 1.5}, "`max_output_tokens` must be a whole number."),
        ({"max_output_tokens": 10**400}, "`max_output_tokens` must be a number."),
        ({"max_output_tokens": -1}, "`max_output_tokens` must be a whole number."),
        ({"reasoning": "high"}, "`reasoning` must be an object."),
        ({"text": []}, "`text` must be an object."),
        ({"text": {"format": "json"}}, "`text.format.type` must be one of text, json_schema and json_object."),
        ({"text": {"format": {"type": "json_schema", "name": "n"}}}, "`text.format.schema` must be a JSON Schema."),
    ],
)
def test_what_the_specification_does_not_allow_is_refused(fields, message):
    """In words that say where it is."""
    with pytest.raises(BadRequest) as refused:
        decoded(**fields)
    assert refused.value.message == message
