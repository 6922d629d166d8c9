"""`headgate restart`: has the gateway of a data directory replace its processes, without refusing a connection."""

import os
import sys
from typing import Annotated

import typer

from headgate.app.restart_requests import RestartDone, ask_restart
from headgate.cli.options import DataOption, JsonOption, reports_errors, typer_app
from headgate.cli.output import json_text
from headgate.cli.store import existing_store
from headgate.core.errors import Unavailable
from headgate.core.escaping import escaped

_TIMEOUT_S = 120.0  # the steps of a restart have times of their own

app = typer_app("Restart the gateway without refusing a connection.")


@app.command()
@reports_errors
def restart(
    data: DataOption = "",
    environment: Annotated[
        bool,
        typer.Option(
            "--environment",
            help="From now on read providers' keys and HEADGATE_… variables from this command's environment, not from that of `headgate up`.",
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Restart the gateway without refusing a connection: new processes take the installed version and the settings as they are now, and the old serving
    process finishes its answers. If the new one cannot serve, the old one goes on, and the exit code is 1.
    """
    directory = str(existing_store(data).root)
    try:
        done = ask_restart(directory, os.environ if environment else None, _TIMEOUT_S)
    except TimeoutError as error:
        raise Unavailable(f"The gateway of {directory} has not answered for {_TIMEOUT_S:g} s. Its log says what it does.") from error
    except OSError as error:
        raise Unavailable(f"No gateway runs on {directory} ({error.strerror or error}). `headgate up` starts one.") from error
    if as_json:
        print(json_text({"pid": done.pid, "replaced": done.replaced, "failure": done.failure}))
    else:
        sys.stderr.write(f"{escaped(_told(done))}\n")
    if done.failure:
        raise typer.Exit(1)


def _told(done: RestartDone) -> str:
    if done.failure:
        return f"Not restarted, the gateway goes on as before: {done.failure}"
    return f"Restarted: process {done.pid} serves, and process {done.replaced} finishes its open answers."
