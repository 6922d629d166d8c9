"""The real Gemini CLI with models of other dialects: the three-turn task, and the proofs of thoughts that Anthropic wants back."""

import pytest

from tests.e2e import headless
from tests.e2e.agents import GEMINI_CLI, GEMINI_CLI_OF_THE_PAGE
from tests.e2e.lab import CLAUDE, GPT
from tests.fakes import tasks


def do_task(provider, gateway, desk, model, agent):
    """The task, done and recorded. The provider itself insists on its signatures in every further turn."""
    script = provider.converse(*tasks.gemini_cli(str(desk.work)))
    result = headless.gemini_cli(desk, gateway.door(model), agent)
    assert result.code == 0, result.text
    assert result.out.strip().endswith(tasks.FINAL)
    assert (desk.work / "hello.py").read_text(encoding="utf-8") == tasks.PROGRAM
    assert script.left == 0
    rows = gateway.rows(3)
    assert [row["ended"] for row in rows] == ["completed"] * 3
    assert [row["output_tokens"] for row in rows] == [entry.tokens.output for entry in provider.ledger.generations]


@pytest.mark.parametrize("model", [CLAUDE, GPT])
def test_task(provider, gateway, desk, model):
    """Of the current version."""
    do_task(provider, gateway, desk, model, GEMINI_CLI)


@pytest.mark.slow
@pytest.mark.parametrize("model", [CLAUDE, GPT])
def test_task_with_the_older_version(provider, gateway, desk, model):
    """The version of the page, which joins texts without looking at their signatures."""
    do_task(provider, gateway, desk, model, GEMINI_CLI_OF_THE_PAGE)
