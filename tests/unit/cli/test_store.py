"""Only `headgate up` makes a store, and only the store's own user works on it."""

import os
import sys

import pytest
from typer.testing import CliRunner

from headgate.cli import store
from headgate.cli.main import app
from headgate.core.errors import Forbidden


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs a command that is refused; what it said."""
    monkeypatch.setattr(sys, "argv", ["headgate", "usage", "--data", "/x", "--by", "user"])

    def run(*arguments: str, **environ: str) -> str:
        given = {"HOME": str(tmp_path), "XDG_DATA_HOME": "", "XDG_CONFIG_HOME": "", "HEADGATE_DATA": "", **environ}
        result = CliRunner().invoke(app, list(arguments), env=given)
        assert result.exit_code == 1, result.output
        assert isinstance(result.exception, SystemExit)
        assert not result.stdout
        return result.stderr

    return run


def test_the_directory_of_a_service_that_has_not_started_is_left_alone(tmp_path, monkeypatch):
    """Root would otherwise make the first files there, which the service could not open."""
    (tmp_path / "data").mkdir()
    monkeypatch.setattr(store, "_owner", lambda path: 1234 if path.name == "data" else None)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(Forbidden, match="belongs to user 1234"):
        store.store_for_up(str(tmp_path / "data"), demo=False)


def test_a_directory_that_a_group_shares_can_be_used(tmp_path, monkeypatch):
    """As container platforms mount it: another owner, and a process that is not root and may write."""
    (tmp_path / "data").mkdir()
    monkeypatch.setattr(store, "_owner", lambda path: 0 if path.name == "data" else None)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    assert store.store_for_up(str(tmp_path / "data"), demo=False).root == tmp_path / "data"


def test_the_demos_store_is_pointed_at(run, tmp_path):
    """After `headgate up --demo` that is the one that is meant."""
    demo = tmp_path / ".local/share/headgate-demo"
    demo.mkdir(parents=True)
    (demo / "state.db").touch()

    assert f"The demo's is at {demo}: add --data {demo}\n" in run("usage")


def test_a_file_that_may_not_be_used_is_told(run, tmp_path, monkeypatch):
    """Wherever it is met."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data/state.db").touch()

    def refused(*_):
        raise PermissionError(13, "Permission denied", "/data/journal")

    monkeypatch.setattr("headgate.storage.query.usage.read_usage", refused)

    assert run("usage", HEADGATE_DATA=str(tmp_path / "data")) == "/data/journal cannot be used: Permission denied.\n"


def test_a_file_of_another_user_in_the_store_is_told_with_the_command(run, tmp_path, monkeypatch):
    """Such as a table that was made with sudo."""
    (tmp_path / "data/journal").mkdir(parents=True)
    (tmp_path / "data/state.db").touch()
    monkeypatch.setattr(store, "_visible_owner", lambda _: 54_321)
    monkeypatch.setattr(sys, "argv", ["headgate", "usage", "--by", "user"])

    def refused(*_):
        raise PermissionError(13, "Permission denied", str(tmp_path / "data/journal"))

    monkeypatch.setattr("headgate.storage.query.usage.read_usage", refused)

    told = run("usage", HEADGATE_DATA=str(tmp_path / "data"))
    typed = f"sudo -u '#54321' HEADGATE_DATA={tmp_path}/data headgate usage --by user"
    assert told == f"{tmp_path}/data/journal cannot be used: Permission denied. It belongs to user 54321. Run: {typed}\n"
