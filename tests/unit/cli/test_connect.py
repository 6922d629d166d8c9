"""`headgate connect`, `disconnect` and `run` on a home of their own, with a gateway that answers with fixed JSON."""

import json
import os
import stat

import pytest
from typer.testing import CliRunner

from headgate.cli import run as run_command
from headgate.cli.main import app
from tests.unit.cli.answering import answering

ANSWERS = {
    "/healthz": {},
    "/anthropic/v1/models": {"data": [{"id": "claude-house"}, {"id": "claude-mine"}]},
    "/openai/v1/models": {"data": [{"id": "gpt-house"}]},
    "/gemini/v1beta/models": {"models": [{"name": "models/gemini-2.5-flash"}]},
    "/anthropic/v1/messages": {},
    "/openai/v1/responses": {},
    "/openai/v1/chat/completions": {},
    "/gemini/v1beta/models/gemini-2.5-flash:generateContent": {},
}
DOWN = "http://127.0.0.1:1"


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home in which Claude Code and Codex are installed, and nothing of this machine's is set."""
    for name in list(os.environ):
        if name.startswith(("HEADGATE_", "ANTHROPIC_", "OPENAI_", "GEMINI_", "GOOGLE_", "CLAUDE_", "XDG_")):
            monkeypatch.delenv(name)
    for name in ("claude", "codex"):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text("#!/bin/sh\necho 2.1.332\n", encoding="utf-8")
        program.chmod(0o755)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/bin")
    return tmp_path


def headgate(*arguments, typed=None, code=0, **variables):
    """Run a command; what it printed to both streams."""
    result = CliRunner().invoke(app, arguments, input=typed, env=variables)
    assert result.exit_code == code, result.output
    return result


def claude(home):
    """The variables in Claude Code's settings."""
    return json.loads((home / ".claude/settings.json").read_text(encoding="utf-8"))["env"]


def test_all_that_are_installed(home):
    """Each with the first model that it may ask for, tried, and said in words without the token."""
    with answering(ANSWERS) as (url, asked):
        said = headgate("connect", "--url", url, HEADGATE_TOKEN="hg_canary")
    assert claude(home) == {"ANTHROPIC_MODEL": "claude-house", "ANTHROPIC_BASE_URL": f"{url}/anthropic", "ANTHROPIC_AUTH_TOKEN": "hg_canary"}
    assert 'model = "gpt-house"' in (home / ".codex/config.toml").read_text(encoding="utf-8")
    assert not (home / ".gemini").exists()
    assert "claude-house answered a small request" in said.stdout
    assert "env.ANTHROPIC_AUTH_TOKEN = …" in said.stdout
    assert "hg_canary" not in said.output
    assert {each["authorization"] for each in asked if each["path"] != "/healthz"} == {"Bearer hg_canary"}
    assert stat.S_IMODE((home / ".config/headgate/connected.json").stat().st_mode) == 0o600
    headgate("disconnect")
    assert sorted(each.name for each in home.iterdir()) == [".config", "bin"]
    assert "Nothing is connected" in headgate("disconnect").stderr


def test_a_model_that_the_user_chose_stays(home):
    """If the gateway serves it; `--model` goes before that."""
    (home / ".claude").mkdir()
    (home / ".claude/settings.json").write_text('{"env": {"ANTHROPIC_MODEL": "claude-mine"}}', encoding="utf-8")
    with answering(ANSWERS) as (url, _):
        headgate("connect", "claude", "--url", url, "--token", "-", typed="hg_typed\n")
        assert (claude(home)["ANTHROPIC_MODEL"], claude(home)["ANTHROPIC_AUTH_TOKEN"]) == ("claude-mine", "hg_typed")
        headgate("connect", "claude", "--url", url, "--token", "hg_typed", "--model", "other")
    assert claude(home)["ANTHROPIC_MODEL"] == "other"
    headgate("disconnect", "claude")
    assert claude(home) == {"ANTHROPIC_MODEL": "claude-mine"}


def test_a_dry_run_changes_nothing(home):
    """And needs no gateway, no store and no token."""
    before = sorted(home.rglob("*"))
    said = headgate("connect", "--dry-run", "--url", DOWN, "--telemetry", code=0)
    assert "would be new" in said.stdout
    assert "OTEL_METRICS_EXPORTER" in said.stdout
    assert sorted(home.rglob("*")) == before


def test_what_is_refused(home):
    """A gateway that is not there, a token that is missing or wrong, an agent that is none: one sentence, exit code 1, and no file."""
    before = sorted(home.rglob("*"))
    assert "No gateway answers" in headgate("connect", "--url", DOWN, code=1, HEADGATE_TOKEN="hg_a").stderr
    with answering(ANSWERS) as (url, _):
        assert "You are not signed in to" in headgate("connect", "claude", "--url", url, code=1).stderr
        assert "these are: claude|codex" in headgate("connect", "aider", "--url", url, code=1).stderr
        assert "No token came" in headgate("connect", "--url", url, "--token", "-", typed="\n", code=1).stderr
        assert (
            "has no settings of its own for --scope managed"
            in headgate("connect", "codex", "--scope", "managed", "--url", url, code=1, HEADGATE_TOKEN="hg_a").stderr
        )
    with answering({**ANSWERS, "/anthropic/v1/models": PermissionError(401, {"error": {"message": "unknown"}})}) as (url, _):
        assert "refuses the token: unknown" in headgate("connect", "claude", "--url", url, code=1, HEADGATE_TOKEN="hg_a").stderr
    assert "There is no Headgate store" in headgate("connect", "--no-test", "--data", str(home / "none"), code=1).stderr
    assert "There is no Headgate store" in headgate("connect", code=1).stderr
    assert "No agent is in PATH" in headgate("connect", "--url", DOWN, "--dry-run", code=1, PATH="/nowhere").stderr
    assert sorted(home.rglob("*")) == before


def test_one_broken_file_does_not_stop_the_others(home):
    """It is named, and so is a request that fails: the exit code says that something is left to do."""
    (home / ".claude").mkdir()
    (home / ".claude/settings.json").write_text("{", encoding="utf-8")
    failing = {**ANSWERS, "/openai/v1/responses": PermissionError(403, {"error": {"message": "not for you"}})}
    with answering(failing) as (url, _):
        told = headgate("connect", "--url", url, "--json", code=1, HEADGATE_TOKEN="hg_a")
    codex, broken = json.loads(told.stdout)
    assert codex["answer"]["problem"] == "403 not for you"
    assert (broken["agent"], broken["connected"]) == ("claude", False)
    assert "settings.json line 1" in broken["problem"]
    assert (home / ".codex/config.toml").exists()
    assert (home / ".claude/settings.json").read_text(encoding="utf-8") == "{"


def test_what_is_in_the_way_is_said(home):
    """With its fix, and without the value."""
    with answering(ANSWERS) as (url, _):
        said = headgate("connect", "claude", "--url", url, HEADGATE_TOKEN="hg_a", ANTHROPIC_API_KEY="sk-canary").stdout
    assert "! ANTHROPIC_API_KEY is set in this shell." in said
    assert "Fix: unset ANTHROPIC_API_KEY" in said
    assert "sk-canary" not in said


def test_a_profile_of_codex(home):
    """Beside the user's own configuration, in the form that the version reads."""
    (home / ".codex").mkdir()
    (home / ".codex/config.toml").write_text('model = "o3"\n', encoding="utf-8")
    with answering(ANSWERS) as (url, _):
        headgate("connect", "codex", "--url", url, "--profile", HEADGATE_TOKEN="hg_a")
        assert (home / ".codex/config.toml").read_text(encoding="utf-8") == 'model = "o3"\n'
        assert (home / ".codex/headgate.config.toml").exists()
        headgate("disconnect")
        (home / "bin/codex").write_text("#!/bin/sh\necho 0.133.0\n", encoding="utf-8")
        headgate("connect", "codex", "--url", url, "--profile", HEADGATE_TOKEN="hg_a")
    assert '[profiles.headgate]\nmodel_provider = "headgate"' in (home / ".codex/config.toml").read_text(encoding="utf-8")
    assert not (home / ".codex/headgate.config.toml").exists()


def test_run(home, monkeypatch):
    """The agent gets the gateway by its environment, its arguments as they are, and no file; what wins over that is said."""
    started = []
    monkeypatch.setattr(run_command.os, "execve", lambda *call: started.append(call))
    with answering(ANSWERS) as (url, _):
        headgate("run", "--url", url, "claude", "--", "-p", "Hello", HEADGATE_TOKEN="hg_a")
        headgate("run", "--url", url, "codex", "exec", "--model", "x", HEADGATE_TOKEN="hg_a")
        said = headgate("run", "--url", url, "pi", code=1, HEADGATE_TOKEN="hg_a")
        assert "Use `headgate connect pi`" in said.stderr
        assert "gemini is not in PATH" in headgate("run", "--url", url, "gemini", code=1, HEADGATE_TOKEN="hg_a").stderr
    (program, arguments, variables), (_, others, more) = started
    assert (program, arguments) == (str(home / "bin/claude"), ["claude", "-p", "Hello"])
    assert (variables["ANTHROPIC_BASE_URL"], variables["ANTHROPIC_AUTH_TOKEN"]) == (f"{url}/anthropic", "hg_a")
    assert others[-3:] == ["exec", "--model", "x"]
    assert "hg_a" not in " ".join(others)
    assert more["HEADGATE_TOKEN"] == "hg_a"
    assert not (home / ".claude").exists()
    assert not (home / ".config").exists()
