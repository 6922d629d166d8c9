"""The line for Claude Code's status line, as the command prints it."""

import json
import threading

import pytest
from typer.testing import CliRunner

from headgate.cli import statusline_answer
from headgate.cli.main import app
from headgate.cli.statusline_memory import Heard
from tests.unit.cli.answering import ME, answering
from tests.unit.cli.test_statusline_text import BUDGET, SESSION

ANSWERS = {"/api/2.0/headgate/me": ME | {"budgets": [BUDGET]}}
OWN = "Opus 4.6 · $1.23 this session"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs the command as Claude Code does, with a home of its own. It ends with 0 and prints one line."""
    for name in (
        "HEADGATE_TOKEN",
        "HEADGATE_URL",
        "HEADGATE_DATA",
        "ANTHROPIC_BASE_URL",
        "ANTHROPIC_AUTH_TOKEN",
        "XDG_CONFIG_HOME",
        "XDG_CACHE_HOME",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))

    def run(*arguments, typed=json.dumps(SESSION), **environ):
        result = CliRunner().invoke(app, ["statusline", *arguments], input=typed, env={"NO_COLOR": "1", **environ})
        assert result.exit_code == 0, result.output
        (line,) = result.stdout.splitlines()
        return line

    return run


def test_the_gateway_that_claude_code_uses(run):
    """With the token that it uses there; an answer is used again for a while."""
    with answering(ANSWERS) as (url, asked):
        lines = [run(ANTHROPIC_BASE_URL=f"{url}/anthropic", ANTHROPIC_AUTH_TOKEN="hg_agent") for _ in range(2)]
    assert lines == [f"{OWN} · $8.88 of $50.00 left until 2026-12-01 (team)"] * 2
    assert [each["authorization"] for each in asked] == ["Bearer hg_agent"]


def test_another_credential_of_claude_code_goes_nowhere(run):
    """A token that is not Headgate's is not sent."""
    with answering(ANSWERS) as (url, asked):
        assert run(ANTHROPIC_BASE_URL=f"{url}/anthropic", ANTHROPIC_AUTH_TOKEN="sk-ant-1") == f"{OWN} · not signed in: headgate login"
    assert not asked


def test_a_named_gateway(run):
    """Goes before the one that Claude Code uses."""
    with answering(ANSWERS) as (url, _):
        assert "(team)" in run("--url", url, HEADGATE_TOKEN="hg_x", ANTHROPIC_BASE_URL="http://127.0.0.1:1/anthropic")


def test_a_gateway_that_does_not_answer(run):
    """Is said, with what was known before; it is not asked again at once."""
    away = {"HEADGATE_URL": "http://127.0.0.1:1", "HEADGATE_TOKEN": "hg_x"}
    assert run(**away) == f"{OWN} · gateway does not answer"
    with answering(ANSWERS) as (url, _):
        there = {"HEADGATE_URL": url, "HEADGATE_TOKEN": "hg_x"}
        assert run(**there).endswith("(team)")
    gone = statusline_answer.SystemClock().wall_ns() // 1_000_000
    statusline_answer.remember(url, "hg_x"[-4:], Heard({"budgets": [BUDGET], "limits": []}, 1), {"HOME": str(statusline_answer.os.environ["HOME"])})
    assert run(**there).endswith("(team) · gateway does not answer, last known")
    assert statusline_answer.recall(url, "hg_x"[-4:], statusline_answer.os.environ).failed_at_ms >= gone
    with answering(ANSWERS) as (_, asked):
        assert run(**there).endswith("last known")
    assert not asked


def test_a_refused_token(run):
    """Says what to do."""
    with answering({"/api/2.0/headgate/me": {"message": "Revoked."}}, 401) as (url, _):
        assert run(HEADGATE_URL=url, HEADGATE_TOKEN="hg_x") == f"{OWN} · token refused: headgate login"
    assert run(HEADGATE_URL="nowhere", HEADGATE_TOKEN="hg_x") == f"{OWN} · no gateway: headgate login"


@pytest.mark.parametrize("typed", ["", "{", "[]", "[" * 100_000])
def test_input_that_is_no_session(run, typed):
    """Leaves out what is not known."""
    assert run(typed=typed) == "not signed in: headgate login"


def test_nothing_is_waited_for_longer(monkeypatch):
    """What hangs is left behind."""
    never = threading.Event()
    assert statusline_answer._within(0.01, never.wait) is None
    never.set()
    assert statusline_answer._within(1, lambda: 7) == 7
