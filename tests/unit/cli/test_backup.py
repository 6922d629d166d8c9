"""`headgate backup` and `headgate restore`."""

import json
import os

import pytest
from typer.testing import CliRunner

from headgate.cli.main import app
from tests.fakes.backup_place import BackupPlace, unsynced


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A data directory with a table, and one whose files are not on this machine."""
    unsynced(monkeypatch)
    made = BackupPlace(tmp_path)
    made.create()
    made.add("m")
    made.add("far", "no-such-store://bucket/far")
    made.export("one")
    yield made
    made.close()


def run(*arguments: str, code: int = 0):
    """Run a command."""
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == code, result.output
    return result


def test_back_up_verify_and_restore(place):
    """Each step in words on standard error; both are audited in the store that they are of."""
    made = run("backup", place.backup, "--data", place.data_dir)
    again = run("backup", place.backup, "--data", place.data_dir)
    verified = run("backup", place.backup, "--verify")
    restored = run("restore", place.backup, "--data", str(place.folder / "restored"))
    actions = [
        [event["action_name"] for event in json.loads(run("audit", "list", "--json", "--data", data).stdout)]
        for data in (place.data_dir, str(place.folder / "restored"))
    ]

    assert not made.stdout
    assert f"Backed up {place.data_dir} to {place.backup}: 1 tables, " in made.stderr
    assert "Not copied: main.default.far, no-such-store://bucket/far: its files are in object storage" in made.stderr
    assert "there already" not in made.stderr
    assert "Backed up" in again.stderr
    assert "is whole" in verified.stderr
    assert "1 rows of its journal were written to their tables." in restored.stderr
    assert f"Start it: headgate up --data {place.folder}/restored" in restored.stderr
    assert actions == [["createBackup", "createBackup"], ["restoreBackup", "createBackup"]]


def test_as_json(place):
    """Every table with its version."""
    made = json.loads(run("backup", place.backup, "--data", place.data_dir, "--json").stdout)
    verified = json.loads(run("backup", place.backup, "--verify", "--json").stdout)
    restored = json.loads(run("restore", place.backup, "--data", str(place.folder / "restored"), "--json").stdout)

    assert [(table["table"], table["version"], table["copied"]) for table in made["tables"]] == [
        ("main.default.far", None, False), ("main.default.m", 0, True),
    ]  # fmt: skip
    assert (verified["whole"], verified["problems"], verified["files"]) == (True, [], made["files"])
    assert (restored["rows_written"], restored["left_alone"]) == (1, [])


def test_what_is_refused(place):
    """With exit code 1 and a reason: a damaged backup, none at all, a directory that is used."""
    run("backup", place.backup, "--data", place.data_dir)
    os.unlink(os.path.join(place.backup, "data", "pepper"))

    assert "pepper: the file is missing" in run("backup", place.backup, "--verify", code=1).stdout
    assert "is damaged" in run("restore", place.backup, "--data", str(place.folder / "restored"), code=1).stderr
    assert "There is no backup at" in run("backup", str(place.folder), "--verify", code=1).stderr
    assert "A gateway runs on" in run("restore", place.backup, "--data", place.data_dir, code=1).stderr
