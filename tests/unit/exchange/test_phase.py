"""The table of phases: each cell is driven through a relay, and what must not happen is refused."""

from collections.abc import Callable

import pytest

from headgate.core.errors import UpstreamFailed
from headgate.exchange.phase import TABLE, Action, Cue, IllegalCue, Phase
from headgate.exchange.relay import Relay
from headgate.exchange.settings import StreamLimits
from tests.unit.exchange.journeys import JSON, SSE, START, STOP, Stage

LIMITS = StreamLimits(whole_answer_bytes=100)
REFUSED = UpstreamFailed("It broke off.")

# How a relay comes into each phase, from the one before it.
WAYS: dict[Phase, tuple[Phase | None, Callable[[Relay], None]]] = {
    Phase.WAITING: (None, lambda _: None),
    Phase.EARLY: (Phase.WAITING, lambda relay: relay.tick(1e9, LIMITS)),
    Phase.HELD: (Phase.WAITING, lambda relay: relay.head(200, list(JSON))),
    Phase.HELD_EARLY: (Phase.EARLY, lambda relay: relay.head(200, list(JSON))),
    Phase.STREAMING: (Phase.WAITING, lambda relay: relay.head(200, list(SSE))),
    Phase.PASSING: (Phase.HELD, lambda relay: relay.data(b"x" * 101)),
    Phase.DRAINING: (Phase.STREAMING, lambda relay: relay.client_gone()),
    Phase.ENDED: (Phase.WAITING, lambda relay: relay.fail(REFUSED)),
}

CUES: dict[Cue, tuple[Callable[[Relay], None], ...]] = {
    Cue.HEAD: (
        lambda relay: relay.head(200, list(SSE)),
        lambda relay: relay.head(200, list(JSON)),
        lambda relay: relay.head(200, [(b"content-encoding", b"gzip")]),
    ),
    Cue.DATA: (lambda relay: relay.data(b"x"), lambda relay: relay.data(b"x" * 101), lambda relay: relay.data(START + STOP)),
    Cue.END: (lambda relay: relay.end(),),
    Cue.FAIL: (lambda relay: relay.fail(REFUSED), lambda relay: relay.interrupt(REFUSED)),
    Cue.GONE: (lambda relay: relay.client_gone(),),
    Cue.TICK: (lambda relay: relay.tick(1.0, LIMITS), lambda relay: relay.tick(1e9, LIMITS), lambda relay: relay.tick(2e9, LIMITS)),
}


def relay_in(phase: Phase) -> tuple[Relay, Stage]:
    """A relay that has come into a phase."""
    stage = Stage(LIMITS)
    stage.run(model="single")
    (relay,) = stage.exchanges.pulse._open
    ways = []
    reached: Phase | None = phase
    while reached is not None:
        reached, way = WAYS[reached]
        ways.append(way)
    for way in reversed(ways):
        way(relay)
    assert relay.phase is phase
    return relay, stage


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("cue", Cue)
def test_each_cell_leads_where_the_table_says(cue: Cue, phase: Phase) -> None:
    """Whatever a cue brings, the next phase is one of the cell's; a cell that is missing refuses the cue, and the exchange stays in its phase."""
    for happen in CUES[cue]:
        relay, stage = relay_in(phase)
        if phase not in TABLE[cue]:
            with pytest.raises(IllegalCue, match=phase.name.lower()):
                happen(relay)
            assert relay.phase is phase
        else:
            happen(relay)
            assert relay.phase in TABLE[cue][phase].then
        assert len(stage.journal.outcomes) == (relay.phase is Phase.ENDED)


def test_every_next_phase_is_reached() -> None:
    """No cell names a phase that cannot follow."""
    reached = set()
    for cue, happenings in CUES.items():
        for phase in TABLE[cue]:
            for happen in happenings:
                relay, _ = relay_in(phase)
                happen(relay)
                reached.add((cue, phase, relay.phase))

    never = {(cue, phase, then) for cue, cells in TABLE.items() for phase, step in cells.items() for then in step.then} - reached
    # These need more before the cue: no call under way or everything counted, and a large error answer.
    open_phases = set(Phase) - {Phase.DRAINING, Phase.ENDED}
    assert never == {(Cue.GONE, phase, Phase.ENDED) for phase in open_phases} | {(Cue.DATA, Phase.HELD, Phase.ENDED)}


def test_a_client_that_leaves_after_everything_was_counted_ends_the_exchange() -> None:
    """There is nothing left to read for."""
    relay, _ = relay_in(Phase.STREAMING)
    relay.data(START + STOP)
    relay.client_gone()

    assert relay.phase is Phase.ENDED


def test_a_large_error_ends_the_exchange() -> None:
    """An error answer never passes unheld."""
    relay, _ = relay_in(Phase.WAITING)
    relay.head(500, list(JSON))
    relay.data(b"x" * 101)

    assert relay.phase is Phase.ENDED


def test_every_action_is_in_the_table() -> None:
    """No action is without a cell."""
    assert {step.action for cells in TABLE.values() for step in cells.values()} == set(Action)


def test_an_exchange_that_has_ended_hears_nothing() -> None:
    """Every cue is legal at the end, and changes nothing."""
    assert {TABLE[cue][Phase.ENDED].action for cue in Cue} == {Action.IGNORE}
    assert {cue for cue in Cue if Phase.WAITING not in TABLE[cue]} == {Cue.DATA, Cue.END}
