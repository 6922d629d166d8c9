"""Answers beyond what is held: how large one is changes neither how it ends nor what it is charged."""

import json
import tracemalloc

import msgspec
import pytest

from headgate.core.errors import UpstreamFailed
from headgate.core.usage import Usage
from headgate.dialects.anthropic.faces import CLIENT
from headgate.exchange.ports import Sink
from headgate.exchange.settings import StreamLimits
from tests.unit.exchange import journeys
from tests.unit.exchange.journeys import DELTA, JSON, SSE, START, USAGE, Stage, event

LIMITS = StreamLimits(whole_answer_bytes=1_000)
COUNTED = {**USAGE, "output_tokens": 7}


def whole(**fields: object) -> bytes:
    """A whole answer of 3 MB."""
    content = [{"type": "text", "text": "x" * 4_000}, {"type": "image", "data": "i" * 3_000_000}]
    answer = {"id": "msg_1", "type": "message", "model": "m", "content": content, "stop_reason": "end_turn", **fields}
    return json.dumps(answer).encode()


def push(sink: Sink, data: bytes, size: int = 65_536) -> None:
    """Hand over an answer's bytes."""
    for at in range(0, len(data), size):
        sink.data(data[at : at + size])


def test_an_unstreamed_answer_beyond_what_is_held_is_counted() -> None:
    """It passes as it comes, and the provider's counts are read on the way."""
    stage = Stage(LIMITS)
    client = stage.run(stream=False)
    sink = stage.upstream.sinks[0]
    body = whole(usage=COUNTED)

    sink.head(200, JSON)
    push(sink, body)
    sink.end()

    (outcome,) = stage.journal.outcomes
    assert client.body == body
    assert (outcome.ended, outcome.finish_reason, outcome.model_served, outcome.response_id) == ("completed", "end_turn", "m", "msg_1")
    assert outcome.usage is not None
    assert (outcome.usage.input_tokens, outcome.usage.cache_read_tokens, outcome.usage.output_tokens) == (12, 30, 7)
    assert not outcome.usage.estimated


@pytest.mark.parametrize("limits", [LIMITS, StreamLimits()], ids=["passing", "held"])
def test_without_counts_the_text_is_estimated(limits: StreamLimits) -> None:
    """The same guess whether the answer was held or not; images are no text."""
    stage = Stage(limits)
    stage.run(stream=False)
    sink = stage.upstream.sinks[0]

    sink.head(200, JSON)
    push(sink, whole())
    sink.end()

    assert stage.journal.outcomes[0].usage == Usage(input_tokens=0, output_tokens=1_000, estimated=True)


def test_an_unstreamed_answer_that_breaks_off_is_cut() -> None:
    """Its counts were never seen."""
    stage = Stage(LIMITS)
    client = stage.run(stream=False)
    sink = stage.upstream.sinks[0]

    sink.head(200, JSON)
    push(sink, whole(usage=COUNTED)[:-400])
    sink.fail(UpstreamFailed("broke off", code="cut"))

    (outcome,) = stage.journal.outcomes
    assert outcome.ended == "cut"
    assert outcome.usage is not None
    assert outcome.usage.estimated
    assert client.aborted


def test_a_request_that_the_provider_counted_is_not_read_for_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a stream breaks off, only its output is guessed: a request may be as large as 64 MiB."""

    def fail(*_: object) -> int:
        raise AssertionError("the request was read again")

    monkeypatch.setattr(journeys, "CLIENTS", {"anthropic": msgspec.structs.replace(CLIENT, request_text_length=fail)})
    stage = Stage()
    stage.run()
    sink = stage.upstream.sinks[0]

    sink.head(200, SSE)
    sink.data(START + DELTA)
    sink.fail(UpstreamFailed("broke off", code="cut"))

    (outcome,) = stage.journal.outcomes
    assert outcome.usage is not None
    assert (outcome.usage.input_tokens, outcome.usage.output_tokens, outcome.usage.estimated) == (12, 3, True)


def test_nothing_is_put_into_an_answer_that_passes() -> None:
    """A sign of life belongs between events, not into JSON."""
    stage = Stage(LIMITS)
    client = stage.run(stream=True)
    sink = stage.upstream.sinks[0]
    body = whole(usage=COUNTED)

    sink.head(200, JSON)
    push(sink, body[:200_000])
    for _ in range(3):
        stage.exchanges.pulse.tick()
        stage.clock.now_s += 20
    push(sink, body[200_000:])
    sink.end()

    assert client.body == body


def test_a_stream_of_large_events_is_counted_in_bounded_memory() -> None:
    """An event of 40 MB with the closing counts in it."""
    stage = Stage()
    client = stage.run()
    sink = stage.upstream.sinks[0]
    piece = b"x" * 65_536
    sink.head(200, SSE)
    sink.data(START)
    sink.data(b'event: message_delta\ndata: {"type":"message_delta","odd":"')
    tracemalloc.start()
    for _ in range(640):
        sink.data(piece)
        client.body = b""
        client.writes.clear()
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    sink.data(b'","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":7}}\n\n' + event("message_stop"))
    sink.end()

    (outcome,) = stage.journal.outcomes
    assert peak_bytes < 6 << 20
    assert (outcome.ended, outcome.finish_reason) == ("completed", "end_turn")
    assert outcome.usage is not None
    assert (outcome.usage.output_tokens, outcome.usage.estimated) == (7, False)
