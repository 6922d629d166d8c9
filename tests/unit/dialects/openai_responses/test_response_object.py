"""The response object of an answer."""

import json

import msgspec
import pytest
from openresponses_types import ResponseResource

from headgate.core.conversation import Conversation, OutputFormat, Reasoning, Sampling, Tool, ToolChoice
from headgate.core.usage import Usage, UsageLine
from headgate.dialects.codec import AnswerContext
from headgate.dialects.openai_responses.response_object import ResponseObject, format_object, usage_object
from headgate.dialects.openai_usage import openai_usage

SCHEMA = msgspec.Raw(b'{"type":"object"}')


def made(asked=None):
    """The objects of an answer to this."""
    return ResponseObject(AnswerContext(request_id="1", model_asked="m", created_at_s=1700, asked=asked or Conversation()))


def as_json(value):
    """As a client reads it."""
    return json.loads(msgspec.json.encode(value))


def test_every_object_has_what_open_responses_requires():
    """At the beginning and at the end, whatever was asked."""
    asked = Conversation(
        tools=(Tool("f", schema=SCHEMA),),
        choice=ToolChoice("allowed", ("f",)),
        sampling=Sampling(temperature=0.5),
        reasoning=Reasoning(mode="on", effort="high", shown=True),
        format=OutputFormat(kind="json_object"),
        beyond={"metadata": msgspec.Raw(b'{"a":"b"}'), "truncation": msgspec.Raw(b'"auto"')},
        user="u",
        cache_key="k",
    )
    for objects in (made(), made(asked)):
        for response in (objects.begun(), objects.ended([], Usage(input_tokens=1, output_tokens=2), "stop"), objects.ended([], None, "length")):
            ResponseResource.model_validate(as_json(response))
    response = as_json(made(asked).begun())
    assert (response["temperature"], response["metadata"], response["truncation"]) == (0.5, {"a": "b"}, "auto")
    assert response["reasoning"] == {"effort": "high", "summary": "auto"}
    assert response["tool_choice"] == {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "f"}]}


@pytest.mark.parametrize(
    ("cause", "status", "details"),
    [
        ("stop", "completed", None),
        ("tool_use", "completed", None),
        ("", "completed", None),
        ("pause", "completed", None),
        ("length", "incomplete", {"reason": "max_output_tokens"}),
        ("filter", "incomplete", {"reason": "content_filter"}),
    ],
)
def test_the_cause_of_the_end_is_the_status(cause, status, details):
    """Only what is complete has a time of its completion."""
    response = made().ended([], None, cause)
    assert (response["status"], response["incomplete_details"], response["usage"]) == (status, details, None)
    assert response["completed_at"] == (1700 if status == "completed" else None)


def test_counts_are_read_back():
    """The input has what was cached in it, and the lines beside count too."""
    usage = Usage(
        input_tokens=5,
        cache_read_tokens=3,
        cache_write_5m_tokens=2,
        cache_write_1h_tokens=1,
        output_tokens=4,
        reasoning_tokens=1,
        beside=(UsageLine(kind="audio", output_tokens=6),),
    )
    written = usage_object(usage)
    assert written == {
        "input_tokens": 11,
        "input_tokens_details": {"cached_tokens": 3, "cache_write_tokens": 3},
        "output_tokens": 10,
        "output_tokens_details": {"reasoning_tokens": 1},
        "total_tokens": 21,
    }
    assert openai_usage(msgspec.json.encode(written)) == Usage(
        input_tokens=5, cache_read_tokens=3, cache_write_5m_tokens=3, output_tokens=10, reasoning_tokens=1
    )


def test_the_tier_is_one_that_openai_names():
    """Other providers have tiers of other names."""
    assert made().ended([], Usage(tier="priority"), "stop")["service_tier"] == "priority"
    assert made().ended([], Usage(tier="batch"), "stop")["service_tier"] == "default"


def test_forms_of_the_answer():
    """A schema needs a name here."""
    assert format_object(OutputFormat()) == {"type": "text"}
    assert format_object(OutputFormat(kind="json_object")) == {"type": "json_object"}
    assert format_object(OutputFormat(kind="json_schema", schema=SCHEMA)) == {
        "type": "json_schema",
        "name": "output",
        "schema": SCHEMA,
        "strict": False,
    }
    described = OutputFormat(kind="json_schema", name="n", description="d", schema=SCHEMA, strict=True)
    assert format_object(described) == {"type": "json_schema", "name": "n", "description": "d", "schema": SCHEMA, "strict": True}
