"""`headgate config`."""

import json
import tomllib

import pytest
from typer.testing import CliRunner

from headgate.cli.main import app
from headgate.config.schema import json_schema
from headgate.config.validate import leaves

TEXT = """\
[server]
port = 1234
allowed_hosts = ["a.example", "b.example"]
[discovery]
environment = false
ollama = false
[[providers]]
name = "lab"
dialect = "openai"
base_url = "http://127.0.0.1:9000/v1"
api_key = "env:LAB_KEY"
ask_usage = false
[[endpoints]]
name = "house"
targets = [{ provider = "lab", model = "m" }, { provider = "lab" }]
tags = { team = "web" }
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs a command beside a file with this text."""
    monkeypatch.chdir(tmp_path)

    def run(text: str, *arguments: str):
        (tmp_path / "headgate.toml").write_text(text)
        result = CliRunner().invoke(
            app, ["config", *arguments], env={"LAB_KEY": "sk-canary", "HEADGATE_HOST": "127.0.0.2", "HEADGATE_DATA": str(tmp_path / "data")}
        )
        assert result.exit_code == 0, result.output
        assert "canary" not in result.output
        return result.stdout

    return run


def test_schema(run):
    """The schema is printed as it is."""
    assert json.loads(run("", "schema")) == json.loads(json.dumps(json_schema()))


def test_show(run, tmp_path):
    """Every value is shown with what set it, as a file that means the same."""
    shown = run(TEXT, "show")
    assert f"port = 1234  # {tmp_path}/headgate.toml:2" in shown
    assert 'host = "127.0.0.2"  # HEADGATE_HOST' in shown
    assert "keep_alive_s = 15.0  # default" in shown
    assert tomllib.loads(run(shown, "show")) == tomllib.loads(shown)
    assert tomllib.loads(shown)["providers"] == tomllib.loads(TEXT)["providers"]
    (endpoint,) = tomllib.loads(shown)["endpoints"]
    assert endpoint["tags"] == {"team": "web"}
    assert endpoint["targets"] == [{"provider": "lab", "model": "m"}, {"provider": "lab", "model": ""}]


def test_show_as_json(run, tmp_path):
    """Values and origins for programs."""
    shown = json.loads(run(TEXT, "show", "--json"))
    assert shown["server.port"] == {"value": 1234, "origin": f"{tmp_path}/headgate.toml:2"}
    assert set(shown) == {".".join(path) for path, _ in leaves()}


def test_init(tmp_path, monkeypatch):
    """A file to begin with is written with its schema, where the option says, and never over another; it is right as it stands."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, code: int = 0):
        result = CliRunner().invoke(app, ["config", *arguments])
        assert result.exit_code == code, result.output
        return result

    assert "headgate.toml and headgate.schema.json" in run("init").stderr
    text = (tmp_path / "headgate.toml").read_text(encoding="utf-8")
    assert text.startswith("#:schema ./headgate.schema.json\n")
    assert (tmp_path / "headgate.schema.json").read_text(encoding="utf-8") == run("schema").stdout
    assert "is there already" in run("init", code=1).stderr
    assert (tmp_path / "headgate.toml").read_text(encoding="utf-8") == text
    assert json.loads(CliRunner().invoke(app, ["check", "--json"]).stdout)["file"] == str(tmp_path / "headgate.toml")
    (tmp_path / "other").mkdir()
    assert "other/headgate.toml" in run("init", "--config", "other/headgate.toml").stderr
    assert "cannot be written" in run("init", "--config", "nowhere/headgate.toml", code=1).stderr
