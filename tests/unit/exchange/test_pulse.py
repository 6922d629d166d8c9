"""What silence and time do to open exchanges."""

import pytest

from headgate.core.errors import Unavailable
from headgate.exchange.settings import StreamLimits
from tests.unit.exchange.journeys import DELTA, JSON, SSE, START, STOP, Stage

PING = b'event: ping\ndata: {"type": "ping"}\n\n'


def test_silence_between_events_brings_a_keep_alive() -> None:
    """After the set silence the dialect's own keep-alive is sent, and not before."""
    stage = Stage()
    client = stage.run()
    stage.upstream.sinks[0].head(200, SSE)
    stage.upstream.sinks[0].data(START)
    stage.exchanges.pulse.tick()

    stage.clock.now_s += 14
    stage.exchanges.pulse.tick()
    early = client.body
    stage.clock.now_s += 2
    stage.exchanges.pulse.tick()

    assert early == START
    assert client.body == START + PING


def test_no_keep_alive_cuts_into_an_event() -> None:
    """In the middle of a frame nothing of ours is put into the stream."""
    stage = Stage()
    client = stage.run()
    stage.upstream.sinks[0].head(200, SSE)
    stage.upstream.sinks[0].data(START[:30])

    stage.clock.now_s += 100
    stage.exchanges.pulse.tick()

    assert client.body == START[:30]


def test_a_slow_client_is_not_sent_keep_alives() -> None:
    """Whoever has yet to read what was sent needs no sign of life; with the last of it read, silence counts again."""
    stage = Stage()
    client = stage.run()
    stage.upstream.sinks[0].head(200, SSE)
    stage.upstream.sinks[0].data(START)
    stage.exchanges.pulse.tick()
    assert client.watcher is not None

    client.watcher.client_slow()
    stage.clock.now_s += 100
    stage.exchanges.pulse.tick()
    while_slow = client.body
    client.watcher.client_ready()
    stage.exchanges.pulse.tick()

    assert while_slow == START
    assert client.body == START + PING


def test_headers_come_early_when_the_provider_is_slow() -> None:
    """A stream's headers are sent before the provider's, and its error is then told inside the stream."""
    stage = Stage()
    client = stage.run(model="single")

    stage.clock.now_s += 41
    stage.exchanges.pulse.tick()
    assert client.status == 200

    stage.upstream.sinks[0].head(529, JSON)
    stage.upstream.sinks[0].data(b'{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}')
    stage.upstream.sinks[0].end()

    assert b"event: error" in client.body
    assert b"Overloaded" in client.body
    assert stage.journal.outcomes[0].status_code == 529


def test_an_unstreamed_request_waits_in_silence() -> None:
    """Only streams get early headers: an answer of one piece has one status."""
    stage = Stage()
    client = stage.run(stream=False)

    stage.clock.now_s += 500
    stage.exchanges.pulse.tick()

    assert not client.status


def test_an_answer_is_read_on_for_its_usage_after_the_client_left() -> None:
    """Leaving early is not cheaper: the provider's counts are waited for."""
    stage = Stage()
    client = stage.run()
    sink = stage.upstream.sinks[0]
    sink.head(200, SSE)
    sink.data(START)

    assert client.watcher is not None
    client.watcher.client_gone()
    sink.data(DELTA + STOP)

    (outcome,) = stage.journal.outcomes
    assert outcome.ended == "client_gone"
    assert outcome.usage is not None
    assert outcome.usage.output_tokens == 7
    assert not outcome.usage.estimated
    assert stage.upstream.calls[0].cancelled


def test_draining_ends_at_its_time_with_an_estimate() -> None:
    """A provider that does not end is closed, and what it sent is estimated and flagged."""
    stage = Stage()
    client = stage.run()
    stage.upstream.sinks[0].head(200, SSE)
    stage.upstream.sinks[0].data(START + DELTA)
    assert client.watcher is not None
    client.watcher.client_gone()

    stage.clock.now_s += 31
    stage.exchanges.pulse.tick()

    (outcome,) = stage.journal.outcomes
    assert outcome.ended == "client_gone"
    assert outcome.usage is not None
    assert outcome.usage.estimated
    assert outcome.usage.output_tokens == (len("Hello there") + 1) // 4


def test_only_so_many_answers_drain_at_once() -> None:
    """Beyond the cap the one that drains longest makes room."""
    stage = Stage(StreamLimits(drains_max=1))
    clients = [stage.run(), stage.run()]
    for sink, client in zip(stage.upstream.sinks, clients, strict=True):
        sink.head(200, SSE)
        sink.data(START)
        assert client.watcher is not None
        client.watcher.client_gone()
        stage.clock.now_s += 1

    stage.exchanges.pulse.tick()

    assert [call.cancelled for call in stage.upstream.calls] == [True, False]


def test_a_client_that_hangs_up_on_the_closing_event_had_it_all() -> None:
    """Codex closes its connection right after the last event; that is a complete exchange."""
    stage = Stage()
    client = stage.run()
    stage.upstream.sinks[0].head(200, SSE)
    stage.upstream.sinks[0].data(START + STOP)
    assert client.watcher is not None
    client.watcher.client_gone()

    assert stage.journal.outcomes[0].ended == "completed"


def test_shutting_down_tells_each_client() -> None:
    """An open stream ends with an error in its dialect and a record."""
    stage = Stage()
    client = stage.run()
    stage.upstream.sinks[0].head(200, SSE)
    stage.upstream.sinks[0].data(START)

    stage.exchanges.pulse.interrupt_all(Unavailable("stopping"))

    assert b"event: error" in client.body
    assert client.finished
    assert stage.journal.outcomes[0].ended == "cut"
    assert stage.upstream.calls[0].cancelled


def test_a_slow_client_pauses_its_provider() -> None:
    """Back-pressure reaches the provider's socket and is lifted again."""
    stage = Stage()
    client = stage.run()
    assert client.watcher is not None

    client.watcher.client_slow()
    paused = stage.upstream.calls[0].paused
    client.watcher.client_ready()

    assert paused
    assert not stage.upstream.calls[0].paused


def test_an_exchange_that_fails_costs_no_other_its_keep_alive(monkeypatch, caplog) -> None:
    """It is logged once, and is tried again while it is open."""
    stage = Stage()
    stage.run()
    sound = stage.run()
    for sink in stage.upstream.sinks:
        sink.head(200, SSE)
        sink.data(START)
    stage.exchanges.pulse.tick()
    broken, _ = stage.exchanges.pulse._open
    monkeypatch.setattr(broken, "_client", None)

    for _ in range(3):
        stage.clock.now_s += 16
        stage.exchanges.pulse.tick()
        stage.exchanges.pulse.tick()

    assert sound.body == START + 3 * PING
    assert len(stage.exchanges.pulse) == 2
    assert [record.getMessage() for record in caplog.records] == ["an open exchange could not be looked after"]


def test_an_exchange_that_fails_in_its_end_is_not_waited_for(monkeypatch, caplog) -> None:
    """Else the end of the process would wait for it, and with it the end of all others."""
    stage = Stage()
    stage.run()
    other = stage.run()
    first, _ = stage.exchanges.pulse._open

    def fail(_relay):
        raise RuntimeError("a bug")

    monkeypatch.setattr(first, "on_end", fail)
    stage.exchanges.pulse.interrupt_all(Unavailable("Headgate was stopped.", code="draining"))

    assert len(stage.exchanges.pulse) == 0
    assert other.finished
    assert len(caplog.records) == 1


def test_a_mistake_in_a_record_does_not_keep_its_client_waiting(caplog: pytest.LogCaptureFixture) -> None:
    """The answer ends for the client whatever happens to the record, and the log has the reason."""
    stage = Stage()
    client = stage.run(stream=False)
    stage.journal.outcome = lambda _: 1 / 0  # type: ignore[assignment, method-assign, return-value]

    stage.upstream.sinks[0].head(200, JSON)
    stage.upstream.sinks[0].end()

    assert client.finished
    assert "req_1: its record failed" in caplog.text


def test_a_client_that_leaves_an_unstreamed_answer_is_recorded_so() -> None:
    """The provider's answer is read on for its counts, and nobody had it."""
    stage = Stage()
    client = stage.run(stream=False)
    assert client.watcher is not None
    client.watcher.client_gone()
    stage.upstream.sinks[0].head(200, JSON)
    stage.upstream.sinks[0].data(b'{"type":"message","id":"m","model":"x","content":[],"usage":{"input_tokens":3,"output_tokens":4}}')
    stage.upstream.sinks[0].end()

    (outcome,) = stage.journal.outcomes
    assert outcome.ended == "client_gone"
    assert outcome.usage is not None
    assert (outcome.usage.output_tokens, outcome.usage.estimated) == (4, False)
