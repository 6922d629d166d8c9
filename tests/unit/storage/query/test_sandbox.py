"""What a sandboxed process can still do."""

import json
import os
import subprocess
import sys

import pytest

PROBE = """
import ctypes, json, os, socket, sys, threading
from headgate.storage.query import sandbox
held = sandbox.enter((sys.argv[1],), 4 << 30, int(sys.argv[2]))
def attempt(what):
    try:
        what()
    except (OSError, MemoryError, RuntimeError) as error:
        return type(error).__name__
    return "done"
started = threading.Thread(target=lambda: None)
found = {
    "own": attempt(lambda: open(sys.argv[1] + "/own").read()),
    "passwd": attempt(lambda: open("/etc/passwd").read()),
    "environ": attempt(lambda: open("/proc/self/environ").read()),
    "list": attempt(lambda: os.listdir("/etc")),
    "write": attempt(lambda: open(sys.argv[1] + "/new", "w")),
    "append": attempt(lambda: open(sys.argv[1] + "/own", "a").write("x")),
    "remove": attempt(lambda: os.remove(sys.argv[1] + "/own")),
    "socket": attempt(lambda: socket.socket()),
    "fork": attempt(lambda: os.fork()),
    "program": attempt(lambda: os.execv("/bin/true", ["true"])),
    "kill": attempt(lambda: os.kill(int(sys.argv[2]), 0)),
    "memory": attempt(lambda: bytearray(8 << 30)),
    "thread": attempt(started.start),
}
os.write(1, json.dumps([held, found]).encode())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Landlock and seccomp are Linux's")
def test_only_reading_below_the_warehouse_is_left(tmp_path):
    """Every other door is closed, as far as this kernel has locks; threads still start."""
    (tmp_path / "own").write_text("rows")
    run = subprocess.run([sys.executable, "-c", PROBE, str(tmp_path), str(os.getpid())], capture_output=True, check=True, timeout=60)
    held, found = json.loads(run.stdout)

    assert "limits" in held
    assert found["own"] == found["thread"] == "done"
    assert found["memory"] == "MemoryError"
    assert found["append"] != "done"
    if "landlock" in held:
        assert {found[name] for name in ("passwd", "environ", "list", "write", "append", "remove")} == {"PermissionError"}
    if "seccomp" in held:
        assert {found[name] for name in ("socket", "fork", "program", "kill")} == {"PermissionError"}
    assert (tmp_path / "own").read_text() == "rows"


def test_a_worker_whose_parent_died_does_not_start(tmp_path):
    """A process id that is not the parent's ends it at once."""
    run = subprocess.run([sys.executable, "-c", PROBE, str(tmp_path), "1"], capture_output=True, check=False, timeout=60)

    assert run.stdout == b""
