"""`headgate service`, with a systemd that only notes what it is asked."""

import getpass
import json
import os
import sys

import msgspec
import pytest
from typer.testing import CliRunner

from headgate.cli import service
from headgate.cli.main import app

SYSTEMCTL = '#!/bin/sh\necho "$@" >> "$HOME/asked"\ncase "$*" in *is-active*) exit "${ACTIVE:-0}";; *restart*) exit "${START:-0}";; esac\n'


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home on a machine with systemd."""
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "systemctl").write_text(SYSTEMCTL, encoding="utf-8")
    (tools / "systemctl").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("HEADGATE_DATA", "HEADGATE_CONFIG", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(service, "_CONFIGURED", tmp_path / "etc")
    return tmp_path


def run(*arguments, code=0, **variables):
    """Run a command."""
    result = CliRunner().invoke(app, ["service", *arguments], env=variables)
    assert result.exit_code == code, result.output
    return result


def asked(home):
    """What systemd was asked so far."""
    return (home / "asked").read_text(encoding="utf-8").splitlines() if (home / "asked").exists() else []


def test_install_look_and_remove(home):
    """A service of one's own: no root, its data directory made, each step and what to type next in words; a second time replaces it."""
    unit = home / ".config/systemd/user/headgate.service"
    made = run("install", "--user")
    again = run("install", "--user", "--data", str(home / "other"))
    shown = json.loads(run("status", "--user", "--json").stdout)
    down = run("status", "--user", code=1, ACTIVE="3")
    gone = run("remove", "--user")

    assert f"Made {home}/.local/share/headgate." in made.stderr
    assert f"Wrote {unit}." in made.stderr
    assert "journalctl --user -u headgate -f" in made.stderr
    assert "token sign-in" in made.stderr
    assert f"Replaced {unit}." in again.stderr
    assert (shown["installed"], shown["running"], shown["file"]) == (True, True, str(unit))
    assert "does not run" in down.stderr
    assert "are still there" in gone.stderr
    assert not unit.exists()
    assert (home / "other").stat().st_mode & 0o777 == 0o700
    assert asked(home)[:4] == [
        "--user daemon-reload",
        "--user enable headgate.socket headgate",
        "--user start headgate.socket",
        "--user restart headgate",
    ]
    assert not list(unit.parent.glob("headgate.*"))
    assert asked(home)[-2:] == ["--user disable --now headgate.socket headgate", "--user daemon-reload"]
    assert "Not installed" in run("status", "--user", code=1).stderr
    assert "Not installed" in run("remove", "--user", code=1).stderr


def test_a_dry_run_changes_nothing(home):
    """It prints the file and the commands."""
    tried = run("install", "--user", "--dry-run", "--config", "/somewhere/headgate.toml")
    assert "ExecStart=" in tried.stdout
    assert "HEADGATE_CONFIG=/somewhere/headgate.toml" in tried.stdout
    assert "systemctl --user restart headgate" in tried.stdout
    assert not asked(home)
    assert not (home / ".config").exists()
    run("install", "--user")
    known = asked(home)
    assert f"rm {home}/.config/systemd/user/headgate.service" in run("remove", "--user", "--dry-run").stdout
    assert asked(home) == known


def test_a_service_of_the_machine(home, monkeypatch):
    """As a user that exists, with an empty configuration and a file for keys that only root reads."""
    monkeypatch.setattr(service.os, "geteuid", lambda: 0)
    monkeypatch.setattr(service.os, "chown", lambda *_given: None)
    monkeypatch.setattr(service, "SYSTEM_DATA", str(home / "var"))
    written = home / "unit"
    plan = service.systemd_plan

    def planned(wishes):
        return msgspec.structs.replace(plan(wishes), file=str(written))

    monkeypatch.setattr(service, "systemd_plan", planned)
    assert "useradd --system" in run("install", code=1).stderr
    made = run("install", "--run-as", getpass.getuser())

    assert f"User={getpass.getuser()}" in written.read_text(encoding="utf-8")
    assert "for the providers' keys" in made.stderr
    assert (home / "etc" / "keys.env").stat().st_mode & 0o777 == 0o600
    assert not (home / "etc" / "headgate.toml").read_text(encoding="utf-8")
    assert f"sudo -u {getpass.getuser()} env HEADGATE_DATA=" in made.stderr


def test_what_is_refused(home, monkeypatch):
    """A file of another author, another user's directory, a start that fails, no rights, and no systemd: each with what to do."""
    unit = home / ".config/systemd/user/headgate.service"
    unit.parent.mkdir(parents=True)
    unit.write_text("[Unit]\n", encoding="utf-8")
    assert "it is left alone" in run("install", "--user", code=1).stderr
    assert "it is left alone" in run("remove", "--user", code=1).stderr
    unit.unlink()
    assert "`systemctl --user restart headgate` failed with 1" in run("install", "--user", code=1, START="1").stderr
    monkeypatch.setattr(service.os, "geteuid", lambda: 12345)
    assert "needs root. Run: sudo" in run("install", "--system", code=1).stderr
    assert "belongs to user" in run("install", "--user", code=1).stderr
    monkeypatch.setattr(service.shutil, "which", lambda _name: None)
    assert "SIGTERM ends it in order" in run("install", "--user", code=1).stderr
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "launchctl bootstrap gui/12345" in run("install", "--user", "--dry-run").stdout
