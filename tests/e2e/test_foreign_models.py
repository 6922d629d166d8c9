"""The real agents on models whose providers speak another dialect: the three-turn task with its tools, and what the developer sees of a failure.

The scripted provider holds each request against the turn before it: the results of its tools and the proofs of its thoughts must come back, through the
agent, as that provider knows them. The body of each request must be one that the official SDK of the provider's dialect would send.
"""

import pytest

from tests.e2e import headless
from tests.e2e.foreign import CHAT, DIALECT_OF, PROVIDERS, RESPONSES
from tests.e2e.lab import CLAUDE, GEMINI, running
from tests.fakes import tasks
from tests.fakes.turns import Turn, refuse

AGENTS = {
    "claude-code": (headless.claude_code, CLAUDE),
    "codex": (headless.codex, RESPONSES),
    "gemini-cli": (headless.gemini_cli, GEMINI),
}
PAIRS = [(agent, model) for agent, (_, native) in AGENTS.items() for model in DIALECT_OF if model != native]
USUAL = [("claude-code", RESPONSES), ("claude-code", GEMINI), ("codex", CLAUDE), ("gemini-cli", CHAT)]  # each agent, and each dialect of a provider


@pytest.fixture
def gateway(tmp_path, provider):
    """A gateway whose endpoints speak all four dialects."""
    provider.expected.translated = True
    with running(tmp_path / "gateway", provider, PROVIDERS.format(url=provider.openai_url)) as made:
        yield made


def turns_of(agent: str, desk) -> list[Turn]:
    """The task in the tools of the agent."""
    return tasks.codex() if agent == "codex" else getattr(tasks, agent.replace("-", "_"))(str(desk.work))


@pytest.mark.parametrize(("agent", "model"), [pytest.param(*pair, marks=() if pair in USUAL else pytest.mark.slow) for pair in PAIRS])
def test_task(provider, gateway, desk, agent, model):
    """The file is written, the last words come out, and each exchange has a row with the provider's counts and what it was translated to."""
    script = provider.converse(*turns_of(agent, desk))
    result = AGENTS[agent][0](desk, gateway.door(model))
    assert result.code == 0, result.text
    assert tasks.FINAL in result.out
    assert (desk.work / "hello.py").read_text(encoding="utf-8") == tasks.PROGRAM
    assert script.left == 0
    asked = [entry for entry in provider.ledger.generations if entry.dialect == DIALECT_OF[model]]
    rows = gateway.rows(3)
    assert len(asked) == len(rows) == 3
    assert {row["translated_to"] for row in rows} == {DIALECT_OF[model]}
    assert {row["ended"] for row in rows} == {"completed"}
    assert [row["input_tokens"] for row in rows] == [entry.tokens.all_input for entry in asked]
    assert [row["output_tokens"] for row in rows] == [entry.tokens.output for entry in asked]


@pytest.mark.slow
@pytest.mark.parametrize(("agent", "model"), PAIRS)
def test_a_refusal_of_the_provider_is_shown(provider, gateway, desk, agent, model):
    """In the agent's own way, with the provider's words."""
    provider.play(*[refuse(400, "the scripted reason")] * 6)
    result = AGENTS[agent][0](desk, gateway.door(model), prompt="Say hello.", timeout_s=60)
    assert "the scripted reason" in result.text
