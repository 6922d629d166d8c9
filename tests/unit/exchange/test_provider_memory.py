"""What is made of a provider that refuses Headgate's own key, or what Headgate added to a request."""

import json

import pytest

from headgate.core.endpoint import Endpoint, Provider, target_of
from headgate.core.errors import UpstreamFailed
from headgate.core.secret import Secret
from headgate.dialects.faces import Operation
from headgate.exchange.provider_memory import ProviderMemory
from tests.fakes.ports import FakeClient, FakeClock
from tests.unit.exchange.journeys import JSON, LAB, SSE, START, STOP, Stage
from tests.unit.exchange.spoken import ALL, Spoken

REFUSED = b'{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}'
CHAT = Operation("chat", "c")
CHUNK = b'data: {"id":"c","choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\n'
NO_USAGE = b'{"error":{"message":"Extra inputs are not permitted: stream_options","type":"invalid_request_error"}}'


def _answer(stage: Stage, status: int, body: bytes) -> None:
    stage.upstream.sinks[-1].head(status, JSON)
    stage.upstream.sinks[-1].data(body)
    stage.upstream.sinks[-1].end()


@pytest.mark.parametrize("spoken", [spoken for spoken in ALL if spoken.dialect != "gemini"], ids=str)
def test_the_agent_is_told_that_it_is_not_its_token(spoken: Spoken) -> None:
    """In its own format, as a 502 that is not tried again, and never as the provider's 401, at which agents ask for a login."""
    stage = Stage()
    client = spoken.start(stage)
    _answer(stage, 401, REFUSED)

    name = "lab" if spoken.dialect == "anthropic" else "openai"
    (outcome,) = stage.journal.outcomes
    assert (client.status, client.headers[b"x-should-retry"]) == (502, b"false")
    assert f"Headgate's key for provider {name} was refused. It is not your token." in json.loads(client.body)["error"]["message"]
    assert (outcome.ended, outcome.status_code, outcome.error_code, outcome.usage) == ("failed", 502, "provider_credential_refused", None)
    assert [(attempt.status_code, attempt.error_code) for attempt in outcome.attempts] == [(401, "provider_credential_refused")]
    assert stage.exchanges.memory.refused_keys() == [name]


def test_the_next_target_is_tried() -> None:
    """No provider bills the refusal; the client gets the other one's answer."""
    stage = Stage()
    client = stage.run()
    _answer(stage, 401, REFUSED)
    stage.upstream.sinks[1].head(200, SSE)
    stage.upstream.sinks[1].data(START + STOP)
    stage.upstream.sinks[1].end()

    (outcome,) = stage.journal.outcomes
    assert client.body == START + STOP
    assert [(attempt.provider, attempt.status_code) for attempt in outcome.attempts] == [("lab", 401), ("spare", 200)]
    assert stage.exchanges.memory.refused_keys() == ["lab"]


def test_inside_a_stream_that_began_early_it_is_told_there() -> None:
    """Its headers are out, so no other target is tried either."""
    stage = Stage()
    client = stage.run()
    stage.clock.now_s += 41
    stage.exchanges.pulse.tick()
    _answer(stage, 401, REFUSED)

    assert client.body.startswith(b"event: error\n")
    assert b"It is not your token" in client.body
    assert len(stage.upstream.requests) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_any_other_refusal_passes_as_it_came(status: int) -> None:
    """A permission for a model, a bad request; and everything from a provider that has no key of ours."""
    body = b'{"error":{"type":"permission_error","message":"Your account may not use this model."}}'
    stage, keyless = Stage(), Stage()
    client = stage.run(model="single") if status != 401 else None
    other = keyless.ask("gemini", b'{"contents":[]}', Operation("generateContent", "g", streams="never"), "flash")
    for asked, said in ((client, stage), (other, keyless)):
        if asked is not None:
            _answer(said, status, body)
            assert (asked.status, asked.body) == (status, body)
            assert said.exchanges.memory.refused_keys() == []


def test_a_refusal_of_the_key_that_breaks_off_is_no_answer() -> None:
    """What came of its body is not passed on as a whole one."""
    stage = Stage()
    client = stage.run(model="single")
    stage.upstream.sinks[0].head(403, JSON)
    stage.upstream.sinks[0].data(b'{"err')
    stage.upstream.sinks[0].fail(UpstreamFailed("cut", code="cut"))

    assert client.status == 502
    assert stage.settled == 1


def test_the_warning_lasts_until_the_provider_answers_well(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged once a minute, and gone after the first good answer, or a quarter of an hour after the last refusal."""
    stage = Stage()
    for _ in range(3):
        stage.run(model="single")
        _answer(stage, 401, REFUSED)
    assert caplog.text.count("provider lab refuses Headgate's key (it answered 401)") == 1
    stage.clock.now_s += 61
    stage.run(model="single")
    _answer(stage, 401, REFUSED)
    assert caplog.text.count("refuses Headgate's key") == 2

    stage.run(model="single")
    stage.upstream.sinks[-1].head(200, SSE)
    assert stage.exchanges.memory.refused_keys() == []

    stage.run(model="single")
    _answer(stage, 401, REFUSED)
    stage.clock.now_s += 901
    assert stage.exchanges.memory.refused_keys() == []


def test_what_is_remembered_is_bounded() -> None:
    """However many providers there are."""
    clock = FakeClock()
    memory = ProviderMemory(clock)
    for number in range(1000):
        memory.key_refused(Provider(name=f"p{number}", dialect="openai", base_url="http://x"), 401)
        memory.usage_refused(Provider(name=f"p{number}", dialect="openai", base_url="http://x"))

    assert len(memory.refused_keys()) <= 256
    assert len(memory._usage_refused_s) <= 256


# The ask for usage.


def _ask(stage: Stage, **fields: object) -> FakeClient:
    body = {"model": "gpt", "stream": True, "messages": [{"role": "user", "content": "Hello"}], **fields}
    return stage.ask("openai_chat", json.dumps(body).encode(), CHAT)


def _asks_usage(stage: Stage) -> bool:
    return b"include_usage" in stage.upstream.requests[-1].body


@pytest.mark.parametrize("status", [400, 422])
def test_a_provider_that_refuses_the_ask_for_usage_is_asked_without_it(status: int) -> None:
    """The client's request is answered as it stands; the provider is not asked for usage again, for an hour."""
    stage = Stage()
    client = _ask(stage)
    assert _asks_usage(stage)
    _answer(stage, status, NO_USAGE)
    assert not _asks_usage(stage)
    stage.upstream.sinks[1].head(200, SSE)
    stage.upstream.sinks[1].data(CHUNK + b"data: [DONE]\n\n")
    stage.upstream.sinks[1].end()

    (outcome,) = stage.journal.outcomes
    assert client.body == CHUNK + b"data: [DONE]\n\n"
    assert [(attempt.status_code, attempt.error_code, attempt.action) for attempt in outcome.attempts] == [
        (status, "usage_refused", ""),
        (200, "", "retry"),
    ]
    assert outcome.usage is not None
    assert outcome.usage.estimated

    _ask(stage)
    assert not _asks_usage(stage)
    stage.clock.now_s += 3601
    _ask(stage)
    assert _asks_usage(stage)


def test_a_refusal_that_stays_is_the_clients() -> None:
    """It was not about what was added, so the client gets the answer to its own request, and nothing is remembered."""
    stage = Stage()
    client = _ask(stage, stream_options={"nonsense": 1})
    _answer(stage, 400, NO_USAGE)
    _answer(stage, 400, NO_USAGE)

    assert (client.status, client.body) == (400, NO_USAGE)
    assert len(stage.upstream.requests) == 2
    _ask(stage)
    assert _asks_usage(stage)


@pytest.mark.parametrize("body", [b'{"error":{"message":"messages is empty"}}', b"", b"[" * 100])
def test_a_refusal_of_something_else_passes_at_once(body: bytes) -> None:
    """Only one that names the field is tried again."""
    stage = Stage()
    client = _ask(stage)
    _answer(stage, 400, body)

    assert (client.status, client.body, len(stage.upstream.requests)) == (400, body, 1)


def test_what_the_client_says_of_usage_stands() -> None:
    """Neither its yes nor its no is changed, and no retry changes it."""
    stage = Stage()
    for said in (True, False):
        client = _ask(stage, stream_options={"include_usage": said})
        assert stage.upstream.requests[-1].body.count(b"include_usage") == 1
        assert json.loads(stage.upstream.requests[-1].body)["stream_options"]["include_usage"] is said
        _answer(stage, 400, NO_USAGE)
        assert client.status == 400
    assert len(stage.upstream.requests) == 2


def test_usage_that_was_not_asked_for_passes() -> None:
    """A provider that sends it all the same sends it to the client: Headgate added nothing that it would have to hide."""
    stage = Stage()
    _ask(stage)
    _answer(stage, 422, NO_USAGE)
    _ask(stage)
    usage = b'data: {"id":"c","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}}\n\n'
    stage.upstream.sinks[1].head(200, SSE)
    stage.upstream.sinks[1].data(CHUNK + usage)
    stage.upstream.sinks[1].end()

    (outcome,) = stage.journal.outcomes
    assert outcome.usage is not None
    assert (outcome.usage.output_tokens, outcome.usage.estimated) == (4, False)


def test_a_provider_may_be_set_never_to_be_asked() -> None:
    """For one that answers otherwise than with a refusal that names the field."""
    silent = Provider(name="silent", dialect="openai", base_url="http://silent/v1", api_key=Secret("sk-silent-key-1"), ask_usage=False)
    stage = Stage(endpoints=[Endpoint(name="gpt", targets=(target_of(silent, "m"),))])
    _ask(stage)

    assert not _asks_usage(stage)
    assert LAB.ask_usage
