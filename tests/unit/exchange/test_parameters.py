"""What an endpoint declares of parameters, in the journey: what is sent, what the client is told, what is refused."""

import json

import pytest

from headgate.core.endpoint import Endpoint, ParameterPolicy, Target, target_of
from headgate.core.errors import Forbidden
from headgate.dialects.faces import Operation
from tests.unit.exchange.journeys import LAB, OPENAI, SPARE, SSE, START, STOP, Stage

CAPPED = ParameterPolicy(max_output_tokens=3)


def stage_of(policy: ParameterPolicy, *targets: Target, fallbacks: tuple[Target, ...] = ()) -> Stage:
    """One worker with an endpoint `e`."""
    return Stage(endpoints=[Endpoint(name="e", targets=targets or (target_of(LAB, "m"),), fallbacks=fallbacks, parameters=policy)])


def test_a_bound_is_sent_and_the_client_told() -> None:
    """Every try has it; the answer says what the bound was."""
    stage = stage_of(CAPPED, fallbacks=(target_of(SPARE, "n"),))
    client = stage.run(model="e")
    stage.upstream.sinks[0].head(500, [])
    stage.upstream.sinks[1].head(200, SSE)
    stage.upstream.sinks[1].data(START + STOP)
    stage.upstream.sinks[1].end()

    assert [(json.loads(request.body)["max_tokens"], json.loads(request.body)["model"]) for request in stage.upstream.requests] == [
        (3, "m"),
        (3, "n"),
    ]
    assert client.headers[b"x-headgate-max-output-tokens"] == b"3"
    assert client.headers[b"x-headgate-target"] == b"spare/n"


@pytest.mark.parametrize("policy", [ParameterPolicy(max_output_tokens=5), ParameterPolicy(tools=()), ParameterPolicy(betas=("x",))])
def test_a_request_within_the_policy_is_sent_as_it_came(policy: ParameterPolicy) -> None:
    """Byte for byte but the model, and its client is told nothing."""
    stage = stage_of(policy)
    client = stage.run(model="e")
    stage.upstream.sinks[0].head(200, SSE)
    plain = Stage()
    plain.run(model="single")

    assert stage.upstream.requests[0].headers == plain.upstream.requests[0].headers
    assert json.loads(stage.upstream.requests[0].body) == json.loads(plain.upstream.requests[0].body) | {"model": "m"}
    assert not [name for name in client.headers if name.startswith(b"x-headgate")]


def test_beta_values_that_are_not_allowed_are_left_out() -> None:
    """Of the request; the answer names them."""
    stage = stage_of(ParameterPolicy(betas=("other-*",)))
    client = stage.run(model="e")
    stage.upstream.sinks[0].head(200, SSE)

    assert b"anthropic-beta" not in dict(stage.upstream.requests[0].headers)
    assert client.headers[b"x-headgate-dropped-betas"] == b"x"


def test_a_tool_that_is_not_allowed_is_refused() -> None:
    """Before anything is sent; the row says why."""
    stage = stage_of(ParameterPolicy(tools=("Read",)))
    body = json.dumps({"model": "e", "max_tokens": 5, "messages": [], "tools": [{"name": "Bash"}]}).encode()
    with pytest.raises(Forbidden, match="does not allow the tool Bash"):
        stage.ask("anthropic", body, Operation("messages", "m"))

    (outcome,) = stage.journal.outcomes
    assert (outcome.ended, outcome.status_code, outcome.error_code, outcome.intent.endpoint) == ("refused", 403, "tool_not_allowed", "e")
    assert not stage.upstream.requests


def test_counting_tokens_is_bound_by_nothing() -> None:
    """It generates nothing, and the provider takes no bound in it."""
    stage = stage_of(ParameterPolicy(max_output_tokens=3, tools=()))
    body = b'{"model":"e","messages":[],"tools":[{"name":"Bash"}]}'
    stage.ask("anthropic", body, Operation("count_tokens", "c", streams="never", generates=False))

    assert stage.upstream.requests[0].body == body.replace(b'"e"', b'"m"')


def test_a_chat_request_gets_the_bound_that_each_model_takes() -> None:
    """The first target's model and the fallback's know it by different names."""
    stage = stage_of(CAPPED, target_of(OPENAI, "llama"), fallbacks=(target_of(OPENAI, "gpt-5.2"),))
    stage.ask("openai_chat", b'{"model":"e","messages":[]}', Operation("chat", "c"))
    stage.upstream.sinks[0].head(500, [])

    assert [json.loads(request.body) for request in stage.upstream.requests] == [
        {"max_tokens": 3, "model": "llama", "messages": []},
        {"max_completion_tokens": 3, "model": "gpt-5.2", "messages": []},
    ]
