"""Requests of Anthropic Messages."""

import json

import pytest

from headgate.core.errors import BadRequest
from headgate.dialects.anthropic.request import path, read, session_id
from headgate.dialects.faces import Operation

MESSAGES = Operation("messages", "anthropic/v1/messages")
COUNT = Operation("count_tokens", "anthropic/v1/messages/count_tokens", "never", generates=False)


def ask(operation=MESSAGES, **fields):
    """A body that was read."""
    return read(json.dumps({"model": "claude-opus-4-6", "messages": [], **fields}).encode(), operation, "")


def test_model_and_stream_are_read():
    """What is acted on, and nothing more is asked of a body."""
    asked = ask(stream=True, unknown={"model": "other"})

    assert (asked.model, asked.stream) == ("claude-opus-4-6", True)
    assert not ask().stream


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"model":1}', b'{"model":"a","model":"b"}', b'{"model":"a","stream":"true"}', b'{"model":"a","stream":"null"}']
)
def test_bodies_that_cannot_be_passed_on_are_refused(body):
    """Said as a bad request."""
    with pytest.raises(BadRequest):
        read(body, MESSAGES, "")


def test_only_the_model_is_replaced():
    """Every other byte is the client's own, spacing and escapes too."""
    body = b'{ "messages" : [ {"role":"user","content":"caf\\u00e9 \\/ \xc3\xa9"} ],\n"model":  "claude-opus-4-6[1m]" , "x":1.0e3}'

    assert read(body, MESSAGES, "").with_model("claude-opus-4-6") == body.replace(b"[1m]", b"")


def test_counting_never_streams():
    """The type of `stream` is checked all the same."""
    assert not ask(COUNT, stream=True).stream
    with pytest.raises(BadRequest):
        ask(COUNT, stream=1)


@pytest.mark.parametrize(
    ("operation", "query", "target"),
    [
        (MESSAGES, "", "/v1/messages"),
        (MESSAGES, "beta=true", "/v1/messages?beta=true"),
        (MESSAGES, "model=expensive&beta=true&key=x", "/v1/messages?beta=true"),
        (MESSAGES, "beta=false&beta=true%26a", "/v1/messages"),
        (COUNT, "beta=true", "/v1/messages/count_tokens?beta=true"),
    ],
)
def test_the_target_is_ours(operation, query, target):
    """Of a client's query only the one known word goes on."""
    assert path(operation, "m", query) == target


@pytest.mark.parametrize(
    ("metadata", "session"),
    [
        ({"user_id": json.dumps({"device_id": "d", "account_uuid": "", "session_id": "0f-1"})}, "0f-1"),
        ({"user_id": "user_abc_account__session_0f-2"}, "0f-2"),
        ({"user_id": "somebody"}, ""),
        ({"user_id": "{broken"}, ""),
        ({"user_id": '{"session_id":7}'}, ""),
        ({"user_id": 7}, ""),
        ("text", ""),
        ({}, ""),
    ],
)
def test_the_session_is_read_where_it_is_stated(metadata, session):
    """In both spellings of Claude Code; anything else states none."""
    assert session_id(ask(metadata=metadata)) == session
    assert not session_id(ask())
