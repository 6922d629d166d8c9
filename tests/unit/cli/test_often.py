"""The commands that agents run again and again."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from headgate.cli.logins import Login, LoginFile, write_logins
from headgate.cli.main import app
from headgate.cli.often import OFTEN, answer_often
from headgate.core.secret import Secret


@pytest.fixture
def signed_in(tmp_path, monkeypatch):
    """A user with a login."""
    for name in ("HEADGATE_TOKEN", "HEADGATE_URL", "HEADGATE_DATA", "HEADGATE_CONFIG", "ANTHROPIC_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_COLOR", "1")
    write_logins(LoginFile().with_login(Login(url="http://127.0.0.1:1", principal="ada", secret=Secret("hg_a"))))


@pytest.mark.parametrize("typed", OFTEN)
def test_they_answer_as_the_command_does(signed_in, capsys, monkeypatch, typed):
    """In the same words, with the same exit code; every one of them is a command."""
    monkeypatch.setattr("sys.stdin", None)
    assert answer_often(typed) == 0
    said = capsys.readouterr().out
    assert said
    assert CliRunner().invoke(app, list(typed)).stdout == said


def test_what_is_refused(tmp_path, monkeypatch, capsys):
    """Ends with 1 and one line."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    for name in ("HEADGATE_TOKEN", "HEADGATE_URL", "HEADGATE_DATA", "HEADGATE_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    assert answer_often(["token", "get"]) == 1
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n"), "headgate login URL" in said.err) == ("", 1, True)


def test_an_interrupt(signed_in, monkeypatch):
    """Ends it without a trace."""

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("headgate.cli.token_get.gateway_address", interrupted)
    assert answer_often(["token", "get"]) == 130


@pytest.mark.parametrize("typed", [[], ["token"], ["token", "get", "--help"], ["token", "list"], ["statusline", "--url", "x"]])
def test_any_other_command_line(typed):
    """Is not its business."""
    assert answer_often(typed) is None


def test_they_load_no_library_of_the_command_line(signed_in):
    """It takes longer to load than they take to run."""
    program = "import sys; sys.argv = ['headgate', 'token', 'get']; from headgate.__main__ import main; main(); print('typer' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "hg_a\nFalse\n"
