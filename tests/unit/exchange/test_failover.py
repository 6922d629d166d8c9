"""What follows a try that fails, where an endpoint has more than one target: fallbacks, late first tokens, circuits, the budget of extra tries."""

import pytest

from headgate.core.endpoint import Endpoint, Provider, deleted_provider, target_of
from headgate.core.errors import UpstreamFailed
from headgate.core.record import Outcome
from headgate.core.secret import Secret
from tests.fakes.ports import FakeClient
from tests.unit.exchange.journeys import DELTA, JSON, LAB, SPARE, SSE, START, STOP, Stage, event

THIRD = Provider(name="third", dialect="anthropic", base_url="http://third", api_key=Secret("third-key-789"))
A, B, C = target_of(LAB, "a"), target_of(SPARE, "b"), target_of(THIRD, "c")
SAFE = Endpoint(name="safe", targets=(A,), fallbacks=(B, C))
ORDERED = Endpoint(name="ordered", targets=(A, B))
SPLIT = Endpoint(name="split", targets=(target_of(LAB, "a", 50), target_of(SPARE, "b", 50)), fallbacks=(C,))
PROMPT = Endpoint(name="prompt", targets=(A,), fallbacks=(B,), first_token_timeout_s=10)
BUSY = b'{"type":"error","error":{"type":"overloaded_error","message":"busy"}}'
BLOCK = event("content_block_start", index=0, content_block={"type": "text", "text": ""})
PING = event("ping")
LOST = UpstreamFailed("The connection was lost.", code="cut", sent=True)


@pytest.fixture
def stage() -> Stage:
    """One worker with these endpoints."""
    return Stage(endpoints=[SAFE, ORDERED, SPLIT, PROMPT, Endpoint(name="single", targets=(A,))])


def refuse(stage: Stage, status: int, headers: list[tuple[bytes, bytes]] = JSON) -> None:
    """The latest try gets an error answer."""
    sink = stage.upstream.sinks[-1]
    sink.head(status, headers)
    sink.data(BUSY)
    sink.end()


def serve(stage: Stage) -> None:
    """The latest try gets a whole stream."""
    sink = stage.upstream.sinks[-1]
    sink.head(200, SSE)
    sink.data(START + BLOCK + DELTA + STOP)
    sink.end()


def asked(stage: Stage) -> list[str]:
    """The providers that were asked, in order."""
    return [request.provider.name for request in stage.upstream.requests]


def tries(outcome: Outcome) -> list[tuple[str, int, str, str]]:
    """The attempts of a record."""
    return [(each.provider, each.status_code, each.error_code, each.action) for each in outcome.attempts]


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


# The first token.


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
