"""Options that several commands share, and the decorator that makes a function a command."""

import errno
import functools
import os
import sys
from collections.abc import Callable
from typing import Annotated, ParamSpec, TypeVar

import typer

from headgate.cli.store import unusable_file, user_name
from headgate.config.problems import ConfigError
from headgate.core.acting import Acting, acting_as
from headgate.core.errors import GatewayError
from headgate.core.escaping import escaped
from headgate.storage.state.pepper import PepperRefused

DataOption = Annotated[
    str, typer.Option("--data", metavar="DIR", envvar="HEADGATE_DATA", help="Headgate's data directory. By default ~/.local/share/headgate.")
]
UrlOption = Annotated[
    str,
    typer.Option(
        "--url", metavar="URL", envvar="HEADGATE_URL", help="The gateway to ask, such as https://gate.example. By default the one you signed in to."
    ),
]
ConfigOption = Annotated[
    str,
    typer.Option(
        "--config", metavar="FILE", envvar="HEADGATE_CONFIG", help="The configuration file. By default ./headgate.toml, then the one in ~/.config."
    ),
]
DemoOption = Annotated[
    bool,
    typer.Option(
        "--demo", envvar="HEADGATE_DEMO", help="Only a built-in provider that makes up answers, without any key. No other provider is used."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", envvar="HEADGATE_JSON", help="Print JSON.")]

# What the machine may refuse to a program without a mistake: rights, space, and files.
_OF_THE_MACHINE = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOTDIR}
_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")


def reports_errors(command: Callable[_Parameters, _Result]) -> Callable[_Parameters, _Result]:
    """Make a command print a refusal as a message and end with exit code 1. Any other exception is a bug, which `main` reports."""

    @functools.wraps(command)
    def run(*args: _Parameters.args, **kwargs: _Parameters.kwargs) -> _Result:
        try:
            with acting_as(_operator()):
                return command(*args, **kwargs)
        except (ConfigError, GatewayError, PepperRefused) as error:
            sys.stderr.write(f"{escaped(str(error))}\n")
            raise typer.Exit(1) from error
        except OSError as error:
            if error.errno not in _OF_THE_MACHINE:
                raise
            sys.stderr.write(f"{escaped(unusable_file(error))}\n")
            raise typer.Exit(1) from error

    return run


def _operator() -> Acting:
    """The user of the operating system who runs the command; with sudo, the one who asked for it."""
    mine, asked_by = user_name(os.geteuid()), os.environ.get("SUDO_USER", "")
    if asked_by.isprintable() and asked_by not in {"", mine}:
        return Acting(who=f"os:{asked_by[:64]}", run_as=f"os:{mine}", user_agent="headgate command")
    return Acting(who=f"os:{mine}", user_agent="headgate command")


def typer_app(summary: str) -> typer.Typer:
    """A Typer application with Headgate's conventions: plain help, no completion options, no decorated errors."""
    return typer.Typer(
        help=summary, no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False, suggest_commands=True
    )
