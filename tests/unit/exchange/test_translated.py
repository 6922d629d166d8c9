"""Exchanges whose provider speaks another dialect than their client."""

import json
import re

import msgspec
import pytest

from headgate.core.endpoint import Endpoint, Provider, target_of
from headgate.core.errors import UpstreamFailed
from headgate.core.event import Finished, UsageSeen
from headgate.core.opaque_state import OpaqueState, enveloped
from headgate.core.secret import Secret
from headgate.dialects.faces import Operation
from headgate.dialects.registry import CLIENTS, PROVIDERS
from tests.fakes.turns import ErrorInStream, Refuse, Text, Thinking, Turn
from tests.unit.exchange.journeys import DELTA, JSON, SSE, START, STOP, Stage
from tests.unit.exchange.spoken import ALL, ANSWER, TOKENS, Spoken
from tests.unit.exchange.test_content import Wanted

CLIENT_SIDES = [spoken for spoken in ALL if spoken.dialect != "cursor"]
PAIRS = [(one, other) for one in CLIENT_SIDES for other in CLIENT_SIDES if one.stream is other.stream and one.dialect != other.dialect]
NAMES = ("single", "gpt", "flash")


def stage_for(provider_side: Spoken) -> Stage:
    """A worker whose only provider speaks the dialect."""
    provider = Provider(name="other", dialect=provider_side.dialect, base_url="http://other", api_key=Secret("key-of-other"))
    return Stage(endpoints=[Endpoint(name=name, targets=(target_of(provider, "model-of-other"),)) for name in NAMES])


def frames_for(provider_side: Spoken, request: bytes) -> list[bytes]:
    """The provider's whole answer to a request."""
    turn = Turn(parts=(Text(ANSWER),), tokens=TOKENS)
    body = json.loads(request)
    if provider_side.stream:
        return provider_side.wire.frames(turn, body, "served", 1)
    return [provider_side.wire.whole(turn, body, "served", 1)]


def pair(value: tuple[Spoken, Spoken]) -> str:
    return f"{value[0].dialect}-{value[1].dialect}-{'stream' if value[0].stream else 'whole'}"


def read(client_side: Spoken, body: bytes):
    """What a client's own reader makes of its answer: the events, and the answer as one JSON text."""
    face = PROVIDERS[CLIENTS[client_side.dialect].speaks]
    if not client_side.stream:
        return face.read_answer(body), body.decode()
    reader = face.reader()
    events = reader.feed(body)
    assert reader.complete
    return events, json.dumps(face.assemble(body))


@pytest.mark.parametrize("both", PAIRS, ids=pair)
def test_an_answer_reaches_a_client_of_another_dialect(both) -> None:
    """The text, its end and the counts are read by the client's own reader; the request was one of the provider's; the record says what was done."""
    client_side, provider_side = both
    stage = stage_for(provider_side)
    client = client_side.start(stage)
    (request,) = stage.upstream.requests
    sink = stage.upstream.sinks[0]
    sink.head(200, provider_side.headers)
    for frame in frames_for(provider_side, request.body):
        for at in range(0, len(frame), 50):
            sink.data(frame[at : at + 50])
    sink.end()

    assert "Tell me about gateways." in request.body.decode()
    assert b"anthropic-beta" not in dict(request.headers)
    assert client.status == 200
    events, text = read(client_side, client.body)
    assert ANSWER.strip() in text
    assert [event for event in events if isinstance(event, Finished)]
    counted = [(event.usage.all_input_tokens, event.usage.output_tokens) for event in events if isinstance(event, UsageSeen)]
    asks = client_side.dialect != "openai_chat" or not client_side.stream  # which has no counts in a stream unless it asks for them
    assert counted[-1:] == ([(TOKENS.all_input, TOKENS.output)] if asks else [])
    (outcome,) = stage.journal.outcomes
    assert (outcome.ended, outcome.translated_to, outcome.intent.dialect) == ("completed", provider_side.dialect, client_side.dialect)
    assert (outcome.usage.all_input_tokens, outcome.usage.output_tokens) == (TOKENS.all_input, TOKENS.output)
    assert stage.settled == 1


@pytest.mark.parametrize("both", PAIRS, ids=pair)
def test_a_refusal_of_the_provider_is_one_of_the_clients_dialect(both) -> None:
    """With the provider's words, and its wait."""
    client_side, provider_side = both
    stage = stage_for(provider_side)
    client = client_side.start(stage)
    sink = stage.upstream.sinks[0]
    sink.head(429, [*JSON, (b"retry-after", b"7")])
    sink.data(provider_side.wire.error(Refuse(429, "Slow down a little.")))
    sink.end()

    face = CLIENTS[client_side.dialect]
    assert client.headers[b"content-type"].startswith(b"application/json")
    assert "Slow down a little." in client.body.decode()
    assert client.headers[b"retry-after"] == b"7"
    (failed,) = PROVIDERS[face.speaks].read_answer(client.body)
    assert failed.message.startswith("Slow down a little.")
    (outcome,) = stage.journal.outcomes
    assert (outcome.ended, outcome.error_message, outcome.attempts[0].status_code) == ("failed", "Slow down a little.", 429)


STREAMS = [both for both in PAIRS if both[0].stream]


@pytest.mark.parametrize("both", STREAMS, ids=pair)
def test_an_error_in_the_stream_never_becomes_a_clean_end(both) -> None:
    """It is told in the client's dialect, or the connection breaks where the client would give up at an error."""
    client_side, provider_side = both
    stage = stage_for(provider_side)
    client = client_side.start(stage)
    sink = stage.upstream.sinks[0]
    sink.head(200, SSE)
    for frame in provider_side.frames[:1]:
        sink.data(frame)
    sink.data(provider_side.wire.stream_error(ErrorInStream(message="It broke.")))

    reader = PROVIDERS[CLIENTS[client_side.dialect].speaks].reader()
    events = reader.feed(client.body)
    assert not [event for event in events if isinstance(event, Finished)]
    assert client.aborted or "It broke." in client.body.decode()
    (outcome,) = stage.journal.outcomes
    assert (outcome.ended, outcome.error_message) == ("failed", "It broke.")


@pytest.mark.parametrize("both", STREAMS, ids=pair)
def test_a_stream_that_is_cut_never_becomes_a_clean_end(both) -> None:
    """Neither where the connection breaks nor where it ends without the closing event."""
    client_side, provider_side = both
    for ends in (True, False):
        stage = stage_for(provider_side)
        client = client_side.start(stage)
        sink = stage.upstream.sinks[0]
        sink.head(200, SSE)
        for frame in provider_side.frames[:1]:
            sink.data(frame)
        if ends:
            sink.end()
        else:
            sink.fail(UpstreamFailed("The connection was lost.", code="cut"))
        reader = PROVIDERS[CLIENTS[client_side.dialect].speaks].reader()
        assert not [event for event in reader.feed(client.body) if isinstance(event, Finished)]
        assert stage.journal.outcomes[0].ended == "cut"


def test_a_body_in_place_of_a_stream_becomes_a_stream() -> None:
    """Some servers answer a stream with a whole body."""
    client_side = next(one for one in CLIENT_SIDES if one.dialect == "anthropic" and one.stream)
    provider_side = next(one for one in CLIENT_SIDES if one.dialect == "openai_chat" and not one.stream)
    stage = stage_for(provider_side)
    client = client_side.start(stage)
    sink = stage.upstream.sinks[0]
    sink.head(200, JSON)
    for frame in provider_side.frames:
        sink.data(frame)
    sink.end()

    assert client.headers[b"content-type"].startswith(b"text/event-stream")
    assert ANSWER.strip() in read(client_side, client.body)[1]


def test_tokens_are_estimated_where_the_provider_counts_none() -> None:
    """Nothing is sent, and the answer says that it is an estimate."""
    provider_side = next(one for one in CLIENT_SIDES if one.dialect == "openai_chat")
    stage = stage_for(provider_side)
    count = Operation("count_tokens", "anthropic/v1/messages/count_tokens", streams="never", generates=False)
    client = stage.ask("anthropic", msgspec.json.encode({"model": "single", "messages": [{"role": "user", "content": "a" * 399}]}), count)

    assert json.loads(client.body) == {"input_tokens": 100}
    assert b"estimate" in client.headers[b"x-headgate-warnings"]
    assert stage.upstream.requests == []
    assert stage.journal.outcomes[0].ended == "completed"


def replayed(model: str, envelope: str) -> bytes:
    """The next request of an Anthropic client that brings a thought back."""
    thought = {"type": "thinking", "thinking": "Hm.", "signature": envelope}
    said = {"role": "assistant", "content": [thought, {"type": "text", "text": "Yes."}]}
    messages = [{"role": "user", "content": "Hi"}, said, {"role": "user", "content": "Go on."}]
    return json.dumps({"model": model, "stream": True, "max_tokens": 50, "thinking": {"type": "adaptive"}, "messages": messages}).encode()


def test_a_thought_comes_back_to_its_provider_alone() -> None:
    """It goes through the client in an envelope; once the session has moved to a provider of the client's own dialect, that does not get it."""
    provider_side = next(one for one in CLIENT_SIDES if one.dialect == "openai_responses" and one.stream)
    other = Provider(name="other", dialect="openai_responses", base_url="http://other", api_key=Secret("key-of-other"))
    own = Provider(name="own", dialect="anthropic", base_url="http://own", api_key=Secret("key-of-own"))
    stage = Stage(endpoints=[Endpoint(name="there", targets=(target_of(other, "m"),)), Endpoint(name="here", targets=(target_of(own, "n"),))])
    operation = Operation("messages", "a")
    client = stage.ask("anthropic", replayed("there", "EqQB"), operation)
    sink = stage.upstream.sinks[0]
    sink.head(200, SSE)
    turn = Turn(parts=(Thinking("So it is.", "opaque-1"), Text("Yes.")), tokens=TOKENS)
    for frame in provider_side.wire.frames(turn, {}, "served", 1):
        sink.data(frame)
    sink.end()
    (envelope,) = re.findall(rb'"signature":"(hgs1[^"]+)"', client.body)

    stage.ask("anthropic", replayed("there", envelope.decode()), operation)
    stage.ask("anthropic", replayed("here", envelope.decode()), operation)
    first, back, native = (request.body for request in stage.upstream.requests)
    assert (b"EqQB" in first, b"opaque-1" in back, b"hgs1" in back) == (False, True, False)
    assert b"hgs1" not in native
    assert json.loads(native)["messages"][1]["content"] == [{"type": "text", "text": "Yes."}]


def test_a_provider_that_refuses_foreign_states_is_asked_again_without_them() -> None:
    """Where it is not known that the session has some: the client sees the second answer, the record both tries; the next request has none from the start."""
    stage = Stage()
    envelope = enveloped(OpaqueState("openai", "encrypted", "x"))
    client = stage.ask("anthropic", replayed("single", envelope), Operation("messages", "a"))
    sink = stage.upstream.sinks[0]
    sink.head(400, JSON)
    sink.data(b'{"type":"error","error":{"type":"invalid_request_error","message":"Invalid signature in thinking block"}}')
    sink.end()
    first, second = (request.body for request in stage.upstream.requests)
    assert (b"hgs1" in first, b"hgs1" in second) == (True, False)
    sink = stage.upstream.sinks[1]
    sink.head(200, SSE)
    sink.data(START + DELTA + STOP)
    sink.end()
    assert client.status == 200
    assert [(one.status_code, one.error_code, one.action) for one in stage.journal.outcomes[0].attempts] == [
        (400, "foreign_states", ""),
        (200, "", "retry"),
    ]

    stage.ask("anthropic", replayed("single", envelope), Operation("messages", "a"))
    assert b"hgs1" not in stage.upstream.requests[2].body


def test_what_is_lost_is_on_the_record_and_in_a_header() -> None:
    """In the client's words, with the reason."""
    provider_side = next(one for one in CLIENT_SIDES if one.dialect == "openai_responses" and one.stream)
    stage = stage_for(provider_side)
    body = {"model": "single", "stream": True, "max_tokens": 50, "top_k": 5, "messages": [{"role": "user", "content": "Hi"}]}
    client = stage.ask("anthropic", json.dumps(body).encode(), Operation("messages", "a"))
    sink = stage.upstream.sinks[0]
    sink.head(200, SSE)
    for frame in provider_side.frames:
        sink.data(frame)
    sink.end()
    (loss,) = stage.journal.outcomes[0].losses
    assert loss.what == "top_k"
    assert client.headers[b"x-headgate-warnings"] == f"{loss.what}: {loss.why}".encode()


def test_a_logged_stream_is_the_clients_answer() -> None:
    """Assembled as the client would have got it unstreamed, also of a stream that was cut."""
    provider_side = next(one for one in CLIENT_SIDES if one.dialect == "gemini" and one.stream)
    for frames in (provider_side.frames, provider_side.frames[:1]):
        kept = Wanted()
        stage = stage_for(provider_side)
        stage = Stage(afterwards=kept, endpoints=stage.snapshot.endpoints.written)
        next(one for one in CLIENT_SIDES if one.dialect == "anthropic" and one.stream).start(stage)
        sink = stage.upstream.sinks[0]
        sink.head(200, SSE)
        for frame in frames:
            sink.data(frame)
        sink.end()
        (content,) = kept.contents
        assembled = content.assemble(b"".join(content.answer))
        assert assembled["type"] == "message"
        assert assembled["content"][0]["text"].startswith("A gateway")


def test_a_body_in_place_of_a_stream_is_logged_as_one_body() -> None:
    """So that it is read as every other answer of the client's dialect."""
    provider_side = next(one for one in CLIENT_SIDES if one.dialect == "openai_chat" and not one.stream)
    kept = Wanted()
    stage = Stage(afterwards=kept, endpoints=stage_for(provider_side).snapshot.endpoints.written)
    next(one for one in CLIENT_SIDES if one.dialect == "anthropic" and one.stream).start(stage)
    sink = stage.upstream.sinks[0]
    sink.head(200, JSON)
    for frame in provider_side.frames:
        sink.data(frame)
    sink.end()
    (content,) = kept.contents
    assert content.assemble is None
    assert json.loads(b"".join(content.answer))["type"] == "message"
