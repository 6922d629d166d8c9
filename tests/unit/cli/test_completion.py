"""`headgate completion`: the scripts of shells, and the words that they ask for."""

import os
import shutil
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from headgate.cli.main import app


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_scripts(shell):
    """Each shell has one, which asks `headgate`."""
    result = CliRunner().invoke(app, ["completion", shell])
    assert result.exit_code == 0
    assert f"_HEADGATE_COMPLETE=complete_{shell}" in result.stdout


@pytest.mark.parametrize(
    ("typed", "completed"), [("headgate us", {"user", "usage"}), ("headgate token cr", {"create"}), ("headgate usage --si", {"--since"})]
)
def test_words(typed, completed):
    """Commands, commands below them, and options."""
    words = typed.split()
    asked = {"_HEADGATE_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": str(len(words) - 1)}
    ran = subprocess.run([sys.executable, "-m", "headgate"], env={**os.environ, **asked}, capture_output=True, text=True, check=False)
    assert set(ran.stdout.split()) == completed


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_takes_its_script():
    """It is evaluated without a complaint, and registers a completion."""
    script = CliRunner().invoke(app, ["completion", "bash"]).stdout
    ran = subprocess.run(["bash", "-c", f"{script}\ncomplete -p headgate"], capture_output=True, text=True, check=True)
    assert "_headgate_completion" in ran.stdout
