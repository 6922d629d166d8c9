"""`headgate config`."""

import json
import tomllib

import pytest
from typer.testing import CliRunner

from headgate.cli.config import toml_value
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
        result = CliRunner().invoke(app, ["config", *arguments], env={"LAB_KEY": "sk-canary", "HEADGATE_HOST": "127.0.0.2"})
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
    assert tomllib.loads(shown)["endpoints"][0]["tags"] == {"team": "web"}


def test_show_as_json(run, tmp_path):
    """Values and origins for programs."""
    shown = json.loads(run(TEXT, "show", "--json"))
    assert shown["server.port"] == {"value": 1234, "origin": f"{tmp_path}/headgate.toml:2"}
    assert set(shown) == {".".join(path) for path, _ in leaves()}


@pytest.mark.parametrize("value", [True, False, 1, 2.5, 'a "b" \\ \n \x7f ü', ["a", "b"], {"a": "b", "c d": ["x"]}, []])
def test_toml_value(value):
    """Values are written so that they are read back as themselves."""
    assert tomllib.loads(f"x = {toml_value(value)}")["x"] == value
