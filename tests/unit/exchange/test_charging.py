"""The law: an exchange that was sent has usage or a flagged estimate on its record, however it ended. Leaving is never cheaper than staying."""

from collections.abc import Callable

import pytest

from headgate.core.errors import Unavailable, UpstreamFailed
from tests.fakes.ports import FakeClient
from tests.unit.exchange.journeys import JSON, SSE, START, Stage, event
from tests.unit.exchange.spoken import ALL, PROMPT, TOKENS, Spoken

INPUT_TOKENS = (len(PROMPT) + 1) // 4
End = Callable[[Stage, FakeClient], None]


def _end(stage: Stage, _client: FakeClient) -> None:
    stage.upstream.sinks[-1].end()


def _fail(stage: Stage, _client: FakeClient) -> None:
    stage.upstream.sinks[-1].fail(UpstreamFailed("Provider lab broke off.", code="cut"))


def _leave(stage: Stage, client: FakeClient) -> None:
    assert client.watcher is not None
    client.watcher.client_gone()
    stage.clock.now_s += 31
    stage.exchanges.pulse.tick()


def _leave_and_fail(stage: Stage, client: FakeClient) -> None:
    assert client.watcher is not None
    client.watcher.client_gone()
    if not stage.journal.outcomes:
        _fail(stage, client)


def _interrupt(stage: Stage, _client: FakeClient) -> None:
    stage.exchanges.pulse.interrupt_all(Unavailable("stopping", code="draining"))


def _early_and_fail(stage: Stage, client: FakeClient) -> None:
    stage.clock.now_s += 41
    stage.exchanges.pulse.tick()
    _fail(stage, client)


ENDS: list[End] = [_end, _fail, _leave, _leave_and_fail, _interrupt, _early_and_fail]


def _ways(spoken: Spoken) -> list[tuple[bool, list[bytes]]]:
    """Everything that may have come of an answer: no head, a head alone, and each beginning of it, cut between events and within them."""
    whole = b"".join(spoken.frames)
    starts = [spoken.frames[:count] for count in range(1, len(spoken.frames) + 1)]
    cuts = [[whole[:size]] for size in range(1, len(whole), len(whole) // 6)]
    return [(False, []), (True, []), *((True, pieces) for pieces in (*starts, *cuts))]


@pytest.mark.parametrize("spoken", ALL, ids=str)
@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__.strip("_"))
def test_no_exchange_that_was_sent_is_without_usage(spoken: Spoken, end: End) -> None:
    """Whatever came and however it ended: counts of the provider's, or an estimate that is flagged and not below the input."""
    for answered, pieces in _ways(spoken):
        if end is _end and not answered:
            continue
        stage = Stage()
        client = spoken.start(stage)
        if answered:
            stage.upstream.sinks[0].head(200, spoken.headers)
        for piece in pieces:
            stage.upstream.sinks[0].data(piece)
        end(stage, client)

        (outcome,) = stage.journal.outcomes
        usage = outcome.usage
        assert usage is not None
        assert usage.input_tokens is not None
        assert usage.output_tokens is not None
        if usage.estimated:
            assert usage.input_tokens >= min(INPUT_TOKENS, TOKENS.fresh)
        else:
            assert (usage.input_tokens, usage.output_tokens) == (TOKENS.fresh, TOKENS.output)
        assert [attempt.provider for attempt in outcome.attempts] == [outcome.intent.provider]


@pytest.mark.parametrize("spoken", ALL, ids=str)
def test_more_that_came_is_never_charged_less(spoken: Spoken) -> None:
    """The estimate of the output grows with what was received, streamed or half of a whole answer."""
    whole = b"".join(spoken.frames)
    charged = []
    for size in (0, len(whole) // 2, len(whole) * 3 // 4):
        stage = Stage()
        client = spoken.start(stage)
        stage.upstream.sinks[0].head(200, spoken.headers)
        stage.upstream.sinks[0].data(whole[:size])
        _leave(stage, client)
        usage = stage.journal.outcomes[0].usage
        assert usage is not None
        charged.append(usage.output_tokens or 0)

    assert charged == sorted(charged)
    assert 10 < charged[-1] <= TOKENS.output + 20


@pytest.mark.parametrize("spoken", ALL, ids=str)
@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 413, 422, 429, 500, 502, 503, 529])
def test_an_error_answer_is_not_charged(spoken: Spoken, status: int) -> None:
    """No provider bills one, however it ends for the client."""
    for end in (_end, _fail, _leave):
        stage = Stage()
        client = spoken.start(stage)
        stage.upstream.sinks[0].head(status, JSON)
        stage.upstream.sinks[0].data(b'{"error":{"message":"no"}')
        end(stage, client)

        assert stage.journal.outcomes[0].usage is None


def test_an_error_that_is_all_of_a_stream_is_not_charged() -> None:
    """It is an error answer in another form; one that ends an answer is charged with what came before it."""
    overloaded = event("error", error={"type": "overloaded_error", "message": "Overloaded"})
    alone, later = Stage(), Stage()
    for stage, pieces in ((alone, [overloaded]), (later, [START, overloaded])):
        stage.run()
        stage.upstream.sinks[0].head(200, SSE)
        for piece in pieces:
            stage.upstream.sinks[0].data(piece)
        stage.upstream.sinks[0].end()

    assert alone.journal.outcomes[0].usage is None
    charged = later.journal.outcomes[0].usage
    assert charged is not None
    assert charged.estimated
    assert charged.input_tokens == 12


@pytest.mark.parametrize("stream", [True, False])
def test_what_was_never_sent_is_not_charged(stream: bool) -> None:
    """Neither where no connection came about, nor where the exchange ended before one did, nor where its intent could not be kept."""
    unreachable, gone, lost = Stage(), Stage(), Stage()
    clients = [stage.run(stream=stream, model="single") for stage in (unreachable, gone, lost)]
    for stage in (gone, lost):
        stage.upstream.calls[0].sent = stage is lost

    unreachable.upstream.sinks[0].fail(UpstreamFailed("refused", code="unreachable", sent=False))
    _leave(gone, clients[1])
    lose = lost.journal.losses[0]
    assert lose is not None
    lose(Unavailable("The disk is full."))

    assert [stage.journal.outcomes[0].usage for stage in (unreachable, gone, lost)] == [None, None, None]


def test_counting_tokens_is_never_charged() -> None:
    """Nothing is generated, so nothing is estimated."""
    (spoken,) = [each for each in ALL if each.dialect == "anthropic" and not each.stream]
    counting = spoken._replace(operation=type(spoken.operation)("count_tokens", "a", streams="never", generates=False))
    stage = Stage()
    client = counting.start(stage)
    _leave(stage, client)

    assert stage.journal.outcomes[0].usage is None
