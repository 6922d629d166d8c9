"""Children that end with their parents."""

import subprocess
import sys
import time

PROGRAM = "import sys, time; from headgate.storage.parent_end import die_with; die_with(int(sys.argv[1])); print('up', flush=True); time.sleep(60)"
PARENT = f"""
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", {PROGRAM!r}, str(os.getpid())], stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
time.sleep(60)
"""


def test_a_child_dies_with_its_parent():
    """However the parent dies."""
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE) as parent:
        child = int(parent.stdout.readline())
        parent.kill()
        parent.wait()
    while _lives(child):
        time.sleep(0.01)


def test_a_child_whose_parent_has_gone():
    """It ends at once."""
    done = subprocess.run([sys.executable, "-c", PROGRAM, "1"], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (1, b"")


def _lives(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().split()[2] != "Z"
    except OSError:
        return False
