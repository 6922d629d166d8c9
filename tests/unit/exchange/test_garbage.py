"""An exchange that has ended is freed at once. In cycles it would wait for the collector, which looks at what lived as long as a stream once in minutes."""

import gc
from collections.abc import Callable, Generator

import pytest

from headgate.core.errors import Unavailable, UpstreamFailed
from headgate.exchange.ports import ClientWatcher
from tests.fakes.limits import limit
from tests.fakes.ports import FakeClient
from tests.unit.exchange.failing import BLOCK, ENDPOINTS, serve
from tests.unit.exchange.journeys import DELTA, JSON, SSE, START, STOP, Stage
from tests.unit.exchange.spoken import ALL, Spoken
from tests.unit.exchange.test_admission import answer, limited
from tests.unit.exchange.test_translated import PAIRS, frames_for, pair, stage_for

pytestmark = pytest.mark.usefixtures("_collector")
WATCHERS: list[ClientWatcher] = []  # of clients: a stand-in that knew its own would be a cycle


@pytest.fixture
def _collector(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    """Looks only where it is asked."""
    monkeypatch.setattr(FakeClient, "watch", lambda _, watcher: WATCHERS.append(watcher))
    gc.disable()
    yield
    gc.enable()


def left_by(stage: Stage, journey: Callable[[Stage], object]) -> set[str]:
    """The classes of Headgate's objects that a journey left in cycles. What the stand-ins keep of it is dropped; the stage lives on."""
    gc.collect()
    journey(stage)
    assert stage.journal.outcomes
    for kept in (stage.upstream.sinks, stage.upstream.calls, stage.journal.losses, WATCHERS):
        kept.clear()
    gc.set_debug(gc.DEBUG_SAVEALL)
    gc.collect()
    gc.set_debug(0)
    found = {type(each).__qualname__ for each in gc.garbage if type(each).__module__.startswith("headgate.")}
    gc.garbage.clear()
    return found


def _answered(spoken: Spoken, provider_side: Spoken) -> Callable[[Stage], object]:
    def journey(stage: Stage) -> None:
        spoken.start(stage)
        sink = stage.upstream.sinks[0]
        sink.head(200, provider_side.headers)
        for frame in frames_for(provider_side, stage.upstream.requests[0].body):
            sink.data(frame)
        sink.end()

    return journey


@pytest.mark.parametrize("spoken", ALL, ids=str)
def test_an_answer_leaves_nothing(spoken: Spoken) -> None:
    """In each dialect, streamed and whole."""
    assert left_by(Stage(), _answered(spoken, spoken)) == set()


@pytest.mark.parametrize("both", PAIRS, ids=pair)
def test_a_translated_answer_leaves_nothing(both: tuple[Spoken, Spoken]) -> None:
    """In each pair, streamed and whole."""
    assert left_by(stage_for(both[1]), _answered(*both)) == set()


def _refused(stage: Stage) -> None:
    stage.run(model="single")
    sink = stage.upstream.sinks[0]
    sink.head(400, JSON)
    sink.data(b'{"type":"error","error":{"type":"invalid_request_error","message":"no"}}')
    sink.end()


def _broken(stage: Stage) -> None:
    stage.run(model="single")
    sink = stage.upstream.sinks[0]
    sink.head(200, SSE)
    sink.data(START + DELTA)
    sink.fail(UpstreamFailed("The connection broke.", sent=True))


def _left(stage: Stage) -> None:
    stage.run()
    sink = stage.upstream.sinks[0]
    sink.head(200, SSE)
    sink.data(START)
    WATCHERS[-1].client_gone()
    sink.data(DELTA + STOP)
    sink.end()


def _lost(stage: Stage) -> None:
    stage.run()
    lost = stage.journal.losses[0]
    assert lost is not None
    lost(Unavailable("The disk is full.", code="journal_unavailable"))


def _fallen_back(stage: Stage) -> None:
    stage.run()
    stage.upstream.sinks[0].head(429, JSON)
    sink = stage.upstream.sinks[1]
    sink.head(200, SSE)
    for piece in (START, DELTA, STOP):
        sink.data(piece)
    sink.end()


def _fallen_back_for_nothing(stage: Stage) -> None:
    stage.run()
    stage.upstream.sinks[0].head(429, JSON)
    stage.upstream.sinks[0].data(b'{"type":"error","error":{"type":"rate_limit_error","message":"later"}}')
    stage.upstream.sinks[1].fail(UpstreamFailed("It is not there.", sent=False))
    stage.upstream.sinks[0].end()


@pytest.mark.parametrize("journey", [_refused, _broken, _left, _lost, _fallen_back, _fallen_back_for_nothing])
def test_no_other_end_leaves_anything(journey: Callable[[Stage], object]) -> None:
    """A refusal, a break, a client that leaves, a journal that fails, a fallback."""
    assert left_by(Stage(), journey) == set()


def _token_awaited(stage: Stage) -> None:
    stage.run(model="prompt")
    sink = stage.upstream.sinks[0]
    sink.head(200, SSE)
    for piece in (START, BLOCK, DELTA, STOP):
        sink.data(piece)
    sink.end()


def _token_late(stage: Stage) -> None:
    stage.run(model="prompt")
    stage.upstream.sinks[0].head(200, SSE)
    stage.clock.now_s += 11
    stage.exchanges.failures.first_tokens.tick()
    serve(stage)


@pytest.mark.parametrize("journey", [_token_awaited, _token_late])
def test_a_first_token_that_is_awaited_leaves_nothing(journey: Callable[[Stage], object]) -> None:
    """The beginning was kept, and then handed over or dropped."""
    assert left_by(Stage(endpoints=ENDPOINTS), journey) == set()


def _limited(stage: Stage) -> None:
    stage.run()
    answer(stage)


def test_limits_leave_nothing() -> None:
    """What was reserved is settled and forgotten."""
    stage, _ = limited(limit(requests=10, tokens=100_000))
    assert left_by(stage, _limited) == set()


def test_limits_that_are_decided_late_leave_nothing() -> None:
    """The exchange waited for its admission."""
    stage, store = limited(limit(requests=10, tokens=100_000), late=True)
    assert store is not None

    def journey(stage: Stage) -> None:
        stage.run()
        store.answer()
        answer(stage)
        store.asked.clear()

    assert left_by(stage, journey) == set()
