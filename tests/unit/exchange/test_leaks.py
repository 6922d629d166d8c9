r"""A provider's key that comes back from it: in any part of an answer, in any spelling that a JSON writer knows, it reaches neither client nor record."""

import json
from typing import Any

import pytest

from headgate.core.record import Outcome
from tests.fakes.ports import FakeClient
from tests.unit.exchange.journeys import JSON, SSE, Stage, event
from tests.unit.exchange.spoken import ALL, Spoken

KEYS = {"anthropic": "lab-key-123", "gemini": ""}
WAYS = {
    "plain": lambda key: key,
    "first": lambda key: f"\\u{ord(key[0]):04x}{key[1:]}",
    "all": lambda key: "".join(f"\\u{ord(each):04X}" for each in key),
    "twice": lambda key: "".join(f"\\\\u{ord(each):04x}" for each in key),
}
PLACES = ("message", "type", "code")


def _decoded(value: Any) -> str:
    """All texts of a value, decoded as often as they can be."""
    text = json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value
    for _ in range(3):
        text = text.encode().decode("unicode_escape", "replace") if "\\" in text else text
    return text


def _assert_unknown(key: str, client: FakeClient, outcome: Outcome) -> None:
    seen = [client.body.decode(), repr(client.headers), repr(outcome)]
    assert [text for text in seen if key in text or key in _decoded(text)] == []


def _echo(way: str, key: str) -> bytes:
    written = WAYS[way](key).encode()
    return b'{"type":"error","error":{"type":"%b","code":"%b","message":"bad key %b of yours"},"id":"%b","model":"%b"}' % ((written,) * 5)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("status", [200, 400, 404, 500])
@pytest.mark.parametrize("early", [False, True])
@pytest.mark.parametrize("spoken", [spoken for spoken in ALL if spoken.dialect != "gemini"], ids=str)
def test_a_whole_body_never_holds_the_key(spoken: Spoken, status: int, early: bool, way: str) -> None:
    """Errors and answers alike, also where an error is told inside a stream that began early."""
    key = KEYS.get(spoken.dialect, "sk-openai-key-789")
    stage = Stage()
    client = spoken.start(stage)
    if early:
        stage.clock.now_s += 41
        stage.exchanges.pulse.tick()
    stage.upstream.sinks[0].head(status, JSON)
    body = _echo(way, key)
    for piece in (body[:40], body[40:]):
        stage.upstream.sinks[0].data(piece)
    stage.upstream.sinks[0].end()

    _assert_unknown(key, client, stage.journal.outcomes[0])
    assert b"***" in client.body


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize("spoken", [spoken for spoken in ALL if spoken.stream and spoken.dialect != "gemini"], ids=str)
def test_a_stream_never_holds_the_key(spoken: Spoken, size: int, way: str) -> None:
    """In an event of any kind, cut anywhere."""
    key = KEYS.get(spoken.dialect, "sk-openai-key-789")
    stage = Stage()
    client = spoken.start(stage)
    sink = stage.upstream.sinks[0]
    sink.head(200, SSE)
    data = spoken.frames[0] + b"event: error\ndata: " + _echo(way, key) + b"\n\n"
    for at in range(0, len(data), size):
        sink.data(data[at : at + size])
    sink.end()

    _assert_unknown(key, client, stage.journal.outcomes[0])
    assert b"***" in client.body


def test_a_start_that_names_the_key_leaves_no_trace_of_it() -> None:
    """The id and the model of an answer are taken into the row as they were decoded."""
    stage = Stage()
    client = stage.run()
    stage.upstream.sinks[0].head(200, SSE)
    spelled = event("message_start", message={"id": "X", "model": "X", "usage": {}}).replace(b"X", WAYS["all"]("lab-key-123").encode())
    stage.upstream.sinks[0].data(spelled + event("message_delta", delta={"stop_reason": "X"}).replace(b"X", WAYS["first"]("lab-key-123").encode()))
    stage.upstream.sinks[0].end()

    (outcome,) = stage.journal.outcomes
    _assert_unknown("lab-key-123", client, outcome)
    assert set(outcome.response_id) == {"*"}


@pytest.mark.parametrize("status", [200, 201, 302, 400, 403, 404, 429, 500, 503])
@pytest.mark.parametrize("coding", [b"gzip", b"br", b"GZIP", b"identity, gzip", b"aes128gcm"])
def test_a_coded_answer_is_refused_at_every_status(status: int, coding: bytes) -> None:
    """Its bytes could neither be counted nor searched for the key."""
    stage = Stage()
    client = stage.run(stream=False, model="single")
    stage.upstream.sinks[0].head(status, [*JSON, (b"content-encoding", b"identity"), (b"content-encoding", coding)])
    if not stage.journal.outcomes:
        stage.upstream.sinks[0].data(b"\x1f\x8b")
        stage.upstream.sinks[0].end()

    assert client.status == 502
    assert b"\x1f" not in client.body
    assert stage.journal.outcomes[0].error_code == "bad_answer"


def test_the_name_of_a_header_does_not_hold_the_key() -> None:
    """Limits of a rate come under names of the provider's own choosing."""
    stage = Stage()
    client = stage.run()
    stage.upstream.sinks[0].head(200, [*SSE, (b"x-ratelimit-lab-key-123", b"1"), (b"x-ratelimit-left", b"lab-key-123"), (b"retry-after", b"3")])

    assert b"lab-key-123" not in repr(client.headers).encode()
    assert client.headers[b"retry-after"] == b"3"
