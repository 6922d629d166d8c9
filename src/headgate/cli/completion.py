"""`headgate completion`: prints the script by which a shell completes commands and options. Typer has the scripts; the shell asks `headgate` itself for the words."""

from enum import StrEnum
from typing import Annotated

import typer
from typer._completion_shared import get_completion_script

from headgate.cli.main import COMPLETION_VARIABLE
from headgate.cli.options import reports_errors, typer_app

app = typer_app("Print a script that completes commands in a shell.")


class Shell(StrEnum):
    """The shells that can complete."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


@app.command()
@reports_errors
def completion(shell: Annotated[Shell, typer.Argument(metavar="bash|zsh|fish", help="The shell.", show_envvar=False)]) -> None:
    """Print a script that completes commands in a shell: put it where the shell looks for such scripts, or evaluate it."""
    print(get_completion_script(prog_name="headgate", complete_var=COMPLETION_VARIABLE, shell=shell.value))
