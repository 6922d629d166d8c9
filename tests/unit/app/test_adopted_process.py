"""A child that an earlier program of this process started."""

import signal
import subprocess
import sys

import pytest

from headgate.app.adopted_process import AdoptedProcess


@pytest.fixture
def started():
    """A child that does nothing for long, and that `Popen` does not wait for."""
    process = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"])
    yield process
    process.kill()
    process.wait(10)


def test_its_end_is_seen_as_of_any_child(started):
    """With the same exit code; until then a wait ends in time."""
    adopted = AdoptedProcess(started.pid)
    with pytest.raises(subprocess.TimeoutExpired):
        adopted.wait(0.0)
    adopted.send_signal(signal.SIGTERM)

    assert (adopted.wait(10), adopted.poll(), adopted.returncode) == (-signal.SIGTERM,) * 3
    adopted.send_signal(signal.SIGTERM)


def test_one_that_is_no_child_any_more_has_ended(started):
    """Its exit code is unknown, and counts as none."""
    started.kill()
    started.wait(10)

    assert AdoptedProcess(started.pid).poll() == 0
