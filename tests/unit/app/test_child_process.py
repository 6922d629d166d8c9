"""A process that ends by itself is started again, and told."""

import signal
import subprocess
import sys
import time

import pytest

from headgate.app.child_process import ChildProcess


@pytest.fixture
def spawned():
    """The processes of the test, ended with it."""
    processes = []
    yield processes
    for process in processes:
        process.kill()
        process.wait(10)


@pytest.fixture
def child(spawned):
    """A child that does nothing for long, or ends at once where `spawned` says so."""

    def spawn():
        code = "import time; time.sleep(60)" if len(spawned) < 2 else "raise SystemExit(3)"
        spawned.append(subprocess.Popen([sys.executable, "-S", "-c", code]))
        return spawned[-1]

    return ChildProcess("serving", spawn, float("inf"))


def test_its_end_is_told_with_the_signal(child, spawned, caplog):
    """Else nobody would learn that it happened."""
    child.keep()
    first = child.pid
    child.keep()
    child.end(signal.SIGKILL)
    assert child.wait(10)
    ending = child.ending
    child.keep()

    assert ending == "signal 9"
    assert (child.restarts, len(spawned), child.running) == (1, 2, True)
    assert [record.getMessage() for record in caplog.records] == [f"serving process {first} ended with signal 9, started again as {child.pid}"]


def test_one_that_fails_again_and_again_is_given_up(child, caplog):
    """With the exit code of each."""
    child.keep()
    child.end(signal.SIGKILL)
    child.wait(10)
    child.keep()
    child.end(signal.SIGTERM)
    child.wait(10)
    deadline = time.monotonic() + 30
    while child.keep():
        child.wait(10)
        assert time.monotonic() < deadline

    assert child.ending == "exit code 3"
    assert child.restarts == 4
    assert "ended with exit code 3" in caplog.text
