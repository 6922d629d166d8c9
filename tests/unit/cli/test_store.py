"""Only `headgate up` makes a store, and only the store's own user works on it."""

import os
import sys

import pytest
from typer.testing import CliRunner

from headgate.cli import store
from headgate.cli.main import app
from headgate.core.errors import Forbidden

COMMANDS = (
    ["token", "create", "laptop"], ["token", "list"], ["token", "revoke", "laptop"], ["token", "sign-in"], ["usage"], ["usage", "--json"],
    ["sql", "SELECT 1"], ["table", "list"], ["table", "describe", "t"], ["table", "optimize", "t"], ["table", "vacuum", "t"],
)  # fmt: skip


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


@pytest.fixture
def other(monkeypatch):
    """Has the tests' process be another user than the one who makes its files."""
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 54_321)


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_without_a_store_a_command_says_so_and_makes_none(run, tmp_path, arguments):
    """A second store beside the service's would give tokens that the gateway refuses, and sums that are nobody's."""
    told = run(*arguments, HEADGATE_DATA=str(tmp_path / "data"))

    assert told.startswith(f"There is no Headgate store at {tmp_path}/data; `headgate up` makes one.")
    assert "sudo -u headgate HEADGATE_DATA=/var/lib/headgate headgate usage --by user" in told
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_another_users_store_is_left_alone(run, tmp_path, other, arguments):
    """What one user makes there the other could not use; the line says how it is done right."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "state.db").touch()
    before = sorted(data.iterdir())
    told = run(*arguments, HEADGATE_DATA=str(data))
    owner = store.user_name(os.getuid())

    assert f"{data}/state.db belongs to {owner}" in told
    assert f"Run: sudo -u {owner} HEADGATE_DATA={data} headgate usage --by user\n" in told
    assert sorted(data.iterdir()) == before


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


def test_a_directory_that_may_not_be_looked_into_is_told(run, tmp_path, monkeypatch):
    """In a line, as everything that a user may not do."""

    def refused(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(store.os, "stat", refused)
    told = run("usage", HEADGATE_DATA=str(tmp_path / "data"))

    assert told.endswith(
        f"headgate runs as: sudo -u USER HEADGATE_DATA={tmp_path}/data headgate usage --by user\n".replace("headgate runs", "Headgate runs")
    )
    assert "Permission denied" in told


def test_a_file_that_may_not_be_used_is_told(run, tmp_path, monkeypatch):
    """Wherever it is met."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data/state.db").touch()

    def refused(*_):
        raise PermissionError(13, "Permission denied", "/data/journal")

    monkeypatch.setattr("headgate.cli.usage.read_usage", refused)

    assert run("usage", HEADGATE_DATA=str(tmp_path / "data")).startswith("/data/journal cannot be used: Permission denied.")
