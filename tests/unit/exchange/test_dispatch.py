"""The tries of one exchange: what each leaves on the record, and what the client gets of those that were refused."""

import pytest

from headgate.core.errors import Unavailable, UpstreamFailed
from headgate.dialects.faces import Operation
from tests.unit.exchange.journeys import JSON, SSE, START, STOP, Stage

CHAT = b'{"model":"mixed","messages":[{"role":"user","content":"Hello"}]}'
WHOLE = b'{"id":"c","model":"gpt-5.2-served","choices":[{"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":4}}'
UNREACHABLE = UpstreamFailed("Provider spare cannot be reached.", code="unreachable", sent=False)
BUSY = b'{"type":"error","error":{"type":"rate_limit_error","message":"slow down"}}'
LIMITED = [*JSON, (b"retry-after", b"7")]


def test_after_a_fallback_the_row_is_all_of_the_target_that_served() -> None:
    """Its name, its model, its wire format and its price list: a free local model that was busy makes a hosted one not free."""
    stage = Stage()
    stage.ask("openai_chat", CHAT, Operation("chat", "c"))
    stage.upstream.sinks[0].head(503, JSON)
    stage.upstream.sinks[1].head(200, JSON)
    stage.upstream.sinks[1].data(WHOLE)
    stage.upstream.sinks[1].end()

    (outcome,) = stage.journal.outcomes
    intent = outcome.intent
    assert stage.journal.intents[0].price_as == "ollama"
    assert (intent.provider, intent.provider_dialect, intent.price_as, intent.model_sent) == ("openai", "openai", "", "gpt-5.2")
    assert outcome.model_served == "gpt-5.2-served"


@pytest.mark.parametrize(("model", "before"), [("single", []), ("opus", [429])])
@pytest.mark.parametrize("leaves", [True, False])
def test_the_try_under_way_is_on_the_record(model: str, before: list[int], leaves: bool) -> None:
    """Whoever ends the exchange, the target that was being asked is named last, without a status, with the reason."""
    stage = Stage()
    client = stage.run(model=model)
    for status in before:
        stage.upstream.sinks[-1].head(status, JSON)
    stage.clock.now_s += 2
    if leaves:
        assert client.watcher is not None
        client.watcher.client_gone()
        stage.clock.now_s += 31
        stage.exchanges.pulse.tick()
    else:
        stage.exchanges.pulse.interrupt_all(Unavailable("stopping", code="draining"))

    (outcome,) = stage.journal.outcomes
    assert [attempt.status_code for attempt in outcome.attempts] == [*before, 0]
    last = outcome.attempts[-1]
    assert (last.provider, last.error_code) == ("spare" if before else "lab", "client_gone" if leaves else "draining")
    assert last.latency_ms == (33_000 if leaves else 2000)
    assert outcome.intent.provider == last.provider


@pytest.mark.parametrize("status", [429, 503, 529])
@pytest.mark.parametrize("when", ["before", "after", "in two pieces"])
def test_a_refusal_is_the_answer_where_the_next_target_cannot_be_reached(status: int, when: str) -> None:
    """The client gets it as it came, with its retry-after, whether its body was whole by then or not; the row names the target that refused."""
    stage = Stage()
    client = stage.run()
    refused = stage.upstream.sinks[0]
    refused.head(status, LIMITED)
    pieces = {"before": (BUSY, b""), "after": (b"", BUSY), "in two pieces": (BUSY[:20], BUSY[20:])}[when]
    for position, piece in enumerate(pieces):
        if piece:
            refused.data(piece)
        if when == "before" and not position:
            refused.end()
        if not position:
            stage.upstream.sinks[1].fail(UNREACHABLE)
    if when != "before":
        refused.end()

    (outcome,) = stage.journal.outcomes
    assert (client.status, client.headers[b"retry-after"], client.body) == (status, b"7", BUSY)
    assert client.finished
    assert (outcome.status_code, outcome.intent.provider, outcome.error_message) == (status, "lab", "slow down")
    assert [(attempt.provider, attempt.status_code, attempt.error_code) for attempt in outcome.attempts] == [
        ("lab", status, ""),
        ("spare", 0, "unreachable"),
    ]


def test_a_refusal_that_broke_off_is_no_answer() -> None:
    """The client is told then that the other target cannot be reached."""
    stage = Stage()
    client = stage.run()
    stage.upstream.sinks[0].head(429, LIMITED)
    stage.upstream.sinks[0].fail(UpstreamFailed("cut", code="cut"))
    stage.upstream.sinks[1].fail(UNREACHABLE)

    assert client.status == 502
    assert b"cannot be reached" in client.body


def test_a_refusal_without_end_is_kept_within_bounds() -> None:
    """Beyond 64 KiB its provider has to wait, and it is let go when the exchange has ended."""
    stage = Stage()
    client = stage.run()
    stage.upstream.sinks[0].head(429, LIMITED)
    for _ in range(70):
        stage.upstream.sinks[0].data(b" " * 1024)
    assert stage.upstream.calls[0].paused
    stage.upstream.sinks[1].head(200, SSE)
    stage.upstream.sinks[1].data(START + STOP)
    stage.upstream.sinks[1].end()

    assert client.body == START + STOP
    assert stage.upstream.calls[0].cancelled


def test_the_key_of_the_target_that_refused_is_struck_out_of_its_refusal() -> None:
    """The mask belongs to the try, not to the exchange."""
    stage = Stage()
    client = stage.run()
    stage.upstream.sinks[0].head(429, LIMITED)
    stage.upstream.sinks[0].data(b'{"error":{"message":"lab-key-123 is busy"}}')
    stage.upstream.sinks[0].end()
    stage.upstream.sinks[1].fail(UNREACHABLE)

    assert client.body == b'{"error":{"message":"*********** is busy"}}'
