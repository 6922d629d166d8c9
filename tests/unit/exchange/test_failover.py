"""What follows a try that fails, where an endpoint has more than one target: fallbacks, circuits, the budget of extra tries."""

import pytest

from headgate.core.endpoint import Endpoint, deleted_provider, target_of
from headgate.core.errors import UpstreamFailed
from tests.unit.exchange.failing import BLOCK, BUSY, ENDPOINTS, LOST, SPLIT, A, B, C, asked, refuse, serve, tries
from tests.unit.exchange.journeys import DELTA, JSON, SSE, START, STOP, Stage


@pytest.fixture
def stage() -> Stage:
    """One worker with these endpoints."""
    return Stage(endpoints=ENDPOINTS)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 529, 599])
def test_with_fallbacks_every_server_error_is_followed_by_one(stage: Stage, status: int) -> None:
    """The administrator says so by declaring them; the client has one whole answer and its target's name."""
    client = stage.run(model="safe")
    refuse(stage, status)
    serve(stage)

    (outcome,) = stage.journal.outcomes
    assert (client.status, client.body) == (200, START + BLOCK + DELTA + STOP)
    assert client.headers[b"x-headgate-target"] == b"spare/b"
    assert tries(outcome) == [("lab", status, "", ""), ("spare", 200, "", "fallback")]
    assert (outcome.intent.provider, outcome.intent.model_sent) == ("spare", "b")


@pytest.mark.parametrize("status", [400, 404, 413])
def test_a_fault_of_the_request_is_the_answer(stage: Stage, status: int) -> None:
    """Another target would refuse it too."""
    client = stage.run(model="safe")
    refuse(stage, status)

    assert client.status == status
    assert asked(stage) == ["lab"]


def test_without_fallbacks_what_may_be_billed_is_never_sent_again(stage: Stage) -> None:
    """Neither a 500 or 502, nor a connection that is lost after the request was written."""
    for failure in (500, 502, LOST):
        client = stage.run(model="ordered")
        if isinstance(failure, int):
            refuse(stage, failure)
        else:
            stage.upstream.sinks[-1].fail(failure)
        assert client.status == (502 if failure is LOST else failure)
    assert asked(stage) == ["lab"] * 3


def test_with_fallbacks_a_lost_connection_is_followed_by_one(stage: Stage) -> None:
    """Until the last of them has failed too; the answer is an earlier refusal, if there was one."""
    client = stage.run(model="safe")
    stage.upstream.sinks[-1].fail(LOST)
    refuse(stage, 503)
    stage.upstream.sinks[-1].fail(UpstreamFailed("No answer.", status=504, code="first_byte_timeout"))

    (outcome,) = stage.journal.outcomes
    assert (client.status, client.body) == (503, BUSY)
    assert client.headers[b"x-headgate-target"] == b"spare/b"
    assert [(name, code) for name, _, code, _ in tries(outcome)] == [("lab", "cut"), ("spare", ""), ("third", "first_byte_timeout")]


def test_the_last_refusal_is_the_answer(stage: Stage) -> None:
    """As it came, from the target that gave it."""
    client = stage.run(model="safe")
    for status in (500, 503, 502):
        refuse(stage, status)

    assert (client.status, client.body, client.headers[b"x-headgate-target"]) == (502, BUSY, b"third/c")
    assert asked(stage) == ["lab", "spare", "third"]


def test_after_the_first_byte_nothing_is_tried(stage: Stage) -> None:
    """A stream that breaks then ends as a broken one."""
    client = stage.run(model="safe")
    stage.upstream.sinks[0].head(200, SSE)
    stage.upstream.sinks[0].data(START)
    stage.upstream.sinks[0].fail(LOST)

    assert client.body.startswith(START)
    assert asked(stage) == ["lab"]


def test_a_deleted_fallback_ends_the_tries() -> None:
    """Nothing takes its place."""
    stage = Stage(endpoints=[Endpoint(name="safe", targets=(A,), fallbacks=(target_of(deleted_provider("gone"), "m"), C))])
    client = stage.run(model="safe")
    refuse(stage, 500)

    assert client.status == 500
    assert asked(stage) == ["lab"]


def test_one_that_was_chosen_by_its_share_is_followed_by_the_fallbacks_alone(stage: Stage) -> None:
    """The choice is not made again."""
    client = stage.run(model="split")
    refuse(stage, 429)
    serve(stage)

    (outcome,) = stage.journal.outcomes
    assert client.status == 200
    assert asked(stage)[1:] == ["third"]
    assert [each.traffic_percent for each in outcome.attempts] == [50, None]


# Targets in trouble.


def test_a_target_that_asked_for_a_pause_is_passed_over(stage: Stage) -> None:
    """Until then; the record says so, and afterwards it comes first again."""
    stage.run(model="ordered")
    refuse(stage, 429, [*JSON, (b"retry-after", b"20")])
    serve(stage)
    stage.run(model="ordered")
    serve(stage)
    stage.clock.now_s += 21
    stage.run(model="ordered")
    serve(stage)

    assert asked(stage) == ["lab", "spare", "spare", "lab"]
    assert tries(stage.journal.outcomes[1]) == [("lab", 0, "", "circuit_open"), ("spare", 200, "", "fallback")]
    assert tries(stage.journal.outcomes[2]) == [("lab", 200, "", "")]


def test_a_target_that_fails_in_a_row_is_passed_over_and_comes_back(stage: Stage) -> None:
    """After five failures, for five seconds; then one request tries it while others go elsewhere."""
    for _ in range(5):
        stage.run(model="safe")
        refuse(stage, 500)
        serve(stage)
    stage.upstream.requests.clear()
    stage.run(model="safe")
    serve(stage)
    assert asked(stage) == ["spare"]

    stage.clock.now_s += 5
    stage.run(model="safe")
    stage.run(model="safe")
    assert asked(stage) == ["spare", "lab", "spare"]
    serve(stage)
    stage.upstream.sinks[-2].head(200, SSE)
    stage.upstream.sinks[-2].data(START + STOP)
    stage.upstream.sinks[-2].end()
    stage.run(model="safe")
    assert asked(stage)[-1] == "lab"


def test_a_share_of_a_target_in_trouble_goes_to_the_others(stage: Stage) -> None:
    """They come before the fallbacks, and the session is back once it works again."""
    for _ in range(5):
        stage.exchanges.failures.circuits.fails(SPLIT.targets[0])
    for _ in range(20):
        stage.run(model="split")
    assert set(asked(stage)) == {"spare"}
    for _ in range(5):
        stage.exchanges.failures.circuits.fails(SPLIT.targets[1])
    stage.upstream.requests.clear()
    stage.run(model="split")
    assert asked(stage) == ["third"]


def test_where_all_targets_are_in_trouble_the_first_is_tried_anyway(stage: Stage) -> None:
    """A provider's own answer says more than a refusal without a try; so does an endpoint's only target."""
    for target in (A, B):
        for _ in range(9):
            stage.exchanges.failures.circuits.fails(target)
    for model in ("ordered", "single"):
        stage.run(model=model)
        serve(stage)
    assert asked(stage) == ["lab", "lab"]
    assert [tries(outcome) for outcome in stage.journal.outcomes] == [[("lab", 200, "", "")]] * 2


def test_a_client_error_shows_that_a_target_works(stage: Stage) -> None:
    """A bad request is no failure of the target, and ends its trouble; a refused login says nothing."""
    circuits = stage.exchanges.failures.circuits
    for status, works in ((400, True), (404, True), (403, False)):
        for _ in range(4):
            circuits.fails(A)
        stage.run(model="single")
        refuse(stage, status)
        assert bool(circuits.troubled) is not works


def test_extra_tries_have_a_budget(stage: Stage) -> None:
    """Thirty and a fifth of the requests within ten seconds; beyond it the refusal is the answer, and the record says why."""
    for _ in range(60):
        stage.run(model="ordered")
        refuse(stage, 429)
        if asked(stage)[-1] == "spare":
            refuse(stage, 429)

    extra = asked(stage).count("spare")
    assert extra == sum(1 for outcome in stage.journal.outcomes if len(outcome.attempts) == 2 and outcome.attempts[1].tried)
    assert 36 <= extra <= 42
    assert tries(stage.journal.outcomes[-1]) == [("lab", 429, "", ""), ("spare", 0, "", "retry_budget")]
