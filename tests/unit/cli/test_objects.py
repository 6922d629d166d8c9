"""The commands of governed objects, for every kind."""

import json

import msgspec
import pytest
from typer.testing import CliRunner

from headgate.cli.main import app
from headgate.config.objects import KINDS
from headgate.config.paths import DataDirectory
from headgate.core.stored_object import ObjectChange, StoredObject
from headgate.exchange.refused_parameters import LearntRefusal
from headgate.storage.state.objects import ObjectStore
from headgate.storage.state.stated_configuration import StatedConfiguration, write_configuration
from headgate.storage.state.stated_refusals import write_refusals
from headgate.storage.state.store import open_state

FILE = """
[discovery]
environment = false
ollama = false
[[providers]]
name = "lab"
dialect = "anthropic"
api_key = "env:NOT_SET_HERE"
[[endpoints]]
name = "house"
targets = [{ provider = "lab", model = "claude-a" }]
[[limits]]
key = "user_default"
per = "minute"
requests = 60
"""
TARGETS = '[{ provider = "lab", model = "claude-b" }]'


@pytest.fixture
def data(tmp_path):
    """The data directory of a new store."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "state.db").touch(mode=0o600)
    return tmp_path / "data"


@pytest.fixture
def run(tmp_path, data, monkeypatch):
    """Runs a command beside a configuration file whose key is known to the gateway only."""
    (tmp_path / "headgate.toml").write_text(FILE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, code: int = 0, given: str = ""):
        result = CliRunner().invoke(app, arguments, env={"HEADGATE_DATA": str(data)}, input=given)
        assert result.exit_code == code, result.output
        return result

    return run


def test_every_kind_has_its_commands(run):
    """Those that the configuration knows, with the same five commands."""
    for word in KINDS:
        shown = run(word, "--help").output
        for command in ("create", "declared" if word == "budget" else "list", "show", "update", "delete"):
            assert f"\n  {command} " in shown, word


def test_a_limit_is_created_changed_and_deleted(run):
    """By options; the id, the name and the revision are in what is printed."""
    made = json.loads(run("limit", "create", "--key", "agent", "--per", "hour", "--requests", "5", "--tokens", "7", "--json").stdout)
    assert (made["name"], made["etag"], made["limit"]) == ("* agent hour", "1", {"key": "agent", "per": "hour", "requests": 5, "tokens": 7})
    assert made["created_by"].startswith("os:")
    changed = run("limit", "update", "* agent hour", "--requests", "6", "--unset", "tokens", "--etag", "1")
    assert changed.stderr == f"Changed limit * agent hour ({made['id']}). A running gateway follows within two seconds.\n"
    assert json.loads(run("limit", "show", made["id"], "--json").stdout)["limit"] == {"key": "agent", "per": "hour", "requests": 6}
    assert "its etag is 2" in run("limit", "delete", made["id"], "--etag", "1", code=1).stderr
    gone = json.loads(run("limit", "delete", made["id"], "--json").stdout)
    assert (gone["id"], gone["deleted"]) == (made["id"], True)
    assert "No limit has the id or name" in run("limit", "show", made["id"], code=1).stderr


def test_the_file_is_shown_with_its_place_and_not_changed(run):
    """First, as it stands there; a change says where to make it."""
    run("endpoint", "create", "--name", "other", "--targets", TARGETS)
    lines = run("endpoint", "list").stdout.splitlines()
    assert [line.split()[0] for line in lines[:2]] == ["ID", "-"]
    assert "headgate.toml:9" in lines[1]
    assert lines[2].startswith("ep_")
    assert lines[2].endswith(f"other  store            targets = {TARGETS}")
    for command in (["update", "--display-name", "x"], ["delete"]):
        refused = run("endpoint", command[0], "house", *command[1:], code=1)
        assert (
            refused.stderr == "Endpoint 'house' is declared at headgate.toml:9. Change it there; the gateway applies the file within two seconds.\n"
        )


def test_what_is_shown_can_be_created_again(run, tmp_path):
    """From standard input or a file; options replace its fields."""
    run("endpoint", "create", "--name", "other", "--targets", TARGETS, "--tags", '{ team = "a" }')
    shown = run("endpoint", "show", "other").stdout
    made = json.loads(run("endpoint", "create", "-", "--name", "third", "--json", given=shown).stdout)
    assert made["endpoint"] == {"name": "third", "targets": [{"provider": "lab", "model": "claude-b"}], "tags": {"team": "a"}}
    (tmp_path / "entry.json").write_text(json.dumps(made["endpoint"] | {"name": "fourth"}), encoding="utf-8")
    run("endpoint", "create", "--file", "entry.json")
    assert len(json.loads(run("endpoint", "list", "--json").stdout)) == 4


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("create", "+"), "with -, from standard input"),
        (("create", "-", "--file", "x"), "with -, from standard input"),
        (("create", "--file", "none.toml"), "none.toml cannot be read: No such file or directory."),
        (("create", "--name", "x", "--targets", '[{ provider = "lob" }]'), "no provider is named 'lob' — did you mean 'lab'?"),
        (("create", "--name", "house", "--targets", TARGETS), "is declared at headgate.toml:9 already"),
        (("create", "--name", "x", "--targets", "5"), "targets: must be a list, not a number"),
        (("create", "--name", "x", "--max-output-tokens", "many"), "max_output_tokens: must be a whole number, not text"),
        (("create", "--name", "x", "--targets", '[{ provider = "lob" }]'), "did you mean 'lab'?\n"),
        (("update", "house"), "Nothing to change"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(run, arguments, words):
    """With nothing stored."""
    assert words in run("endpoint", *arguments, code=1).stderr
    assert len(json.loads(run("endpoint", "list", "--json").stdout)) == 1


def test_a_broken_object_is_listed_with_its_reason(run, data):
    """It can be shown and deleted."""
    store, _ = open_state(DataDirectory(data))
    ObjectStore(store.database).apply([ObjectChange(None, StoredObject(id="lim_1", kind="limit", name="odd", document={"key": "endpoint"}))])
    store.close()
    reason = "a limit needs at least one of requests, tokens, input_tokens, output_tokens, concurrent"
    assert run("limit", "list").stderr == f"! limit odd: {reason}\n"
    assert f"\n# {reason}\n" in run("limit", "show", "odd").stdout
    assert json.loads(run("limit", "list", "--json").stdout)[1]["problem"] == reason
    run("limit", "delete", "odd")
    assert not run("limit", "list").stderr


def test_the_gateway_s_own_configuration_is_used(run, data, tmp_path, monkeypatch):
    """Its file and the providers that it found, wherever the command is typed; without a gateway, the file that is found here."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert "No limits" in run("limit", "list").stderr
    write_configuration(str(data), StatedConfiguration(str(tmp_path / "headgate.toml"), providers=(("lab", "anthropic"), ("found", "openai"))))
    assert "headgate.toml:12" in run("limit", "list").stdout
    run("endpoint", "create", "--name", "x", "--targets", '[{ provider = "found", model = "gpt" }]')
    (tmp_path / "headgate.toml").unlink()
    assert "No limits" in run("limit", "list").stderr


def test_an_endpoint_shows_what_its_providers_refuse(run, data):
    """As a gateway has learnt it, for its own targets alone."""
    known = LearntRefusal(provider="lab", base_url="http://lab", model="claude-a", fields=("context_management",), betas=("x-2026",), learnt_at_s=1.0)
    write_refusals(str(data), (known, msgspec.structs.replace(known, model="claude-c")))
    assert "# lab/claude-a refuses context_management, the beta x-2026: requests are sent without" in run("endpoint", "show", "house").stdout
    shown = json.loads(run("endpoint", "show", "house", "--json").stdout)
    assert [each["model"] for each in shown["refused_parameters"]] == ["claude-a"]
    assert "refuses" not in run("limit", "show", "* user_default minute").stdout
