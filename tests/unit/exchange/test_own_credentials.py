"""A client's own credential in the journey of an exchange: it goes to its issuer alone, and into no record."""

import json
from collections.abc import Sequence

import msgspec
import pytest

from headgate.core.client_credential import PAID_BY_REQUESTER, ClientCredential
from headgate.core.endpoint import Endpoint, Provider, target_of
from headgate.core.errors import Forbidden
from headgate.core.secret import Secret
from tests.fakes.ports import FakeClient
from tests.unit.exchange.journeys import JSON, LAB, SPARE, SSE, START, STOP, Stage

OAUTH = "sk-ant-oat01-0123456789abcdef"
MAX = Provider(name="max", dialect="anthropic", base_url="https://api.anthropic.com", auth="client")
TEAM = msgspec.structs.replace(MAX, name="team")
BOTH = Endpoint(name="both", targets=(target_of(LAB, "m"), target_of(MAX, "m"), target_of(SPARE, "m"), target_of(TEAM, "m")))
OURS = Endpoint(name="ours", targets=(target_of(LAB, "m"),))


def run(stage: Stage, model: str = "both", *, own: str = OAUTH, stream: bool = True) -> FakeClient:
    client = FakeClient()
    body = json.dumps({"model": model, "stream": stream, "max_tokens": 5, "messages": []}).encode()
    inbound = stage.inbound(body)
    if own:
        inbound.headers = [*inbound.headers[1:], (b"authorization", f"Bearer {own}".encode()), (b"x-headgate-token", b"Bearer hg_client")]
        inbound.head.own = ClientCredential(b"authorization", Secret(own))
    stage.exchanges.run(inbound, client, lambda: None)
    return client


def stage_of(endpoints: Sequence[Endpoint] = (BOTH, OURS)) -> Stage:
    return Stage(endpoints=endpoints)


def providers(stage: Stage) -> list[str]:
    return [request.provider.name for request in stage.upstream.requests]


def test_it_goes_to_its_issuer_in_place_of_any_key() -> None:
    """The record says that the requester paid."""
    stage = stage_of()
    run(stage)
    sink = stage.upstream.sinks[0]
    sink.head(200, SSE)
    sink.data(START + STOP)
    sink.end()

    (sent,) = stage.upstream.requests
    headers = dict(sent.headers)
    assert sent.provider is MAX
    assert headers[b"authorization"] == f"Bearer {OAUTH}".encode()
    assert not {b"x-api-key", b"x-headgate-token", b"cookie"} & set(headers)
    (outcome,) = stage.journal.outcomes
    assert (outcome.intent.paid_by, outcome.intent.provider, outcome.intent.requester) == (PAID_BY_REQUESTER, "max", "ada@example.com")
    assert OAUTH.encode() not in msgspec.msgpack.encode(stage.journal.outcomes + stage.journal.intents)


def test_without_one_the_keyed_targets_are_tried() -> None:
    """And the record names no other payer."""
    stage = stage_of()
    run(stage, own="")
    stage.upstream.sinks[0].head(429, JSON)
    stage.upstream.sinks[1].head(429, JSON)
    stage.upstream.sinks[1].end()

    assert providers(stage) == ["lab", "spare"]
    assert {intent.paid_by for intent in stage.journal.intents} == {""}
    assert all(b"authorization" not in dict(request.headers) for request in stage.upstream.requests)


def test_a_fallback_stays_with_the_issuer() -> None:
    """A busy subscription falls back to no account of Headgate's, only to another provider of the same issuer."""
    stage = stage_of()
    client = run(stage)
    stage.upstream.sinks[0].head(429, JSON)
    stage.upstream.sinks[1].head(429, [*JSON, (b"retry-after", b"7")])
    stage.upstream.sinks[1].end()

    assert providers(stage) == ["max", "team"]
    assert client.status == 429


@pytest.mark.parametrize("redirect", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(redirect: int) -> None:
    """The issuer's answer is the client's answer; the credential goes no further."""
    stage = stage_of()
    run(stage)
    sink = stage.upstream.sinks[0]
    sink.head(redirect, [(b"location", b"https://evil.example/v1/messages")])
    sink.end()

    assert providers(stage) == ["max"]


@pytest.mark.parametrize(
    ("model", "own"), [("ours", OAUTH), ("both", "ghp_abcdefghijklmnop"), ("both", "sk-proj-abcdefghijklm"), ("both", "AIzaSyabcdefgh")]
)
def test_it_goes_nowhere_else(model: str, own: str) -> None:
    """Neither to a provider that takes none nor to one that did not issue it; the refusal and its record do not repeat it."""
    stage = stage_of()
    with pytest.raises(Forbidden) as caught:
        run(stage, model, own=own)

    assert caught.value.code == "own_credential_refused"
    assert stage.upstream.requests == []
    assert own not in caught.value.message
    (outcome,) = stage.journal.outcomes
    assert (outcome.ended, outcome.intent.paid_by) == ("refused", "")
    assert own.encode() not in msgspec.msgpack.encode(outcome)


def test_a_provider_that_echoes_it_does_not_get_it_into_a_record() -> None:
    """In an error's text, in whatever spelling, it is struck out."""
    stage = stage_of()
    client = run(stage, stream=False)
    sink = stage.upstream.sinks[0]
    sink.head(401, JSON)
    sink.data(json.dumps({"type": "error", "error": {"type": "authentication_error", "message": f"bad token {OAUTH}"}}).encode())
    sink.end()

    assert client.status == 401
    (outcome,) = stage.journal.outcomes
    assert outcome.error_message
    assert OAUTH.encode() not in msgspec.msgpack.encode(outcome)
    assert OAUTH.encode() not in client.body


def test_a_limit_of_one_users_account_concerns_no_other_user() -> None:
    """Its target is not passed over for the others, however long that account has to wait; a server error counts for all."""
    stage = stage_of()
    run(stage)
    stage.upstream.sinks[0].head(429, [(b"retry-after", b"3600")])
    run(stage, own="sk-ant-oat01-another")

    assert providers(stage) == ["max", "team", "max"]
    for _ in range(5):
        stage.exchanges.failures.circuits.fails(BOTH.targets[1])
    run(stage)
    assert providers(stage)[-1] == "team"
