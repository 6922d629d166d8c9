"""`headgate preview`."""

import json

import pytest
from typer.testing import CliRunner

from headgate.cli.main import app


@pytest.fixture
def run(tmp_path):
    """Runs a command on the data directory of a new store."""
    (tmp_path / "state.db").touch(mode=0o600)
    file = tmp_path / "headgate.toml"
    file.write_text("[discovery]\nenvironment = false\nollama = false\n", encoding="utf-8")

    def run(*arguments: str, code: int = 0):
        result = CliRunner().invoke(app, ["preview", *arguments, "--data", str(tmp_path), "--config", str(file)])
        assert result.exit_code == code, result.output
        return result

    return run


def test_switching(run):
    """Off and on again; a listing for people and one for programs."""
    assert "The preview opentelemetry is off." in run("off", "opentelemetry").stderr
    assert json.loads(run("off", "coding_agents", "--json").stdout)["enabled"] is False
    listed = {each["name"]: each["enabled"] for each in json.loads(run("list", "--json").stdout)}
    assert listed == {"coding_agents": False, "opentelemetry": False}
    run("on", "coding_agents")
    head, first, second = run("list").stdout.splitlines()
    assert head.split() == ["NAME", "STATE", "DECLARED", "SWITCHED", "BY"]
    assert (first.split()[:2], second.split()[:2]) == (["coding_agents", "on"], ["opentelemetry", "off"])
    assert "Did you mean" in run("off", "coding_agent", code=1).stderr
