"""A wall clock that is set while exchanges are open moves no limit: those count on the clock that only goes forward."""

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from headgate.core.errors import UpstreamFailed
from headgate.exchange.settings import StreamLimits
from headgate.telemetry.exchange_spans import spans_of
from tests.fakes.ports import FakeClock
from tests.unit.exchange.journeys import DELTA, JSON, SSE, START, STOP, Stage

HOUR_NS = 3_600 * 1_000_000_000
YEAR_2038_NS = (1 << 31) * 1_000_000_000


@pytest.mark.parametrize("jump_ns", [HOUR_NS, -HOUR_NS, 24 * HOUR_NS, -1_800_000_000_000_000_000, YEAR_2038_NS], ids=str)
def test_a_jump_neither_ends_nor_wakes_an_open_stream(monkeypatch, jump_ns):
    """No keep-alive comes early or late, none is closed, and its times are those that passed."""
    stage = Stage(StreamLimits(keep_alive_s=15.0, drain_after_client_s=30.0))
    client, left = stage.run(), stage.run()
    for sink in stage.upstream.sinks:
        sink.head(200, SSE)
        sink.data(START)
    left.watcher.client_gone()
    stage.exchanges.pulse.tick()
    wall_ns = FakeClock.wall_ns
    monkeypatch.setattr(FakeClock, "wall_ns", lambda clock: wall_ns(clock) + jump_ns)
    stage.clock.now_s += 14
    stage.exchanges.pulse.tick()
    at_once, open_still = client.body, len(stage.exchanges.pulse)
    stage.clock.now_s += 2
    stage.exchanges.pulse.tick()
    spoken = client.body
    stage.clock.now_s += 15
    stage.exchanges.pulse.tick()
    stage.upstream.sinks[0].data(DELTA + STOP)
    stage.upstream.sinks[0].end()
    gone, whole = stage.journal.outcomes

    assert (at_once, open_still) == (START, 2)
    assert len(spoken) > len(START)
    assert (gone.ended, gone.latency_ms) == ("client_gone", 31_000)
    assert (whole.ended, whole.latency_ms, whole.time_to_first_byte_ms) == ("completed", 31_000, 0)
    assert whole.ended_at_ns == stage.clock.wall_ns()
    assert [attempt.latency_ms for attempt in (*gone.attempts, *whole.attempts)] == [0, 0]


@pytest.mark.parametrize("jump_ns", [HOUR_NS, -HOUR_NS], ids=str)
def test_tries_are_timed_by_the_clock_that_only_goes_forward(monkeypatch, jump_ns):
    """One that is refused and one that fails: each starts as long after the request as it did, and so the spans are right too."""
    stage = Stage()
    stage.run()
    received_ns = stage.clock.wall_ns()
    wall_ns = FakeClock.wall_ns
    monkeypatch.setattr(FakeClock, "wall_ns", lambda clock: wall_ns(clock) + jump_ns)
    stage.clock.now_s += 2
    stage.upstream.sinks[0].head(529, JSON)
    stage.clock.now_s += 3
    stage.upstream.sinks[1].fail(UpstreamFailed("Provider spare cannot be reached.", code="unreachable", sent=True))
    (outcome,) = stage.journal.outcomes
    spans = ExportTraceServiceRequest.FromString(spans_of(outcome)).resource_spans[0].scope_spans[0].spans

    assert [(each.started_at_ns - received_ns, each.latency_ms) for each in outcome.attempts] == [(0, 2_000), (2_000_000_000, 3_000)]
    assert [(each.end_time_unix_nano - each.start_time_unix_nano) // 1_000_000 for each in spans] == [5_000, 2_000, 3_000]
