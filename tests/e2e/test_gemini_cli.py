"""The real Gemini CLI through the gateway: the three-turn task in both forms of its configuration, and how it takes each kind of failure."""

import pytest

from tests.e2e import headless
from tests.e2e.agents import GEMINI_CLI, GEMINI_CLI_OF_THE_PAGE
from tests.e2e.books import check_rows
from tests.e2e.lab import GEMINI
from tests.fakes import tasks
from tests.fakes.turns import Cut, EndEarly, ErrorInStream, Silence, Text, Turn, refuse, say

QUESTION = "Say hello."
HELLO = say("Hello from the script.")


def do_task(provider, gateway, desk, agent):
    """The task, done and checked on both sides."""
    script = provider.converse(*tasks.gemini_cli(str(desk.work)))
    result = headless.gemini_cli(desk, gateway.door(GEMINI), agent)
    assert result.code == 0, result.text
    assert result.out.strip().endswith(tasks.FINAL)
    assert (desk.work / "hello.py").read_text(encoding="utf-8") == tasks.PROGRAM
    assert script.left == 0
    asked = provider.ledger.generations
    assert {entry.query.get("alt") for entry in asked} == {"sse"}
    rows = gateway.rows(3)
    check_rows(rows, asked, agent="gemini-cli", agent_version=agent.version, dialect="gemini", api_type="gemini/v1/generateContent", stream=True)
    assert [row["reasoning_tokens"] or 0 for row in rows] == [entry.tokens.reasoning for entry in asked]


def test_task(provider, gateway, desk):
    """With the page's .env and the settings that current versions need, the task is done and its rows are right."""
    do_task(provider, gateway, desk, GEMINI_CLI)


@pytest.mark.slow
def test_task_with_the_pages_form(provider, gateway, desk):
    """The page's own .env, unchanged and alone, with a version that takes it."""
    do_task(provider, gateway, desk, GEMINI_CLI_OF_THE_PAGE)


@pytest.mark.slow
def test_unknown_token(provider, gateway, desk):
    """A token that is unknown is told with our words, after one attempt."""
    result = headless.gemini_cli(desk, headless.Door(gateway.url, "hg-nobody", GEMINI), prompt=QUESTION)
    assert result.code != 0
    assert "401" in result.text
    assert not provider.ledger.entries


@pytest.mark.slow
def test_unknown_model(provider, gateway, desk):
    """A model that nobody serves is told with our message."""
    result = headless.gemini_cli(desk, gateway.door("no-such-model"), prompt=QUESTION)
    assert result.code != 0
    assert "No endpoint answers" in result.text
    assert not provider.ledger.entries
    assert [row["ended"] for row in gateway.rows(1)] == ["refused"]


@pytest.mark.slow
@pytest.mark.parametrize("status", [400, 403, 404])
def test_refused_by_the_provider(provider, gateway, desk, status):
    """The provider's own words about a refusal reach the user, after one attempt."""
    provider.play(refuse(status, "the scripted reason"))
    result = headless.gemini_cli(desk, gateway.door(GEMINI), prompt=QUESTION)
    assert result.code != 0
    assert "the scripted reason" in result.text
    assert [row["status_code"] for row in gateway.rows(1)] == [status]


@pytest.mark.slow
def test_waits_as_told(provider, gateway, desk):
    """A 429 whose body says how long to wait is waited for, and the second attempt succeeds."""
    provider.play(refuse(429, "slow down", retry_after="2"), HELLO)
    result = headless.gemini_cli(desk, gateway.door(GEMINI), prompt=QUESTION)
    assert HELLO.parts[0].text in result.out
    first, second = provider.ledger.generations
    assert second.received_at - first.received_at >= 2


@pytest.mark.slow
@pytest.mark.parametrize("status", [500, 503])
def test_tries_again_after_a_server_error(provider, gateway, desk, status):
    """A server error is tried again by the agent, each attempt an exchange with a row."""
    provider.play(refuse(status, "a bad moment"), HELLO)
    result = headless.gemini_cli(desk, gateway.door(GEMINI), prompt=QUESTION)
    assert HELLO.parts[0].text in result.out
    assert [row["status_code"] for row in gateway.rows(2)] == [status, 200]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "ended"),
    [
        (Cut(after_frames=1), "cut"),
        (Cut(after_frames=1, reset=False), "cut"),
        (EndEarly(after_frames=1), "cut"),
        (ErrorInStream(after_frames=1), "failed"),
    ],
)
def test_hears_of_a_broken_stream(provider, gateway, desk, fault, ended):
    """A stream that breaks is told inside the stream, never as a dead connection, which would end the run without a retry."""
    provider.play(Turn((Text("Half of an answer.", pieces=4),), fault=fault), HELLO, HELLO, HELLO)
    result = headless.gemini_cli(desk, gateway.door(GEMINI), prompt=QUESTION)
    assert HELLO.parts[0].text in result.out, result.text
    assert [row["ended"] for row in gateway.rows(2)][:2] == [ended, "completed"]


@pytest.mark.slow
def test_waits_through_silence(provider, impatient_gateway, desk):
    """A provider that is silent for longer than our keep-alive, before and within its answer, costs no retry and no word."""
    for after in (-1, 2):
        provider.play(Turn((Text("Worth the wait for all of it.", pieces=5),), fault=Silence(3.0, after_frames=after)))
        result = headless.gemini_cli(desk, impatient_gateway.door(GEMINI), prompt=QUESTION)
        assert "Worth the wait for all of it." in result.out
    assert len(provider.ledger.generations) == 2
