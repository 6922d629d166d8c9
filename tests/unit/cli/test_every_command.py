"""Every command of the tree, on a data directory that it cannot use: only `headgate up` makes a store, and nothing ends with a traceback."""

import os
import shlex
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from headgate.cli import store
from headgate.cli.main import app

# Commands that need no store of this machine, with the reason. Every other one takes `--data` and refuses to run without a store.
WITHOUT_STORE = {
    "up": "makes it",
    "restore": "makes it",
    "service install": "writes a file of the system, and perhaps makes the directory of another user",
    "service remove": "removes that file",
    "service status": "asks the system",
    "check": "reads the configuration, also before the first start",
    "completion": "prints a script",
    "config init": "writes a file",
    "config schema": "prints what the program knows",
    "config show": "reads the configuration, also before the first start",
    "connect": "changes the files of agents",
    "disconnect": "changes the files of agents",
    "run": "starts an agent",
    "login": "asks a gateway",
    "logout": "forgets a login",
    "whoami": "asks a gateway",
    "statusline": "asks a gateway",
    "token get": "reads a login",
    "status": "asks a gateway",
    "doctor": "says what is wrong",
    "budget list": "asks a gateway",
    "policy explain": "asks a gateway",
}
READS_A_STORE_IF_THERE_IS_ONE = ("check", "config show")
# What a command needs to be typed so that it makes sense, beside a word for every argument.
MORE = {
    "sql": ["SELECT 1"],
    "role give": ["viewer", "ada"],
    "role take": ["viewer", "ada"],
    **{f"{kind} update": ["which", "--unset", "name"] for kind in ("endpoint", "grant", "limit", "budget")},
}


def leaves(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every command that does something, by its words."""
    if hasattr(command, "commands"):
        for name in command.commands:
            yield from leaves(command.commands[name], (*words, name))
    else:
        yield " ".join(words), command


TREE = dict(leaves(typer.main.get_command(app)))
ON_A_STORE = sorted(TREE.keys() - WITHOUT_STORE.keys())


def typed(name: str) -> list[str]:
    """The command as a user types it."""
    required = [parameter for parameter in TREE[name].params if parameter.required]
    return [*name.split(), *MORE.get(name, ["thing" for _ in required])]


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs a command that is refused: what it said, which has no trace in it, and changes nothing."""
    data = tmp_path / "data"

    def run(name: str) -> str:
        arguments = typed(name)
        monkeypatch.setattr(sys, "argv", ["headgate", *arguments])
        before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
        environ = {"HOME": str(tmp_path), "XDG_DATA_HOME": "", "XDG_CONFIG_HOME": "", "HEADGATE_DATA": str(data)}
        result = CliRunner().invoke(app, arguments, env=environ)
        assert result.exit_code == 1, (result.output, result.exception)
        assert isinstance(result.exception, SystemExit)
        assert not result.stdout
        assert result.stderr.count("\n") == 1
        assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
        return result.stderr

    return run


def test_every_command_is_in_the_table():
    """A command either works on a store, and then it takes `--data`, or the table says why it needs none."""
    assert not WITHOUT_STORE.keys() - TREE.keys()
    assert [name for name in ON_A_STORE if "data" not in {parameter.name for parameter in TREE[name].params}] == []


@pytest.mark.parametrize("name", ON_A_STORE)
def test_without_a_store(run, tmp_path, name):
    """A second store beside the service's would give tokens that the gateway refuses, and sums that are nobody's."""
    said = run(name)

    assert said.startswith(f"There is no Headgate store at {tmp_path}/data; `headgate up` makes one.")
    assert f"sudo -u headgate HEADGATE_DATA=/var/lib/headgate headgate {shlex.join(typed(name))}" in said


@pytest.mark.parametrize("name", [*ON_A_STORE, *READS_A_STORE_IF_THERE_IS_ONE, "up"])
def test_another_users_store(run, tmp_path, monkeypatch, name):
    """One user could not use the files that another creates there; the line is what to type instead."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data/state.db").touch()
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 54_321)
    owner = store.user_name(os.getuid())
    said = run(name)

    assert f"{tmp_path}/data/state.db belongs to {owner}" in said
    assert said.endswith(f"Run: sudo -u {owner} HEADGATE_DATA={tmp_path}/data headgate {shlex.join(typed(name))}\n")


def not_a_database(data: Path) -> None:
    """A file of that name with other content."""
    (data / "state.db").write_text("notes\n", encoding="utf-8")


def of_another_program(data: Path) -> None:
    """A database with tables of another program."""
    with sqlite3.connect(data / "state.db") as connection:
        connection.execute("CREATE TABLE notes (id INTEGER)")
    connection.close()


def a_directory(data: Path) -> None:
    """A directory of that name."""
    (data / "state.db").mkdir()


@pytest.mark.parametrize("name", [*ON_A_STORE, *READS_A_STORE_IF_THERE_IS_ONE, "up"])
@pytest.mark.parametrize(("spoil", "said"), [(not_a_database, "no SQLite database"), (a_directory, "Is a directory")])
def test_what_is_no_store(run, tmp_path, name, spoil, said):
    """Something else in its place is not touched, and is named."""
    (tmp_path / "data").mkdir()
    spoil(tmp_path / "data")
    found = run(name)

    assert f"{tmp_path}/data/state.db" in found
    assert said in found


@pytest.mark.parametrize("name", ON_A_STORE)
def test_a_store_that_may_not_be_looked_at(run, tmp_path, monkeypatch, name):
    """The line names the file and the reason, and is what to type instead."""
    looked_at = os.stat

    def refused(path, **how):
        if str(path).startswith(f"{tmp_path}/data"):
            raise PermissionError(13, "Permission denied", str(path))
        return looked_at(path, **how)

    monkeypatch.setattr(store.os, "stat", refused)
    said = run(name)

    assert f"{tmp_path}/data/state.db cannot be looked at" in said
    assert said.endswith(
        f"Run this as the user that Headgate runs as: sudo -u USER HEADGATE_DATA={tmp_path}/data headgate {shlex.join(typed(name))}\n"
    )


def test_the_database_of_another_program(tmp_path):
    """Headgate adds no tables to it."""
    (tmp_path / "data").mkdir()
    of_another_program(tmp_path / "data")
    result = CliRunner().invoke(app, ["token", "list"], env={"HEADGATE_DATA": str(tmp_path / "data")})

    assert result.exit_code == 1
    assert result.stderr == f"{tmp_path}/data/state.db is the database of another program: it has a table 'notes'.\n"
    with sqlite3.connect(tmp_path / "data/state.db") as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (1,)
    connection.close()
