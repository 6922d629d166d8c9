"""How a bug in Headgate is reported."""

import stat
import sys
import tempfile
from pathlib import Path

from headgate.cli import main
from headgate.cli.failure_report import failure_line, reports_bugs


def failing() -> int:
    raise ZeroDivisionError("secretless")


def test_a_bug_is_one_line_and_a_file(tmp_path, capsys):
    """The user reads one line; the trace is in a file of the user's own."""
    code = reports_bugs(failing, {"XDG_STATE_HOME": str(tmp_path)})
    printed = capsys.readouterr()
    (file,) = (tmp_path / "headgate").iterdir()

    assert (code, printed.out) == (1, "")
    assert printed.err == f"headgate failed because of a bug in it (ZeroDivisionError). The trace is in {file}: send it with your report.\n"
    assert "Traceback" in file.read_text(encoding="utf-8")
    assert "secretless" in file.read_text(encoding="utf-8")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_works_is_left_alone():
    """The exit code is the command's."""
    assert reports_bugs(lambda: 7, {}) == 7


def test_a_home_that_cannot_be_written(tmp_path, monkeypatch):
    """The trace then is among the temporary files, and if even they cannot be written the line says so."""
    (tmp_path / "taken").touch()
    (tmp_path / "temporary").mkdir()
    environ = {"HOME": str(tmp_path / "taken")}
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path / "temporary"))
    assert f"The trace is in {tmp_path}/temporary/failure-" in failure_line(ValueError(), environ)

    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path / "taken"))
    assert failure_line(ValueError(), environ).endswith("The trace could not be written.\n")


def test_the_command_line_reports_its_bugs(tmp_path, monkeypatch, capsys):
    """Wherever in the program they are: here before any command begins."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["headgate", "usage", "--help"])
    monkeypatch.setitem(main.COMMANDS, "usage", main.CommandEntry("headgate.cli.no_such_module", "Nothing."))

    assert main.main() == 1
    assert "(ModuleNotFoundError)" in capsys.readouterr().err
    assert len(list(Path(tmp_path, "headgate").iterdir())) == 1
