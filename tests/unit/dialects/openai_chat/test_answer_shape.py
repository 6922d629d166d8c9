"""What a body of Chat Completions says of the answer."""

import json

import msgspec
import pytest

from headgate.core.event import Failed, Finished, Started, UsageSeen
from headgate.core.usage import Usage
from headgate.dialects.openai_chat.answer_shape import SpokenChoice, choices_in, counted_in, failed_in, finished_in, read_body, started_in

USAGE = {"prompt_tokens": 10, "completion_tokens": 3}
COUNTED = [UsageSeen(Usage(input_tokens=10, output_tokens=3))]


def body(**members):
    """A body with these members."""
    return read_body(json.dumps(members).encode())


@pytest.mark.parametrize("data", [b"", b"[]", b"7", b"<html>", b'{"id":'])
def test_what_is_no_body(data):
    """It is not read."""
    assert read_body(data) is None


def test_its_names():
    """Either is enough to begin an answer."""
    assert started_in(body(id="c", model="m")) == [Started("c", "m")]
    assert started_in(body(model="m")) == [Started("", "m")]
    assert started_in(body(id=7)) == []


def test_its_choices():
    """An odd element is left out."""
    found = choices_in(body(choices=[7, {"finish_reason": "stop"}, None, {"finish_reason": ""}]))
    assert finished_in(found) == [Finished("stop")]
    assert choices_in(body(choices={})) == []


@pytest.mark.parametrize("members", [{"usage": USAGE}, {"choices": [{"usage": USAGE}]}, {"x_groq": {"usage": USAGE}}])
def test_its_counts_wherever_they_are(members):
    """In the body, in a choice, in Groq's member."""
    found = body(**members)
    assert counted_in(found, choices_in(found), None) == COUNTED
    assert counted_in(body(), (), None) == []


def test_its_failure():
    """OpenAI's or Databricks' words."""
    assert failed_in(body(error={"code": "c", "message": "m"})) == [Failed("c", "m")]
    assert failed_in(body(error_code="C", message="m")) == [Failed("C", "m")]
    assert failed_in(body(message="m")) == []


def test_what_a_choice_says():
    """A chunk has a delta, a whole answer a message; the rest is as in any choice."""
    choice = msgspec.json.decode(b'{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}', type=SpokenChoice)
    assert (choice.index, choice.delta, choice.message, choice.finish_reason) == (0, {"content": "Hi"}, None, "stop")
