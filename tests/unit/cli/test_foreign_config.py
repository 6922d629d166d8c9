"""Configurations of other gateways on the command line."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from headgate.cli.foreign_config import read_foreign
from headgate.cli.main import app
from headgate.config.load import load
from headgate.config.problems import ConfigError
from tests.e2e.documented import block

KEYS = {"keys": [{"key_alias": "laptop", "user_id": "ada@example.com", "team_alias": "search", "models": ["opus"], "max_budget": 5, "budget_duration": "1d", "tpm_limit": 9}]}  # fmt: skip
ENVIRON = dict.fromkeys(("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GROQ_API_KEY"), "k") | {"HEADGATE_DISCOVERY_OLLAMA": "false"}


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs `headgate config init` in an empty folder that has the documentation's configuration of LiteLLM."""
    monkeypatch.chdir(tmp_path)
    Path("config.yaml").write_text(block("litellm-yaml", "docs/litellm.md").text, encoding="utf-8")
    Path("keys.json").write_text(json.dumps(KEYS), encoding="utf-8")
    return lambda *arguments, **options: CliRunner().invoke(app, ["config", "init", *arguments], **options)


def test_the_documented_configuration(run):
    """Becomes the documented file, with what was not converted on standard error; a start accepts it."""
    result = run("--from", "litellm", "config.yaml")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "litellm_settings.drop_params: not converted" in result.stderr
    assert Path("headgate.toml").read_text(encoding="utf-8") == block("litellm-toml", "docs/litellm.md").text
    configuration = load("headgate.toml", ENVIRON)
    assert [endpoint.name for endpoint in configuration.endpoints] == ["opus", "fast"]
    assert (len(configuration.limits), len(configuration.budgets)) == (1, 1)


def test_keys(run):
    """What a key may do becomes what its user may do, in a file that a start accepts."""
    result = run("--from", "litellm", "config.yaml", "--keys", "keys.json")
    assert "headgate token create 'laptop' --user 'ada@example.com'" in result.stderr
    configuration = load("headgate.toml", ENVIRON)
    assert [group.name for group in configuration.groups] == ["search"]
    assert [grant.endpoint for grant in configuration.grants] == ["opus"]
    assert (len(configuration.limits), len(configuration.budgets)) == (2, 2)


def test_standard_input(run):
    """Is read for a dash."""
    result = run("--from", "litellm", "-", input=Path("config.yaml").read_bytes())
    assert result.exit_code == 0
    assert "# Converted from standard input." in Path("headgate.toml").read_text(encoding="utf-8")


def test_nothing_is_overwritten(run):
    """A file that is there stays as it is."""
    Path("headgate.toml").write_text("# mine\n", encoding="utf-8")
    result = run("--from", "litellm", "config.yaml")
    assert result.exit_code == 1
    assert "is there already" in result.stderr
    assert Path("headgate.toml").read_text(encoding="utf-8") == "# mine\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--from", "litellm"), "belong together"),
        (("config.yaml",), "belong together"),
        (("--from", "portkey", "config.yaml"), "'portkey' is no gateway whose configuration can be read; known: litellm"),
        (("--from", "litellm", "gone.yaml"), "gone.yaml: cannot be read"),
        (("--from", "litellm", "keys.json", "--keys", "config.yaml"), "config.yaml: is not JSON"),
        (("--from", "litellm", "broken.yaml"), "broken.yaml:3: is not YAML"),
        (("--from", "litellm", "list.yaml"), "list.yaml: is no configuration of LiteLLM"),
        (("--from", "litellm", "config.yaml", "--keys", "list.json"), "list.json: has no keys"),
    ],
)  # fmt: skip
def test_what_cannot_be_read(run, arguments, words):
    """Is said with the file and the line, and nothing is written."""
    Path("broken.yaml").write_text("a: 1\nb: [\n", encoding="utf-8")
    Path("list.yaml").write_text("- a\n", encoding="utf-8")
    Path("list.json").write_text("{}", encoding="utf-8")
    result = run(*arguments)
    assert result.exit_code in {1, 2}
    assert words in " ".join(result.stderr.replace("│", " ").split())
    assert not Path("headgate.toml").exists()


def test_yaml_that_makes_objects_is_refused(tmp_path):
    """A tag of Python is no configuration."""
    file = tmp_path / "x.yaml"
    file.write_text("model_list: !!python/object/apply:os.getcwd []\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="is not YAML"):
        read_foreign("litellm", str(file), "")
