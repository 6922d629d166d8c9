"""Chat Completions requests: checked once, sent byte for byte but for the model and the hidden ask for usage."""

import json

import pytest

from headgate.core.errors import BadRequest
from headgate.dialects.faces import Operation
from headgate.dialects.openai_chat import request

MESSAGES = b'"messages":[{"role":"user","content":"a \\u00e4 \xc3\xa4 1.0e5 "}]'
CHAT = Operation("chat", "openai/v1/chat/completions")


def read(body):
    """A body as it is checked."""
    return request.read(body, CHAT, "")


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (b'{"model":"m","stream":true,%s}', b'{"model":"up","stream_options":{"include_usage":true},"stream":true,%s}'),
        (b'{ "stream" : true, %s, "model" : "m" }', b'{ "stream" : true, %s, "model" : "up","stream_options":{"include_usage":true} }'),
        (b'{"model":"m","stream":true,"stream_options":null,%s}', b'{"model":"up","stream":true,"stream_options":{"include_usage":true},%s}'),
        (b'{"model":"m","stream":true,"stream_options":{},%s}', b'{"model":"up","stream":true,"stream_options":{"include_usage":true},%s}'),
        (
            b'{"stream_options":{ "include_obfuscation": false },"model":"m","stream":true,%s}',
            b'{"stream_options":{"include_usage":true, "include_obfuscation": false },"model":"up","stream":true,%s}',
        ),
        (
            b'{"stream_options":{"x":[1],"include_usage" : null,"y":2},"model":"m","stream":true,%s}',
            b'{"stream_options":{"x":[1],"include_usage" : true,"y":2},"model":"up","stream":true,%s}',
        ),
        (
            b'{"stream_options":{"include_usage":null},"model":"m","stream":true,%s}',
            b'{"stream_options":{"include_usage":true},"model":"up","stream":true,%s}',
        ),
    ],
)
def test_usage_is_asked_for_where_the_client_did_not(sent, expected):
    """Every other byte, members of `stream_options` included, stays as the client wrote it."""
    asked = read(sent % MESSAGES)
    assert asked.usage_hidden
    assert request.body(asked, "up") == expected % MESSAGES
    assert json.loads(request.body(asked, "up"))["stream_options"]["include_usage"] is True


@pytest.mark.parametrize(
    "sent",
    [
        b'{"model":"m",%s}',
        b'{"model":"m","stream":false,%s}',
        b'{"model":"m","stream":false,"stream_options":null,%s}',
        b'{"model":"m","stream":true,"stream_options":{"include_usage":true},%s}',
        b'{"model":"m","stream":true,"stream_options":{"x":[1],"include_usage" : false,"y":2},%s}',
        b'{"model":"m","stream":true,"stream_options":{"include_usage":"yes"},%s}',
        b'{"model":"m","stream":true,"stream_options":7,%s}',
        b'{"unknown":{"model":"other"},"model":"m",%s}',
    ],
)
def test_nothing_else_is_changed(sent):
    """No stream, usage asked for already or declined, or options that only the provider can judge: the model alone is spliced."""
    asked = read(sent % MESSAGES)
    assert not asked.usage_hidden
    assert request.body(asked, "up") == (sent % MESSAGES).replace(b'"m"', b'"up"')


def test_the_same_model_gives_the_same_bytes():
    """A name that needs no change leaves no trace."""
    body = b'{ "model" : "gpt-5.2" , %s }' % MESSAGES
    assert request.body(read(body), "gpt-5.2") == body


def test_what_is_read_is_what_stands_there():
    """Model, stream and the model's place in the bytes."""
    body = b'{"stream":true,"model":"gpt-5.2"}'
    asked = read(body)
    assert (asked.model, asked.stream) == ("gpt-5.2", True)
    assert body[slice(*asked.model_span)] == b'"gpt-5.2"'


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"{", b'{"stream":true}', b'{"model":7}', b'{"model":""}', b'{"model":"m","stream":"true"}', b'{"model":"m","stream":1}',
        b'{"model":"m","stream":"null"}', b'{"model":"a","model":"b"}', b'{"model":"a","\\u006dodel":"b"}', b'{"model":"\xff"}', b'\xef\xbb\xbf{"model":"m"}',
        b'{"model":"m","stream":true,"stream_options":{"include_usage":false,"include_usage":true}}',
    ],
)  # fmt: skip
def test_what_could_be_read_in_two_ways_is_refused(body):
    """Each of these is a BadRequest, never another error."""
    with pytest.raises(BadRequest):
        read(body)
