"""What doctor finds about agents."""

import json

import pytest

from headgate.cli import doctor_agents
from headgate.cli.doctor_agents import agent_findings
from headgate.cli.installed_agents import Installed

URL = "http://127.0.0.1:8484"
CONNECTED = {"env": {"ANTHROPIC_BASE_URL": f"{URL}/anthropic", "ANTHROPIC_AUTH_TOKEN": "hg_x"}}


@pytest.fixture
def claude(tmp_path, monkeypatch):
    """A machine with Claude Code alone; its settings are written by the test. What is found there, as state, text and fix."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    monkeypatch.setattr(doctor_agents, "installed_agents", lambda _agents: {"claude": Installed("/bin/claude", "2.1.332")})

    def find(settings):
        file = tmp_path / ".claude" / "settings.json"
        file.parent.mkdir(exist_ok=True)
        file.write_text(settings if isinstance(settings, str) else json.dumps(settings), encoding="utf-8")
        return [(each.state, each.text, each.fix) for each in agent_findings(URL)]

    return find


def test_connected(claude):
    """By the settings that `headgate connect` writes, or by those of a user."""
    assert claude(CONNECTED) == [("ok", "Claude Code 2.1.332, connected by ~/.claude/settings.json", "")]


@pytest.mark.parametrize("settings", [{}, {"env": {"ANTHROPIC_BASE_URL": "https://other.example/anthropic"}}])
def test_not_connected(claude, settings):
    """To this gateway."""
    assert claude(settings) == [("warning", f"Claude Code 2.1.332 is not connected to {URL}.", "headgate connect claude")]


def test_settings_that_cannot_be_read(claude):
    """Where, and why."""
    ((state, text, _),) = claude('{\n  "env": {,\n')
    assert state == "failure"
    assert "line 2" in text
    assert "~/.claude/settings.json" in text


def test_what_is_in_the_way(claude, monkeypatch):
    """Each with its fix."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-1")
    ((state, text, fix),) = claude(CONNECTED)
    assert (state, "ANTHROPIC_API_KEY is set in this shell" in text, "unset ANTHROPIC_API_KEY" in fix) == ("warning", True, True)


def test_no_agent(monkeypatch):
    """Is nothing wrong; one without files of its own is set up by hand."""
    monkeypatch.setattr(doctor_agents, "installed_agents", lambda _agents: {})
    assert [(each.check, each.state) for each in agent_findings(URL)] == [("agents", "ok")]
    monkeypatch.setattr(doctor_agents, "installed_agents", lambda _agents: {"cursor": Installed("/bin/cursor", "")})
    assert [(each.check, each.state) for each in agent_findings(URL)] == [("agent cursor", "ok")]
