"""The dialect of Chat Completions clients, as the gateway uses it."""

import json

import pytest

from headgate.core.endpoint import Endpoint, Provider, target_of
from headgate.core.errors import BadRequest, UpstreamFailed
from headgate.core.event import Finished, Started
from headgate.dialects.faces import Operation
from headgate.dialects.openai_chat.faces import CLIENT, PROVIDER
from headgate.dialects.openai_chat.stream import StreamReader

CHAT = Operation("chat", "mlflow/v1/chat/completions")
GPT = Endpoint("gpt-5.2", (target_of(Provider("lab", "openai", "http://127.0.0.1/v1"), "gpt-5.2"),))


def read(body):
    """A body as it is checked."""
    return CLIENT.read(body, CHAT, "")


def test_a_stream_without_counts_asks_for_them_and_hides_them():
    """The ask goes upstream, the extra chunk does not come back."""
    asked = read(b'{"model":"a","stream":true,"messages":[]}')
    assert b'"include_usage":true' in PROVIDER.body(asked, "b")
    answer_filter = PROVIDER.answer_filter(asked)
    assert answer_filter is not None
    assert answer_filter.feed(b'data: {"choices":[],"usage":{"prompt_tokens":1}}\n\n') == b""


@pytest.mark.parametrize("body", [b'{"model":"a","messages":[]}', b'{"model":"a","stream":true,"stream_options":{"include_usage":true}}'])
def test_other_answers_pass_untouched(body):
    """Not streamed, or counts asked for: there is nothing to filter."""
    assert PROVIDER.answer_filter(read(body)) is None


def test_an_ambiguous_body_is_refused():
    """BadRequest, told in the envelope."""
    with pytest.raises(BadRequest) as refused:
        read(b'{"model":"a","model":"b"}')
    status, _, body = CLIENT.error(refused.value, "req_1")
    assert (status, json.loads(body)["error"]["type"]) == (400, "invalid_request_error")


def test_the_target_is_fixed():
    """A query of the client's does not go upstream."""
    assert PROVIDER.path(CHAT, "gpt-5.2", "model=other") == "/chat/completions"


def test_the_parts_are_put_together():
    """Reader, whole answers, lengths, listings; no session is in a body."""
    assert isinstance(PROVIDER.reader(), StreamReader)
    answer = b'{"id":"c","model":"m","choices":[{"message":{"content":"hello"},"finish_reason":"stop"}]}'
    assert list(PROVIDER.read_answer(answer)) == [Started("c", "m"), Finished("stop")]
    assert PROVIDER.answer_text_length(answer) == 5
    assert CLIENT.request_text_length(read(b'{"model":"m","messages":[{"content":"hello"}]}')) == 5
    assert PROVIDER.stream_text_length(b'data: {"choices":[{"delta":{"content":"hello"}}]}\n\n') == 5
    assert json.loads(CLIENT.model(GPT))["id"] == "gpt-5.2"
    assert json.loads(CLIENT.models([GPT], {}))["object"] == "list"
    assert not CLIENT.session_id(read(b'{"model":"m","user":"u"}'))


def test_an_error_in_a_stream_is_one_frame_without_an_end():
    """`data: {"error": …}`, and no `[DONE]`: every client takes it for what it is."""
    told = CLIENT.stream_error(UpstreamFailed("It broke."), "req_1")
    assert told.startswith(b'data: {"error":{"message":"It broke.","type":"server_error"')
    assert told.endswith(b"\n\n")
    assert b"[DONE]" not in told
    assert CLIENT.keep_alive == b": keep-alive\n\n"
