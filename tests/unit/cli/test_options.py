"""How commands refuse."""

import pytest
import typer

from headgate.cli.options import reports_errors, typer_app
from headgate.config.problems import ConfigError, Problem
from headgate.core.errors import NotFound
from headgate.storage.state.pepper import PepperRefused


@pytest.mark.parametrize("error", [NotFound("no such thing"), PepperRefused("no such thing"), ConfigError([Problem("", 0, "", "no such thing")])])
def test_refusals_are_told(error, capsys):
    """A refusal is a message on standard error and exit code 1."""

    @reports_errors
    def command() -> None:
        raise error

    with pytest.raises(typer.Exit) as caught:
        command()
    assert caught.value.exit_code == 1
    assert capsys.readouterr() == ("", "no such thing\n")


def test_bugs_are_not_hidden():
    """Anything else goes on as it is."""

    @reports_errors
    def command(number: int) -> float:
        return 1 / number

    assert command(2) == pytest.approx(0.5)
    with pytest.raises(ZeroDivisionError):
        command(0)


def test_typer_app():
    """Each command module gets an application of its own."""
    assert typer_app("One.") is not typer_app("One.")
