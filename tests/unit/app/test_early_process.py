"""The serving process that is started before its options are known."""

import os
import sys
from pathlib import Path

import pytest

from headgate.app import early_process
from headgate.app.early_process import EarlyProcess, started_early, take_early

# Writes what it is handed, and what the file that comes with it says, into the file that it is handed second; nothing where nothing comes.
WAITING = """
import os, sys
from headgate.app.early_process import handed_over
found = handed_over(int(sys.argv[1]))
if found is not None:
    options, files = found
    os.write(files[1], options + b"|" + os.read(files[0], 100) + b"|" + str([os.get_inheritable(file) for file in files]).encode())
sys.exit(0 if found is None else 7)
"""


@pytest.fixture
def waiting(monkeypatch):
    """The process is this program."""
    monkeypatch.setattr(early_process, "SERVING", (sys.executable, "-c", WAITING))


def test_it_is_handed_its_options_and_files(tmp_path, waiting) -> None:
    """The files are those of the supervisor, under numbers of its own, and its children do not inherit them."""
    (tmp_path / "in").write_bytes(b"said")
    files = [os.open(tmp_path / "in", os.O_RDONLY), os.open(tmp_path / "out", os.O_WRONLY | os.O_CREAT)]
    early = EarlyProcess.started(os.environ)

    assert early.hand_over(b"options", files)
    assert early.process.wait(60) == 7
    assert (tmp_path / "out").read_bytes() == b"options|said|[False, False]"
    for file in files:
        os.close(file)


def test_it_has_no_key_of_a_provider(waiting) -> None:
    """Nor is it used if one of its few variables turns out to hold one."""
    early = EarlyProcess.started({**os.environ, "ANTHROPIC_API_KEY": "secret-1", "LC_KEY": "secret-2"})
    environ = Path(f"/proc/{early.process.pid}/environ")
    if environ.exists():
        assert b"LC_KEY=secret-2" in environ.read_bytes()
        assert b"secret-1" not in environ.read_bytes()

    assert not early.hand_over(b"options", [])
    assert early.process.poll() is not None


def test_it_ends_with_a_command_that_does_not_use_it(waiting) -> None:
    """Also where the command fails."""
    with pytest.raises(LookupError), started_early(os.environ):
        (early,) = early_process._started
        raise LookupError
    assert early.process.poll() is not None
    assert take_early() is None


def test_it_ends_with_its_supervisor(waiting) -> None:
    """Without a word, because a supervisor that ends so early has said why."""
    early = EarlyProcess.started(os.environ)
    early._channel.close()
    assert early.process.wait(60) == 0


def test_a_process_that_has_ended_is_not_used(monkeypatch) -> None:
    """The supervisor starts another one."""
    monkeypatch.setattr(early_process, "SERVING", (sys.executable, "-c", "pass"))
    early = EarlyProcess.started(os.environ)
    early.process.wait(60)
    assert not early.hand_over(b"options", [])
