"""How a process is set up."""

import subprocess
import sys


def test_the_soft_limit_is_raised_to_the_hard_one() -> None:
    """In a process of its own, for the hard limit can only be lowered."""
    code = (
        "import resource; from headgate.app.process_setup import raise_open_files;"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (100, 300)); print(raise_open_files(), resource.getrlimit(resource.RLIMIT_NOFILE))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[0] == "300 (300, 300)"
