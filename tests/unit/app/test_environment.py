"""The providers' keys are in the environment of no process."""

import os
import subprocess
import sys

import pytest

from headgate.app.environment import child_environment

GIVEN = {
    "PATH": "/bin", "HOME": "/home/ada", "LC_ALL": "C.UTF-8", "LD_PRELOAD": "x.so", "AWS_SECRET_ACCESS_KEY": "store", "NO_COLOR": "1",
    "ANTHROPIC_API_KEY": "k1", "LAB_KEY": "k2", "HEADGATE_SERVER_PORT": "1", "GOOGLE_API_KEY": "k3", "AZURE_OPENAI_API_KEY": "k4",
}  # fmt: skip


def test_children_get_how_to_run_and_how_storage_is_reached():
    """And no key, not even one whose name looks like object storage."""
    kept = child_environment(GIVEN, {"ANTHROPIC_API_KEY", "LAB_KEY", "GOOGLE_API_KEY", "AZURE_OPENAI_API_KEY"})

    assert sorted(kept) == ["AWS_SECRET_ACCESS_KEY", "HOME", "LC_ALL", "LD_PRELOAD", "NO_COLOR", "PATH"]


@pytest.mark.skipif(sys.platform != "linux", reason="where the system shows a process' environment")
def test_what_is_forgotten_is_not_shown_by_the_system_either():
    """`/proc/PID/environ` shows what a process was started with, unless it is overwritten there."""
    program = (
        "import os\n"
        "from headgate.app.environment import forget_all_but\n"
        "forget_all_but({'PATH', 'PYTHONPATH'})\n"
        "print(open('/proc/self/environ').read().replace('\\0', ' '), dict(os.environ))\n"
    )
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), "LAB_KEY": "sk-canary-key"}
    ran = subprocess.run([sys.executable, "-c", program], env=environ, capture_output=True, text=True, check=True)

    assert "canary" not in ran.stdout
    assert "PYTHONPATH" in ran.stdout
