"""What a provider may make Headgate hold and keep, at every status; and that nothing of ours gets into a body that is no stream."""

import pytest

from headgate.core.errors import UpstreamFailed
from headgate.exchange.settings import StreamLimits
from tests.fakes.ports import FakeClient
from tests.unit.exchange.journeys import JSON, SSE, STOP, Stage, event

SMALL = StreamLimits(whole_answer_bytes=1000)
LONG = "x" * 10_000
STREAM_TYPES = [(b"content-type", b"text/event-stream")], [(b"content-type", b"Text/Event-Stream; charset=utf-8")], JSON


def _feed(stage: Stage, status: int, headers: list[tuple[bytes, bytes]], pieces: int) -> None:
    stage.upstream.sinks[0].head(status, headers)
    for _ in range(pieces):
        if not stage.journal.outcomes:
            stage.upstream.sinks[0].data(b"x" * 100)


@pytest.mark.parametrize("headers", STREAM_TYPES, ids=["events", "Events", "json"])
@pytest.mark.parametrize("status", [300, 302, 400, 403, 404, 422, 429, 500, 503, 529, 599])
@pytest.mark.parametrize("stream", [True, False])
def test_an_error_without_end_is_cut_off(stream: bool, status: int, headers: list[tuple[bytes, bytes]]) -> None:
    """Whatever its status and type say: above the bound it is a 502 that says so, and its connection is closed."""
    stage = Stage(SMALL)
    client = stage.run(stream=stream, model="single")
    _feed(stage, status, headers, 700)

    (outcome,) = stage.journal.outcomes
    assert (client.status, outcome.status_code, outcome.error_code) == (502, 502, "answer_too_large")
    assert b"more than 1000 bytes" in client.body
    assert stage.upstream.calls[0].cancelled
    assert outcome.usage is None


def test_a_large_answer_that_is_good_passes_in_pieces() -> None:
    """It is no longer held then, so it has no bound here."""
    stage = Stage(SMALL)
    client = stage.run(stream=False)
    _feed(stage, 200, JSON, 50)
    stage.upstream.sinks[0].end()

    assert client.body == b"x" * 5000
    assert stage.journal.outcomes[0].ended == "completed"


def _tick(stage: Stage) -> None:
    stage.exchanges.pulse.tick()
    stage.clock.now_s += 20
    stage.exchanges.pulse.tick()


def test_no_keep_alive_and_no_error_event_in_a_body_that_is_no_stream() -> None:
    """A stream was asked and JSON came, too large to be held: it passes as it came, and a break breaks the connection."""
    stage = Stage(SMALL)
    client = stage.run()
    _feed(stage, 200, JSON, 20)
    _tick(stage)
    stage.upstream.sinks[0].fail(UpstreamFailed("cut", code="cut"))

    assert client.body == b"x" * 2000
    assert client.aborted
    assert not client.finished


def test_json_is_never_passed_into_a_stream_that_has_begun() -> None:
    """Its headers went out early: what is too large to be told there is an error there."""
    stage = Stage(SMALL)
    client = stage.run(model="single")
    stage.clock.now_s += 41
    stage.exchanges.pulse.tick()
    _feed(stage, 200, JSON, 5)
    _tick(stage)
    assert client.body == b""
    for _ in range(20):
        if not client.finished:
            stage.upstream.sinks[0].data(b"x" * 100)

    assert client.body.startswith(b"event: error\ndata: ")
    assert b"xxxx" not in client.body
    assert client.finished


@pytest.mark.parametrize("stream", [True, False])
def test_words_of_a_provider_are_cut_where_they_enter_a_record(stream: bool) -> None:
    """Ids, names, reasons and codes of any length: 256 characters of them are kept, 500 of a message."""
    stage = Stage()
    stage.run(stream=stream, model="single")
    sink = stage.upstream.sinks[0]
    start = event("message_start", message={"id": LONG, "model": LONG, "usage": {"input_tokens": 3}})
    end = event("message_delta", delta={"stop_reason": LONG}, usage={"output_tokens": 7})
    whole = b'{"type":"message","id":"%b","model":"%b","stop_reason":"%b","content":[]}' % ((LONG.encode(),) * 3)
    sink.head(200, [*(SSE[:1] if stream else [(b"content-type", b"a/" + LONG.encode())]), (b"request-id", LONG.encode())])
    sink.data(start + end + STOP if stream else whole)
    sink.end()

    (outcome,) = stage.journal.outcomes
    words = [outcome.response_id, outcome.model_served, outcome.upstream_request_id, outcome.response_content_type]
    assert [word for word in [*words, outcome.finish_reason] if len(word) > 256] == []
    assert (len(outcome.response_id), len(outcome.model_served)) == (256, 256)


def test_a_failures_words_are_cut_too() -> None:
    """Its code and its message."""
    stage = Stage()
    stage.run(model="single")
    stage.upstream.sinks[0].head(200, SSE)
    stage.upstream.sinks[0].data(event("error", error={"type": LONG, "message": LONG}))
    stage.upstream.sinks[0].end()

    (outcome,) = stage.journal.outcomes
    assert (len(outcome.error_code), len(outcome.error_message)) == (256, 500)


def test_a_clients_session_is_cut_too() -> None:
    """It stands in the body, which may be large."""
    stage = Stage()
    body = b'{"model":"single","metadata":{"user_id":"user_x_session_%b"}}' % LONG.encode()
    stage.exchanges.run(stage.inbound(body), FakeClient(), lambda: None)

    assert len(stage.journal.intents[0].session_id) == 256
