"""Cursor's mount, as the gateway uses it."""

import json

import pytest

from headgate.core.endpoint import Endpoint, Provider, Target
from headgate.core.errors import BadRequest, UpstreamFailed
from headgate.core.event import Finished, Started
from headgate.dialects.chat_stream import ChatReader, UsageFilter
from headgate.dialects.cursor.dialect import Cursor
from headgate.dialects.dialect import Dialect, Operation

CHAT = Operation("chat", "cursor/v1/chat/completions")
DIALECT: Dialect = Cursor()
GPT = Endpoint("gpt-5.2", (Target(Provider("lab", "openai", "http://127.0.0.1/v1"), "gpt-5.2"),))


def read(body):
    """A body as it is checked."""
    return DIALECT.read(body, CHAT, "")


def test_a_chat_body_goes_to_a_chat_provider():
    """As everywhere: the model spliced, usage asked for and hidden."""
    asked = read(b'{"model":"a","stream":true,"messages":[]}')
    assert DIALECT.upstream_body(asked, "b") == b'{"model":"b","stream_options":{"include_usage":true},"stream":true,"messages":[]}'
    assert DIALECT.upstream_target(CHAT, "b", "x=y") == "/chat/completions"
    assert isinstance(DIALECT.answer_filter(asked), UsageFilter)
    assert DIALECT.answer_filter(read(b'{"model":"a","messages":[]}')) is None


def test_a_responses_body_is_refused_in_chat_shape():
    """A clear 400, which Cursor shows."""
    with pytest.raises(BadRequest) as refused:
        read(b'{"model":"a","stream":true,"input":[]}')
    status, _, body = DIALECT.error(refused.value, "req_1")
    assert status == 400
    assert json.loads(body)["error"]["code"] == "unsupported_shape"


def test_the_parts_are_put_together():
    """Reader, whole answers, lengths, errors in a stream, listings; no session."""
    assert isinstance(DIALECT.reader(), ChatReader)
    answer = b'{"id":"c","model":"m","choices":[{"message":{"content":"hello"},"finish_reason":"stop"}]}'
    assert list(DIALECT.read_answer(answer)) == [Started("c", "m"), Finished("stop")]
    assert DIALECT.answer_text_length(answer) == 5
    asked = read(b'{"model":"m","messages":[{"content":"hello"}]}')
    assert DIALECT.request_text_length(asked) == 5
    assert not DIALECT.session_of(asked)
    assert DIALECT.stream_text_length(b'data: {"choices":[{"delta":{"content":"hello"}}]}\n\n') == 5
    assert DIALECT.stream_error(UpstreamFailed("It broke."), "req_1").startswith(b'data: {"error":')
    assert json.loads(DIALECT.model(GPT))["id"] == "gpt-5.2"
    assert json.loads(DIALECT.models([GPT], {}))["data"][0]["id"] == "gpt-5.2"
    assert DIALECT.keep_alive == b": keep-alive\n\n"
