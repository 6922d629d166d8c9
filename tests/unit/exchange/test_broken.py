"""How an answer ends that is not whole: by dialect, as its clients ask again, and never as a clean end."""

import json

import pytest

from headgate.core.errors import Unavailable, UpstreamFailed
from headgate.dialects.registry import PROVIDERS
from tests.unit.exchange.journeys import DELTA, JSON, SSE, START, Stage, event
from tests.unit.exchange.spoken import ALL, Spoken

STREAMS = [spoken for spoken in ALL if spoken.stream]
BLOCK = event("content_block_start", index=0, content_block={"type": "text", "text": ""})
STOPPED = event("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 7})
CUT = UpstreamFailed("Provider lab broke off.", code="cut")


def _told(spoken: Spoken, body: bytes) -> bool:
    """Whether the stream ends with the dialect's own error."""
    last = [line for line in body.replace(b"\r\n", b"\n").split(b"\n") if line.startswith(b"data:")][-1]
    said = json.loads(last.removeprefix(b"data:"))
    kind = {"anthropic": "error", "openai_responses": "response.failed"}.get(spoken.dialect)
    return "broke off" in last.decode() and (said.get("type") == kind if kind else "error" in said)


@pytest.mark.parametrize("spoken", STREAMS, ids=str)
def test_a_break_before_any_content_is_told_in_the_stream(spoken: Spoken) -> None:
    """Every client asks again for that."""
    stage = Stage()
    client = spoken.start(stage)
    stage.upstream.sinks[0].head(200, SSE)
    stage.upstream.sinks[0].data(spoken.frames[0])
    stage.upstream.sinks[0].fail(CUT)

    assert _told(spoken, client.body)
    assert client.finished
    assert stage.journal.outcomes[0].ended == "cut"


@pytest.mark.parametrize("spoken", STREAMS, ids=str)
@pytest.mark.parametrize("sent", [True, False])
def test_a_stream_that_began_early_is_told_why_nothing_came(spoken: Spoken, sent: bool) -> None:
    """Its headers are out, and nothing of the provider's."""
    stage = Stage()
    client = spoken.start(stage)
    stage.clock.now_s += 41
    stage.exchanges.pulse.tick()
    stage.upstream.sinks[0].fail(UpstreamFailed("Provider lab broke off.", code="cut", sent=sent))

    assert _told(spoken, client.body)
    assert client.finished


@pytest.mark.parametrize("spoken", STREAMS, ids=str)
@pytest.mark.parametrize("within", [0, 9])
@pytest.mark.parametrize("how", ["fail", "end", "interrupt"])
def test_a_break_within_the_content_ends_as_the_dialects_clients_need_it(spoken: Spoken, within: int, how: str) -> None:
    """Anthropic's get their connection closed, for an old Claude Code gives up on an error event there; the others are told in the stream.

    But half an event of Gemini's cannot be closed for an error to follow: Gemini CLI would read it, and end.
    """
    frames = spoken.frames
    begun = b"".join(frames[:-3]) + frames[-3][:within]
    stage = Stage()
    client = spoken.start(stage)
    sink = stage.upstream.sinks[0]
    sink.head(200, SSE)
    sink.data(begun)
    if how == "interrupt":
        stage.exchanges.pulse.interrupt_all(Unavailable("Headgate broke off.", code="draining"))
    elif how == "fail":
        sink.fail(CUT)
    else:
        sink.end()

    breaks_off = spoken.dialect == "anthropic" or (spoken.dialect == "gemini" and within > 0)
    assert (client.aborted, client.finished) == ((True, False) if breaks_off else (False, True))
    if breaks_off:
        assert client.body == begun
    else:
        assert client.body.startswith(b"".join(frames[:-3]))
        assert how == "end" or _told(spoken, client.body)
    assert stage.journal.outcomes[0].ended == "cut"
    assert stage.settled == 1


def test_a_stream_that_lacks_only_its_closing_event_passes_as_it_came() -> None:
    """Claude Code takes a message with its stop reason as whole; nothing is put behind it, and the row says completed, with the provider's counts."""
    stage = Stage()
    client = stage.run()
    stage.upstream.sinks[0].head(200, SSE)
    stage.upstream.sinks[0].data(START + BLOCK + DELTA + STOPPED)
    stage.upstream.sinks[0].end()

    (outcome,) = stage.journal.outcomes
    assert client.body == START + BLOCK + DELTA + STOPPED
    assert client.finished
    assert (outcome.ended, outcome.finish_reason) == ("completed", "end_turn")
    assert outcome.usage is not None
    assert (outcome.usage.output_tokens, outcome.usage.estimated) == (7, False)


def test_a_stop_reason_does_not_make_a_lost_connection_whole() -> None:
    """The provider broke off, so the client's connection breaks too."""
    stage = Stage()
    client = stage.run()
    stage.upstream.sinks[0].head(200, SSE)
    stage.upstream.sinks[0].data(START + BLOCK + DELTA + STOPPED)
    stage.upstream.sinks[0].fail(CUT)

    assert client.aborted
    assert not client.finished
    assert stage.journal.outcomes[0].ended == "cut"


@pytest.mark.parametrize("early", [False, True])
@pytest.mark.parametrize("begun", [b'[{"candidates":[{"content":{"parts":[{"text":"a"}]}}]}', b" \n[", b"["])
def test_nothing_of_ours_is_put_into_a_stream_that_is_one_json_text(begun: bytes, early: bool) -> None:
    """Gemini without `alt=sse`: neither a keep-alive nor an error; a break closes the connection."""
    stage = Stage()
    client = stage.run_gemini()
    if early:
        stage.clock.now_s += 41
        stage.exchanges.pulse.tick()
    stage.upstream.sinks[0].head(200, JSON)
    stage.upstream.sinks[0].data(begun)
    stage.exchanges.pulse.tick()
    stage.clock.now_s += 20
    stage.exchanges.pulse.tick()
    stage.upstream.sinks[0].fail(CUT)

    assert client.body == begun
    assert client.aborted


@pytest.mark.parametrize("name", sorted(PROVIDERS))
def test_each_dialect_says_how_its_answers_break(name: str) -> None:
    """Before anything has come no dialect closes the connection: its clients then ask again at once, or fall back to an unstreamed request."""
    assert PROVIDERS[name].reader().breaks_off is False
