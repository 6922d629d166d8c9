"""A disk that is mounted read-only under the gateway, as a kernel does after an error: work is refused, and goes on when the disk can be written again."""

import os
import shutil
import subprocess
import threading

import pytest

from headgate.core.errors import Unavailable
from headgate.storage.journal import JournalLimits, JournalWriter
from headgate.storage.segments import Kind
from tests.fakes.journals import frames, ids, until
from tests.fakes.records import intent, outcome

LIMITS = JournalLimits(roll_s=0.05, sync_interval_s=0.01, reserve_bytes=1 << 20, lock_wait_s=0.0)

pytestmark = pytest.mark.kill


def mount(*arguments):
    """Run mount, or skip where that is not allowed."""
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"mount is not allowed here: {done.stderr.strip()}")


@pytest.fixture
def disk(tmp_path):
    """A small file system in memory."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("mounting needs root")
    place = tmp_path / "disk"
    place.mkdir()
    mount("-t", "tmpfs", "-o", "size=64m", "tmpfs", str(place))
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_disk_that_turns_read_only_stops_work_and_loses_nothing(disk):
    """New exchanges are refused in words, the one under way ends, and its outcome is on the disk when that can be written again."""
    journal = JournalWriter.open(str(disk / "journal"), LIMITS)
    journal.intent(intent("r-1"))
    # Files that are open for writing keep a file system from turning read-only, so the journal's own are finished first, as an idle one's are.
    held = threading.Event()
    with journal._lock:
        os.close(journal._log.fd)
        journal._log.fd, journal._log.size = -1, 0
    held.wait(0.1)
    mount("-o", "remount,ro", str(disk))
    try:
        with pytest.raises(Unavailable, match="Read-only file system"):
            journal.intent(intent("r-2"))
        journal.outcome(outcome("r-1"))
        assert "Read-only file system" in journal.trouble
        assert ids(disk / "journal", Kind.OUTCOME) == []
    finally:
        mount("-o", "remount,rw", str(disk))
    until(lambda: journal.trouble is None, timeout_s=15.0)
    journal.intent(intent("r-3"))

    assert ids(disk / "journal", Kind.OUTCOME) == ["r-1"]
    assert ids(disk / "journal", Kind.INTENT) == ["r-1", "r-3"]
    journal.close()
    assert frames(disk / "journal")
