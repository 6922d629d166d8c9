"""Cursor's mount, as the gateway uses it."""

import json

import pytest

from headgate.core.endpoint import Endpoint, Provider, target_of
from headgate.core.errors import BadRequest, UpstreamFailed
from headgate.core.event import Finished, Started
from headgate.dialects.cursor.faces import CLIENT
from headgate.dialects.faces import Operation
from headgate.dialects.openai_chat.stream import StreamReader, UsageFilter
from headgate.dialects.registry import PROVIDERS

CHAT = Operation("chat", "cursor/v1/chat/completions")
GPT = Endpoint("gpt-5.2", (target_of(Provider("lab", "openai", "http://127.0.0.1/v1"), "gpt-5.2"),))
PROVIDER = PROVIDERS[CLIENT.speaks]


def read(body):
    """A body as it is checked."""
    return CLIENT.read(body, CHAT, "")


def test_a_chat_body_goes_to_a_chat_provider():
    """As everywhere: the model spliced, usage asked for and hidden."""
    asked = read(b'{"model":"a","stream":true,"messages":[]}')
    assert PROVIDER.body(asked, "b") == b'{"model":"b","stream_options":{"include_usage":true},"stream":true,"messages":[]}'
    assert PROVIDER.path(CHAT, "b", "x=y") == "/chat/completions"
    assert isinstance(PROVIDER.answer_filter(asked), UsageFilter)
    assert PROVIDER.answer_filter(read(b'{"model":"a","messages":[]}')) is None


def test_a_body_of_another_shape_is_mixed():
    """It is translated for every provider, so no usage is hidden in its answer; a chat body is not."""
    asked = read(b'{"model":"a","stream":true,"input":"hello"}')
    assert (asked.model, asked.stream, asked.mixed, asked.usage_hidden) == ("a", True, True, False)
    assert CLIENT.request_text_length(asked) == 5
    assert not read(b'{"model":"a","stream":true,"messages":[]}').mixed


@pytest.mark.parametrize(
    "body", [b"[]", b"{}", b'{"model":"a","model":"b","input":[]}', b'{"model":7,"input":[]}', b'{"model":"a","stream":1,"input":[]}']
)
def test_no_shape_is_read_less_strictly(body):
    """What is checked of a chat body is checked of every body."""
    with pytest.raises(BadRequest):
        read(body)


def test_the_parts_are_put_together():
    """Reader, whole answers, lengths, errors in a stream, listings; no session."""
    assert isinstance(PROVIDER.reader(), StreamReader)
    answer = b'{"id":"c","model":"m","choices":[{"message":{"content":"hello"},"finish_reason":"stop"}]}'
    assert list(PROVIDER.read_answer(answer)) == [Started("c", "m"), Finished("stop")]
    assert PROVIDER.answer_text_length(answer) == 5
    asked = read(b'{"model":"m","messages":[{"content":"hello"}]}')
    assert CLIENT.request_text_length(asked) == 5
    assert not CLIENT.session_id(asked)
    assert PROVIDER.stream_text_length(b'data: {"choices":[{"delta":{"content":"hello"}}]}\n\n') == 5
    assert CLIENT.stream_error(UpstreamFailed("It broke."), "req_1").startswith(b'data: {"error":')
    assert json.loads(CLIENT.model(GPT))["id"] == "gpt-5.2"
    assert json.loads(CLIENT.models([GPT], {}))["data"][0]["id"] == "gpt-5.2"
    assert CLIENT.keep_alive == b": keep-alive\n\n"
