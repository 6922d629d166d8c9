"""A wall clock that is set while exchanges are open moves no limit: those count on the clock that only goes forward."""

import pytest

from headgate.exchange.settings import StreamLimits
from tests.fakes.ports import FakeClock
from tests.unit.exchange.journeys import DELTA, SSE, START, STOP, Stage

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
