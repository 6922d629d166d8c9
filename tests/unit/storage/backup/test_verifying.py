"""Verifying a backup: every kind of damage is named."""

import os
import sqlite3

import pytest

from headgate.storage.backup.manifest import find_backup
from headgate.storage.backup.verifying import problems
from tests.fakes.backup_place import BackupPlace, unsynced


@pytest.fixture
def backup(tmp_path, monkeypatch):
    """The folder of a backup."""
    unsynced(monkeypatch)
    place = BackupPlace(tmp_path)
    place.create()
    place.add("m")
    place.export("one")
    place.carrier().round()
    place.take()
    place.close()
    return find_backup(place.backup)[0]


def found(backup):
    """What is wrong with it."""
    return problems(backup, find_backup(os.path.dirname(backup))[1])


def test_a_whole_backup(backup):
    """Nothing is wrong with it, however often it is read."""
    assert found(backup) == []
    assert found(backup) == []


def test_each_damage_is_named(backup):
    """A file with other content, one that is missing, one that does not belong to it, a table that cannot be opened, a broken database."""
    os.unlink(os.path.join(backup, "warehouse/main/default/m/_delta_log/00000000000000000001.json"))
    with open(os.path.join(backup, "pepper"), "ab") as file:
        file.write(b"\n")
    with open(os.path.join(backup, "stranger"), "wb") as file:
        file.write(b"\n")
    with open(os.path.join(backup, "state.db"), "r+b") as file:
        file.truncate(8192)
    told = "\n".join(found(backup))

    assert "00000000000000000001.json: the file is missing" in told
    assert "pepper: it has other content than when it was copied (66 bytes, 65 then)" in told
    assert "stranger: the file is not of this backup" in told
    assert "main.default.m: it is at version 0 with 0 files, not at version 1 with 1" in told
    assert "state.db: " in told


def test_a_database_that_is_whole_and_wrong(backup):
    """Whatever SQLite says of it is passed on."""
    with sqlite3.connect(os.path.join(backup, "state.db")) as state:
        state.execute("PRAGMA journal_mode = DELETE")
        state.execute("CREATE TABLE more (a NOT NULL)")
        state.execute("PRAGMA writable_schema = ON")
        state.execute("UPDATE sqlite_schema SET sql = 'CREATE TABLE more (a, b' WHERE name = 'more'")
    state.close()
    assert any(problem.startswith("state.db: ") and "other content" not in problem for problem in found(backup))
