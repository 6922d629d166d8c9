"""Restoring: only into an empty directory, only what is whole, and as a gateway of its own."""

import os

import pytest

from headgate.config.paths import DataDirectory
from headgate.core.errors import BadRequest, NotFound, Unavailable
from headgate.storage.backup.manifest import DATA
from headgate.storage.backup.restoring import restore
from headgate.storage.flusher import offline
from headgate.storage.flusher.all_journals import RoundOfAll
from headgate.storage.journal import journal_dir, journals
from tests.fakes.backup_place import BackupPlace, unsynced
from tests.fakes.records import outcome


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A data directory of which there is a backup."""
    unsynced(monkeypatch)
    made = BackupPlace(tmp_path)
    made.create()
    made.add("m")
    made.open().outcome(outcome("a"))
    made.export("one")
    made.carrier().round()
    made.export("two")
    made.take()
    yield made
    made.close()


def test_a_restored_directory_is_a_store_of_its_own(place):
    """Its journal is in its tables, not in those of the original, and what it writes has another name in the tables' transactions."""
    done, restored = place.restore()
    place.carrier().round()

    assert done.rows == 1
    assert restored.marks() == ["one", "two"]
    assert place.marks() == ["one", "two"]
    assert restored.files() == ["journal", "pepper", "state.db", "warehouse"]
    assert journal_dir.read_app_id(restored.directory) != journal_dir.read_app_id(place.directory)
    restored.open().outcome(outcome("b"))
    restored.put(restored.batch(b"", "m", rows=0))
    restored.close()
    restored.carrier().round()
    assert restored.requests() == {"a": 1, "b": 1}


def test_rows_that_cannot_be_written_wait(place, monkeypatch):
    """The gateway writes them once it runs; until then the journal keeps its name, by which the tables know them."""
    monkeypatch.setattr(offline.AllJournals, "round", lambda _self: RoundOfAll(failure=OSError(28, "No space left on device")))
    done, restored = place.restore()
    monkeypatch.undo()

    assert "No space left" in done.waiting
    assert journal_dir.read_app_id(restored.directory) == journal_dir.read_app_id(place.directory)
    restored.carrier().round()
    assert restored.marks() == ["one", "two"]


def test_a_directory_that_holds_anything_is_refused(place):
    """A gateway that runs there is named; what a restore that was killed has left does not matter."""
    with pytest.raises(BadRequest, match="A gateway runs on"):
        restore(place.backup, place.data, place.clock)
    place.close()
    with pytest.raises(BadRequest, match="is not empty"):
        restore(place.backup, place.data, place.clock)
    left = place.folder / "restored" / ".restoring"
    left.mkdir(parents=True)
    (left / "state.db").touch()
    assert place.restore()[1].marks() == ["one", "two"]


@pytest.mark.parametrize("harm", ["a byte", "a file", "a manifest", "another format", "a path"])
def test_a_damaged_backup_restores_nothing(place, harm):
    """The reason names the file."""
    data = os.path.join(place.backup, DATA)
    pepper, manifest = os.path.join(data, "pepper"), os.path.join(data, "backup.json")
    with open(manifest, encoding="utf-8") as file:
        written = file.read()
    if harm == "a byte":
        with open(pepper, "r+b") as changed:
            changed.write(b"zz")
    elif harm == "a file":
        os.unlink(pepper)
    else:
        changes = {"a manifest": ('"files"', '"fil'), "another format": ('"format": 1', '"format": 9'), "a path": ('"pepper"', '"../pepper"')}
        with open(manifest, "w", encoding="utf-8") as file:
            file.write(written.replace(*changes[harm]))
    with pytest.raises((BadRequest, Unavailable), match=r"damaged|format 9|outside of it"):
        place.restore()
    assert not (place.folder / "restored").exists() or os.listdir(place.folder / "restored") == []


def test_a_directory_without_a_backup(place):
    """The command that makes one is named."""
    with pytest.raises(NotFound, match="headgate backup"):
        restore(str(place.folder), DataDirectory(place.folder / "new"), place.clock)


def test_another_flusher_writes_the_journal(place, monkeypatch):
    """A gateway that was started in this moment does it."""
    monkeypatch.setattr(offline.journal_dir, "try_lock", lambda _path: None)
    done, restored = place.restore()
    assert "another process" in done.waiting
    assert len(journals.list_journals(restored.data_dir)) == 1


def test_all_of_it_is_its_owners_alone(place):
    """Whatever the mask of the user who restores it: tokens' hashes and prompts are in it."""
    before = os.umask(0o022)
    try:
        place.take()
        place.restore()
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)
    open_to_others = [
        path
        for root in (place.backup, str(place.folder / "restored"))
        for path in (root, *(os.path.join(folder, name) for folder, folders, files in os.walk(root) for name in (*folders, *files)))
        if os.stat(path).st_mode & 0o077 and not path.endswith(".parquet")
    ]
    assert open_to_others == []
