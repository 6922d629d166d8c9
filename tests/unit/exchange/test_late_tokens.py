"""Streams whose first token is late, or is an error: another target answers, as long as the client has nothing."""

import pytest

from headgate.core.endpoint import Endpoint
from headgate.core.errors import UpstreamFailed
from tests.fakes.ports import FakeClient
from tests.unit.exchange.failing import BLOCK, ENDPOINTS, LOST, PING, A, B, asked, serve, tries
from tests.unit.exchange.journeys import DELTA, JSON, SSE, START, STOP, Stage, event


@pytest.fixture
def stage() -> Stage:
    """One worker with these endpoints."""
    return Stage(endpoints=ENDPOINTS)


def begin(stage: Stage, client: FakeClient) -> None:
    """The first target's stream begins, without a token."""
    stage.upstream.sinks[0].head(200, SSE)
    stage.upstream.sinks[0].data(START)
    stage.upstream.sinks[0].data(PING)
    assert not client.status


def later(stage: Stage, seconds: float) -> None:
    """Time passes."""
    stage.clock.now_s += seconds
    stage.exchanges.failures.first_tokens.tick()
    stage.exchanges.pulse.tick()


@pytest.mark.parametrize("begun", [True, False])
def test_a_stream_without_its_first_token_in_time_is_given_up(stage: Stage, begun: bool) -> None:
    """Whether its head came or not: its connection is closed, the client has the other answer alone, and both are on the record."""
    client = stage.run(model="prompt")
    if begun:
        begin(stage, client)
    later(stage, 9.9)
    assert len(stage.upstream.requests) == 1
    later(stage, 0.2)
    assert stage.upstream.calls[0].cancelled
    serve(stage)

    (outcome,) = stage.journal.outcomes
    assert client.body == START + BLOCK + DELTA + STOP
    assert tries(outcome) == [("lab", 200 if begun else 0, "first_token_timeout", ""), ("spare", 200, "", "fallback")]
    assert outcome.attempts[0].latency_ms == (0 if begun else 10_100)


def test_a_stream_that_has_its_first_token_goes_on(stage: Stage) -> None:
    """The client gets all of it, in order, from the token on as it comes; no other target is asked however long it takes."""
    client = stage.run(model="prompt")
    begin(stage, client)
    later(stage, 9)
    stage.upstream.sinks[0].data(BLOCK[:10])
    assert not client.status
    stage.upstream.sinks[0].data(BLOCK[10:])
    assert (client.status, client.body) == (200, START + PING + BLOCK)
    assert client.headers[b"x-headgate-target"] == b"lab/a"
    later(stage, 60)
    stage.upstream.sinks[0].data(DELTA + STOP)
    stage.upstream.sinks[0].end()

    (outcome,) = stage.journal.outcomes
    assert client.body.startswith(START + PING + BLOCK)
    assert client.body.endswith(DELTA + STOP)
    assert (outcome.ended, outcome.usage.output_tokens if outcome.usage else 0) == ("completed", 7)
    assert len(stage.upstream.requests) == 1


def test_the_last_target_may_take_as_long_as_it_takes(stage: Stage) -> None:
    """There is nothing to try instead."""
    client = stage.run(model="prompt")
    later(stage, 11)
    later(stage, 11)
    assert asked(stage) == ["lab", "spare"]
    serve(stage)
    assert client.status == 200


def test_once_the_client_has_a_head_it_is_waited_for(stage: Stage) -> None:
    """Its stream has begun early, so no other target may answer it."""
    patient = Stage(endpoints=[Endpoint(name="prompt", targets=(A,), fallbacks=(B,), first_token_timeout_s=60)])
    client = patient.run(model="prompt")
    begin(patient, client)
    later(patient, 41)
    assert client.status == 200
    later(patient, 20)
    patient.upstream.sinks[0].data(BLOCK + DELTA + STOP)
    patient.upstream.sinks[0].end()

    assert asked(patient) == ["lab"]
    assert client.body.endswith(START + PING + BLOCK + DELTA + STOP)


def test_a_stream_that_breaks_before_its_first_token_is_followed_by_a_fallback(stage: Stage) -> None:
    """The client has nothing of it."""
    client = stage.run(model="prompt")
    begin(stage, client)
    stage.upstream.sinks[0].fail(LOST)
    serve(stage)

    (outcome,) = stage.journal.outcomes
    assert client.body == START + BLOCK + DELTA + STOP
    assert tries(outcome)[0] == ("lab", 200, "cut", "")


OVERLOADED = event("error", error={"type": "overloaded_error", "message": "Overloaded"})


def test_an_error_in_the_place_of_a_first_token_is_followed_by_a_fallback(stage: Stage) -> None:
    """Anthropic answers 200 and then says that it is overloaded. The last target's error is the client's answer."""
    client = stage.run(model="prompt")
    begin(stage, client)
    stage.upstream.sinks[0].data(OVERLOADED)
    assert stage.upstream.calls[0].cancelled
    serve(stage)
    assert client.body == START + BLOCK + DELTA + STOP
    assert tries(stage.journal.outcomes[0])[0] == ("lab", 200, "overloaded_error", "")

    client = stage.run(model="prompt")
    stage.upstream.sinks[-1].fail(UpstreamFailed("Refused.", code="unreachable", sent=False))
    stage.upstream.sinks[-1].head(200, SSE)
    stage.upstream.sinks[-1].data(START + OVERLOADED)
    stage.upstream.sinks[-1].end()
    assert client.body == START + OVERLOADED


def test_an_error_in_the_place_of_a_first_token_stays_where_nothing_may_be_sent_again() -> None:
    """Ordered targets without fallbacks: the stream may have been billed."""
    stage = Stage(endpoints=[Endpoint(name="prompt", targets=(A, B), first_token_timeout_s=10)])
    client = stage.run(model="prompt")
    begin(stage, client)
    stage.upstream.sinks[0].data(OVERLOADED)

    assert client.body == START + PING + OVERLOADED
    assert asked(stage) == ["lab"]


def test_a_stream_that_ends_before_its_first_token_is_the_answer(stage: Stage) -> None:
    """It is told as cut: the provider said that this is all."""
    client = stage.run(model="prompt")
    begin(stage, client)
    stage.upstream.sinks[0].end()

    (outcome,) = stage.journal.outcomes
    assert client.body.startswith(START + PING)
    assert outcome.ended == "cut"


def test_a_beginning_without_end_is_kept_within_bounds(stage: Stage) -> None:
    """Beyond 64 KiB it goes to the client."""
    client = stage.run(model="prompt")
    begin(stage, client)
    for _ in range(70):
        stage.upstream.sinks[0].data(b": " + b"x" * 1024 + b"\n\n")
    assert client.status == 200
    assert len(client.body) > 70 * 1024


def test_a_client_that_leaves_before_the_first_token_is_recorded_once(stage: Stage) -> None:
    """Its answer is read on for the usage, and no other target is asked."""
    client = stage.run(model="prompt")
    begin(stage, client)
    assert client.watcher is not None
    client.watcher.client_gone()
    later(stage, 11)
    stage.upstream.sinks[0].data(BLOCK + DELTA + STOP)

    (outcome,) = stage.journal.outcomes
    assert (outcome.ended, outcome.usage.output_tokens if outcome.usage else 0) == ("client_gone", 7)
    assert asked(stage) == ["lab"]


def test_an_answer_in_one_piece_has_no_first_token(stage: Stage) -> None:
    """Nothing is expected of it."""
    client = stage.run(model="prompt", stream=False)
    later(stage, 60)
    stage.upstream.sinks[0].head(200, JSON)
    stage.upstream.sinks[0].data(b'{"id":"msg_1","usage":{"input_tokens":1,"output_tokens":2}}')
    stage.upstream.sinks[0].end()

    assert client.status == 200
    assert asked(stage) == ["lab"]
