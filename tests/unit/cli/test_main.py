"""The command line as a whole."""

import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

import headgate
from headgate.cli.main import COMMANDS, app, main
from headgate.core.build_kind import build_kind


def run(*arguments: str):
    return CliRunner().invoke(app, arguments)


def test_help_lists_every_command():
    """Every command has its line."""
    result = run("--help")
    assert result.exit_code == 0
    for name, entry in COMMANDS.items():
        assert f"{name} " in result.output
        assert entry.summary in result.output


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_is_there(name):
    """Each entry of the table is a command that can say what it does, in the words of the table, with a variable for every option."""
    command = typer.main.get_command(COMMANDS[name].app())
    summary = (command.help or "").splitlines()[0]
    assert summary.startswith(COMMANDS[name].summary.rstrip("."))
    result = run(name, "--help")
    assert result.exit_code == 0
    options = [line for line in result.output.splitlines() if line.strip().startswith("--")]
    assert len(options) <= result.output.count("HEADGATE_")


def test_help_loads_no_command():
    """Help is written without loading a command, a database or a table library."""
    program = "import sys; sys.argv = ['headgate', '--help']\ntry:\n    from headgate.cli.main import main; main()\nexcept SystemExit:\n    pass\n"
    check = (
        "heavy = {'sqlalchemy', 'msgspec', 'duckdb', 'pyarrow', 'deltalake', 'uvicorn', 'rich', 'pydantic'} & set(sys.modules); print(sorted(heavy))"
    )
    ran = subprocess.run([sys.executable, "-c", program + check], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "[]"


def test_version():
    """The version is printed alone."""
    assert run("--version").output == f"headgate {headgate.__version__} ({build_kind()})\n"


def test_typos():
    """A mistyped command or option is answered with the nearest, on standard error, with exit code 2."""
    result = run("tokn")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Did you mean 'token'?" in result.stderr
    assert "Did you mean 'create'" in run("token", "crate").stderr
    assert "--data" in run("check", "--dta", "x").stderr or "--json" in run("check", "--jsn").stderr


def test_other_words_for_options():
    """What is typed first where a program is new."""
    assert run("version").output == run("-V").output == run("--version").output
    assert run("help", "token", "create").output == run("token", "create", "--help").output
    assert run("help").output == run("--help").output


def test_the_words_of_the_library_stay_inside():
    """What does not make sense is said in plain words, with the one option that was probably meant."""
    assert "Error: Invalid value for '--by': 'team' is not one of 'user', " in run("usage", "--by", "team").stderr
    assert "(Possible options: --since)" in run("usage", "--sinc", "7d").stderr


def test_no_command():
    """Without a command the help is shown."""
    assert "Commands:" in run().output


def test_main_ends_the_process(monkeypatch):
    """The entry point leaves with the command's exit code."""
    monkeypatch.setattr(sys, "argv", ["headgate", "--version"])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 0
