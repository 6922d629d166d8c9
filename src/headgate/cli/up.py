"""`headgate up`: reads the options and the configuration, and starts the supervisor."""

import importlib
import os
import shlex
import shutil
import sys
import time
from collections.abc import Mapping
from typing import Annotated

import msgspec
import typer

from headgate.app.early_process import take_early
from headgate.app.environment import child_environment
from headgate.app.gateway_options import GatewayOptions
from headgate.app.listening import StartFailed
from headgate.app.options import Ready, UpOptions
from headgate.app.supervise import Supervisor
from headgate.cli.addresses import reachable_urls
from headgate.cli.banner import Invocation, banner
from headgate.cli.json_lines import ready_line
from headgate.cli.options import ConfigOption, DataOption, DemoOption, reports_errors, typer_app
from headgate.cli.output import wants_colour
from headgate.cli.store import store_for_up
from headgate.config.discover import find_ollama, key_variables
from headgate.config.load import Configuration, load
from headgate.config.log_format import start_logging
from headgate.config.paths import config_file, data_directory

app = typer_app("Start the gateway.")


@app.command()
@reports_errors
def up(
    data: DataOption = "",
    config: ConfigOption = "",
    host: Annotated[
        str, typer.Option("--host", metavar="HOST", envvar="HEADGATE_HOST", help="Address to listen on. By default as configured: 127.0.0.1.")
    ] = "",
    port: Annotated[
        int | None,
        typer.Option(
            "--port", metavar="PORT", min=0, max=65_535, envvar="HEADGATE_PORT", help="Port to listen on; 0 for any. By default as configured: 8484."
        ),
    ] = None,
    demo: DemoOption = False,
) -> None:
    """Start the gateway. It finds providers by their standard variables and in headgate.toml. Stop it with Ctrl-C."""
    started_s = time.monotonic()
    given = {"server.host": host, "server.port": "" if port is None else str(port)}
    # Ollama is not looked for: only the address is needed here, and the serving process looks for Ollama itself.
    configuration = load(config, os.environ, given, probe=lambda _address: None, demo=demo)
    if not demo and not configuration.providers and sys.stdin.isatty() and sys.stdout.isatty():
        demo, started_s = _offer_provider(configuration, os.environ), time.monotonic()  # the user's time is not the start's
        configuration = load(config, os.environ, given, probe=lambda _address: None, demo=demo)
    options = UpOptions(
        data_dir=str(store_for_up(data, demo=demo).root),
        config_path=str(configuration.file) if configuration.file is not None else "",
        host=host,
        port=-1 if port is None else port,
        demo=demo,
        terminal=sys.stdout.isatty(),
    )

    invocation, home = _invocation(options, os.environ), os.path.expanduser("~")

    def announce(ready: Ready) -> None:
        # A terminal always gets the text: the first token is shown only there.
        if configuration.settings.log.format == "json" and not options.terminal:
            print(ready_line(ready, time.monotonic() - started_s, time.time_ns()), flush=True)
            return
        colour = wants_colour(sys.stdout, os.environ)
        others = reachable_urls(ready.url, configuration.settings.server.host)
        print(banner(ready, time.monotonic() - started_s, home, colour, msgspec.structs.replace(invocation, reachable=others)), flush=True)

    start_logging(configuration.settings.log)
    try:
        code = Supervisor.started(_gateway(options, configuration)).run(announce, take_early())
    except StartFailed as error:
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(1) from error
    raise typer.Exit(code)


def _offer_provider(configuration: Configuration, environ: Mapping[str, str]) -> bool:
    """Offer the user of a terminal a provider where none is found. Whether the demo was chosen."""
    if find_ollama(environ) is not None:
        return False
    offering = importlib.import_module("headgate.cli.first_provider")  # seldom needed, and it loads an HTTP client
    return bool(offering.offer(configuration.file, environ) is offering.Chosen.DEMO)


def _gateway(options: UpOptions, configuration: Configuration) -> GatewayOptions:
    """The supervisor's settings."""
    environ, server = dict(os.environ), configuration.settings.server
    inherited = frozenset(child_environment(environ, key_variables(configuration.settings)))
    return GatewayOptions(
        options=options,
        host=server.host,
        port=server.port,
        environ=environ,
        inherited=inherited,
        log=configuration.settings.log,
        watchdog_s=server.watchdog_s,
    )


def _invocation(options: UpOptions, environ: Mapping[str, str]) -> Invocation:
    """How to type the next commands: `headgate` if the shell finds it, else the program's file, with the options that they would not find by themselves."""
    program = "headgate" if shutil.which("headgate", path=environ.get("PATH", "")) else _short(sys.argv[0])
    quoted = shlex.quote(_of_clone(program))
    if os.path.basename(program) == "__main__.py":
        quoted = f"{shlex.quote(_short(sys.executable))} -m headgate"
    found, _ = config_file("", environ)
    return Invocation(
        quoted,
        data="" if options.data_dir == str(data_directory("", environ).root) else options.data_dir,
        config="" if options.config_path == (str(found) if found is not None else "") else options.config_path,
        demo=options.demo and not environ.get("HEADGATE_DEMO"),
    )


def _of_clone(program: str) -> str:
    """The command that a clone has for its own `.venv`; any other program as it is."""
    inside = os.path.join(".venv", "bin", "headgate")
    path = os.path.normpath(program)
    command = f"{path.removesuffix(inside)}headgate"
    if os.path.basename(os.path.dirname(os.path.dirname(path))) != ".venv" or not (os.path.isfile(command) and os.access(command, os.X_OK)):
        return program
    return command if os.sep in command else f"./{command}"


def _short(path: str) -> str:
    return os.path.relpath(path) if path.startswith(f"{os.getcwd()}{os.sep}") else path
