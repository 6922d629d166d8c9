"""The command that writes an agent's configuration, run by a shell."""

import json
import os
import stat
import subprocess
import tomllib
from pathlib import Path

import pytest

from headgate.agents.registry import AGENTS
from headgate.agents.setting import Agent, AgentConnection
from headgate.web.ui.agent_files import configured, snippets, write_command

URL, TOKEN = "http://gate.example:8484", "hg_canary"


def connection(model: str, *, telemetry: bool = True) -> AgentConnection:
    """What the page connects an agent to."""
    return AgentConnection(url=URL, model=model, token=TOKEN, tables="main.default.agents" if telemetry else "")


WITH_FILES = [agent for agent in AGENTS if configured(agent, connection(agent.model))]


def run(command: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run a command as a person would who pastes it."""
    return subprocess.run(["sh"], input=command, text=True, capture_output=True, env={"HOME": str(home), "PATH": os.environ["PATH"]}, check=False)


@pytest.mark.parametrize("telemetry", [False, True], ids=["models", "and telemetry"])
@pytest.mark.parametrize("agent", WITH_FILES, ids=[agent.word for agent in WITH_FILES])
def test_the_command_writes_the_files(agent: Agent, telemetry: bool, tmp_path: Path) -> None:
    """As they are shown, for their user alone; what is there already is never written over."""
    files = configured(agent, connection("house-model", telemetry=telemetry))
    command = write_command(files)
    done = run(command, tmp_path)
    assert done.returncode == 0, done.stderr
    written = {place: tmp_path / place.removeprefix("~/") for place in files}
    assert {place: path.read_text(encoding="utf-8") for place, path in written.items()} == files
    assert {stat.S_IMODE(path.stat().st_mode) for path in written.values()} == {0o600}
    whole = "".join(files.values())
    assert "house-model" in whole
    assert agent.model not in whole
    assert TOKEN in whole
    assert ("otel" in whole) is (telemetry and agent.reports_telemetry)
    first = next(iter(written.values()))
    first.write_text("mine", encoding="utf-8")
    again = run(command, tmp_path)
    assert again.returncode != 0
    assert first.read_text(encoding="utf-8") == "mine"
    assert "Written" not in again.stdout


def test_telemetry_is_joined_with_the_rest() -> None:
    """JSON key by key, TOML one below the other, and both can be read."""
    files = {agent.recorded_as: configured(agent, connection(agent.model)) for agent in WITH_FILES}
    claude = json.loads(files["claude-code"]["~/.claude/settings.json"])["env"]
    assert claude["ANTHROPIC_AUTH_TOKEN"] == TOKEN
    assert f"Bearer {TOKEN}" in claude["OTEL_EXPORTER_OTLP_LOGS_HEADERS"]
    codex = tomllib.loads(files["codex"]["~/.codex/config.toml"])
    assert codex["model_providers"]["headgate"]["base_url"] == f"{URL}/openai/v1"
    assert codex["otel"]["exporter"]["otlp-http"]["headers"]["Authorization"] == f"Bearer {TOKEN}"
    gemini = json.loads(files["gemini-cli"]["~/.gemini/settings.json"])
    assert (gemini["security"]["auth"]["selectedType"], gemini["telemetry"]["enabled"]) == ("gemini-api-key", True)


@pytest.mark.parametrize("local", ["http://127.0.0.1:8484", "http://localhost:1", "http://[::1]:8484", "http://127.8.0.1"])
def test_an_agent_without_files_is_set_up_by_hand(local: str) -> None:
    """Cursor's servers could not reach an address of this machine, so that is not offered to it."""
    cursor = next(agent for agent in AGENTS if agent.word == "cursor")
    assert configured(cursor, connection(cursor.model)) == {}
    (shown,) = snippets(cursor, AgentConnection(url=local, model=cursor.model))
    assert "https://<your public host>/cursor/v1" in shown.text
    (shown,) = snippets(cursor, connection(cursor.model))
    assert f"{URL}/cursor/v1" in shown.text
