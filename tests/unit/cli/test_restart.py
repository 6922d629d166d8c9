"""`headgate restart`, without a gateway; with one it is in the end-to-end tests."""

import json

import pytest
from typer.testing import CliRunner

from headgate.app.restart_requests import RestartDone
from headgate.cli import restart
from headgate.config.paths import data_directory
from headgate.storage.state.opening import database_url, open_engine


@pytest.fixture
def store(tmp_path):
    """A data directory with a store."""
    open_engine(database_url(data_directory(str(tmp_path), {}))).dispose()
    return str(tmp_path)


def asked(monkeypatch, store, *options, done):
    """The command with what the supervisor answers, and what that was asked."""
    seen = []

    def ask(directory, environ, timeout_s):
        seen.append((directory, environ is not None))
        if isinstance(done, Exception):
            raise done
        return done

    monkeypatch.setattr(restart, "ask_restart", ask)
    return CliRunner().invoke(restart.app, ["--data", store, *options]), seen


@pytest.mark.parametrize("environment", [False, True])
def test_it_says_which_process_serves(monkeypatch, store, environment):
    """Its own environment goes along only where that is asked for."""
    ran, seen = asked(monkeypatch, store, *(["--environment"] if environment else []), done=RestartDone(pid=2, replaced=1))

    assert (ran.exit_code, ran.stdout) == (0, "")
    assert ran.stderr == "Restarted: process 2 serves, and process 1 finishes its open answers.\n"
    assert seen == [(store, environment)]


@pytest.mark.parametrize(
    ("done", "told"),
    [
        (RestartDone(failure="a line is wrong"), "Not restarted, the gateway goes on as before: a line is wrong"),
        (ConnectionRefusedError(111, "Connection refused"), "No gateway runs on"),
        (TimeoutError(), "has not answered for 120 s"),
    ],
)
def test_it_says_why_not(monkeypatch, store, done, told):
    """With exit code 1."""
    ran, _ = asked(monkeypatch, store, done=done)

    assert ran.exit_code == 1
    assert told in ran.stderr


def test_it_says_so_in_json(monkeypatch, store):
    """On standard output."""
    ran, _ = asked(monkeypatch, store, "--json", done=RestartDone(failure="no"))

    assert (ran.exit_code, json.loads(ran.stdout)) == (1, {"pid": 0, "replaced": 0, "failure": "no"})


def test_without_a_store_there_is_nothing_to_restart(tmp_path):
    """As for every command."""
    ran = CliRunner().invoke(restart.app, ["--data", str(tmp_path / "none")])

    assert ran.exit_code == 1
    assert "There is no Headgate store" in ran.stderr
