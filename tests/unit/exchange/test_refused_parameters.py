"""Parameters that a target refuses: learnt from its 400, left out of the next request, and said."""

import json

import pytest

from headgate.dialects.faces import Operation
from headgate.exchange.refused_parameters import RefusalMemory
from tests.unit.exchange.journeys import DELTA, JSON, SSE, START, STOP, Stage

REFUSAL = b'{"type":"error","error":{"type":"invalid_request_error","message":"%s"}}'
FIELD = REFUSAL % b"context_management: Extra inputs are not permitted"
BETA = REFUSAL % b"Unexpected value(s) `x` for the `anthropic-beta` header."


def ask(stage: Stage):
    body = {"model": "single", "stream": True, "context_management": {"edits": []}, "messages": [{"role": "user", "content": "Hi"}]}
    return stage.ask("anthropic", json.dumps(body).encode(), Operation("messages", "a"))


def refuse(stage: Stage, body: bytes) -> None:
    sink = stage.upstream.sinks[-1]
    sink.head(400, JSON)
    sink.data(body)
    sink.end()


def answer(stage: Stage) -> None:
    sink = stage.upstream.sinks[-1]
    sink.head(200, SSE)
    sink.data(START + DELTA + STOP)
    sink.end()


def test_a_refused_field_is_learnt_once() -> None:
    """The client sees the second answer, with a warning; the next request goes without the field from the start."""
    stage = Stage()
    client = ask(stage)
    refuse(stage, FIELD)
    answer(stage)
    assert [b"context_management" in request.body for request in stage.upstream.requests] == [True, False]
    assert client.status == 200
    assert client.headers[b"x-headgate-warnings"] == b"context_management: the provider refuses it"
    (outcome,) = stage.journal.outcomes
    assert [(one.status_code, one.error_code, one.action) for one in outcome.attempts] == [(400, "parameters_refused", ""), (200, "", "retry")]
    assert [loss.what for loss in outcome.losses] == ["context_management"]

    client = ask(stage)
    answer(stage)
    assert len(stage.upstream.requests) == 3
    assert b"context_management" not in stage.upstream.requests[2].body
    assert b"x-headgate-warnings" in client.headers


def test_a_refused_beta_is_learnt_once() -> None:
    """And the others of the header stay."""
    stage = Stage()
    ask(stage)
    refuse(stage, BETA)
    answer(stage)
    assert [b"anthropic-beta" in dict(request.headers) for request in stage.upstream.requests] == [True, False]


def test_one_request_may_teach_several() -> None:
    """Each 400 says something new."""
    stage = Stage()
    ask(stage)
    refuse(stage, FIELD)
    refuse(stage, BETA)
    answer(stage)
    assert stage.journal.outcomes[0].status_code == 200
    (learnt,) = stage.exchanges.refusals.all_learnt()
    assert (learnt.provider, learnt.model, learnt.fields, learnt.betas) == ("lab", "claude-opus-4-6", ("context_management",), ("x",))


def test_a_refusal_that_is_repeated_is_the_answer() -> None:
    """What is left out already cannot be what is wrong."""
    stage = Stage()
    client = ask(stage)
    refuse(stage, FIELD)
    refuse(stage, FIELD)
    assert (client.status, len(stage.upstream.requests)) == (400, 2)


@pytest.mark.parametrize(
    "message", [b"messages: at least one message is required", b"max_tokens: Field required", b"tools: Extra inputs are not permitted"]
)
def test_another_400_is_the_answer(message: bytes) -> None:
    """As it came."""
    stage = Stage()
    client = ask(stage)
    refuse(stage, REFUSAL % message)
    assert client.body == REFUSAL % message


def test_what_was_learnt_outlives_a_process_and_not_a_week() -> None:
    """It is restored by provider, address and model."""
    stage = Stage()
    ask(stage)
    refuse(stage, FIELD)
    answer(stage)
    target = stage.snapshot.endpoints.resolve("single", "anthropic").targets[0]
    memory = RefusalMemory(stage.clock)
    memory.restore(stage.exchanges.refusals.all_learnt())
    assert memory.of(target).fields == {"context_management"}
    stage.clock.now_s += 8 * 86_400
    assert memory.of(target) is None
