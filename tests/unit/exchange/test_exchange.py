"""The journey of an exchange, step by step, over stand-ins that remember what they were told."""

import json

import pytest

from headgate.core.errors import BadRequest, Forbidden, Unavailable, UnknownModel, UpstreamFailed
from tests.fakes.ports import FakeClient
from tests.unit.exchange.journeys import DELTA, JSON, SSE, START, STOP, Stage


def test_the_intent_is_kept_before_anything_is_sent() -> None:
    """When the provider is asked, the journal already knows what for."""
    stage = Stage()

    stage.run()

    assert [intent.model_sent for intent in stage.journal.intents] == ["claude-opus-4-6"]
    assert len(stage.upstream.requests) == 1
    assert not stage.journal.outcomes


def test_what_cannot_be_journalled_is_not_sent() -> None:
    """A journal that refuses stops the exchange before dispatch."""
    stage = Stage()
    stage.journal.full = True

    with pytest.raises(Unavailable):
        stage.run()

    assert not stage.upstream.requests


def test_an_intent_that_is_lost_at_the_end_of_the_step_takes_its_exchange_with_it() -> None:
    """The call is cancelled before its request leaves, the client is told, and the record says so."""
    stage = Stage()
    client = stage.run(stream=False)
    lost = stage.journal.losses[0]
    assert lost is not None
    lost(Unavailable("The disk is full.", code="journal_unavailable"))

    assert stage.upstream.calls[0].cancelled
    assert client.status == 503
    assert [(outcome.ended, outcome.error_code) for outcome in stage.journal.outcomes] == [("failed", "journal_unavailable")]


def test_a_stream_passes_byte_for_byte_and_is_counted_once() -> None:
    """The client gets the provider's bytes; the record has the provider's last counts."""
    stage = Stage()
    client = stage.run()
    sink = stage.upstream.sinks[0]

    sink.head(200, SSE)
    for piece in (START, DELTA, STOP):
        sink.data(piece)
    sink.end()

    (outcome,) = stage.journal.outcomes
    assert client.body == START + DELTA + STOP
    assert client.finished
    assert outcome.ended == "completed"
    assert outcome.usage is not None
    assert (outcome.usage.input_tokens, outcome.usage.cache_read_tokens, outcome.usage.output_tokens) == (12, 30, 7)
    assert not outcome.usage.estimated
    assert outcome.model_served == "claude-opus-4-6-served"
    assert stage.settled == 1


def test_the_record_is_kept_before_the_client_sees_the_end() -> None:
    """An answer that a client has whole is never without its outcome."""
    stage = Stage()
    client = stage.run()
    kept_at_finish: list[int] = []
    finish = client.finish
    client.finish = lambda data=b"": (kept_at_finish.append(len(stage.journal.outcomes)), finish(data))[1]  # type: ignore[method-assign]
    sink = stage.upstream.sinks[0]

    sink.head(200, SSE)
    sink.data(START + STOP)
    sink.end()

    assert kept_at_finish == [1]


def test_credentials_stay_on_their_side() -> None:
    """The client's token and cookie do not go up; the provider's cookie and server name do not come down."""
    stage = Stage()
    client = stage.run()
    stage.upstream.sinks[0].head(200, SSE)

    sent = dict(stage.upstream.requests[0].headers)
    assert sent[b"x-api-key"] == b"lab-key-123"
    assert b"authorization" not in sent
    assert b"cookie" not in sent
    assert sent[b"anthropic-beta"] == b"x"
    assert b"set-cookie" not in client.headers
    assert b"server" not in client.headers
    assert client.headers[b"request-id"] == b"up_1"
    assert client.headers[b"x-databricks-request-id"] == b"req_1"


@pytest.mark.parametrize(
    "fields",
    [
        {"api_base": "http://evil", "base_url": "http://evil", "custom_host": "evil", "api_key": "sk-evil"},
        {"extra_headers": {"x-api-key": "sk-evil"}, "user_config": {"model_list": [{"api_base": "http://evil"}]}},
        {"provider": "spare", "target": "http://evil", "metadata": {"model": "claude-opus-4-5", "endpoint": "spare"}},
        {"messages": [{"role": "user", "content": [{"type": "image", "source": {"type": "url", "url": "http://evil/x.png"}}]}]},
        {"user": "eve@example.com", "safety_identifier": "eve", "metadata": {"user_id": "eve"}, "service_tier": "flex", "requester": "eve"},
    ],
)
def test_nothing_in_a_body_but_its_model_says_where_it_goes(fields: dict[str, object]) -> None:
    """Addresses, keys, headers and names in a body are the provider's to judge: they pass as they are and change neither way, credential nor whose it is."""
    stage, plain = Stage(), Stage()
    body = json.dumps({"model": "single", "max_tokens": 5, "messages": [], **fields}).encode()

    stage.exchanges.run(stage.inbound(body), FakeClient(), lambda: None)
    plain.run(stream=False, model="single")

    (sent,), (expected,) = stage.upstream.requests, plain.upstream.requests
    assert (sent.provider, sent.method, sent.target, sent.headers) == (expected.provider, expected.method, expected.target, expected.headers)
    assert sent.body == body.replace(b'"single"', b'"claude-opus-4-6"')
    assert {(intent.requester, intent.token_id) for intent in (*stage.journal.intents, *plain.journal.intents)} == {("ada@example.com", "tok_1")}


def test_a_key_that_a_provider_echoes_is_struck_out() -> None:
    """An error body that repeats our key reaches the client without it."""
    stage = Stage()
    client = stage.run(stream=False)
    sink = stage.upstream.sinks[0]

    sink.head(400, JSON)
    sink.data(b'{"error":{"message":"bad key lab-key-123"}}')
    sink.end()

    assert b"lab-key-123" not in client.body
    assert client.status == 400


def test_a_key_that_a_provider_streams_in_two_pieces_is_struck_out() -> None:
    """Wherever the pieces of a stream are cut, and in headers, the key does not come back; the rest passes as it came."""
    stage = Stage()
    client = stage.run()
    sink = stage.upstream.sinks[0]
    echo = DELTA.replace(b"Hello there", b"key lab-key-123 is bad")

    sink.head(200, [*SSE[:1], (b"request-id", b"lab-key-123")])
    for piece in (START, echo[:-25], echo[-25:], STOP):
        sink.data(piece)
    sink.end()

    assert client.body == START + echo.replace(b"lab-key-123", b"***********") + STOP
    assert client.headers[b"request-id"] == b"***********"
    assert stage.journal.outcomes[0].upstream_request_id == b"***********".decode()


def test_a_short_key_is_a_word_and_is_not_struck_out() -> None:
    """A server that needs no key is given a word for one; answers that hold the word pass as they are."""
    stage = Stage()
    client = stage.run(stream=False, model="local")
    sink = stage.upstream.sinks[0]

    sink.head(200, JSON)
    sink.data(b'{"content":"EMPTY or not EMPTY"}')
    sink.end()

    assert dict(stage.upstream.requests[0].headers)[b"x-api-key"] == b"EMPTY"
    assert client.body == b'{"content":"EMPTY or not EMPTY"}'


@pytest.mark.parametrize("wait", [b"7", b"Wed, 21 Oct 2026 07:28:00 GMT", b"soon", b"1000000000", b"-1"])
def test_an_error_body_passes_as_it_is(wait: bytes) -> None:
    """A provider's own error reaches the client byte for byte, with its status and retry-after, whatever that says: it is not tried again here."""
    stage = Stage()
    client = stage.run(model="single")
    sink = stage.upstream.sinks[0]

    sink.head(429, [*JSON, (b"retry-after", wait)])
    sink.data(b'{"type":"error","error":{"type":"rate_limit_error","message":"slow down"}}')
    sink.end()

    assert client.status == 429
    assert client.headers[b"retry-after"] == wait
    assert len(stage.upstream.requests) == 1
    assert client.body == b'{"type":"error","error":{"type":"rate_limit_error","message":"slow down"}}'
    assert stage.journal.outcomes[0].ended == "failed"
    assert stage.journal.outcomes[0].error_message == "slow down"


def test_an_unsent_request_goes_to_the_next_target() -> None:
    """A provider that cannot be reached is passed over; both tries are on the record, with the one that served."""
    stage = Stage()
    client = stage.run()

    stage.upstream.sinks[0].fail(UpstreamFailed("refused", code="refused", sent=False))
    stage.upstream.sinks[1].head(200, SSE)
    stage.upstream.sinks[1].data(START + STOP)
    stage.upstream.sinks[1].end()

    (outcome,) = stage.journal.outcomes
    assert client.finished
    assert [attempt.provider for attempt in outcome.attempts] == ["lab", "spare"]
    assert (outcome.intent.provider, outcome.intent.model_sent) == ("spare", "claude-opus-4-5")


def test_a_429_goes_to_the_next_target_and_a_502_does_not() -> None:
    """Only what no provider bills is tried again."""
    limited, broken = Stage(), Stage()
    limited.run()
    limited.upstream.sinks[0].head(429, JSON)
    broken.run()
    broken.upstream.sinks[0].head(502, JSON)

    assert len(limited.upstream.requests) == 2
    assert len(broken.upstream.requests) == 1
    limited.upstream.sinks[1].fail(UpstreamFailed("cut", code="cut"))
    assert limited.upstream.calls[0].cancelled  # kept until then: it would have been the answer if the next target could not be reached


def test_a_request_that_was_sent_is_never_sent_again() -> None:
    """A failure after the request was written ends the exchange, whatever targets are left."""
    stage = Stage()
    client = stage.run()

    stage.upstream.sinks[0].fail(UpstreamFailed("cut", code="cut", sent=True))

    assert len(stage.upstream.requests) == 1
    assert client.status == 502
    assert client.finished


def test_a_failure_is_recorded_with_the_status_that_the_client_was_answered() -> None:
    """A provider that broke off before its answer began, a redirect and a coded body are all 502 to the client, and so in the record."""
    lost, moved, coded = Stage(), Stage(), Stage()
    clients = [stage.run() for stage in (lost, moved, coded)]

    lost.upstream.sinks[0].fail(UpstreamFailed("cut", code="cut"))
    moved.upstream.sinks[0].head(302, JSON)
    moved.upstream.sinks[0].data(b"{}")
    moved.upstream.sinks[0].end()
    coded.upstream.sinks[0].head(200, [*JSON, (b"content-encoding", b"gzip")])

    for stage, client in zip((lost, moved, coded), clients, strict=True):
        (outcome,) = stage.journal.outcomes
        assert client.status == outcome.status_code == 502
        assert outcome.ended == "failed"
        assert (outcome.usage is None) == (stage is moved)  # the other two may have been billed


def test_an_answer_without_content_says_no_length() -> None:
    """204 has none to say (RFC 9110 8.6); any other answer does."""
    stage = Stage()
    client = stage.run(stream=False)

    stage.upstream.sinks[0].head(204, [])
    stage.upstream.sinks[0].end()

    assert client.status == 204
    assert b"content-length" not in client.headers
    assert client.finished


def test_a_mistake_of_ours_on_the_way_up_has_its_record_too() -> None:
    """The intent is kept by then; the client is answered, nothing stays open, and the mistake is not swallowed."""
    stage = Stage()
    stage.upstream.send = lambda *_: 1 / 0  # type: ignore[assignment, method-assign, return-value]
    client = FakeClient()

    with pytest.raises(ZeroDivisionError):
        stage.exchanges.run(stage.inbound(b'{"model":"single"}'), client, lambda: None)

    (outcome,) = stage.journal.outcomes
    assert (client.status, outcome.status_code, outcome.ended) == (500, 500, "failed")
    assert len(stage.exchanges.pulse) == 0


def test_a_mistake_of_ours_while_the_next_target_is_tried_has_its_record_too() -> None:
    """The first target's refusal was not passed on, so nobody else would ever answer the client."""
    stage = Stage()
    client = stage.run()
    stage.upstream.send = lambda *_: 1 / 0  # type: ignore[assignment, method-assign, return-value]

    with pytest.raises(ZeroDivisionError):
        stage.upstream.sinks[0].head(503, JSON)

    (outcome,) = stage.journal.outcomes
    assert (client.status, outcome.status_code, outcome.ended) == (500, 500, "failed")
    assert (len(stage.exchanges.pulse), stage.settled) == (0, 1)


def test_a_stream_that_is_one_json_array_passes_as_it_comes() -> None:
    """Gemini's stream without `alt=sse`: no piece waits for the end, and the counts are read all the same."""
    stage = Stage()
    client = stage.run_gemini()
    sink = stage.upstream.sinks[0]
    pieces = [
        b'[{"candidates":[{"content":{"parts":[{"text":"a"}]}}]}',
        b',{"candidates":[{"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":4}}',
        b"]",
    ]

    sink.head(200, JSON)
    for piece in pieces:
        sink.data(piece)
    sink.end()

    (outcome,) = stage.journal.outcomes
    assert [write for write in client.writes if write] == pieces
    assert outcome.ended == "completed"
    assert outcome.usage is not None
    assert (outcome.usage.input_tokens, outcome.usage.output_tokens) == (3, 4)


def test_a_cut_stream_ends_with_an_error_inside_it() -> None:
    """After the first byte a break is told in the stream, on a frame of its own, and never as a clean end."""
    stage = Stage()
    client = stage.run()
    sink = stage.upstream.sinks[0]

    sink.head(200, SSE)
    sink.data(START + DELTA[:20])
    sink.fail(UpstreamFailed("Provider lab broke off.", code="cut"))

    assert client.body.startswith(START + DELTA[:20] + b"\n\nevent: error\n")
    assert b"Provider lab broke off." in client.body
    assert stage.journal.outcomes[0].ended == "cut"


def test_an_early_clean_end_is_a_cut_too() -> None:
    """A stream whose framing ends without its closing event is not passed off as complete."""
    stage = Stage()
    client = stage.run()
    sink = stage.upstream.sinks[0]

    sink.head(200, SSE)
    sink.data(START + DELTA)
    sink.end()

    assert b"event: error" in client.body
    assert stage.journal.outcomes[0].ended == "cut"
    assert stage.journal.outcomes[0].usage is not None
    assert stage.journal.outcomes[0].usage.estimated


def test_refusals_are_recorded_and_nothing_is_sent() -> None:
    """A body that cannot be read, an unknown model and a missing permission are refused with a record, which has the status that the client gets."""
    stage = Stage()

    with pytest.raises(UnknownModel):
        stage.run(model="nobody-knows")
    with pytest.raises(Forbidden):
        stage.run(allowed=("other-*",))
    with pytest.raises(BadRequest):
        stage.exchanges.run(stage.inbound(b"{"), None, lambda: None)  # type: ignore[arg-type]

    assert [outcome.ended for outcome in stage.journal.outcomes] == ["refused"] * 3
    assert [outcome.status_code for outcome in stage.journal.outcomes] == [400, 403, 400]  # Anthropic's dialect says 400 for an unknown model
    assert not stage.upstream.requests
    assert not stage.journal.intents


@pytest.mark.parametrize("model", ["opus", "claude-opus-4-6", "databricks-claude-opus-4-6", "claude-opus-4-6[1m]", "single"])
def test_every_name_of_a_model_needs_the_permission(model: str) -> None:
    """It is asked of the endpoint that was found, by whatever name that was."""
    stage = Stage()
    with pytest.raises(Forbidden):
        stage.run(model=model, allowed=("gpt-*", "databricks-gpt-*", "gemini*"))

    assert not stage.upstream.requests


def test_nothing_new_begins_while_draining() -> None:
    """A worker that is shutting down says so, with a time to come back."""
    stage = Stage()
    stage.exchanges.draining = True

    with pytest.raises(Unavailable) as refused:
        stage.run()

    assert refused.value.retry_after_s
