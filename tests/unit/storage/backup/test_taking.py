"""Taking a backup: its parts fit together whatever happens between two steps, and what goes wrong leaves the backup before."""

import errno
import os
import shutil

import pytest

from headgate.core.errors import BadRequest, Unavailable
from headgate.storage.backup import pins, taking, tree
from headgate.storage.backup.journal_copy import JournalCopy
from headgate.storage.backup.manifest import DATA, find_backup
from headgate.storage.backup.verifying import problems
from headgate.storage.delta import table_work
from headgate.storage.journal import journal_dir
from tests.fakes.backup_place import BackupPlace, unsynced
from tests.fakes.records import intent, outcome


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A data directory with a metrics table."""
    unsynced(monkeypatch)
    made = BackupPlace(tmp_path)
    made.create()
    made.add("m")
    yield made
    made.close()


def busy(place):
    """A journal with all there is: rows that are in tables, some that are not, batches that wait for a table, an exchange that has not ended."""
    journal = place.open()
    journal.outcome(outcome("in-table"))
    place.export("written")
    place.export("waits", table="later")
    place.carrier().round()
    journal.intent(intent("open"))
    journal.outcome(outcome("in-journal"))
    place.export("unwritten")
    return journal


@pytest.mark.parametrize("when", ["before the standings", "before the versions", "after the versions", "after the segments"])
def test_no_row_is_lost_or_doubled_whenever_the_flusher_works(place, monkeypatch, when):
    """It writes rows of the journal, also of an exchange that ends then, between any two steps of a backup."""
    journal = busy(place)
    steps = {
        "before the standings": (JournalCopy, "before_tables", "before"),
        "before the versions": (JournalCopy, "before_tables", "after"),
        "after the versions": (JournalCopy, "after_tables", "before"),
        "after the segments": (JournalCopy, "after_tables", "after"),
    }
    owner, name, order = steps[when]
    real = getattr(owner, name)

    def meanwhile():
        journal.outcome(outcome("open"))
        place.export("meanwhile")
        place.carrier().round()

    def step(copy):
        if order == "before":
            meanwhile()
        real(copy)
        if order == "after":
            meanwhile()

    monkeypatch.setattr(owner, name, step)
    place.take()
    place.close()
    done, restored = place.restore()
    restored.create("later")
    restored.clock.now_ns += 600_000_000_000  # the next try is due
    restored.carrier().retry()

    assert done.waiting.startswith("main.default.later:")
    assert restored.marks() in (["unwritten", "written"], ["meanwhile", "unwritten", "written"])
    assert restored.marks("later") == ["waits"]
    assert restored.requests() == {"in-table": 1, "in-journal": 1, "open": 1}


def test_a_second_backup_copies_what_is_new(place):
    """Files of tables that are in the backup before are not copied again, and those that are out of the table are not in it any more."""
    busy(place)
    place.take()
    merged = place.location("m")
    place.carrier().round()
    first = place.take()
    table_work.optimize(merged, ())
    table_work.vacuum(merged, 0, dry_run=False)
    second = place.take()

    assert first.reused == 2  # of the usage table and of this one
    assert second.reused == 2
    assert sum(name.startswith("warehouse/main/default/m/part") for name in second.manifest.files) == 1
    assert problems(*find_backup(place.backup)) == []
    assert place.restore()[1].marks() == ["unwritten", "written"]


@pytest.mark.parametrize("links", ["on the same disk", "to a second name on the table's disk", "nowhere"])
def test_files_are_linked_where_the_disk_allows(place, monkeypatch, links):
    """On another disk they get a second name until they are copied, so that no vacuum takes them away; on a disk without links they are copied."""
    busy(place)
    real = os.link

    def link(source, target):
        if links == "nowhere" or (links.startswith("to a second") and target.startswith(place.backup)):
            raise OSError(errno.EXDEV, "another disk")
        real(source, target)

    monkeypatch.setattr(os, "link", link)
    bodies = os.path.join(place.data_dir, "payloads", "2026-11-30")
    os.makedirs(bodies)
    with open(os.path.join(bodies, "r-1.request"), "w", encoding="utf-8") as file:
        file.write("a large body")
    place.take()

    assert problems(*find_backup(place.backup)) == []
    assert not os.path.exists(os.path.join(place.data_dir, ".backup-held"))
    assert place.restore()[1].marks() == ["unwritten", "written"]
    assert os.path.exists(place.folder / "restored" / "payloads" / "2026-11-30" / "r-1.request")


def test_a_file_that_is_removed_before_it_is_held_begins_the_backup_anew(place, monkeypatch):
    """Until it goes well; where that never happens, the backup before stays."""
    busy(place)
    place.take()
    monkeypatch.setattr(taking, "_PAUSE_S", 0.0)
    real, calls = tree.Tree.hold, []

    def hold(self, source, target):
        calls.append(source)
        if len(calls) == 1:
            raise tree.Vanished(source)
        real(self, source, target)

    monkeypatch.setattr(tree.Tree, "hold", hold)
    assert place.take().manifest.tables
    monkeypatch.setattr(taking, "copy_problem", lambda *_given: "torn")
    with pytest.raises(Unavailable, match="begun 5 times"):
        place.take()
    assert problems(*find_backup(place.backup)) == []


def test_a_table_that_is_made_meanwhile_begins_the_backup_anew(place, monkeypatch):
    """Or the copied catalog could name a table that is not in the backup."""
    place.export("written")
    real, tables = taking.tables_of, []

    def tables_of(*given):
        if not tables:
            place.create("second")
            place.add("second")
        tables.append(real(*given))
        return tables[-1]

    monkeypatch.setattr(taking, "tables_of", tables_of)
    assert "main.default.second" in {table.name for table in place.take().manifest.tables}
    assert len(tables) == 2


def test_a_backup_that_is_interrupted_leaves_the_one_before(place, monkeypatch):
    """Also between the two names at the end."""
    busy(place)
    place.take()
    with monkeypatch.context() as patched:
        patched.setattr(taking.delta_table, "sync_filesystem", lambda _path: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            place.take()
    assert problems(*find_backup(place.backup)) == []
    os.rename(os.path.join(place.backup, DATA), os.path.join(place.backup, "data.old"))
    assert problems(*find_backup(place.backup)) == []
    assert place.take().reused


def test_a_directory_that_is_no_place_for_it(place):
    """Other files, the data directory itself, the backup of another, and one that is being made."""
    busy(place)
    with pytest.raises(BadRequest, match="is the data directory"):
        taking.take(place.data, os.path.join(place.data_dir, "backup"), place.clock)
    os.makedirs(place.backup)
    stranger = os.path.join(place.backup, "letter.txt")
    with open(stranger, "w", encoding="utf-8"):
        pass
    with pytest.raises(BadRequest, match="holds other files"):
        place.take()
    os.unlink(stranger)
    lock_fd = journal_dir.try_lock(os.path.join(place.data_dir, "backup.lock"))
    with pytest.raises(Unavailable, match="Another backup"):
        place.take()
    os.close(lock_fd)
    place.take()
    other = BackupPlace(place.folder / "other")
    with pytest.raises(BadRequest, match="holds a backup of"):
        taking.take(other.data, place.backup, place.clock)


def test_tables_in_object_storage_are_named_and_not_copied(place, monkeypatch):
    """With the version that they had, if the store says it."""
    place.add("far", "s3://bucket/far")
    place.add("lost", "s3://bucket/lost")

    class Remote:
        def __init__(self, location, **_options):
            if location.endswith("lost"):
                raise OSError("<Code>AccessDenied</Code> 403 Forbidden")

        def version(self):
            return 12

    real = pins.DeltaTable
    monkeypatch.setattr(pins, "DeltaTable", lambda location, **given: Remote(location) if "://" in location else real(location, **given))
    told = {table.name: (table.version, table.left_out) for table in place.take().manifest.tables if not table.folder}

    assert told["main.default.far"] == (12, "its files are in object storage")
    assert told["main.default.lost"][0] is None
    assert "refuses Headgate's credentials" in told["main.default.lost"][1]


def test_a_table_outside_of_the_data_directory_is_copied_too(place):
    """It comes back to its place, unless something is there."""
    lake = place.folder / "lake" / "m2"
    shutil.copytree(place.location("m"), lake)
    place.add("m2", str(lake))
    place.take()
    left, _ = place.restore()
    shutil.rmtree(lake)
    back, _ = place.restore("again")

    assert [table.name for table in left.left_alone] == ["main.default.m2"]
    assert back.left_alone == ()
    assert os.path.isdir(lake / "_delta_log")
    assert not os.path.exists(place.folder / "again" / "elsewhere")


def test_files_that_it_does_not_know_are_copied_too(place):
    """Beside the state, beside the journals, and in folders of their own; locks and half-written files are not."""
    place.export("one")
    known = ["journal/checkpoint", "more.json", "more/folder/file"]
    for name in [*known, "more.tmp", "journal/more.lock", "cache/copy", "sums/usage_hours/file"]:
        path = place.folder / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")
    files = set(place.take().manifest.files)

    assert set(known) <= files
    assert not {"more.tmp", "journal/more.lock", "cache/copy", "sums/usage_hours/file"} & files
