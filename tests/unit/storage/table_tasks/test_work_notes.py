"""Notes of tables that are being made: who has them, and whose are left."""

import os
import signal
import subprocess
import sys

import pytest

from headgate.admin.catalog_ports import TableWork
from headgate.catalog.names import Name
from headgate.core.errors import Unavailable
from headgate.storage.table_tasks.work_notes import FileNotes

WORK = TableWork(entry_id="e", name=Name(("main", "default", "t")), locations=("/a", "/b"), began_at_ms=7, properties={"k": "v"})
HOLDING = """
import sys, time
from headgate.admin.catalog_ports import TableWork
from headgate.catalog.names import Name
from headgate.storage.table_tasks.work_notes import FileNotes
note = FileNotes(sys.argv[1]).write(TableWork(entry_id="dead", name=Name(("m", "d", "t")), locations=(), began_at_ms=1))
print("noted", flush=True)
time.sleep(60)
"""


def test_notes_of_the_living(tmp_path):
    """A note is nobody else's until it is closed; then it is left, as it was written, until it is removed."""
    notes = FileNotes(str(tmp_path / "making"))
    assert notes.left() == []
    note = notes.write(WORK)
    assert notes.left() == []
    note.close()
    (left,) = notes.left()
    assert left.work == WORK
    assert notes.left() == []
    left.remove()
    left.close()
    assert notes.left() == []
    assert os.listdir(tmp_path / "making") == []


def test_a_note_outlives_its_process(tmp_path):
    """`kill -9` lets go of the lock."""
    notes = FileNotes(str(tmp_path))
    with subprocess.Popen([sys.executable, "-c", HOLDING, str(tmp_path)], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"noted\n"
        assert notes.left() == []
        process.send_signal(signal.SIGKILL)
        process.wait()
    (left,) = notes.left()
    assert left.work.entry_id == "dead"
    left.close()


def test_other_files(tmp_path):
    """What is no note is left alone; a folder that cannot be made is an error of the statement."""
    (tmp_path / "own.json").write_text("{}")
    assert FileNotes(str(tmp_path)).left() == []
    with pytest.raises(Unavailable, match="could not be noted"):
        FileNotes(str(tmp_path / "own.json" / "making")).write(WORK)
