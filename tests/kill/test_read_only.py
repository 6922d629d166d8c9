"""A disk that is mounted read-only under the gateway, as a kernel does after an error: work is refused, and goes on when the disk can be written again."""

import os
import shutil
import subprocess

import pytest

from headgate.core.errors import Unavailable
from headgate.storage.journal.limits import JournalLimits
from headgate.storage.journal.segments import Kind
from headgate.storage.journal.writer import JournalWriter
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
    # A file that is open for writing keeps `mount` from turning a file system read-only (a kernel that met an error does not ask), so ours are opened anew.
    until(lambda: not journal._end.unsynced_since_s)
    with journal._lock:
        for fd, flags in ((journal._end.log.fd, os.O_RDONLY), (journal._lock_fd, os.O_RDONLY)):
            path = os.readlink(f"/proc/self/fd/{fd}")
            os.close(fd)
            assert os.open(path, flags) == fd
    mount("-o", "remount,ro", str(disk))
    try:
        with pytest.raises(Unavailable, match="nothing was sent"):
            journal.intent(intent("r-2"))
        journal.outcome(outcome("r-1"))
        until(lambda: "Read-only file system" in journal.trouble)
        assert ids(disk / "journal", Kind.OUTCOME) == []
    finally:
        mount("-o", "remount,rw", str(disk))
    until(lambda: journal.trouble is None, timeout_s=15.0)
    journal.intent(intent("r-3"))

    assert ids(disk / "journal", Kind.OUTCOME) == ["r-1"]
    assert ids(disk / "journal", Kind.INTENT) == ["r-1", "r-3"]
    journal.close()
    assert frames(disk / "journal")
