"""The real Claude Code through the gateway: the three-turn task, and how it takes each kind of failure."""

import pytest

from tests.e2e import headless
from tests.e2e.agents import CLAUDE_CODE
from tests.e2e.books import check_rows
from tests.e2e.lab import CLAUDE, running
from tests.fakes import tasks
from tests.fakes.turns import Cut, EndEarly, ErrorInStream, Refuse, Silence, Text, Turn, refuse, say

QUESTION = "Say hello."
HELLO = say("Hello from the script.")


def test_task(provider, gateway, desk):
    """With the page's settings.json the task is done: the file is written, the last words come out, each exchange has its row."""
    script = provider.converse(*tasks.claude_code(str(desk.work)))
    result = headless.claude_code(desk, gateway.door(CLAUDE))
    assert result.code == 0, result.text
    assert result.out.strip() == tasks.FINAL
    assert (desk.work / "hello.py").read_text(encoding="utf-8") == tasks.PROGRAM
    assert script.left == 0
    asked = provider.ledger.generations
    session = asked[0].json["metadata"]["user_id"]
    for entry in asked:
        assert entry.header("anthropic-beta").startswith("claude-code-")
        assert entry.header("anthropic-version") == "2023-06-01"
        assert entry.json["metadata"]["user_id"] == session
    rows = gateway.rows(3)
    check_rows(rows, asked, agent="claude-code", dialect="anthropic", api_type="anthropic/v1/messages", stream=True)
    assert {row["agent_version"] for row in rows} == {CLAUDE_CODE.version}
    (session_id,) = {row["session_id"] for row in rows}
    assert session_id
    assert session_id in session


@pytest.mark.slow
def test_task_with_its_probe(provider, gateway, desk):
    """Without the setting that keeps it quiet, it probes first without a credential; that is answered, and leaves no row."""
    provider.play(HELLO)
    result = headless.claude_code(desk, gateway.door(CLAUDE), QUESTION, CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="")
    assert HELLO.parts[0].text in result.out
    assert len(gateway.rows(1)) == 1


@pytest.mark.slow
def test_unknown_token(provider, gateway, desk):
    """A token that is unknown ends the run at once with our words: no ten retries."""
    result = headless.claude_code(desk, headless.Door(gateway.url, "hg-nobody", CLAUDE), QUESTION, timeout_s=30)
    assert result.code != 0
    assert "401" in result.text
    assert not provider.ledger.entries


@pytest.mark.slow
def test_unknown_model(provider, gateway, desk):
    """A model that nobody serves is told with our message, which a 404 would hide."""
    result = headless.claude_code(desk, gateway.door("no-such-model"), QUESTION, timeout_s=30)
    assert "no-such-model" in result.text
    assert "No endpoint answers" in result.text
    assert not provider.ledger.entries
    (row,) = gateway.rows(1)
    assert (row["ended"], row["model_asked"]) == ("refused", "no-such-model")


@pytest.mark.slow
@pytest.mark.parametrize("status", [400, 403])
def test_refused_by_the_provider(provider, gateway, desk, status):
    """The provider's own words about a refusal reach the user, after one attempt."""
    provider.play(refuse(status, "the scripted reason"))
    result = headless.claude_code(desk, gateway.door(CLAUDE), QUESTION, timeout_s=30)
    assert "the scripted reason" in result.text
    assert len(provider.ledger.generations) == 1
    (row,) = gateway.rows(1)
    assert (row["status_code"], row["ended"]) == (status, "failed")


@pytest.mark.slow
def test_a_refused_key_is_nobodys_login(provider, gateway, desk):
    """A provider that refuses Headgate's key makes no user log in: he is told whose key it is, after one attempt."""
    provider.play(refuse(401, "invalid x-api-key"))
    result = headless.claude_code(desk, gateway.door(CLAUDE), QUESTION, timeout_s=30)
    assert "It is not your token" in result.text
    assert "/login" not in result.text
    assert len(provider.ledger.generations) == 1
    (row,) = gateway.rows(1)
    assert (row["status_code"], row["ended"], row["error_code"]) == (502, "failed", "provider_credential_refused")


@pytest.mark.slow
def test_waits_as_told(provider, gateway, desk):
    """A 429 with a short `retry-after` is waited for, and the second attempt succeeds."""
    provider.play(refuse(429, "slow down", retry_after="2"), HELLO)
    result = headless.claude_code(desk, gateway.door(CLAUDE), QUESTION)
    assert HELLO.parts[0].text in result.out
    first, second = provider.ledger.generations
    assert second.received_at - first.received_at >= 2
    assert [row["status_code"] for row in gateway.rows(2)] == [429, 200]


@pytest.mark.slow
def test_gives_up_on_a_long_wait(provider, gateway, desk):
    """A `retry-after` beyond a minute ends the turn at once with the message."""
    provider.play(refuse(429, "the budget is spent", retry_after="3600"))
    result = headless.claude_code(desk, gateway.door(CLAUDE), QUESTION, timeout_s=30)
    assert "the budget is spent" in result.text
    assert len(provider.ledger.generations) == 1


@pytest.mark.slow
@pytest.mark.parametrize("status", [500, 503, 529])
def test_tries_again_after_a_server_error(provider, gateway, desk, status):
    """A server error is tried again by the agent, each attempt an exchange with a row."""
    provider.play(refuse(status, "a bad moment"), HELLO)
    result = headless.claude_code(desk, gateway.door(CLAUDE), QUESTION)
    assert HELLO.parts[0].text in result.out
    assert [row["status_code"] for row in gateway.rows(2)] == [status, 200]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "ended"),
    [
        (Cut(after_frames=4), "cut"),
        (Cut(after_frames=4, reset=False), "cut"),
        (EndEarly(after_frames=4), "cut"),
        (ErrorInStream(after_frames=4), "failed"),
    ],
)
def test_survives_a_broken_stream(provider, gateway, desk, fault, ended):
    """A stream that breaks after its first bytes is asked for again (unstreamed, if no block was whole), and the user sees the answer."""
    provider.play(Turn((Text("Half of an answer."),), fault=fault), HELLO)
    result = headless.claude_code(desk, gateway.door(CLAUDE), QUESTION)
    assert HELLO.parts[0].text in result.out
    assert len(provider.ledger.generations) == 2
    assert [row["ended"] for row in gateway.rows(2)] == [ended, "completed"]


@pytest.mark.slow
def test_waits_through_silence(provider, impatient_gateway, desk):
    """A provider that is silent for longer than our keep-alive, before and within its answer, costs no retry."""
    for after in (-1, 3):
        provider.play(Turn((Text("Worth the wait."),), fault=Silence(3.0, after_frames=after)))
        result = headless.claude_code(desk, impatient_gateway.door(CLAUDE), QUESTION)
        assert "Worth the wait." in result.out
    assert len(provider.ledger.generations) == 2


@pytest.mark.slow
def test_falls_back_to_a_whole_answer(provider, gateway, desk):
    """An error before the first event makes it ask without a stream; that is served from the same body."""
    broken = Turn(fault=Refuse(200, body=b"event: error\ndata: {}\n\n", content_type="text/event-stream"))
    provider.play(broken, HELLO)
    result = headless.claude_code(desk, gateway.door(CLAUDE), QUESTION)
    assert HELLO.parts[0].text in result.out


SHARED = """
[[providers]]
name = "first"
dialect = "anthropic"
base_url = "{url}"
api_key = "env:LAB_KEY"

[[providers]]
name = "second"
dialect = "anthropic"
base_url = "{url}"
api_key = "env:LAB_KEY"

[[endpoints]]
name = "shared-claude"
targets = [
  {{ provider = "first", model = "claude-opus-4-6", traffic_percent = 50 }},
  {{ provider = "second", model = "claude-opus-4-6", traffic_percent = 50 }},
]
fallbacks = [{{ provider = "lab-anthropic", model = "claude-opus-4-6" }}]
first_token_timeout_s = 2
"""


@pytest.mark.slow
def test_a_session_stays_on_its_target_and_a_fallback_helps_out(tmp_path, provider, desk):
    """The three-turn task: each turn at the target of its session, except for one whose first token is late and one that is refused, which the fallback serves."""
    with running(tmp_path / "gateway", provider, SHARED.format(url=provider.url)) as gateway:
        one, two, three = tasks.claude_code(str(desk.work))
        late = Turn((Text("Too late."),), fault=Silence(20, after_frames=1))
        provider.converse(one, late, two, refuse(500, "a bad moment"), three)
        result = headless.claude_code(desk, gateway.door("shared-claude"))
        assert result.code == 0, result.text
        assert result.out.strip() == tasks.FINAL
        rows = gateway.rows(3)
        assert len({row["session_id"] for row in rows}) == 1
        tried = [[each["destination"] for each in row["routing_information"]["attempts"]] for row in rows]
        (chosen,) = {names[0] for names in tried}
        assert chosen in {"first", "second"}
        assert tried == [[chosen], [chosen, "lab-anthropic"], [chosen, "lab-anthropic"]]
        assert [row["traffic_percent"] for row in rows] == [50, 50, 50]
        codes = [row["routing_information"]["attempts"][0]["error_code"] for row in rows]
        statuses = [row["routing_information"]["attempts"][0]["status_code"] for row in rows]
        assert (codes[1], statuses[2]) == ("first_token_timeout", 500)
        assert {row["status_code"] for row in rows} == {200}
