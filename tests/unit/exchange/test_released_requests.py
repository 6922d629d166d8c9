"""When the request of an exchange is held no longer, and what still has it whole."""

import json
import sys
import tracemalloc

import pytest

from headgate.core.limit import Limit
from headgate.core.record import Outcome
from headgate.dialects.faces import Operation
from headgate.exchange.settings import StreamLimits
from headgate.policy.limits import LimitTable
from tests.fakes.ports import FakeClient
from tests.unit.exchange.journeys import DELTA, JSON, SSE, START, STOP, Stage
from tests.unit.exchange.test_content import Wanted

CHAT = Operation("chat", "openai/v1/chat/completions")
TEXT = "words " * 2000
MUTE_START = START.replace(b'"usage"', b'"unused"')
CHAT_STREAM = [
    b'data: {"id":"c1","model":"gpt-5.2","choices":[{"index":0,"delta":{"content":"Hello"}}]}\n\n',
    b'data: {"id":"c1","model":"gpt-5.2","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n',
    b"data: [DONE]\n\n",
]


def body_of(model: str, text: str = TEXT) -> bytes:
    """A request for a stream."""
    return json.dumps({"model": model, "stream": True, "max_tokens": 5, "messages": [{"role": "user", "content": text}]}).encode()


def run(stage: Stage, body: bytes) -> FakeClient:
    """Start an exchange, of whose request the upstream keeps nothing either."""
    client = FakeClient()
    stage.exchanges.run(stage.inbound(body), client, stage._settle)
    stage.upstream.requests.clear()
    return client


def limited() -> LimitTable:
    """A limit that applies to every request."""
    return LimitTable((Limit(id="a", endpoint="*", key="endpoint", bounds=(("requests", 100), ("tokens", 1_000_000))),))


@pytest.mark.parametrize("declared", [None, limited()], ids=["free", "limited"])
@pytest.mark.parametrize("model", ["claude-opus-4-6", "opus"])
def test_a_stream_that_has_begun_holds_no_request(declared: LimitTable | None, model: str) -> None:
    """Soon after the first byte nothing refers to the body, and its room is given back; the record knows its size as before."""
    stage = Stage(declared=declared)
    body = body_of(model)
    held = sys.getrefcount(body)
    client = run(stage, body)
    sink = stage.upstream.sinks[0]
    stage.exchanges.pulse.tick()
    assert (client.released, sys.getrefcount(body) > held) == (0, True)

    sink.head(200, SSE)
    sink.data(START)
    stage.exchanges.pulse.tick()
    stage.exchanges.pulse.tick()
    assert (client.released, stage.settled, sys.getrefcount(body)) == (1, 1, held)

    sink.data(DELTA + STOP)
    sink.end()
    outcome = stage.journal.outcomes[0]
    assert (client.body, client.released, stage.settled) == (START + DELTA + STOP, 1, 1)
    assert (outcome.ended, outcome.intent.request_bytes) == ("completed", len(body))
    assert outcome.usage is not None
    assert (outcome.usage.input_tokens, outcome.usage.output_tokens, outcome.usage.estimated) == (12, 7, False)


def test_the_next_target_is_sent_the_whole_body() -> None:
    """As long as the client has nothing the request is held: for the target that comes after a refusal too."""
    stage = Stage()
    body = body_of("opus")
    client = FakeClient()
    stage.exchanges.run(stage.inbound(body), client, stage._settle)
    stage.exchanges.pulse.tick()
    stage.upstream.sinks[0].head(429, JSON)
    stage.exchanges.pulse.tick()

    assert [request.body for request in stage.upstream.requests] == [
        body.replace(b'"opus"', b'"claude-opus-4-6"'),
        body.replace(b'"opus"', b'"claude-opus-4-5"'),
    ]
    assert client.released == 0


def test_an_answer_that_is_gathered_keeps_its_request_to_the_end() -> None:
    """It is over soon, and an estimate may need the text."""
    stage = Stage()
    body = body_of("opus")
    client = run(stage, body)
    stage.upstream.sinks[0].head(200, JSON)
    stage.clock.now_s += 60
    stage.exchanges.pulse.tick()

    assert client.released == 0


def test_a_kept_payload_is_whole() -> None:
    """Where requests and answers are kept, the request is held until it is handed over."""
    wanted = Wanted()
    stage = Stage(StreamLimits(), wanted)
    body = body_of("opus")
    client = run(stage, body)
    sink = stage.upstream.sinks[0]
    sink.head(200, SSE)
    sink.data(START)
    stage.exchanges.pulse.tick()
    sink.data(DELTA + STOP)
    sink.end()

    (ended,) = wanted.contents
    assert (ended.request, b"".join(ended.answer), wanted.endpoints) == (body, START + DELTA + STOP, ["opus"])
    assert (client.released, stage.settled) == (0, 1)


def test_content_that_was_let_go_of_is_not_handed_over_as_if_it_were_whole() -> None:
    """Where nobody wanted it when the exchange began, its end names no endpoint, so that only a trace can be made of it."""
    wanted = Wanted(room=None)
    stage = Stage(StreamLimits(), wanted)
    run(stage, body_of("opus"))
    sink = stage.upstream.sinks[0]
    sink.head(200, SSE)
    sink.data(START)
    stage.exchanges.pulse.tick()
    sink.data(STOP)
    sink.end()

    assert (wanted.endpoints, wanted.contents[0].request) == ([""], b"")


def _chat(stage: Stage, ticks_after_s: tuple[float, ...]) -> tuple[Outcome, list[int]]:
    """An exchange of a provider that counts nothing, and whether its request was let go of at each tick."""
    client = stage.ask("openai_chat", body_of("gpt"), CHAT)
    sink = stage.upstream.sinks[0]
    sink.head(200, SSE)
    sink.data(CHAT_STREAM[0])
    released = []
    for after_s in ticks_after_s:
        stage.clock.now_s += after_s
        stage.exchanges.pulse.tick()
        released.append(client.released)
    for piece in CHAT_STREAM[1:]:
        sink.data(piece)
    sink.end()
    return stage.journal.outcomes[0], released


def test_an_estimate_is_the_same_without_the_request() -> None:
    """The text of a request whose input nobody has counted yet is measured when its stream lasts, and not before."""
    whole, _ = _chat(Stage(), ())
    outcome, released = _chat(Stage(), (0.0, 3.0, 3.0))

    assert released == [0, 0, 1]
    assert outcome.usage == whole.usage
    assert outcome.usage is not None
    assert (outcome.usage.estimated, outcome.usage.input_tokens) == (True, (len(TEXT) + 1) // 4)


def test_only_so_much_is_measured_in_one_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many streams that began together do not stop the event loop; a request that counts needs no measuring."""
    monkeypatch.setattr("headgate.exchange.pulse._READ_BYTES_A_TICK", 30_000)
    stage = Stage()
    clients = [run(stage, body_of("opus")) for _ in range(5)]
    for sink, start in zip(stage.upstream.sinks, [MUTE_START] * 4 + [START], strict=True):
        sink.head(200, SSE)
        sink.data(start)
    stage.clock.now_s += 6
    released = []
    for _ in range(3):
        stage.exchanges.pulse.tick()
        released.append([client.released for client in clients])

    assert released == [[1, 1, 0, 0, 1], [1, 1, 1, 1, 1], [1, 1, 1, 1, 1]]


def test_an_answer_that_is_read_on_for_its_counts_holds_no_request() -> None:
    """The client has left in the middle of its stream."""
    stage = Stage()
    body = body_of("claude-opus-4-6")
    held = sys.getrefcount(body)
    client = run(stage, body)
    assert client.watcher is not None
    sink = stage.upstream.sinks[0]
    client.watcher.client_gone()
    stage.exchanges.pulse.tick()
    waiting = client.released
    sink.head(200, SSE)
    sink.data(START)
    stage.exchanges.pulse.tick()

    assert (waiting, client.released, sys.getrefcount(body)) == (0, 1, held)


def test_a_translated_request_holds_no_turns() -> None:
    """Of what was decoded to say it anew nothing is held while it is answered, but the request as it was sent."""
    stage, client = Stage(), FakeClient()
    body = body_of("claude-opus-4-6", "words " * 100_000)
    tracemalloc.start()
    try:
        stage.exchanges.run(stage.inbound(body, dialect="openai_chat"), client, stage._settle)
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()

    assert len(body) < len(stage.upstream.requests[0].body) + 1_000 < held < 2 * len(body)
