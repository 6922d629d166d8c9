"""The real Codex CLI through the gateway: the three-turn task in each form of its configuration, and how it takes each kind of failure."""

import pytest

from tests.e2e import headless
from tests.e2e.agents import CODEX, CODEX_OF_THE_PAGE
from tests.e2e.books import check_rows
from tests.e2e.lab import GPT
from tests.fakes import tasks
from tests.fakes.turns import Cut, EndEarly, ErrorInStream, Silence, Text, Turn, refuse, say

QUESTION = "Say hello."
HELLO = say("Hello from the script.")


def do_task(provider, gateway, desk, form, agent):
    """The task, done and checked on both sides."""
    script = provider.converse(*tasks.codex())
    result = headless.codex(desk, gateway.door(GPT), form, agent)
    assert result.code == 0, result.text
    assert result.out.strip().endswith(tasks.FINAL)
    assert (desk.work / "hello.py").read_text(encoding="utf-8") == tasks.PROGRAM
    assert script.left == 0
    asked = provider.ledger.generations
    rows = gateway.rows(3)
    check_rows(rows, asked, agent="codex", agent_version=agent.version, dialect="openai_responses", api_type="openai/v1/responses", stream=True)
    (session_id,) = {row["session_id"] for row in rows}
    assert session_id == asked[0].json["prompt_cache_key"]
    assert [row["reasoning_tokens"] or 0 for row in rows] == [entry.tokens.reasoning for entry in asked]


def test_task(provider, gateway, desk):
    """With the configuration that every version takes, the task is done and its rows are right."""
    do_task(provider, gateway, desk, "top", CODEX)


@pytest.mark.slow
def test_task_with_the_pages_form_today(provider, gateway, desk):
    """What current versions make of the page's profile: a file of its own, asked for by name."""
    do_task(provider, gateway, desk, "split", CODEX)


@pytest.mark.slow
def test_task_with_the_pages_form(provider, gateway, desk):
    """The page's own file, unchanged, with the last version that takes it."""
    do_task(provider, gateway, desk, "page", CODEX_OF_THE_PAGE)


@pytest.mark.slow
def test_knows_its_model(provider, gateway, desk):
    """Given our list of models as its catalogue, Codex no longer misses what it should know about the model."""
    for form, warned in (("top", True), ("catalog", False)):
        provider.play(HELLO)
        result = headless.codex(desk, gateway.door(GPT), form, prompt=QUESTION)
        assert HELLO.parts[0].text in result.out
        assert ("Model metadata" in result.err) is warned, result.err


@pytest.mark.slow
def test_unknown_token(provider, gateway, desk):
    """A token that is unknown is told with our words."""
    result = headless.codex(desk, headless.Door(gateway.url, "hg-nobody", GPT), prompt=QUESTION)
    assert result.code != 0
    assert "401" in result.text
    assert not provider.ledger.entries


@pytest.mark.slow
def test_unknown_model(provider, gateway, desk):
    """A model that nobody serves ends the run at once with exactly our message."""
    result = headless.codex(desk, gateway.door("no-such-model"), prompt=QUESTION)
    assert result.code != 0
    assert "No endpoint answers to the model 'no-such-model'" in result.text
    assert not provider.ledger.entries
    assert [row["ended"] for row in gateway.rows(1)] == ["refused"]


@pytest.mark.slow
@pytest.mark.parametrize(("status", "attempts"), [(400, 1), (403, 6)])
def test_refused_by_the_provider(provider, gateway, desk, status, attempts):
    """The provider's own words about a refusal reach the user."""
    provider.play(*[refuse(status, "the scripted reason")] * attempts)
    result = headless.codex(desk, gateway.door(GPT), prompt=QUESTION)
    assert "the scripted reason" in result.text
    assert [row["status_code"] for row in gateway.rows(attempts)] == [status] * attempts


@pytest.mark.slow
def test_waits_as_told(provider, gateway, desk):
    """A 429 with `retry-after` is waited for; without, Codex gives up at once."""
    provider.play(refuse(429, "slow down", retry_after="2"), HELLO)
    result = headless.codex(desk, gateway.door(GPT), prompt=QUESTION)
    assert HELLO.parts[0].text in result.out
    first, second = provider.ledger.generations
    assert second.received_at - first.received_at >= 2


@pytest.mark.slow
@pytest.mark.parametrize("status", [500, 503])
def test_tries_again_after_a_server_error(provider, gateway, desk, status):
    """A server error is tried again by the agent, each attempt an exchange with a row."""
    provider.play(refuse(status, "a bad moment"), HELLO)
    result = headless.codex(desk, gateway.door(GPT), prompt=QUESTION)
    assert HELLO.parts[0].text in result.out
    assert [row["status_code"] for row in gateway.rows(2)] == [status, 200]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "ended"),
    [
        (Cut(after_frames=5), "cut"),
        (Cut(after_frames=5, reset=False), "cut"),
        (EndEarly(after_frames=5), "cut"),
        (ErrorInStream(after_frames=5), "failed"),
    ],
)
def test_survives_a_broken_stream(provider, gateway, desk, fault, ended):
    """A stream that breaks after its first bytes is asked for again, and the user sees the answer."""
    provider.play(Turn((Text("Half of an answer."),), fault=fault), HELLO)
    result = headless.codex(desk, gateway.door(GPT), prompt=QUESTION)
    assert HELLO.parts[0].text in result.out
    assert [row["ended"] for row in gateway.rows(2)] == [ended, "completed"]


@pytest.mark.slow
def test_waits_through_silence(provider, impatient_gateway, desk):
    """A provider that is silent for longer than our keep-alive, before and within its answer, costs no retry."""
    for after in (-1, 3):
        provider.play(Turn((Text("Worth the wait."),), fault=Silence(3.0, after_frames=after)))
        result = headless.codex(desk, impatient_gateway.door(GPT), prompt=QUESTION)
        assert "Worth the wait." in result.out
    assert len(provider.ledger.generations) == 2
