"""Locks, the journal's identity and small durable files."""

import os
import subprocess
import sys

from headgate.storage.journal import journal_dir, journals

HOLD = """
import sys
from headgate.storage.journal import journal_dir, journals
fd = journal_dir.try_lock(sys.argv[1])
print("held" if fd is not None else "busy", flush=True)
sys.stdin.read()
"""


def test_a_lock_has_one_holder_and_ends_with_its_process(tmp_path):
    """A second process does not get the lock; a killed one lets go of it."""
    lock = str(tmp_path / "writer.lock")
    with subprocess.Popen([sys.executable, "-c", HOLD, lock], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "held\n"
        assert journal_dir.try_lock(lock) is None
        assert journal_dir.lock_within(lock, 0.05) is None
        assert journal_dir.is_locked(lock)
        holder.kill()
        holder.wait()

        assert not journal_dir.is_locked(lock)
    fd = journal_dir.lock_within(lock, 1.0)
    assert fd is not None
    os.close(fd)


def test_who_asks_for_a_lock_does_not_take_it(tmp_path):
    """Asking leaves the lock free, and a lock that never was is free."""
    lock = str(tmp_path / "writer.lock")

    assert not journal_dir.is_locked(lock)
    os.close(journal_dir.try_lock(lock))
    assert not journal_dir.is_locked(lock)
    assert not journal_dir.writer_is_alive(str(tmp_path))


def test_a_journal_keeps_its_name(tmp_path):
    """The application id is made once and is the same for whoever reads it."""
    directory = str(tmp_path)

    assert journal_dir.read_app_id(directory) is None
    made = journal_dir.ensure_app_id(directory)
    assert made.startswith("headgate-")
    assert journal_dir.ensure_app_id(directory) == made == journal_dir.read_app_id(directory)


def test_a_small_file_is_replaced_whole(tmp_path):
    """The new content is there, and nothing is left beside it."""
    path = str(tmp_path / "carried")
    journal_dir.write_durably(path, b"old")
    journal_dir.write_durably(path, b"new")

    assert (tmp_path / "carried").read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["carried"]


def test_the_directory_is_its_owners_alone(tmp_path):
    """Records name people and what they asked."""
    directory = journals.writer_dir(str(tmp_path / "data"))
    journal_dir.ensure_dir(directory)

    assert os.stat(directory).st_mode & 0o777 == 0o700
